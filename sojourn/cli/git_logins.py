"""`sojourn git-login`."""

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
    from sojourn.client.login_models import GitLogin
    from sojourn.client.secret_calls import GitLoginChanges

group = new_group("Git logins, your own or a project's: what opens private repositories of a host.")

COLUMNS: Columns[GitLogin] = {
    "Host": lambda login: login.host,
    "User name": lambda login: login.username,
    "Changed": lambda login: moment(login.updated_at),
}

Host = Annotated[
    str,
    typer.Argument(metavar="HOST", help="Host of the repositories, or one's address.", show_default=False),
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
    return f"by members of {project}" if project else "of yours"


@command(group, "add")
def add(
    invocation: Invocation,
    host: Host,
    project: ProjectOption = None,
    username: Annotated[
        str | None, typer.Option(help="Goes with the token.", show_default="oauth2, which most hosts take")
    ] = None,
    file: FileOption = None,
) -> None:
    """Add a git login; its access token is read from standard input."""
    token = hidden.read(file, f"Access token of {host}")
    added = invocation.client.git_logins(project).add(host, token, username=username)
    invocation.done(f"Launches {_whose(project)} open repositories of {added.host} with it.", added)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectOption = None) -> None:
    """List git logins, without their tokens."""
    none = f"{project} has no git logins." if project else "You have no git logins."
    invocation.listing(invocation.client.git_logins(project).list(), COLUMNS, none=none)


@command(group, "change")
def change(
    invocation: Invocation,
    host: Host,
    project: ProjectOption = None,
    username: Annotated[str | None, typer.Option(help="Another user name.", show_default="stays")] = None,
    file: FileOption = None,
) -> None:
    """Change a git login; a new token is read from a file, or from standard input if nothing else changes."""
    changes: GitLoginChanges = {}
    if username is not None:
        changes["username"] = username
    if file is not None or not changes:
        changes["token"] = hidden.read(file, f"New access token of {host}")
    changed = invocation.client.git_logins(project).change(host, **changes)
    invocation.done(f"Launches {_whose(project)} use the change at {changed.host}.", changed)


@command(group, "remove")
def remove(invocation: Invocation, host: Host, project: ProjectOption = None) -> None:
    """Forget a git login; sessions that run have it until they end."""
    invocation.client.git_logins(project).remove(host)
    invocation.done(f"The git login for {host} is forgotten; withdraw its token there, too.")
