"""`sojourn token`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.output import Columns
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.token_calls import Token

group = new_group("Your tokens, which programs show in your place.")

COLUMNS: Columns[Token] = {
    "Id": lambda token: token.id,
    "For": lambda token: token.note,
    "May": lambda token: token.scope,
    "Ends": lambda token: moment(token.expires_at) if token.expires_at else "never",
    "Last used": lambda token: moment(token.used_at) if token.used_at else "never",
}


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    SESSIONS = "sessions"
    EVERYTHING = "everything"


@command(group, "create")
def create(
    invocation: Invocation,
    note: Annotated[str, typer.Argument(metavar="NOTE", help="What it is for.", show_default=False)],
    scope: Annotated[
        Scope,
        typer.Option(
            help="read sees what you see, sessions also starts, pauses, stops and opens your sessions, "
            "everything does all that you may."
        ),
    ] = Scope.READ,
    days: Annotated[int, typer.Option(help="How long it lasts.", min=1)] = 30,
) -> None:
    """Make a token; it is shown this once."""
    made = invocation.client.tokens.create(note, scope=scope, days=days)
    if invocation.for_people:
        typer.echo(made.token)
    invocation.done(f"This token is for {made.note}; keep it as you keep a password.", made)


@command(group, "list")
def listing(invocation: Invocation) -> None:
    """List your tokens."""
    invocation.listing(invocation.client.tokens.list(), COLUMNS, none="You have no tokens.")


@command(group, "revoke")
def revoke(
    invocation: Invocation,
    token: Annotated[str, typer.Argument(metavar="ID", help="As listed.", show_default=False)],
) -> None:
    """End a token; programs that use it are refused."""
    invocation.client.tokens.revoke(token)
    invocation.done("The token is revoked.")
