"""`sojourn environment`: which there are."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from sojourn.cli import output
from sojourn.cli.command import command
from sojourn.cli.command import group as new_group
from sojourn.cli.invocation import Invocation
from sojourn.cli.names import EnvironmentName
from sojourn.cli.words import counted, gate, moment, short, size

if TYPE_CHECKING:
    from sojourn.client.environment_calls import EnvironmentFilters
    from sojourn.client.environment_models import Environment, Version, VersionDetail

_GONE = "image_not_found"

group = new_group("Environments that sessions are made from, and their versions.")


def _name(environment: Environment) -> str:
    successor = environment.successor
    instead = f"archived, use {successor.slug}" if successor else "archived"
    marks = {
        "default": environment.default,
        "favourite": environment.favourite,
        instead: environment.archived_at is not None,
    }
    said = ", ".join(mark for mark, is_so in marks.items() if is_so)
    return f"{environment.name} ({said})" if said else environment.name


COLUMNS: output.Columns[Environment] = {
    "Environment": lambda environment: environment.slug,
    "Name": _name,
    "Version": lambda environment: f"v{environment.latest.number}",
    "Opens": lambda environment: environment.latest.front_end,
    "Used in": lambda environment: counted(environment.used.projects + environment.used.others, "project"),
    "Keywords": lambda environment: ", ".join(environment.keywords),
}


def _tag(version: Version) -> str:
    """In a word: what became of the tag of a version."""
    found = version.upstream
    if found is None:
        return ""
    if found.problem is not None:
        return "gone" if found.problem.code == _GONE else "not known"
    return "moved" if found.moved else "the same"


VERSIONS: output.Columns[Version] = {
    "Version": lambda version: f"v{version.number}",
    "Digest": lambda version: short(version.digest),
    "Opens": lambda version: version.front_end,
    "Size": lambda version: "" if version.size is None else size(version.size),
    "Made from": lambda version: version.reference or version.made_from,
    "Its tag": _tag,
    "Created": lambda version: f"{moment(version.created_at)} by {version.created_by}",
}

KeywordOption = Annotated[str | None, typer.Option(help="A keyword that it has.")]
FavouritesOption = Annotated[bool, typer.Option("--favourites", help="Only favourites of yours.")]
MineOption = Annotated[bool, typer.Option("--mine", help="Only what you made.")]
DefaultOption = Annotated[bool, typer.Option("--default", help="Only default environments.")]
ArchivedOption = Annotated[
    bool, typer.Option("--archived", help="Archived ones, in the place of the others.")
]


@command(group, "list")
def listing(
    invocation: Invocation,
    *,
    search: Annotated[
        str, typer.Option(help="Words that must all be found, as `sojourn environment search` finds them.")
    ] = "",
    keyword: KeywordOption = None,
    favourites: FavouritesOption = False,
    mine: MineOption = False,
    default: DefaultOption = False,
    archived: ArchivedOption = False,
) -> None:
    """List the environments that you see, default ones first."""
    filters = _filters(keyword, favourites=favourites, mine=mine, default=default, archived=archived)
    none = "No environment is like that." if search or filters else "There are no environments."
    invocation.listing(invocation.client.environments.list(search=search, **filters), COLUMNS, none=none)


@command(group, "search")
def search(
    invocation: Invocation,
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="Words, or how they begin.", show_default=False)
    ],
    *,
    keyword: KeywordOption = None,
    favourites: FavouritesOption = False,
    mine: MineOption = False,
    default: DefaultOption = False,
    archived: ArchivedOption = False,
) -> None:
    """Find environments by name, description, keywords, installed packages or creator, best finds first.

    All words must be found.
    """
    filters = _filters(keyword, favourites=favourites, mine=mine, default=default, archived=archived)
    found = invocation.client.environments.list(search=" ".join(words), **filters)
    invocation.listing(found, COLUMNS, none="No environment has all these words; try fewer.")


def _filters(
    keyword: str | None, *, favourites: bool, mine: bool, default: bool, archived: bool
) -> EnvironmentFilters:
    filters: EnvironmentFilters = {}
    if keyword is not None:
        filters["keyword"] = keyword
    if favourites:
        filters["favourite"] = True
    if mine:
        filters["mine"] = True
    if default:
        filters["default"] = True
    if archived:
        filters["archived"] = True
    return filters


@command(group, "show")
def show(invocation: Invocation, environment: EnvironmentName) -> None:
    """Show an environment with its versions, and how the newest one is run."""
    found = invocation.client.environments.get(environment)
    newest = invocation.client.environments.version(environment, found.latest.number)
    invocation.show(
        found,
        [
            ("Name", _name(found)),
            ("Slug", found.slug),
            ("Description", found.description),
            ("Keywords", ", ".join(found.keywords)),
            ("Seen by", _audience(found)),
            ("Used in", _used(found)),
            ("Created", f"{moment(found.created_at)} by {found.created_by}"),
            *_runs(newest),
            ("Tag", _upstream(newest)),
            ("Page", invocation.address(f"/environments/{found.slug}")),
        ],
    )
    if invocation.for_people:
        output.table(found.versions, VERSIONS, title="Versions")
        if found.editable and newest.upstream is not None and newest.upstream.moved:
            following = f"sojourn environment add-version {found.slug} --image {newest.reference}"
            output.say(f"Make version {newest.number + 1} of what the tag means now with `{following}`.")


def _upstream(version: Version) -> str:
    """What the tag of a version means by now, and since when that is known; empty where it is not."""
    found = version.upstream
    if found is None:
        return ""
    asked = f"asked {moment(found.checked_at)}"
    if found.problem is not None:
        return f"{found.problem.sentence} ({asked})"
    if not found.moved:
        return f"means this image ({asked})"
    return f"moved: means {short(found.digest or '')} ({asked})"


def _audience(environment: Environment) -> str:
    if environment.visibility == "private":
        return f"{environment.created_by} only"
    if environment.visibility == "projects":
        others = environment.other_projects
        unseen = [counted(others, "project that you do not see", "projects that you do not see")]
        return f"members of {', '.join([*environment.projects, *(unseen if others else [])])}"
    return environment.visibility


def _used(environment: Environment) -> str:
    used = environment.used
    if not (used.projects or used.others):
        return "no project"
    hidden = f", {used.others} of which you do not see" if used.others else ""
    return counted(used.projects + used.others, "project") + hidden


def _runs(version: VersionDetail) -> list[tuple[str, object]]:
    program = shlex.join([*version.command, *version.arguments])
    always: list[tuple[str, object]] = [
        ("Image", version.image),
        ("Digest", version.digest),
        ("Runs", program if version.command else f"the image's own program {program}".rstrip()),
        ("Opens", version.default_url),
        ("Other front ends", ", ".join(each.name for each in version.front_ends)),
    ]
    if version.image is None:
        return always
    return [
        *always,
        ("Port", version.port),
        ("Gate", gate(version.gate.prefix, version.gate.ready_path) if version.gate else "none"),
        ("User", f"{version.uid}:{version.gid}"),
        ("Starts in", version.working_folder),
        ("Root folder", "read-only" if version.read_only_root else "writable"),
        ("Platforms", ", ".join(version.platforms)),
    ]
