"""`sojourn environment`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import output
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import EnvironmentName
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.models import Environment, Version

group = new_group("Environments that sessions are made from.")

COLUMNS: output.Columns[Environment] = {
    "Environment": lambda environment: environment.slug,
    "Name": lambda environment: environment.name,
    "Version": lambda environment: f"v{environment.latest.number}",
    "Opens": lambda environment: environment.latest.front_end,
    "Keywords": lambda environment: ", ".join(environment.keywords),
}
_VERSIONS: output.Columns[Version] = {
    "Version": lambda version: f"v{version.number}",
    "Digest": lambda version: version.digest,
    "Opens": lambda version: version.front_end,
    "Created": lambda version: moment(version.created_at),
}


@command(group, "list")
def listing(
    invocation: Invocation,
    search: Annotated[
        str, typer.Option(help="Words that name, description and keywords must all have.")
    ] = "",
) -> None:
    """List the environments, default ones first."""
    none = "No environment has these words." if search else "There are no environments."
    invocation.listing(invocation.client.environments.list(search=search), COLUMNS, none=none)


@command(group, "show")
def show(invocation: Invocation, environment: EnvironmentName) -> None:
    """Show an environment with its versions."""
    found = invocation.client.environments.get(environment)
    invocation.show(
        found,
        [
            ("Name", found.name),
            ("Slug", found.slug),
            ("Description", found.description),
            ("Keywords", ", ".join(found.keywords)),
            ("Created", f"{moment(found.created_at)} by {found.created_by}"),
            ("Page", invocation.address(f"/environments/{found.slug}")),
        ],
    )
    if invocation.for_people:
        output.table(found.versions, _VERSIONS, title="Versions")
