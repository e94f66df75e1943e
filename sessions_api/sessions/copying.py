"""Copies of sessions in other projects: what comes along, and what the other project does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import service as environments
from sessions_api.environments.kinds import Kinds
from sessions_api.kit.errors import Conflict, Invalid, NotFound
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.repositories import service as repositories
from sessions_api.repositories.tables import Repository
from sessions_api.resources import service as resources
from sessions_api.rights.policy import CONFIGURE
from sessions_api.secrets import service as secrets
from sessions_api.sessions import choices, service
from sessions_api.sessions.choices import RepositoryChoice, StorageChoice
from sessions_api.sessions.configuring import Configuration
from sessions_api.sessions.tables import Session
from sessions_api.storages import service as storages
from sessions_api.storages.specs import place_of
from sessions_api.storages.tables import Storage


@dataclass(frozen=True)
class Plan:
    """What a copy would be.

    Attributes:
        target: the project that it goes into.
        name: a free one.
        version: number of the environment's version.
        configuration: what comes along.
        left_out: what does not, a sentence each.
    """

    target: Access
    name: str
    environment: str
    version: int
    configuration: Configuration
    left_out: tuple[str, ...]


async def plan(db: AsyncSession, access: Access, session: Session, target_slug: str) -> Plan:
    """What a copy of a session in another project would be.

    Raises:
        Invalid: the viewer does not see such a project, or it is the session's own.
        Forbidden: they do not configure it.
        Conflict: they do not see the session's environment (`environment_not_shared`).
    """
    try:
        target = await projects.access(db, access.viewer, target_slug)
    except NotFound as missing:
        raise Invalid.field("project", missing.detail) from missing
    if target.project.id == access.project.id:
        raise Invalid.field("project", "The session is in this project; duplicate it there.")
    target.require(CONFIGURE)
    environment = (await environments.by_ids(db, [session.environment_id]))[session.environment_id]
    if not await environments.seen(db, access.viewer, [environment.id]):
        raise Conflict(
            f"The environment of {session.name} is not shared with you, so that you cannot copy it.",
            code="environment_not_shared",
            hint="Ask who made it.",
        )
    found: Configuration = {"description": session.description, "front_end": session.front_end}
    left = [
        *await _resources(db, target, session, found),
        *await _repositories(db, access, target, session, found),
        *await _storages(db, access, target, session, found),
        *await _secrets(db, access, target, session, found),
    ]
    return Plan(
        target,
        await service.free_name_of(db, target, session.name),
        environment.slug,
        (await environments.version(db, session.version_id)).number,
        found,
        tuple(left),
    )


async def copy(
    db: AsyncSession, access: Access, session: Session, target_slug: str, *, name: str | None, kinds: Kinds
) -> tuple[Plan, Session]:
    """Copies a session into another project, without what that project does not have.

    Raises:
        Invalid: as `plan` and `service.add`; also for an environment that the viewer does not see, or that is
            archived.
        Forbidden: the viewer does not configure the other project.
    """
    found = await plan(db, access, session, target_slug)
    copied = await service.add(
        db,
        found.target,
        kinds=kinds,
        environment=found.environment,
        version=found.version,
        name=name or found.name,
        **found.configuration,
    )
    return found, copied


async def _resources(db: AsyncSession, target: Access, session: Session, found: Configuration) -> list[str]:
    own = next(iter((await resources.of_sessions(db, [session])).values()), None)
    if session.disk_gib is not None:
        found["disk_gib"] = session.disk_gib
    if own is not None:
        if own.slug in {one.slug for one in await resources.offered(db, target.viewer)}:
            found["resource_class"] = own.slug
            return []
        return [f"The resource class {own.name}, which is not offered to you"]
    if await resources.classes_are_needed(db):
        return ["Its numbers of CPU and memory: every session is of a class here"]
    found["cpus"], found["memory_gib"] = session.cpus, session.memory_gib
    return []


async def _repositories(
    db: AsyncSession, access: Access, target: Access, session: Session, found: Configuration
) -> Iterator[str]:
    there = {each.url: each for each in await repositories.listing(db, target.project.id)}
    wanted = choices.cloned(session, await repositories.listing(db, access.project.id))
    if session.repositories is not None:
        found["repositories"] = [
            RepositoryChoice(there[each.url].id, session.repositories.get(each.id))
            for each, _ in wanted
            if each.url in there
        ]
    return _missing("repository", [each for each, _ in wanted if each.url not in there], target)


async def _storages(
    db: AsyncSession, access: Access, target: Access, session: Session, found: Configuration
) -> Iterator[str]:
    there = {(each.kind, place_of(each)): each for each in await storages.listing(db, target.project.id)}
    wanted = choices.mounted(session, await storages.listing(db, access.project.id))
    if session.storages is not None:
        found["storages"] = [
            StorageChoice(there[place].id, read_only)
            for each, read_only in wanted
            if (place := (each.kind, place_of(each))) in there
        ]
    gone = [each for each, _ in wanted if (each.kind, place_of(each)) not in there]
    return _missing("storage", gone, target)


async def _secrets(
    db: AsyncSession, access: Access, target: Access, session: Session, found: Configuration
) -> list[str]:
    """Secrets are the projects' own; variables that the other project's set are theirs."""
    there = await secrets.listing(db, target.project.id)
    names, set_there = {each.name for each in there}, {each.variable for each in there}
    found["variables"] = {name: value for name, value in session.variables.items() if name not in set_there}
    name = target.project.name
    here = await secrets.listing(db, access.project.id)
    return [
        *(f"The secret {each.name}, which {name} does not have" for each in here if each.name not in names),
        *(
            f"The variable {each}, which a secret of {name} sets"
            for each in session.variables
            if each in set_there
        ),
    ]


def _missing(kind: str, gone: list[Repository] | list[Storage], target: Access) -> Iterator[str]:
    return (f"The {kind} {each.folder}, which {target.project.name} does not have" for each in gone)
