"""Rules of what people make and change of environments.

Changes of an environment happen one after the other: each holds its row. Who made it may change it, and
platform admins; only these decide which are the default ones.
"""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.environments import making, service, store
from sessions_api.environments.content import Content
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.environments.uses import store as uses
from sessions_api.kit import clock, etags
from sessions_api.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from sessions_api.kit.ids import new_id, slugify
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.tables import Project
from sessions_api.rights.policy import administers

_NAMED = 5
"""Projects that a refusal names; more are counted."""
_NAME_LENGTH = 100


class Words(TypedDict, total=False):
    """What people read of an environment; what is missing stays."""

    name: str
    description: str
    keywords: Sequence[str]


class Changes(Words, total=False):
    """What can be changed of an environment; what is missing stays.

    `projects` are slugs; those that the viewer does not see stay whatever is given. `successor` is a slug or
    id, None is none.
    """

    visibility: str
    projects: Sequence[str]
    default: bool
    archived: bool
    successor: str | None


async def create(
    db: AsyncSession,
    viewer: Viewer,
    *,
    content: Content,
    name: str,
    description: str = "",
    keywords: Sequence[str] = (),
    visibility: str = "private",
    shared: Sequence[str] = (),
) -> Environment:
    """A new environment with its version 1, the viewer's own; its slug derives from its name.

    `shared` are slugs of the projects that it is for, with the visibility `projects`.

    Raises:
        Invalid: a project is none that the viewer sees, or projects and visibility do not go together.
    """
    now = clock.now()
    environment = Environment(
        id=new_id(),
        slug=slugify(name, otherwise="environment"),
        name=name,
        description=description,
        keywords=list(keywords),
        recipe=None,
        default=False,
        visibility=visibility,
        archived_at=None,
        successor_id=None,
        created_by=viewer.name,
        created_at=now,
        updated_at=now,
        revision=1,
    )
    chosen = await _projects(db, viewer, shared)
    await making.add(db, environment)
    await _share(db, viewer, environment, chosen)
    await making.describe(db, environment)
    version = await making.add_version(db, environment, content, by=viewer.name)
    _record(
        db, viewer, Verb.ENVIRONMENT_CREATE, environment, visibility=visibility, made_from=version.made_from
    )
    return environment


async def duplicate(
    db: AsyncSession,
    viewer: Viewer,
    source: Environment,
    *,
    number: int | None = None,
    name: str | None = None,
) -> Environment:
    """A copy of one version, the newest if none is named, as an environment of the viewer's own; private.

    Raises:
        NotFound: the environment has no version of that number.
    """
    copied = (
        await service.latest(db, source.id) if number is None else await service.numbered(db, source, number)
    )
    installed = (await service.installed_in(db, [copied.id]))[copied.id]
    return await create(
        db,
        viewer,
        content=Content.of_version(
            copied, installed, made_from=f"duplicate of {source.slug} version {copied.number}"
        ),
        name=name or f"Copy of {source.name}"[:_NAME_LENGTH].rstrip(),
        description=source.description,
        keywords=source.keywords,
    )


async def add_version(
    db: AsyncSession, viewer: Viewer, slug_or_id: str, content: Content
) -> EnvironmentVersion:
    """The next version of an environment; sessions stay on theirs until somebody updates them.

    Raises:
        NotFound: there is no such environment, or the viewer may not see it.
        Forbidden: the viewer may not change it.
        Conflict: it is archived (`environment_archived`), or its newest version is this already
            (`version_unchanged`).
    """
    environment = await _held(db, viewer, slug_or_id, None)
    if environment.archived_at is not None:
        raise Conflict(
            f"{environment.name} is archived and gets no new versions.",
            code="environment_archived",
            hint="Take it out of the archive first, or make an environment of its own.",
        )
    newest = await service.latest(db, environment.id)
    if content.is_same(newest):
        raise Conflict(
            f"Version {newest.number} of {environment.name}, the newest, is this already.",
            code="version_unchanged",
            hint="Change what it is made of or how it is run.",
            links={"version": f"/api/v1/environments/{environment.slug}/versions/{newest.number}"},
        )
    version = await making.add_version(db, environment, content, by=viewer.name)
    _record(
        db,
        viewer,
        Verb.ENVIRONMENT_PUBLISH,
        environment,
        version=version.number,
        made_from=version.made_from,
    )
    return version


