"""The command's tree."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from sojourn.cli import (
    audit,
    environment_making,
    git_logins,
    invitations,
    kept,
    laptop,
    members,
    overview,
    projects,
    registry_logins,
    repositories,
    resource_classes,
    resource_pools,
    secrets,
    shares,
    storages,
    timetables,
    tokens,
)
from sojourn.cli.command import EXIT_CODES, DataOption, OutputOption
from sojourn.cli.invocation import TOKEN_VARIABLE, URL_VARIABLE, Chosen

app = typer.Typer(
    name="sojourn",
    help="One click from a project into a running environment.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is read as well, and in a third of the time
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer passes it so
    if wanted:
        typer.echo(version("sojourn"))
        raise typer.Exit


@app.callback(
    help="One click from a project into a running environment.\n\n"
    "On the computer where `sojourn up` runs, the other commands need no login. For an installation "
    f"elsewhere set {URL_VARIABLE} to its address and {TOKEN_VARIABLE} to a token that you make on its page "
    "Tokens."
)
def _root(
    context: typer.Context,
    *,
    output: OutputOption = None,
    data: DataOption = None,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    context.obj = Chosen(output, data)


laptop.add_to(app)
for name, commands in {
    "project": projects.group,
    "repository": repositories.group,
    "storage": storages.group,
    "secret": secrets.group,
    "git-login": git_logins.group,
    "registry-login": registry_logins.group,
    "member": members.group,
    "invitation": invitations.group,
    "session": kept.group,
    "share": shares.group,
    "timetable": timetables.group,
    "environment": environment_making.group,
    "token": tokens.group,
    "resource-class": resource_classes.group,
    "resource-pool": resource_pools.group,
    "admin": overview.group,
}.items():
    app.add_typer(commands, name=name)
audit.add_to(app)
