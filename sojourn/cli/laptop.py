"""`sojourn up` and `sojourn link`: Sojourn on this computer."""

from __future__ import annotations

from typing import Annotated

import typer

from sojourn.cli import output
from sojourn.cli.command import EXIT_CODES, FAILED, DataOption
from sojourn.cli.invocation import Chosen


def _up(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of 127.0.0.1 to answer at.")] = 8000,
    data: DataOption = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser when ready.")
    ] = True,
    person: Annotated[
        list[str] | None,
        typer.Option(help="One more person who may log in, to try out roles; may be repeated."),
    ] = None,
    own_hosts: Annotated[
        str | None,
        typer.Option(
            metavar="HOST",
            help="Answer at HOST, `localhost` or a name that ends so, and give each person's sessions a "
            "host of their own below it, so that they can be shared.",
        ),
    ] = None,
) -> None:
    """Run Sojourn on this computer.

    It prints a link that logs you in, once, and ends with Ctrl-C.
    """
    from sojourn.laptop.up import up  # noqa: PLC0415 - what runs Sojourn takes longer to import than others to run

    folder = _folder(context, data)
    code = up(port=port, data=folder, browser=browser, people=person or [], own_hosts=own_hosts)
    raise typer.Exit(code)


def _link(
    context: typer.Context,
    data: DataOption = None,
    person: Annotated[
        str | None, typer.Option(help="Who is to be logged in.", show_default="the owner of this computer")
    ] = None,
) -> None:
    """Print a link to log in with.

    It works once, within an hour.
    """
    from sojourn.laptop.data import data_folder  # noqa: PLC0415 - as above
    from sojourn.laptop.errors import LaptopError  # noqa: PLC0415
    from sojourn.laptop.login_links import new_login_link  # noqa: PLC0415

    try:
        output.plain(new_login_link(data_folder(_folder(context, data)), person))
    except LaptopError as error:
        output.complain(str(error))
        raise typer.Exit(FAILED) from error


def _folder(context: typer.Context, data: DataOption) -> DataOption:
    before: Chosen = context.obj
    return data or before.data


def add_to(app: typer.Typer) -> None:
    """Adds the two commands."""
    app.command("up", epilog=EXIT_CODES)(_up)
    app.command("link", epilog=EXIT_CODES)(_link)
