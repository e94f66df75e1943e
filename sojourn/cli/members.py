"""`sojourn member`."""

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
    from sojourn.client.models import Member

group = new_group("Members of a project.")

COLUMNS: Columns[Member] = {
    "Person": lambda member: member.person,
    "Role": lambda member: member.role,
    "Since": lambda member: moment(member.created_at),
}

Person = Annotated[str, typer.Argument(metavar="PERSON", help="User name in JupyterHub.", show_default=False)]


class Role(StrEnum):
    """What a member may do."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"


@command(group, "add")
def add(
    invocation: Invocation,
    project: ProjectName,
    person: Person,
    role: Annotated[Role, typer.Option(help="viewer starts sessions, editor changes them, owner all.")] = (
        Role.VIEWER
    ),
) -> None:
    """Make a person a member of a project."""
    added = invocation.client.members(project).add(person, role=role)
    invocation.done(f"{added.person} is now {added.role} of {project}.", added)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List the members of a project."""
    invocation.listing(invocation.client.members(project).list(), COLUMNS, none=f"{project} has no members.")


@command(group, "remove")
def remove(invocation: Invocation, project: ProjectName, person: Person) -> None:
    """Take a person out of a project."""
    invocation.client.members(project).remove(person)
    invocation.done(f"{person} is no longer a member of {project}.")
