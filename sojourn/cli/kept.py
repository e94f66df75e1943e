"""`sojourn session`: what is kept of sessions that were stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import running
from sojourn.cli.command import command
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.names import ProjectName
from sojourn.cli.output import Columns
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.kept import Kept

group = running.group

COLUMNS: Columns[Kept] = {
    "Id": lambda kept: kept.id,
    "Session": lambda kept: kept.session,
    "Stopped": lambda kept: moment(kept.kept_at),
    "Kept until": lambda kept: moment(kept.expires_at),
}


@command(group, "kept")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List what is kept of /work of sessions that you stopped; `start --kept` starts from it."""
    none = f"Nothing is kept of your sessions in {project}."
    invocation.listing(invocation.client.runs.kept(project=project), COLUMNS, none=none)


@command(group, "delete-kept")
def delete(
    invocation: Invocation,
    kept: Annotated[str, typer.Argument(metavar="ID", help="As listed.", show_default=False)],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete what is kept of a session's /work."""
    confirm(f"Delete what is kept as {kept}?", yes=yes)
    invocation.client.runs.delete_kept(kept)
    invocation.done(f"Nothing is kept as {kept} any more.")
