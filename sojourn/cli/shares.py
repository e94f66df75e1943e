"""`sojourn share`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import sojourn
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName, SessionName, chosen
from sojourn.cli.output import Columns
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.share_calls import Share, SharedSession

group = new_group("Running sessions that members of a project let each other into.")

COLUMNS: Columns[Share] = {
    "Person": lambda share: share.person,
    "Until": lambda share: moment(share.expires_at),
    "Let in": lambda share: "yes" if share.granted else "not yet",
}
WITH_ME: Columns[SharedSession] = {
    "Session": lambda shared: shared.session,
    "Project": lambda shared: shared.project,
    "Of": lambda shared: shared.person,
    "Until": lambda shared: moment(shared.expires_at),
    "Address": lambda shared: shared.url,
}
Person = Annotated[str, typer.Option("--with", metavar="PERSON", help="A member.", show_default=False)]


def _run(client: sojourn.Client, project: str, session: str | None) -> str:
    found = chosen(client, project, session)
    if found.run is None:
        raise sojourn.NotFound(
            f"You never started {found.name}.",
            code="no_run",
            hint=f"Start it with `sojourn session start {project} {found.slug}`.",
        )
    return found.run


@command(group, "create")
def create(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    person: Person,
    hours: Annotated[float, typer.Option(help="For how long.", min=0)] = 4,
) -> None:
    """Let a member into your running session; once more says for how long from now on."""
    run = _run(invocation.client, project, session)
    made = invocation.client.shares.create(run, person, hours=hours)
    invocation.done(f"{made.person} is let in until {moment(made.expires_at)}.", made)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName, session: SessionName = None) -> None:
    """List whom your running session is shared with."""
    run = _run(invocation.client, project, session)
    invocation.listing(invocation.client.shares.list(run), COLUMNS, none="Nobody but you is let in.")


@command(group, "revoke")
def revoke(
    invocation: Invocation, project: ProjectName, session: SessionName = None, *, person: Person
) -> None:
    """Let a member into your session no more."""
    run = _run(invocation.client, project, session)
    for each in invocation.client.shares.list(run):
        if each.person == person:
            invocation.client.shares.revoke(run, each.id)
    invocation.done(f"{person} is let in no more.")


@command(group, "with-me")
def with_me(invocation: Invocation) -> None:
    """List sessions of others that you are let into."""
    invocation.listing(invocation.client.shares.with_me(), WITH_ME, none="Nobody shares a session with you.")
