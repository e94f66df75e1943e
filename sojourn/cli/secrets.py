"""`sojourn secret`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import hidden
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.hidden import FileOption
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName
from sojourn.cli.output import Columns
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.models import Secret
    from sojourn.client.secret_calls import SecretChanges

group = new_group("Secrets of a project, which sessions of its members can read and nobody sees.")

COLUMNS: Columns[Secret] = {
    "Name": lambda secret: secret.name,
    "Variable": lambda secret: secret.variable or "",
    "Changed": lambda secret: moment(secret.updated_at),
}

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Its file in $SOJOURN_SECRETS.", show_default=False)
]
VariableOption = Annotated[
    str | None,
    typer.Option(help="An environment variable that holds it too.", show_default="the file only"),
]


@command(group, "add")
def add(
    invocation: Invocation,
    project: ProjectName,
    name: Name,
    variable: VariableOption = None,
    file: FileOption = None,
) -> None:
    """Add a secret, read from standard input; sessions have it from their next start on."""
    value = hidden.read(file, "Value")
    added = invocation.client.secrets(project).add(name, value, variable=variable)
    invocation.done(f"Sessions of {project} get {added.name} from their next start on.", added)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List the secrets of a project, without their values."""
    invocation.listing(invocation.client.secrets(project).list(), COLUMNS, none=f"{project} has no secrets.")


@command(group, "change")
def change(
    invocation: Invocation,
    project: ProjectName,
    name: Name,
    variable: Annotated[str | None, typer.Option(help="Another variable.", show_default="stays")] = None,
    file: FileOption = None,
    *,
    new_name: Annotated[
        str | None, typer.Option("--name", help="Another name.", show_default="stays")
    ] = None,
    no_variable: Annotated[bool, typer.Option("--no-variable", help="Leave the file only.")] = False,
) -> None:
    """Change a secret; a new value is read from a file, or from standard input if nothing else changes."""
    changes: SecretChanges = {}
    if new_name is not None:
        changes["name"] = new_name
    if variable is not None or no_variable:
        changes["variable"] = None if no_variable else variable
    if file is not None or not changes:
        changes["value"] = hidden.read(file, "New value")
    changed = invocation.client.secrets(project).change(name, **changes)
    invocation.done(f"Sessions of {project} get the change of {changed.name} on their next start.", changed)


@command(group, "remove")
def remove(invocation: Invocation, project: ProjectName, name: Name) -> None:
    """Remove a secret; sessions that run keep what they were started with."""
    invocation.client.secrets(project).remove(name)
    invocation.done(f"Removed {name} from {project}.")
