"""Rules of sessions: names, configuration, and the one default of every project.

Changes of a project's sessions happen one after the other: each holds the project's row. So a name, a slug
and the default are decided on what is there, and two at once never both win.
"""

import re
from collections.abc import Collection, Sequence
from typing import TypedDict, Unpack

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit import clock, etags
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, Invalid, NotFound
from sessions_api.kit.ids import free_name, new_id, slugify
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Role, Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.repositories import service as repositories
from sessions_api.sessions import choices, store
from sessions_api.sessions.choices import RepositoryChoice
from sessions_api.sessions.tables import Session
from sessions_api.storages import service as storages

_NUMBERED = re.compile(r" \d+$")
_BASE_LENGTH = 90
"""Leaves room for a number within a name's 100 characters."""


class Configuration(TypedDict, total=False):
    """What a session's configuration says; what is missing stays.

    None is "no limit" for `cpus` and `memory_gib`, "all of the project's" for `repositories` and `storages`.
    """

    description: str
    cpus: float | None
    memory_gib: float | None
    repositories: Sequence[RepositoryChoice] | None
    storages: Sequence[str] | None
    variables: dict[str, str]


class Changes(Configuration, total=False):
    """What can be changed of a session; what is missing stays."""

    name: str
    version: int
    default: bool


async def listing(db: AsyncSession, access: Access, paging: Paging) -> Sequence[Session]:
    """The project's sessions by slug, one more than asked for if there is."""
    return await store.listing(db, access.project.id, paging)


async def get(db: AsyncSession, access: Access, slug_or_id: str) -> Session:
    """One session of the project.

    Raises:
        NotFound: the project has none of that slug or id.
    """
    found = await store.get(db, access.project.id, slug_or_id)
    if found is None:
        raise NotFound(f"{access.project.name} has no session {slug_or_id}.")
    return found


async def by_id(db: AsyncSession, session_id: str) -> Session:
    """One session, removed or not.

    Raises:
        NotFound: there never was one of that id.
    """
    found = (await store.by_ids(db, [session_id])).get(session_id)
    if found is None:
        raise NotFound(f"There is no session {session_id}.")
    return found


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, Session]:
    """Sessions by id, removed ones too, in one statement."""
    return await store.by_ids(db, ids)


async def defaults_of(db: AsyncSession, project_ids: Collection[str]) -> dict[str, Session]:
    """The default session of each project that has one, by the project's id."""
    return await store.defaults_of(db, project_ids)


async def uses(db: AsyncSession, viewer: Viewer, environment_id: str, most: int) -> Sequence[Session]:
    """Sessions of an environment in the projects that the viewer sees, the newest first."""
    return await store.of_environment(db, environment_id, projects.visible_ids(viewer), most)


async def default_of(db: AsyncSession, access: Access) -> Session | None:
    """The project's default session; None while the project has no session."""
    return await store.default_of(db, access.project.id)


async def needed_default(db: AsyncSession, access: Access) -> Session:
    """The project's default session, which is about to be started.

    Raises:
        Conflict: the project has no session (`no_session`).
    """
    found = await store.default_of(db, access.project.id)
    if found is None:
        raise Conflict(
            f"{access.project.name} has no session to start.",
            code="no_session",
            hint="Add one from an environment.",
        )
    return found


async def share(db: AsyncSession, session: Session) -> None:
    """Makes sure that the session is not removed before the transaction ends.

    Raises:
        NotFound: it was, a moment ago.
    """
    if not await store.share(db, session.id):
        raise NotFound(f"{session.name} was removed.")


async def add(
    db: AsyncSession,
    access: Access,
    *,
    environment: str,
    version: int | None = None,
    name: str | None = None,
    default: bool = False,
    **configuration: Unpack[Configuration],
) -> Session:
    """Adds an environment (slug or id) to the project as a session; the first one is the default.

    Raises:
        Forbidden: only editors add sessions.
        Invalid: there is no such environment or version, the name is taken (`name_taken`, proposes a free
            one), or the configuration names what the project does not have.
    """
    access.require(Role.EDITOR)
    await _lock(db, access)
    chosen, pinned = await _environment(db, environment, version)
    session = await _new(db, access, chosen.id, pinned.id, name, wanted=chosen.name)
    await _configure(db, session, configuration)
    db.add(session)
    await db.flush()
    if default or await store.default_of(db, access.project.id) is None:
        await _make_default(db, session)
    notify(db, projects.topic(access.project.id))
    return session


async def duplicate(db: AsyncSession, access: Access, slug_or_id: str, *, name: str | None = None) -> Session:
    """A copy of a session with all its configuration; never the default.

    Raises:
        Forbidden: only editors add sessions.
        NotFound: the project has none of that slug or id.
        Invalid: the name is taken (`name_taken`, proposes a free one).
    """
    access.require(Role.EDITOR)
    await _lock(db, access)
    source = await get(db, access, slug_or_id)
    copy = await _new(db, access, source.environment_id, source.version_id, name, wanted=source.name)
    copy.description = source.description
    copy.cpus = source.cpus
    copy.memory_gib = source.memory_gib
    copy.repositories = source.repositories
    copy.storages = source.storages
    copy.variables = source.variables
    db.add(copy)
    await db.flush()
    notify(db, projects.topic(access.project.id))
    return copy


