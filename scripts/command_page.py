"""`python scripts/command_page.py` writes the reference of the `sojourn` command into docs/command.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from sojourn.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "command.md"
MARK = "<!-- From here on the page is written by scripts/command_page.py. -->\n"
EVERYWHERE = {"--help", "--data", "--output"}
"""Options that are told once, above the reference."""


def written(page: str) -> str:
    """The page with the reference of today."""
    before, _, _ = page.partition(MARK)
    root = typer.main.get_command(app)
    context = typer.Context(root, info_name="sojourn")
    return before + MARK + "\n".join(_of_commands(root, context)) + "\n"


def _of_commands(group: object, context: typer.Context) -> Iterator[str]:
    """A section a group, a table a command that has options of its own."""
    if not isinstance(group, TyperGroup):
        return
    for name in group.list_commands(context):
        command = group.commands[name]
        within = typer.Context(command, parent=context, info_name=name)
        if isinstance(command, TyperGroup):
            yield f"\n## sojourn {name}\n\n{_prose(command.help)}"
            yield from _of_commands(command, within)
        elif isinstance(command, TyperCommand):
            yield from _of_command(command, within)


def _of_command(command: TyperCommand, context: typer.Context) -> Iterator[str]:
    arguments = [
        each.metavar or (each.name or "").upper() if each.required else f"[{(each.name or '').upper()}]"
        for each in command.params
        if isinstance(each, TyperArgument)
    ]
    usage = " ".join(["sojourn", *context.command_path.split()[1:], *arguments])
    yield f"\n### `{usage}`\n\n{_prose(command.help)}"
    own = [each for each in command.params if isinstance(each, TyperOption) and not EVERYWHERE & {*each.opts}]
    if own:
        yield "\n| option | |\n| --- | --- |"
        yield from (_row(option, context) for option in own)


def _row(option: TyperOption, context: typer.Context) -> str:
    names = " / ".join([", ".join(sorted(option.opts, key=len)), *option.secondary_opts])
    if not option.is_flag:
        names += f" {option.metavar or (option.name or '').upper()}"
    _, text = option.get_help_record(context) or ("", "")
    return f"| `{names}` | {_prose(text)} |"


def _prose(text: str | None) -> str:
    return " ".join((text or "").split())


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
