"""`sojourn storage`."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli.arguments import local_path
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName
from sojourn.cli.output import Columns

if TYPE_CHECKING:
    from sojourn.client.models import Storage

group = new_group("Storages of a project, which its sessions share.")

COLUMNS: Columns[Storage] = {
    "Folder": lambda storage: storage.folder,
    "Name": lambda storage: storage.name,
    "Path": lambda storage: storage.path,
}


@command(group, "add")
def add(
    invocation: Invocation,
    project: ProjectName,
    path: Annotated[
        str,
        typer.Argument(
            parser=local_path, metavar="PATH", help="A folder of this computer.", show_default=False
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="What it is called.", show_default="the path's last part")
    ] = None,
    folder: Annotated[
        str | None, typer.Option(help="Its folder of /work.", show_default="derives from the name")
    ] = None,
) -> None:
    """Add a storage; sessions have it from their next start on."""
    added = invocation.client.storages(project).add(name or PurePath(path).name or path, path, folder=folder)
    invocation.done(f"Sessions of {project} get {added.folder} from their next start on.", added)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List the storages of a project."""
    invocation.listing(
        invocation.client.storages(project).list(), COLUMNS, none=f"{project} has no storages."
    )


@command(group, "remove")
def remove(
    invocation: Invocation,
    project: ProjectName,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Its folder of /work.", show_default=False)],
) -> None:
    """Remove a storage from a project; its files stay where they are."""
    invocation.client.storages(project).remove(folder)
    invocation.done(f"Removed {folder} from {project}.")
