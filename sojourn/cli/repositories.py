"""`sojourn repository`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli.arguments import RepositoryAt, repository_at
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import ProjectName
from sojourn.cli.output import Columns

if TYPE_CHECKING:
    from sojourn.client.models import Repository

group = new_group("Git repositories of a project.")

COLUMNS: Columns[Repository] = {
    "Folder": lambda repository: repository.folder,
    "Address": lambda repository: repository.url,
    "Ref": lambda repository: repository.ref or "default branch",
    "History": lambda repository: "none" if repository.shallow else "whole",
}

Folder = Annotated[str, typer.Argument(metavar="FOLDER", help="Its folder of /work.", show_default=False)]


@command(group, "add")
def add(
    invocation: Invocation,
    project: ProjectName,
    repository: Annotated[
        RepositoryAt,
        typer.Argument(
            metavar="URL[@REF]",
            parser=repository_at,
            help="Its address, at a branch, tag or commit.",
            show_default=False,
        ),
    ],
    folder: Annotated[
        str | None,
        typer.Option(help="Its folder of /work.", show_default="the last part of the address"),
    ] = None,
    *,
    shallow: Annotated[bool, typer.Option("--shallow", help="Without its history: faster and smaller.")] = (
        False
    ),
) -> None:
    """Add a repository; sessions have it from their next start on."""
    added = invocation.client.repositories(project).add(
        repository.url, ref=repository.ref, folder=folder, shallow=shallow
    )
    invocation.done(f"Sessions of {project} get {added.folder} from their next start on.", added)


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List the repositories of a project."""
    invocation.listing(
        invocation.client.repositories(project).list(), COLUMNS, none=f"{project} has no repositories."
    )


@command(group, "remove")
def remove(invocation: Invocation, project: ProjectName, folder: Folder) -> None:
    """Remove a repository from a project; what sessions have cloned stays where it is."""
    invocation.client.repositories(project).remove(folder)
    invocation.done(f"Removed {folder} from {project}.")
