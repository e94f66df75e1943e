"""Rules of a session's configuration: what it may name, and what excludes each other."""

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.kinds import Kinds
from sessions_api.kit.errors import Invalid, NotFound
from sessions_api.people.viewer import Viewer
from sessions_api.repositories import service as repositories
from sessions_api.resources import service as resources
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.specs import spec_of
from sessions_api.resources.tables import ResourceClass
from sessions_api.sessions import choices, pinning, store
from sessions_api.sessions.choices import RepositoryChoice, StorageChoice
from sessions_api.sessions.tables import Session
from sessions_api.storages import service as storages


class Configuration(TypedDict, total=False):
    """What a session's configuration says; what is missing stays.

    `minimum` chooses the smallest class that has as much. None is "the environment's own" for `front_end`,
    "of none" for `resource_class`, "no limit" for `cpus` and `memory_gib`, the class's or the installation's
    for `disk_gib`, "all of the project's" for `repositories` and `storages`, the installation's for
    `idle_minutes` and `life_hours` (checked by `Lifetimes`, since they depend on its settings).
    """

    description: str
    front_end: str | None
    resource_class: str | None
    minimum: Amounts
    cpus: float | None
    memory_gib: float | None
    disk_gib: float | None
    repositories: Sequence[RepositoryChoice] | None
    storages: Sequence[StorageChoice] | None
    variables: dict[str, str]
    idle_minutes: float | None
    life_hours: float | None


async def configure(
    db: AsyncSession,
    viewer: Viewer,
    session: Session,
    given: Configuration,
    *,
    kinds: Kinds,
    moved: bool = False,
) -> None:
    """Changes what is given of a session's configuration; `moved`: it is of another version than before.

    Raises:
        Invalid: it names what the project, the version or the installation does not have, gives a class and
            numbers of its own, is of no class where that is needed (`class_needed`), sets a variable that a
            secret sets, or makes a /work smaller than somebody's.
    """
    if "description" in given:
        session.description = given["description"]
    await _front_end(db, session, given, kinds=kinds, moved=moved)
    if "minimum" in given:
        given = await _with_class(db, viewer, given)
    await _resources(db, viewer, session, given)
    if "repositories" in given:
        session.repositories = choices.keep_repositories(
            given["repositories"], await repositories.listing(db, session.project_id)
        )
    if "storages" in given:
        session.storages = choices.keep_storages(
            given["storages"], await storages.listing(db, session.project_id)
        )
    if "variables" in given:
        await _check_variables(db, session.project_id, given["variables"])
        session.variables = given["variables"]
    if "idle_minutes" in given:
        session.idle_minutes = given["idle_minutes"]
    if "life_hours" in given:
        session.life_hours = given["life_hours"]


async def _front_end(
    db: AsyncSession, session: Session, given: Configuration, *, kinds: Kinds, moved: bool
) -> None:
    """Keeps a front end, or sees that the version has the one that is kept."""
    if not moved and "front_end" not in given:
        return
    field = "front_end" if "front_end" in given else "version"
    wanted = given.get("front_end", session.front_end)
    session.front_end = (
        None if wanted is None else await pinning.front_end(db, session, wanted, field, kinds=kinds)
    )


async def _resources(db: AsyncSession, viewer: Viewer, session: Session, given: Configuration) -> None:
    """A session is of a class, or has numbers of its own; the size of its /work may be its own anyway."""
    own = [name for name in ("cpus", "memory_gib") if given.get(name) is not None]
    if "resource_class" in given:
        slug = given["resource_class"]
        if slug is not None and own:
            raise Invalid.field(
                own[0], f"The class {slug} says this; leave it out, or set resource_class to null."
            )
        session.resource_class_id = None if slug is None else (await _class(db, viewer, session, slug)).id
        if slug is not None:
            session.cpus = session.memory_gib = None
    elif own and session.resource_class_id is not None:
        raise Invalid.field(
            own[0],
            f"The class of {session.name} says this; set resource_class to null to give numbers of its own.",
        )
    if own or "resource_class" in given:
        await _check_class(db, viewer, session)
    if "cpus" in given:
        session.cpus = given["cpus"]
    if "memory_gib" in given:
        session.memory_gib = given["memory_gib"]
    if "disk_gib" in given:
        session.disk_gib = given["disk_gib"]
    if "disk_gib" in given or "resource_class" in given:
        await _check_disk(db, session, "disk_gib" if given.get("disk_gib") else "resource_class")


async def _check_class(db: AsyncSession, viewer: Viewer, session: Session) -> None:
    if session.resource_class_id is None and await resources.classes_are_needed(db):
        raise Invalid.field(
            "resource_class",
            f"Every session is of a class here. There are: {await _offered(db, viewer)}.",
            code="class_needed",
        )


async def _with_class(db: AsyncSession, viewer: Viewer, given: Configuration) -> Configuration:
    """What is given, with the class that a minimum means."""
    for name in ("resource_class", "cpus", "memory_gib"):
        if name in given:
            raise Invalid.field("minimum", f"This chooses a class by itself; leave it or {name} out.")
    try:
        chosen = await resources.smallest(db, viewer, given["minimum"])
    except NotFound as none:
        raise Invalid.field("minimum", f"{none.detail} {none.hint}") from none
    return {**given, "resource_class": chosen.slug}


async def _class(db: AsyncSession, viewer: Viewer, session: Session, slug: str) -> ResourceClass:
    for present in (await resources.of_sessions(db, [session])).values():
        if present.slug == slug:  # maybe withdrawn: the session keeps it
            return present
    try:
        return await resources.get(db, viewer, slug)
    except NotFound as missing:
        offered = await _offered(db, viewer)
        raise Invalid.field("resource_class", f"{missing.detail} There are: {offered}.") from missing


async def _offered(db: AsyncSession, viewer: Viewer) -> str:
    return ", ".join(one.slug for one in await resources.offered(db, viewer)) or "none"


async def _check_disk(db: AsyncSession, session: Session, field: str) -> None:
    """A volume grows, and never shrinks."""
    size = spec_of(session, await resources.of_sessions(db, [session])).disk_gib
    if size is None:
        return
    kept = await store.largest_work(db, session.id)
    if kept is not None and kept > size:
        raise Invalid.field(
            field,
            f"Somebody has a /work of {kept:g} GiB, and a volume cannot shrink to {size:g} GiB; have their "
            "sessions stopped first, which deletes it.",
            value=f"{kept:g}" if field == "disk_gib" else None,
            code="disk_shrinks",
        )


async def _check_variables(db: AsyncSession, project_id: str, variables: dict[str, str]) -> None:
    secrets = await store.secret_variables(db, project_id) if variables else {}
    for variable in variables:
        if variable in secrets:
            raise Invalid.field(
                f"variables.{variable}.[key]",
                f"{variable} is set by the project's secret {secrets[variable]}; leave it out here.",
                code="variable_taken",
            )
