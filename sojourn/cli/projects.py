"""`sojourn project`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import sojourn
from sojourn.cli import output
from sojourn.cli.arguments import RepositoryAt, repository_at
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.members import COLUMNS as MEMBERS
from sojourn.cli.names import ProjectName
from sojourn.cli.repositories import COLUMNS as REPOSITORIES
from sojourn.cli.sessions import COLUMNS as SESSIONS
from sojourn.cli.storages import COLUMNS as STORAGES
from sojourn.cli.words import moment

if TYPE_CHECKING:
    from sojourn.client.models import Project

group = new_group("Projects, with what belongs to them.")

COLUMNS: output.Columns[Project] = {
    "Project": lambda project: project.slug,
    "Name": lambda project: project.name,
    "Visibility": lambda project: project.visibility,
    "You are": lambda project: project.role,
    "Created": lambda project: moment(project.created_at),
}


@command(group, "create")
def create(
    invocation: Invocation,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name; the slug derives from it.", show_default=False)
    ],
    *,
    repository: Annotated[
        list[RepositoryAt] | None,
        typer.Option(
            metavar="URL[@REF]",
            parser=repository_at,
            help="A git repository, at a branch, tag or commit; may be repeated.",
            show_default=False,
        ),
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    public: Annotated[bool, typer.Option("--public", help="Everybody who can log in sees it.")] = False,
) -> None:
    """Create a project of your own."""
    client = invocation.client
    visibility = "public" if public else "private"
    project = client.projects.create(name, description=description, visibility=visibility)
    try:
        for url, ref in repository or []:
            client.repositories(project.slug).add(url, ref=ref)
    except sojourn.SojournError:
        # Half a project is not what was asked for.
        client.projects.delete(project.slug)
        raise
    if invocation.for_people:
        output.plain(project.slug)
    else:
        output.write(project.body, invocation.output)
    output.say(
        f"Created {project.name}. Add a session with `sojourn session add {project.slug} ENVIRONMENT`."
    )


@command(group, "list")
def listing(
    invocation: Invocation,
    search: Annotated[str, typer.Option(help="A part of the name.")] = "",
) -> None:
    """List the projects that you see, newest first."""
    none = (
        "No project has that in its name."
        if search
        else "No projects yet. Create one with `sojourn project create NAME`."
    )
    invocation.listing(invocation.client.projects.list(search=search), COLUMNS, none=none)


@command(group, "show")
def show(invocation: Invocation, project: ProjectName) -> None:
    """Show a project with its sessions, repositories, storages and members."""
    client = invocation.client
    found = client.projects.get(project)
    invocation.show(
        found,
        [
            ("Name", found.name),
            ("Slug", found.slug),
            ("Description", found.description),
            ("Visibility", found.visibility),
            ("You are", found.role),
            ("Created", f"{moment(found.created_at)} by {found.created_by}"),
            ("Page", invocation.address(f"/projects/{found.slug}")),
        ],
    )
    if invocation.for_people:
        _part("Sessions", list(client.sessions(project).list()), SESSIONS)
        _part("Repositories", list(client.repositories(project).list()), REPOSITORIES)
        _part("Storages", list(client.storages(project).list()), STORAGES)
        _part("Members", list(client.members(project).list()), MEMBERS)


def _part(title: str, items: list[output.Item], columns: output.Columns[output.Item]) -> None:
    if items:
        output.table(items, columns, title=title)


@command(group, "delete")
def delete(
    invocation: Invocation,
    project: ProjectName,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Stop its live sessions first; their /work is deleted.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a project with its sessions; repositories and storages stay where they are."""
    found = invocation.client.projects.get(project)
    confirm(f"Delete {found.name} with all its sessions and their /work?", yes=yes)
    invocation.client.projects.delete(project, force=force)
    invocation.done(f"Deleted {found.name}.")
