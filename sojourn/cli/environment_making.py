"""`sojourn environment`: making, sharing, archiving and deleting them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import (
    completion,
    environment_checks,
    environment_content,
    environment_files,
    environment_versions,
    output,
)
from sojourn.cli.arguments import Visibility, name_or_none
from sojourn.cli.command import command
from sojourn.cli.environment_content import (
    ArgumentsOption,
    CommandOption,
    DefaultUrlOption,
    FrontEndOption,
    FrontEndsOption,
    GateOption,
    GidOption,
    ImageOption,
    PortOption,
    ReadOnlyRootOption,
    ReadyPathOption,
    RequirementsOption,
    UidOption,
    WorkingFolderOption,
)
from sojourn.cli.environment_files import ExtraOption, FromOption, GroupOption
from sojourn.cli.environment_versions import VersionOption
from sojourn.cli.invocation import Invocation, confirm
from sojourn.cli.names import ArchivedEnvironmentName, EnvironmentName

if TYPE_CHECKING:
    from sojourn.client.environment_calls import EnvironmentChanges
    from sojourn.client.environment_models import Environment

group = environment_versions.group


VisibilityOption = Annotated[
    Visibility | None,
    typer.Option(
        help="Who sees it: you, members of the projects that --project names, or everyone here.",
        show_default=False,
    ),
]
ProjectOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PROJECT",
        help="Slug of a project whose members see it; may be repeated.",
        autocompletion=completion.project,
        show_default=False,
    ),
]
KeywordOption = Annotated[
    list[str] | None,
    typer.Option(metavar="WORD", help="A word that people search for; may be repeated.", show_default=False),
]


@command(group, "add")
def add(
    invocation: Invocation,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name; the slug derives from it.", show_default=False)
    ],
    *,
    from_: FromOption = None,
    extra: ExtraOption = None,
    group: GroupOption = None,
    requirements: RequirementsOption = None,
    image: ImageOption = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    keyword: KeywordOption = None,
    visibility: VisibilityOption = None,
    project: ProjectOption = None,
    front_end: FrontEndOption = None,
    program: CommandOption = None,
    arguments: ArgumentsOption = None,
    default_url: DefaultUrlOption = None,
    port: PortOption = None,
    gate: GateOption = None,
    ready_path: ReadyPathOption = None,
    front_ends: FrontEndsOption = None,
    uid: UidOption = None,
    gid: GidOption = None,
    working_folder: WorkingFolderOption = None,
    read_only_root: ReadOnlyRootOption = None,
) -> None:
    """Add an environment of your own, made of packages or of an image.

    It runs as JupyterLab does, or as a check of the image finds, as far as options do not say otherwise. Only
    you see it until you share it.
    """
    file = environment_files.read(
        invocation,
        from_,
        extras=extra,
        groups=group,
        others=(image, requirements),
        front_end=environment_content.is_single_user(program),
    )
    version = environment_content.first(
        name,
        partial(environment_checks.checked, invocation),
        image=image,
        requirements=file.requirements if file else requirements,
        front_end=front_end,
        command=program,
        arguments=arguments,
        default_url=default_url,
        port=port,
        gate=gate,
        ready_path=ready_path,
        front_ends=front_ends,
        uid=uid,
        gid=gid,
        working_folder=working_folder,
        read_only_root=read_only_root,
    )
    if file:
        version["source"] = file.source
    made = invocation.client.environments.create(
        name,
        version,
        description=description,
        keywords=keyword or (),
        visibility=visibility or (Visibility.PROJECTS if project else Visibility.PRIVATE),
        projects=project or (),
    )
    _tell_made(invocation, made)


def _tell_made(invocation: Invocation, made: Environment) -> None:
    if invocation.for_people:
        output.plain(made.slug)
    else:
        output.write(made.body, invocation.output)
    output.say(f"Made {made.name}. Add it to a project with `sojourn session add PROJECT {made.slug}`.")


@command(group, "add-version")
def add_version(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    from_: FromOption = None,
    extra: ExtraOption = None,
    group: GroupOption = None,
    requirements: RequirementsOption = None,
    image: ImageOption = None,
    front_end: FrontEndOption = None,
    program: CommandOption = None,
    arguments: ArgumentsOption = None,
    default_url: DefaultUrlOption = None,
    port: PortOption = None,
    gate: GateOption = None,
    ready_path: ReadyPathOption = None,
    front_ends: FrontEndsOption = None,
    uid: UidOption = None,
    gid: GidOption = None,
    working_folder: WorkingFolderOption = None,
    read_only_root: ReadOnlyRootOption = None,
) -> None:
    """Add the next version of an environment; sessions stay on theirs until somebody updates them.

    It runs as the newest one does, or as a check of the image finds, as far as options do not say otherwise.
    """
    calls = invocation.client.environments
    found = calls.get(environment)
    newest = calls.version(environment, found.latest.number)
    file = environment_files.read(
        invocation,
        from_,
        extras=extra,
        groups=group,
        others=(image, requirements),
        front_end=environment_content.is_single_user(program, *newest.command[:1]),
    )
    version = environment_content.following(
        newest,
        partial(environment_checks.checked, invocation),
        image=image,
        requirements=file.requirements if file else requirements,
        front_end=front_end,
        command=program,
        arguments=arguments,
        default_url=default_url,
        port=port,
        gate=gate,
        ready_path=ready_path,
        front_ends=front_ends,
        uid=uid,
        gid=gid,
        working_folder=working_folder,
        read_only_root=read_only_root,
    )
    if file:
        version["source"] = file.source
    made = calls.add_version(environment, **version)
    invocation.done(
        f"Made version {made.number} of {found.name}. "
        "`sojourn session update PROJECT SESSION` moves a session to it.",
        made,
    )


@command(group, "change")
def change(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    name: Annotated[str | None, typer.Option(help="What it is called; its slug stays.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    keyword: KeywordOption = None,
    no_keywords: Annotated[bool, typer.Option("--no-keywords", help="Take all keywords away.")] = False,
    visibility: VisibilityOption = None,
    project: ProjectOption = None,
    default: Annotated[
        bool | None,
        typer.Option(
            "--default/--no-default",
            help="Offer it first, to everyone; only platform admins decide that.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Change what people read of an environment, and who sees it; what is not named stays.

    Keywords and projects that are named come in the place of those that it has.
    """
    if keyword and no_keywords:
        raise typer.BadParameter("Name keywords, or take all away.")
    changes: EnvironmentChanges = {}
    if name is not None:
        changes["name"] = name
    if description is not None:
        changes["description"] = description
    if keyword or no_keywords:
        changes["keywords"] = keyword or []
    if visibility is not None or project:
        changes["visibility"] = visibility or Visibility.PROJECTS
    if project:
        changes["projects"] = project
    if default is not None:
        changes["default"] = default
    if not changes:
        raise typer.BadParameter("Nothing to change was named; --help says what can be.")
    changed = invocation.client.environments.change(environment, **changes)
    invocation.done(f"Changed {changed.name}.", changed)


