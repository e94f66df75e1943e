"""The `sojourn` command."""

from sojourn.cli.app import app


def main() -> None:
    """Runs the command with the arguments of this process, and exits."""
    app(prog_name="sojourn")


__all__ = ["app", "main"]