async def change(
    db: AsyncSession,
    access: Access,
    slug_or_id: str,
    *,
    if_match: str | None = None,
    **changes: Unpack[Changes],
) -> Session:
    """Changes what is given; runs that are live keep what they were launched with. The slug stays.

    Raises:
        Forbidden: only editors change sessions.
        NotFound: the project has none of that slug or id.
        Stale: it was changed since `if_match`.
        Invalid: a value cannot be accepted; also `default=False` for the default session.
    """
    access.require(Role.EDITOR)
    session = await _held(db, access, slug_or_id, if_match)
    if "name" in changes and changes["name"] != session.name:
        session.name = await _free(db, access, changes["name"])
    if "version" in changes:
        environment = (await environments.by_ids(db, [session.environment_id]))[session.environment_id]
        session.version_id = (await _version(db, environment, changes["version"])).id
    await _configure(db, session, changes)
    if changes.get("default") is False and session.is_default:
        raise Invalid.field(
            "default",
            f"{session.name} is the project's default session; make another one the default instead.",
            code="needs_default",
        )
    if changes.get("default"):
        await _make_default(db, session)
    session.updated_at = clock.now()
    session.revision += 1
    await db.flush()
    notify(db, projects.topic(access.project.id))
    return session


async def remove(
    db: AsyncSession, access: Access, slug_or_id: str, *, if_match: str | None = None
) -> Session:
    """Removes a session; its runs are the caller's to stop. The oldest other one becomes the default.

    Raises:
        Forbidden: only editors remove sessions.
        NotFound: the project has none of that slug or id.
        Stale: it was changed since `if_match`.
    """
    access.require(Role.EDITOR)
    session = await _held(db, access, slug_or_id, if_match)
    was_default = session.is_default
    session.removed_at = clock.now()
    session.is_default = False
    session.revision += 1
    await db.flush()
    if was_default and (heir := await store.oldest(db, access.project.id)) is not None:
        await _make_default(db, heir)
    notify(db, projects.topic(access.project.id))
    return session


async def _lock(db: AsyncSession, access: Access) -> None:
    if not await store.lock(db, access.project.id):
        raise NotFound(f"There is no project {access.project.slug}.")


async def _held(db: AsyncSession, access: Access, slug_or_id: str, if_match: str | None) -> Session:
    await _lock(db, access)
    session = await get(db, access, slug_or_id)
    etags.require(if_match, session.revision, f"The session {session.name}")
    return session


async def _environment(
    db: AsyncSession, slug_or_id: str, number: int | None
) -> tuple[Environment, EnvironmentVersion]:
    try:
        found = await environments.get(db, slug_or_id)
    except NotFound as missing:
        raise Invalid.field("environment", missing.detail) from missing
    if number is None:
        return found, await environments.latest(db, found.id)
    return found, await _version(db, found, number)


async def _version(db: AsyncSession, environment: Environment, number: int) -> EnvironmentVersion:
    try:
        return await environments.numbered(db, environment, number)
    except NotFound as missing:
        newest = await environments.latest(db, environment.id)
        raise Invalid.field(
            "version", f"{missing.detail} The newest is {newest.number}.", value=str(newest.number)
        ) from missing


async def _new(
    db: AsyncSession, access: Access, environment_id: str, version_id: str, name: str | None, *, wanted: str
) -> Session:
    project_id = access.project.id
    name = await _numbered(db, project_id, wanted) if name is None else await _free(db, access, name)
    slug = slugify(name, otherwise="session")
    now = clock.now()
    return Session(
        id=new_id(),
        project_id=project_id,
        slug=free_name(slug, await store.slugs(db, project_id, slug)),
        name=name,
        description="",
        environment_id=environment_id,
        version_id=version_id,
        cpus=None,
        memory_gib=None,
        repositories=None,
        storages=None,
        variables={},
        is_default=False,
        created_by=access.viewer.name,
        created_at=now,
        updated_at=now,
        removed_at=None,
        revision=1,
    )


async def _numbered(db: AsyncSession, project_id: str, wanted: str) -> str:
    """`Python`, else the first of `Python 2`, `Python 3` … that is free."""
    base = _NUMBERED.sub("", wanted)[:_BASE_LENGTH].rstrip()
    taken = await store.names(db, project_id, base)
    if wanted not in taken:
        return wanted
    number = 2
    while f"{base} {number}" in taken:
        number += 1
    return f"{base} {number}"


async def _free(db: AsyncSession, access: Access, name: str) -> str:
    if name not in await store.names(db, access.project.id, name):
        return name
    proposal = await _numbered(db, access.project.id, name)
    raise Invalid.field(
        "name",
        f"{access.project.name} has a session called {name} already; {proposal} is free.",
        value=proposal,
        code="name_taken",
    )


async def _configure(db: AsyncSession, session: Session, given: Configuration | Changes) -> None:
    if "description" in given:
        session.description = given["description"]
    if "cpus" in given:
        session.cpus = given["cpus"]
    if "memory_gib" in given:
        session.memory_gib = given["memory_gib"]
    if "repositories" in given:
        session.repositories = choices.keep_repositories(
            given["repositories"], await repositories.listing(db, session.project_id)
        )
    if "storages" in given:
        session.storages = choices.keep_storages(
            given["storages"], await storages.listing(db, session.project_id)
        )
    if "variables" in given:
        session.variables = given["variables"]


async def _make_default(db: AsyncSession, session: Session) -> None:
    present = await store.default_of(db, session.project_id)
    if present is session:
        return
    if present is not None:
        present.is_default = False
        present.revision += 1
        # One statement after the other: the index that allows one default is checked after each.
        await db.flush()
    session.is_default = True
    session.revision += 1
    await db.flush()