@command(group, "duplicate")
def duplicate(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    name: Annotated[
        str | None, typer.Option(help="What the copy is called.", show_default="Copy of …")
    ] = None,
    version: VersionOption = None,
) -> None:
    """Copy one version of an environment as an environment of your own, which only you see."""
    copy = invocation.client.environments.duplicate(environment, version=version, name=name)
    _tell_made(invocation, copy)


@command(group, "favourite")
def favourite(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Make it none any more.")] = False,
) -> None:
    """Make an environment a favourite of yours: searches show it before its equals."""
    calls = invocation.client.environments
    (calls.remove_favourite if remove else calls.add_favourite)(environment)
    invocation.done(f"{environment} is {'no' if remove else 'a'} favourite of yours.")


@command(group, "archive")
def archive(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    successor: Annotated[
        str | None,
        typer.Option(
            metavar="ENVIRONMENT",
            help="Slug of what to use in its place, or none.",
            autocompletion=completion.environment,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Put an environment away: its sessions go on, and it gets no new ones."""
    changes: EnvironmentChanges = {"archived": True}
    if successor is not None:
        changes["successor"] = name_or_none(successor)
    archived = invocation.client.environments.change(environment, **changes)
    instead = f" Whoever wants one is shown {archived.successor.slug}." if archived.successor else ""
    invocation.done(
        f"Archived {archived.name}: its sessions go on, and it gets no new ones.{instead}", archived
    )


@command(group, "unarchive")
def unarchive(invocation: Invocation, environment: ArchivedEnvironmentName) -> None:
    """Take an environment out of the archive: it gets sessions again."""
    found = invocation.client.environments.change(environment, archived=False)
    invocation.done(f"{found.name} gets sessions again.", found)


@command(group, "delete")
def delete(
    invocation: Invocation,
    environment: EnvironmentName,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an environment that no session uses and nothing ever ran; archive any other."""
    found = invocation.client.environments.get(environment)
    confirm(f"Delete {found.name} with all its versions?", yes=yes)
    invocation.client.environments.delete(environment)
    invocation.done(f"Deleted {found.name}.")