async def change(
    db: AsyncSession,
    viewer: Viewer,
    slug_or_id: str,
    *,
    if_match: str | None = None,
    **changes: Unpack[Changes],
) -> Environment:
    """Changes what is given; the slug stays: addresses are kept.

    Raises:
        NotFound: there is no such environment, or the viewer may not see it.
        Forbidden: the viewer may not change it, or makes it a default one without being an admin.
        Stale: it was changed since `if_match`.
        Conflict: its words are those of its recipe (`recipe_words`).
        Invalid: values do not go together, or name what is not there.
    """
    # Projects are held before the environment, as whoever adds a session from it holds them.
    chosen = await _projects(db, viewer, changes["projects"]) if "projects" in changes else None
    environment = await _held(db, viewer, slug_or_id, if_match)
    before = audit.state(environment)
    _set_words(environment, changes)
    if "default" in changes and changes["default"] != environment.default:
        _set_default(viewer, environment, default=changes["default"])
        if environment.default:
            environment.visibility = "everyone"
    environment.visibility = changes.get("visibility", environment.visibility)
    if environment.default and environment.visibility != "everyone":
        raise Invalid.field(
            "visibility",
            f"{environment.name} is a default environment, which everyone sees; take it out of these first.",
            value="everyone",
            code="default_is_for_everyone",
        )
    if changes.keys() & {"visibility", "projects"}:
        await _share(db, viewer, environment, chosen)
    await _archive(db, viewer, environment, changes)
    environment.updated_at = clock.now()
    environment.revision += 1
    _record(
        db,
        viewer,
        Verb.ENVIRONMENT_CHANGE,
        environment,
        fields=sorted({*audit.changed(environment, before), *(changes.keys() & {"projects"})}),
        visibility=environment.visibility,
    )
    await making.describe(db, environment)
    return environment


async def remove(db: AsyncSession, viewer: Viewer, slug_or_id: str, *, if_match: str | None = None) -> None:
    """Deletes an environment that no session and no run refers to.

    What a removed session ran stays in the history of its project, which names environment and version; so
    what ever ran is archived, not deleted. What a recipe makes is made again at the next start of Sojourn.

    Raises:
        NotFound: there is no such environment, or the viewer may not see it.
        Forbidden: the viewer may not change it.
        Stale: it was changed since `if_match`.
        Conflict: projects use it (`environment_used`), or their history names it (`environment_history`).
    """
    environment = await _held(db, viewer, slug_or_id, if_match)
    shown, others = await uses.projects(db, viewer, environment.id)
    if shown or others:
        raise _conflict(
            f"{environment.name} is used in {_places(shown, others)}.",
            shown,
            code="environment_used",
            hint="Archive it: its sessions go on, and none is added. Or remove these sessions first.",
        )
    shown, others = await uses.history(db, viewer, environment.id)
    if shown or others:
        raise _conflict(
            f"{environment.name} is in the history of {_places(shown, others)}.",
            shown,
            code="environment_history",
            hint="Archive it: then lists do not show it, and the history can still say what ran.",
        )
    await store.remove(db, environment.id)
    _record(db, viewer, Verb.ENVIRONMENT_REMOVE, environment)


def _record(db: AsyncSession, viewer: Viewer, verb: Verb, environment: Environment, **details: Any) -> None:
    audit.record(db, viewer, verb, environment.name, thing=environment.id, **details)


async def _held(db: AsyncSession, viewer: Viewer, slug_or_id: str, if_match: str | None) -> Environment:
    seen = await service.get(db, viewer, slug_or_id)
    service.require_editor(viewer, seen)
    held = await store.lock(db, seen.id)
    if held is None:
        raise NotFound(f"There is no environment {slug_or_id}.")
    etags.require(if_match, held.revision, held.name)
    return held


