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
    from sojourn.client.models import Member, MemberGroup

group = new_group("Members of a project.")

COLUMNS: Columns[Member] = {
    "Person": lambda member: member.person,
    "Role": lambda member: member.role,
    "Since": lambda member: moment(member.created_at),
}

GROUPS: Columns[MemberGroup] = {
    "Group": lambda group: group.group,
    "Role": lambda group: group.role,
    "Since": lambda group: moment(group.created_at),
}

Group = Annotated[str, typer.Argument(metavar="GROUP", help="Name in JupyterHub.", show_default=False)]
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


@command(group, "add-group")
def add_group(
    invocation: Invocation,
    project: ProjectName,
    name: Group,
    role: Annotated[Role, typer.Option(help="viewer starts sessions, editor changes them, owner all.")] = (
        Role.VIEWER
    ),
) -> None:
    """Make everybody in a group of JupyterHub a member of a project, or give them another role."""
    put = invocation.client.members(project).put_group(name, role=role)
    invocation.done(f"Everybody in {put.group} is now {put.role} of {project}.", put)


@command(group, "groups")
def groups(invocation: Invocation, project: ProjectName) -> None:
    """List the groups of JupyterHub that belong to a project."""
    none = f"No group belongs to {project}."
    invocation.listing(invocation.client.members(project).groups(), GROUPS, none=none)


@command(group, "remove-group")
def remove_group(invocation: Invocation, project: ProjectName, name: Group) -> None:
    """Take a group out of a project; who is a member without it stays one."""
    invocation.client.members(project).remove_group(name)
    invocation.done(f"The group {name} no longer belongs to {project}.")
