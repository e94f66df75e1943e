"""What all commands have in common: options, how errors are told, exit codes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Concatenate, TypeVar

import typer

import sojourn
from sojourn.cli import output
from sojourn.cli.invocation import Invocation
from sojourn.cli.output import Output
from sojourn.cli.proposals import proposal

Command = TypeVar("Command", bound=Callable[Concatenate[Invocation, ...], None])

FAILED, NOT_FOUND, REFUSED, NOBODY, USAGE = 1, 3, 4, 5, 2

EXIT_CODES = (
    "Exit codes: 0 done, 1 failed, 2 a wrong argument or value, 3 not found, "
    "4 refused (not allowed, or not as things stand), 5 nothing answers."
)

OutputOption = Annotated[
    Output | None,
    typer.Option(
        "--output", "-o", help="How to answer: for people, or as the API does.", show_default="table"
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="The data folder of Sojourn on this computer; before SOJOURN_DATA and SOJOURN_URL.",
        show_default=False,
        file_okay=False,
    ),
]

_CODES = {
    "Invalid": USAGE,
    "NotFound": NOT_FOUND,
    "Unauthenticated": REFUSED,
    "Forbidden": REFUSED,
    "Conflict": REFUSED,
    "Stale": REFUSED,
    "NotRunning": NOBODY,
}


def group(help: str) -> typer.Typer:  # noqa: A002 - typer's word
    """A group of commands."""
    return typer.Typer(help=help, no_args_is_help=True, epilog=EXIT_CODES, rich_markup_mode=None)


def command(group: typer.Typer, name: str) -> Callable[[Command], Command]:
    """Makes a function a command of the group, with the options that every command has."""

    def register(function: Command) -> Command:
        def run(context: typer.Context, **given: Any) -> None:
            invocation = Invocation.of(context, given.pop("output"), given.pop("data"))
            with invocation.ended():
                try:
                    function(invocation, **given)
                except sojourn.SojournError as error:
                    output.complain_about(error, hint=proposal(invocation, error, given))
                    raise typer.Exit(exit_code(error)) from error

        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        parameters = [
            Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
            *(parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in own),
            Parameter("output", Parameter.KEYWORD_ONLY, annotation=OutputOption, default=None),
            Parameter("data", Parameter.KEYWORD_ONLY, annotation=DataOption, default=None),
        ]
        run.__doc__ = function.__doc__
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        group.command(name, epilog=EXIT_CODES)(run)
        return function

    return register


def exit_code(error: sojourn.SojournError) -> int:
    """The exit code of an error: that of the kind it is."""
    return _CODES.get(type(error).__name__, FAILED)
