"""`sojourn session`: what sessions there are, and how they are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from sojourn.cli import completion, environment_checks, output, session_words
from sojourn.cli.arguments import (
    RepositoryAt,
    StorageAt,
    Visibility,
    folder_at,
    least,
    limit,
    name_or_none,
    storage_at,
    variable,
)
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.names import ProjectName, SessionName, chosen
from sojourn.cli.words import resources

if TYPE_CHECKING:
    from sojourn.client.configurations import Configuration, RepositoryChoice, StorageChoice
    from sojourn.client.environment_calls import NewEnvironment
    from sojourn.client.models import Session

group = new_group("Sessions: a project's environments to work in.")


def _resources(session: Session) -> str:
    return resources(
        session.cpus, session.memory_gib, resource_class=session.resource_class, disk_gib=session.disk_gib
    )


COLUMNS: output.Columns[Session] = {
    "Session": lambda session: session.slug,
    "Name": lambda session: f"{session.name} (default)" if session.default else session.name,
    "Environment": lambda session: f"{session.environment.slug} v{session.environment.version}",
    "Resources": _resources,
    "Status": lambda session: output.Status(session.status),
}

NamedSession = Annotated[
    str,
    typer.Argument(
        metavar="SESSION", help="Slug of the session.", autocompletion=completion.session, show_default=False
    ),
]


FrontEndOption = Annotated[
    str | None,
    typer.Option(
        "--front-end",
        metavar="NAME",
        help="What it opens, of the front ends of its version, or none for the environment's own.",
        show_default=False,
    ),
]
DiskOption = Annotated[
    str | None,
    typer.Option(
        "--disk", metavar="GIB", help="Size of /work in GiB, or none for the class's own; it only grows."
    ),
]

LeastOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT=NUMBER",
        help="Be of the smallest class with at least this: cpus=4, memory=16 (GiB), gpus=1; may be repeated.",
    ),
]


@command(group, "add")
def add(
    invocation: Invocation,
    project: ProjectName,
    environment: Annotated[
        str | None,
        typer.Argument(
            metavar="ENVIRONMENT",
            help="Slug of the environment, unless it is made of --image.",
            autocompletion=completion.environment,
            show_default=False,
        ),
    ] = None,
    *,
    image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="An image, as docker pull takes it: it is checked, and an environment made of it.",
            show_default=False,
        ),
    ] = None,
    visibility: Annotated[
        Visibility | None,
        typer.Option(
            help="Who sees the environment of --image: you, members of the project, or everyone here.",
            show_default="private",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What it is called.", show_default="the environment's name")
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Make it the project's default session.")
    ] = False,
    resource_class: Annotated[
        str | None,
        typer.Option(
            "--class",
            metavar="CLASS",
            help="Slug of a resource class, or none.",
            show_default="the installation's default",
        ),
    ] = None,
    at_least: LeastOption = None,
    disk: DiskOption = None,
    front_end: FrontEndOption = None,
) -> None:
    """Add an environment to a project as a session; the first is the default.

    Of an image, environment and session are made together or not at all.
    """
    if (environment is None) == (image is None):
        raise typer.BadParameter("Name an environment, or an image with --image; one of both.")
    if visibility is not None and image is None:
        raise typer.BadParameter("--visibility is for the environment that is made of --image.")
    configuration: Configuration = {"default": default}
    if name is not None:
        configuration["name"] = name
    configuration |= _chosen(resource_class, at_least, front_end, disk_gib=disk)
    of = environment if image is None else _of_image(invocation, image, name, visibility)
    assert of is not None  # noqa: S101 - it is one of both
    added = invocation.client.sessions(project).add(of, **configuration)
    if invocation.for_people:
        output.plain(added.slug)
    else:
        output.write(added.body, invocation.output)
    if at_least:
        output.say(f"It is of the class {added.resource_class}.")
    output.say(f"Added {added.name}. Start it with `sojourn session start {project} {added.slug} --wait`.")


def _of_image(
    invocation: Invocation, image: str, name: str | None, visibility: Visibility | None
) -> NewEnvironment:
    proposed, version = environment_checks.found(
        invocation,
        image,
        otherwise="If you know better, make one of it: `sojourn environment add NAME --image {image}`.",
    )
    return {
        "name": name or proposed,
        "visibility": visibility or Visibility.PRIVATE,
        "version": version,
    }


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
            ("Environment", session_words.environment(found)),
            ("Front end", session_words.front_end(found)),
            ("Resources", _resources(found)),
            ("Repositories", session_words.repositories(found)),
            ("Storages", session_words.storages(found)),
            ("Variables", ", ".join(found.variables)),
        ],
    )


@command(group, "configure")
def configure(
    invocation: Invocation,
    project: ProjectName,
    session: NamedSession,
    *,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    resource_class: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Slug of a resource class, or none.")
    ] = None,
    cpus: Annotated[str | None, typer.Option(metavar="NUMBER", help="CPUs, or none for no limit.")] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="GIB", help="Memory in GiB, or none for no limit.")
    ] = None,
    at_least: LeastOption = None,
    disk: DiskOption = None,
    front_end: FrontEndOption = None,
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
        list[StorageAt] | None,
        typer.Option(
            metavar="FOLDER[:ro]",
            parser=storage_at,
            help="Get this storage of the project, read-only with :ro; may be repeated. Others are left out.",
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
    idle: Annotated[
        str | None,
        typer.Option(metavar="MINUTES", help="Pause after this without activity: 0 never, none as here."),
    ] = None,
    life: Annotated[
        str | None,
        typer.Option(metavar="HOURS", help="Pause after this in any case: 0 never, none as here."),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Make it the project's default session.")
    ] = False,
) -> None:
    """Change a session, from its next start on; what is not named stays."""
    if (repository and all_repositories is not None) or (storage and all_storages is not None):
        raise typer.BadParameter("Name single folders, or all, or none of them.")
    changes = _given(name=name, description=description, version=environment_version, default=default or None)
    numbers = {"cpus": cpus, "memory_gib": memory, "disk_gib": disk, "idle_minutes": idle, "life_hours": life}
    changes |= _chosen(resource_class, at_least, front_end, **numbers)
    if repository or all_repositories is not None:
        parts: list[RepositoryChoice] = [
            {"repository": folder, "ref": ref} for folder, ref in repository or []
        ]
        changes["repositories"] = None if all_repositories else parts
    if storage or all_storages is not None:
        mounts: list[StorageChoice] = [
            {"storage": folder, "read_only": read_only} for folder, read_only in storage or []
        ]
        changes["storages"] = None if all_storages else mounts
    before = invocation.client.sessions(project).get(session)
    if variable_ or unset:
        kept = {key: value for key, value in before.variables.items() if key not in (unset or [])}
        changes["variables"] = kept | dict(map(variable, variable_ or []))
    if not changes:
        raise typer.BadParameter("Nothing to change was named; --help says what can be.")
    changed = invocation.client.sessions(project).configure(session, if_match=before.etag, **changes)
    of = f" It is of the class {changed.resource_class}." if at_least else ""
    invocation.done(f"Changed {changed.name}, from its next start on.{of}", changed)


@command(group, "update")
def update(
    invocation: Invocation,
    project: ProjectName,
    session: SessionName = None,
    *,
    version: Annotated[
        int | None,
        typer.Option(
            "--version",
            min=1,
            metavar="NUMBER",
            help="Which version, also an older one.",
            show_default="the newest",
        ),
    ] = None,
) -> None:
    """Move a session to another version of its environment, from its next start on."""
    before = chosen(invocation.client, project, session)
    number = version or before.environment.latest
    updated = invocation.client.sessions(project).update(before.slug, number)
    environment = updated.environment
    has = f"{updated.name} has version {environment.version} of {environment.name}"
    if environment.version == before.environment.version:
        invocation.done(f"{has} already.", updated)
    else:
        was = before.environment.version
        invocation.done(f"{has} from its next start on, in the place of version {was}.", updated)


def _chosen(
    resource_class: str | None, at_least: list[str] | None, front_end: str | None, **numbers: str | None
) -> Configuration:
    """What was said of the front end, CPUs, memory, GPUs, disk and times."""
    found: dict[str, Any] = {name: limit(text) for name, text in numbers.items() if text is not None}
    if resource_class is not None:
        found["resource_class"] = name_or_none(resource_class)
    if at_least:
        found["minimum"] = least(at_least)
    if front_end is not None:
        found["front_end"] = name_or_none(front_end)
    return cast("Configuration", found)


def _given(**values: Any) -> Configuration:
    return cast("Configuration", {name: value for name, value in values.items() if value is not None})


@command(group, "copy")
def copy(
    invocation: Invocation,
    project: ProjectName,
    session: NamedSession,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The other project.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="Its name there.", show_default="the same")] = None,
) -> None:
    """Copy a session to another project, without what that does not have."""
    copied = invocation.client.sessions(project).copy(session, into, name=name)
    for line in copied.left_out:
        output.say(f"Left out: {line}.")
    invocation.done(f"{copied.name} is a session of {copied.project} now.", copied)


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
