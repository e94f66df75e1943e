"""`sojourn session`: what sessions there are, and how they are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from sojourn.cli import completion, output
from sojourn.cli.arguments import RepositoryAt, folder_at, limit, variable
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.names import EnvironmentName, ProjectName, SessionName, chosen
from sojourn.cli.words import resources

if TYPE_CHECKING:
    from sojourn.client.calls import Configuration, RepositoryChoice
    from sojourn.client.models import Session

group = new_group("Sessions: a project's environments to work in.")

COLUMNS: output.Columns[Session] = {
    "Session": lambda session: session.slug,
    "Name": lambda session: f"{session.name} (default)" if session.default else session.name,
    "Environment": lambda session: f"{session.environment.slug} v{session.environment.version}",
    "Resources": lambda session: resources(session.cpus, session.memory_gib),
    "Status": lambda session: output.Status(session.status),
}

NamedSession = Annotated[
    str,
    typer.Argument(
        metavar="SESSION", help="Slug of the session.", autocompletion=completion.session, show_default=False
    ),
]


@command(group, "add")
def add(
    invocation: Invocation,
    project: ProjectName,
    environment: EnvironmentName,
    *,
    name: Annotated[
        str | None, typer.Option(help="What it is called.", show_default="the environment's name")
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Make it the project's default session.")
    ] = False,
) -> None:
    """Add an environment to a project as a session; the first is the default."""
    configuration: Configuration = {"default": default}
    if name is not None:
        configuration["name"] = name
    added = invocation.client.sessions(project).add(environment, **configuration)
    if invocation.for_people:
        output.plain(added.slug)
    else:
        output.write(added.body, invocation.output)
    output.say(f"Added {added.name}. Start it with `sojourn session start {project} {added.slug} --wait`.")


@command(group, "list")
def listing(invocation: Invocation, project: ProjectName) -> None:
    """List the sessions of a project, with your own status of each."""
    none = f"{project} has no sessions. Add one with `sojourn session add {project} ENVIRONMENT`."
    invocation.listing(invocation.client.sessions(project).list(), COLUMNS, none=none)


@command(group, "show")
def show(invocation: Invocation, project: ProjectName, session: SessionName = None) -> None:
    """Show a session with its configuration."""
    found = chosen(invocation.client, project, session)
    invocation.show(
        found,
        [
            ("Name", found.name),
            ("Slug", found.slug),
            ("Description", found.description),
            ("Default", "yes" if found.default else "no"),
            ("Status", output.Status(found.status)),
            ("Address", invocation.address(found.url) if found.url else None),
            ("Environment", _environment(found)),
            ("Resources", resources(found.cpus, found.memory_gib)),
            ("Repositories", _repositories(found)),
            ("Storages", _some(found.storages)),
            ("Variables", ", ".join(found.variables)),
        ],
    )


def _environment(session: Session) -> str:
    environment = session.environment
    newer = f" ({environment.latest} is there)" if environment.latest > environment.version else ""
    return f"{environment.name}, version {environment.version}{newer}"


def _repositories(session: Session) -> str:
    if session.repositories is None:
        return _some(None)
    return _some(
        tuple(
            f"{each.repository}@{each.ref}" if each.ref else each.repository for each in session.repositories
        )
    )


def _some(folders: tuple[str, ...] | None) -> str:
    return "all of the project" if folders is None else ", ".join(folders) or "none"


@command(group, "configure")
def configure(
    invocation: Invocation,
    project: ProjectName,
    session: NamedSession,
    *,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    cpus: Annotated[str | None, typer.Option(metavar="NUMBER", help="CPUs, or none for no limit.")] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="GIB", help="Memory in GiB, or none for no limit.")
    ] = None,
    environment_version: Annotated[
        int | None, typer.Option(min=1, help="Number of a version of its environment.")
    ] = None,
    repository: Annotated[
        list[RepositoryAt] | None,
        typer.Option(
            metavar="FOLDER[@REF]",
            parser=folder_at,
            help="Get this repository of the project, at another ref; may be repeated. Others are left out.",
        ),
    ] = None,
    all_repositories: Annotated[
        bool | None,
        typer.Option("--all-repositories/--no-repositories", help="Get all of the project's, or none."),
    ] = None,
    storage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER", help="Get this storage of the project; may be repeated. Others are left out."
        ),
    ] = None,
    all_storages: Annotated[
        bool | None, typer.Option("--all-storages/--no-storages", help="Get all of the project's, or none.")
    ] = None,
    variable_: Annotated[
        list[str] | None,
        typer.Option(
            "--variable", metavar="NAME=VALUE", help="Set an environment variable; may be repeated."
        ),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Take an environment variable away; may be repeated."),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Make it the project's default session.")
    ] = False,
) -> None:
    """Change a session, from its next start on; what is not named stays."""
    if (repository and all_repositories is not None) or (storage and all_storages is not None):
        raise typer.BadParameter("Name single folders, or all, or none of them.")
    changes = _given(name=name, description=description, version=environment_version, default=default or None)
    if cpus is not None:
        changes["cpus"] = limit(cpus)
    if memory is not None:
        changes["memory_gib"] = limit(memory)
    if repository or all_repositories is not None:
        parts: list[RepositoryChoice] = [
            {"repository": folder, "ref": ref} for folder, ref in repository or []
        ]
        changes["repositories"] = None if all_repositories else parts
    if storage or all_storages is not None:
        changes["storages"] = None if all_storages else storage or []
    before = invocation.client.sessions(project).get(session)
    if variable_ or unset:
        kept = {key: value for key, value in before.variables.items() if key not in (unset or [])}
        changes["variables"] = kept | dict(map(variable, variable_ or []))
    if not changes:
        raise typer.BadParameter("Nothing to change was named; --help says what can be.")
    changed = invocation.client.sessions(project).configure(session, if_match=before.etag, **changes)
    invocation.done(f"Changed {changed.name}, from its next start on.", changed)


def _given(**values: Any) -> Configuration:
    return cast("Configuration", {name: value for name, value in values.items() if value is not None})


@command(group, "remove")
def remove(
    invocation: Invocation,
    project: ProjectName,
    session: NamedSession,
    *,
    force: Annotated[bool, typer.Option("--force", help="Stop everybody's live runs of it first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a session from its project."""
    found = invocation.client.sessions(project).get(session)
    confirm(f"Remove {found.name} and delete its /work?", yes=yes)
    invocation.client.sessions(project).remove(session, force=force)
    invocation.done(f"Removed {found.name} from {project}.")
