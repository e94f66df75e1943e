"""The `sojourn` command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sojourn.laptop.errors import LaptopError

Data = Annotated[
    Path | None, typer.Option(help="Data folder; default: $SOJOURN_DATA, else your own.", metavar="DIR")
]

main = typer.Typer(no_args_is_help=True)


@main.command()
def up(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port people open in their browser.")] = 8000,
    data: Data = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    person: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="One more person, for trying out roles.")
    ] = None,
) -> None:
    """Run Sojourn on this computer, until Ctrl-C."""
    from sojourn.laptop.up import up as run  # noqa: PLC0415  # other commands start without it

    raise typer.Exit(run(port=port, data=data, browser=browser, people=person or []))


@main.command()
def link(
    *,
    data: Data = None,
    person: Annotated[str | None, typer.Option(metavar="NAME", help="Whom it logs in; default: you.")] = None,
) -> None:
    """Print a link that logs in once, within an hour."""
    from sojourn.laptop.data import data_folder  # noqa: PLC0415
    from sojourn.laptop.login_links import new_login_link  # noqa: PLC0415

    try:
        typer.echo(new_login_link(data_folder(data), person))
    except LaptopError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
