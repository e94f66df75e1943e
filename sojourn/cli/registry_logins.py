"""`sojourn registry-login`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import completion, hidden
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.hidden import FileOption
from sojourn.cli.invocation import Invocation
from sojourn.cli.output import Columns
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.login_models import RegistryLogin
    from sojourn.client.secret_calls import RegistryLoginChanges

group = new_group("Registry logins, your own or a project's: what opens private images of a registry.")

COLUMNS: Columns[RegistryLogin] = {
    "Registry": lambda login: login.host,
    "User name": lambda login: login.username,
    "Changed": lambda login: moment(login.updated_at),
}

Host = Annotated[
    str,
    typer.Argument(
        metavar="REGISTRY",
        help="As image names begin; docker.io is Docker Hub.",
        show_default=False,
    ),
]
ProjectOption = Annotated[
    str | None,
    typer.Option(
        "--project",
        metavar="PROJECT",
        help="Slug of the project it belongs to.",
        autocompletion=completion.project,
        show_default="it is yours",
    ),
]


def _whose(project: str | None) -> str:
    return f"Launches by members of {project}" if project else "Checks and launches of yours"


@command(group, "add")
def add(
    invocation: Invocation,
    host: Host,
    *,
    username: Annotated[str, typer.Option(help="Goes with the password.", show_default=False)],
    project: ProjectOption = None,
    file: FileOption = None,
) -> None:
    """Add a registry login; its password or token is read from standard input."""
    password = hidden.read(file, f"Password of {username} at {host}")
    added = invocation.client.registry_logins(project).add(host, username, password)
    invocation.done(f"{_whose(project)} open private images of {added.host} with it.", added)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectOption = None) -> None:
    """List registry logins, without their passwords."""
    none = f"{project} has no registry logins." if project else "You have no registry logins."
    invocation.listing(invocation.client.registry_logins(project).list(), COLUMNS, none=none)


@command(group, "change")
def change(
    invocation: Invocation,
    host: Host,
    project: ProjectOption = None,
    username: Annotated[str | None, typer.Option(help="Another user name.", show_default="stays")] = None,
    file: FileOption = None,
) -> None:
    """Change a registry login; a new password is read from a file, or from input if nothing else changes."""
    changes: RegistryLoginChanges = {}
    if username is not None:
        changes["username"] = username
    if file is not None or not changes:
        changes["password"] = hidden.read(file, f"New password at {host}")
    changed = invocation.client.registry_logins(project).change(host, **changes)
    invocation.done(f"{_whose(project)} use the change at {changed.host}.", changed)


@command(group, "remove")
def remove(invocation: Invocation, host: Host, project: ProjectOption = None) -> None:
    """Forget a registry login; sessions that run go on."""
    invocation.client.registry_logins(project).remove(host)
    invocation.done(f"The registry login for {host} is forgotten; withdraw its token there, too.")