def _set_words(environment: Environment, changes: Words) -> None:
    name = changes.get("name", environment.name)
    description = changes.get("description", environment.description)
    keywords = list(changes.get("keywords", environment.keywords))
    told = (environment.name, environment.description, environment.keywords)
    if environment.recipe is not None and (name, description, keywords) != told:
        raise Conflict(
            f"Name, description and keywords of {environment.name} are those of its recipe.",
            code="recipe_words",
            hint=f"Change them where Sojourn is installed, in the recipe {environment.recipe}.",
        )
    environment.name, environment.description, environment.keywords = name, description, keywords


def _set_default(viewer: Viewer, environment: Environment, *, default: bool) -> None:
    if not administers(viewer):
        raise Forbidden(
            "Only platform administrators decide which environments are the default ones.",
            hint="Ask one of them.",
        )
    environment.default = default


async def _share(
    db: AsyncSession, viewer: Viewer, environment: Environment, chosen: Sequence[Project] | None
) -> None:
    """`chosen` None: those that it has stay."""
    if environment.visibility != "projects":
        if chosen:
            raise Invalid.field(
                "projects", "Projects can be chosen only for an environment with the visibility projects."
            )
        return
    if chosen is not None:
        await store.share_with(db, viewer, environment.id, [project.id for project in chosen])
    shown, others = await service.shared_with(db, viewer, environment)
    if not shown and not others:
        raise Invalid.field(
            "projects", "Say whose members see it: name a project, or choose another visibility."
        )


async def _projects(db: AsyncSession, viewer: Viewer, slugs: Sequence[str]) -> list[Project]:
    """Holds the projects until the transaction ends, always in the same order."""
    try:
        found = [await projects.access(db, viewer, slug) for slug in sorted(set(slugs))]
        for access in sorted(found, key=lambda each: each.project.id):
            await projects.lock(db, access)
    except NotFound as missing:
        raise Invalid.field("projects", missing.detail) from missing
    return [access.project for access in found]


async def _archive(db: AsyncSession, viewer: Viewer, environment: Environment, changes: Changes) -> None:
    if "archived" in changes and changes["archived"] != (environment.archived_at is not None):
        environment.archived_at = clock.now() if changes["archived"] else None
    if environment.archived_at is None:
        if changes.get("successor") is not None:
            raise Invalid.field("successor", "Only an archived environment has a successor; archive it too.")
        environment.successor_id = None
        return
    if "successor" not in changes:
        return
    named = changes["successor"]
    successor = None if named is None else await _successor(db, viewer, environment, named)
    environment.successor_id = None if successor is None else successor.id
    if successor is not None:
        await db.flush()
        await store.succeed(db, environment.id, successor.id)


async def _successor(db: AsyncSession, viewer: Viewer, environment: Environment, named: str) -> Environment:
    """Never archived itself: so no chain of successors ends nowhere, or where it began."""
    try:
        found = await service.get(db, viewer, named)
    except NotFound as missing:
        raise Invalid.field("successor", missing.detail) from missing
    if found.id == environment.id:
        raise Invalid.field("successor", f"{environment.name} cannot be its own successor.")
    if found.archived_at is not None:
        raise Invalid.field("successor", f"{found.name} is archived too; name one that is not.")
    return found


def _places(shown: Sequence[Project], others: int) -> str:
    """`Terrain, Snow and 2 other projects`; what the viewer does not see is only counted."""
    names = [project.name for project in shown[:_NAMED]]
    more = len(shown) - len(names) + others
    if not names:
        return "1 project that you do not see" if others == 1 else f"{others} projects that you do not see"
    if more:
        names.append("1 other project" if more == 1 else f"{more} other projects")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _conflict(detail: str, shown: Sequence[Project], *, code: str, hint: str) -> Conflict:
    return Conflict(
        detail,
        code=code,
        hint=hint,
        errors=[
            FieldError(field="projects", value=project.slug, detail=f"Project {project.name}.")
            for project in shown[:_NAMED]
        ],
    )
