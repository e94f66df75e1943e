"""`sojourn invitation`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName
from sojourn.cli.output import Columns
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.invitation_calls import Invitation

group = new_group("Links that make whoever follows them a member of a project.")

COLUMNS: Columns[Invitation] = {
    "Id": lambda invitation: invitation.id,
    "For": lambda invitation: invitation.note,
    "Role": lambda invitation: invitation.role,
    "Joined": lambda invitation: f"{invitation.joined} of {invitation.people}",
    "Until": lambda invitation: moment(invitation.expires_at),
}


class InvitedRole(StrEnum):
    """What an invitation makes of people."""

    VIEWER = "viewer"
    EDITOR = "editor"


@command(group, "create")
def create(
    invocation: Invocation,
    project: ProjectName,
    *,
    role: Annotated[InvitedRole, typer.Option(help="viewer starts sessions, editor changes them.")] = (
        InvitedRole.VIEWER
    ),
    people: Annotated[int, typer.Option(help="How many it takes in.", min=1)] = 1,
    days: Annotated[int, typer.Option(help="How long it takes them in.", min=1)] = 7,
    note: Annotated[str, typer.Option(help="Whom it is for; the link does not tell it.")] = "",
) -> None:
    """Make a link into a project; it is shown this once."""
    made = invocation.client.invitations(project).create(role=role, note=note, days=days, people=people)
    if invocation.for_people:
        typer.echo(made.link)
    invocation.done(f"Whoever follows this link can become {made.role} of {project}.", made)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List the invitations of a project that still take somebody in."""
    none = f"No invitation leads into {project}."
    invocation.listing(invocation.client.invitations(project).list(), COLUMNS, none=none)


@command(group, "revoke")
def revoke(
    invocation: Invocation,
    project: ProjectName,
    invitation: Annotated[str, typer.Argument(metavar="ID", help="As listed.", show_default=False)],
) -> None:
    """Take an invitation back; who came by it stays a member."""
    invocation.client.invitations(project).revoke(invitation)
    invocation.done(f"The invitation into {project} takes nobody in any more.")


@command(group, "accept")
def accept(
    invocation: Invocation,
    link: Annotated[str, typer.Argument(metavar="LINK", help="As it was sent.", show_default=False)],
) -> None:
    """Become a member of the project that a link leads into."""
    project = invocation.client.join(link)
    invocation.done(f"You are {project.role} of {project.slug}.", project)
