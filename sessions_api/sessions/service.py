"""Rules of sessions: names, configuration, and the one default of every project.

Changes of a project's sessions happen one after the other: each holds the project's row. So a name, a slug
and the default are decided on what is there, and two at once never both win.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any, Unpack

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.environments.kinds import Kinds
from sessions_api.kit import clock, etags
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, Invalid, NotFound
from sessions_api.kit.ids import free_name, new_id, slugify
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.resources import service as resources
from sessions_api.rights.policy import CONFIGURE
from sessions_api.sessions import pinning, store
from sessions_api.sessions.configuring import Configuration, configure
from sessions_api.sessions.pinning import NewEnvironment
from sessions_api.sessions.tables import Session

_NUMBERED = re.compile(r" \d+$")
_BASE_LENGTH = 90
"""Leaves room for a number within a name's 100 characters."""


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


async def removed_ids(db: AsyncSession, session_ids: Collection[str]) -> set[str]:
    """Those of the sessions that were removed, by themselves or with their project."""
    return await store.removed_ids(db, session_ids)


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, Session]:
    """Sessions by id, removed ones too, in one statement."""
    return await store.by_ids(db, ids)


async def defaults_of(db: AsyncSession, project_ids: Collection[str]) -> dict[str, Session]:
    """The default session of each project that has one, by the project's id."""
    return await store.defaults_of(db, project_ids)


async def uses(db: AsyncSession, viewer: Viewer, environment_id: str, most: int) -> Sequence[Session]:
    """Sessions of an environment in the projects that the viewer sees, the newest first."""
    return await store.of_environment(db, viewer, environment_id, most)


async def newest_of(db: AsyncSession, access: Access, environment_id: str) -> Session | None:
    """The project's newest session of an environment, if it has one."""
    return await store.newest_of_environment(db, access.project.id, environment_id)


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


async def with_variable(db: AsyncSession, project_id: str, variable: str) -> Session | None:
    """A session of the project whose configuration sets an environment variable."""
    return await store.with_variable(db, project_id, variable)


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
    kinds: Kinds,
    environment: str | NewEnvironment,
    version: int | None = None,
    name: str | None = None,
    default: bool = False,
    **configuration: Unpack[Configuration],
) -> Session:
    """Adds an environment (slug or id, or a new one) to the project as a session; the first is the default.

    Without resources of its own it is of the installation's default class, where there is one.

    Raises:
        Forbidden: only editors add sessions.
        Invalid: there is no such environment or version that the viewer sees, it is archived
            (`environment_archived`, links to its successor), it does not run here
            (`environment_unsupported`), the name is taken (`name_taken`, proposes a free one), or the
            configuration cannot be accepted (`front_end_missing`, …).
    """
    access.require(CONFIGURE)
    await _lock(db, access)
    chosen, pinned = await pinning.choose(db, access, environment, version, kinds=kinds)
    if configuration.keys().isdisjoint({"resource_class", "minimum", "cpus", "memory_gib"}):
        default_class = await resources.default(db, access.viewer)
        configuration["resource_class"] = default_class.slug if default_class else None
    session = await _new(db, access, chosen.id, pinned.id, name, wanted=chosen.name)
    await configure(db, access.viewer, session, configuration, kinds=kinds)
    db.add(session)
    _record(db, access, Verb.SESSION_ADD, session, environment=chosen.slug, version=pinned.number)
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
        Conflict: its environment is archived (`environment_archived`).
        Invalid: the name is taken (`name_taken`, proposes a free one).
    """
    access.require(CONFIGURE)
    await _lock(db, access)
    source = await get(db, access, slug_or_id)
    await pinning.require_open(db, access, source)
    copy = await _new(db, access, source.environment_id, source.version_id, name, wanted=source.name)
    copy.description = source.description
    copy.front_end = source.front_end
    copy.resource_class_id = source.resource_class_id
    copy.cpus = source.cpus
    copy.memory_gib = source.memory_gib
    copy.disk_gib = source.disk_gib
    copy.repositories = source.repositories
    copy.storages = source.storages
    copy.variables = source.variables
    copy.idle_minutes = source.idle_minutes
    copy.life_hours = source.life_hours
    db.add(copy)
    _record(db, access, Verb.SESSION_ADD, copy, copy_of=source.slug)
    await db.flush()
    notify(db, projects.topic(access.project.id))
    return copy


async def change(
    db: AsyncSession,
    access: Access,
    slug_or_id: str,
    *,
    kinds: Kinds,
    if_match: str | None = None,
    **changes: Unpack[Changes],
) -> Session:
    """Changes what is given; runs that are live keep what they were launched with. The slug stays.

    Another version, newer or older, is one of an environment that the viewer sees and that is not archived: a
    session goes on with the version that was chosen for it, and gets no other one from what was put away or
    is not shared.

    Raises:
        Forbidden: only editors change sessions.
        NotFound: the project has none of that slug or id.
        Stale: it was changed since `if_match`.
        Invalid: a value cannot be accepted; also `default=False` for the default session, and another version
            that cannot be had (`environment_archived`, `environment_not_shared`, `environment_unsupported`),
            or that does not have the session's front end (`front_end_missing`).
    """
    access.require(CONFIGURE)
    session = await _held(db, access, slug_or_id, if_match)
    before = audit.state(session)
    if "name" in changes and changes["name"] != session.name:
        session.name = await _free(db, access, changes["name"])
    if "version" in changes:
        await pinning.pin(db, access, session, changes["version"], kinds=kinds)
    await configure(db, access.viewer, session, changes, kinds=kinds, moved="version" in changes)
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
    _record(db, access, Verb.SESSION_CONFIGURE, session, fields=audit.changed(session, before))
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
    access.require(CONFIGURE)
    session = await _held(db, access, slug_or_id, if_match)
    was_default = session.is_default
    session.removed_at = clock.now()
    session.is_default = False
    session.revision += 1
    _record(db, access, Verb.SESSION_REMOVE, session)
    await db.flush()
    if was_default and (heir := await store.oldest(db, access.project.id)) is not None:
        await _make_default(db, heir)
    notify(db, projects.topic(access.project.id))
    return session


def _record(db: AsyncSession, access: Access, verb: Verb, session: Session, **details: Any) -> None:
    projects.record(db, access, verb, session.name, thing=session.id, **details)


async def forget_unused(db: AsyncSession, environment_id: str) -> None:
    """Deletes the removed sessions of an environment that never ran: nobody's history names them."""
    await store.forget_unused(db, environment_id)


async def _lock(db: AsyncSession, access: Access) -> None:
    if not await store.lock(db, access.project.id):
        raise NotFound(f"There is no project {access.project.slug}.")


async def _held(db: AsyncSession, access: Access, slug_or_id: str, if_match: str | None) -> Session:
    await _lock(db, access)
    session = await get(db, access, slug_or_id)
    etags.require(if_match, session.revision, f"The session {session.name}")
    return session


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
        front_end=None,
        resource_class_id=None,
        cpus=None,
        memory_gib=None,
        disk_gib=None,
        repositories=None,
        storages=None,
        variables={},
        idle_minutes=None,
        life_hours=None,
        is_default=False,
        created_by=access.viewer.name,
        created_at=now,
        updated_at=now,
        removed_at=None,
        revision=1,
    )


async def free_name_of(db: AsyncSession, access: Access, wanted: str) -> str:
    """`wanted`, with a number where the project has a session of that name."""
    return await _numbered(db, access.project.id, wanted)


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
