"""Which version of which environment a session is pinned to."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments import editing, front_ends
from sessions_api.environments import service as environments
from sessions_api.environments.content import Content
from sessions_api.environments.kinds import Kinds
from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit.errors import Conflict, FieldError, Invalid, NotFound
from sessions_api.projects.service import Access
from sessions_api.sessions.tables import Session
from sessions_api.web import words


@dataclass(frozen=True, slots=True)
class NewEnvironment:
    """An environment that is made together with its first session.

    Attributes:
        visibility: `projects` is the project of the session.
    """

    name: str
    visibility: str
    content: Content


async def choose(
    db: AsyncSession,
    access: Access,
    environment: str | NewEnvironment,
    number: int | None,
    *,
    kinds: Kinds,
) -> tuple[Environment, EnvironmentVersion]:
    """What a new session is made from, by slug or id, or made now; without a number it is the newest version.

    The project's row is held.

    Raises:
        Invalid: the viewer sees no such environment, it has no such version, it is archived
            (`environment_archived`, links to its successor), or it does not run here
            (`environment_unsupported`).
    """
    if isinstance(environment, NewEnvironment):
        chosen = await _made(db, access, environment)
    else:
        chosen = await _open(db, access, environment)
    if number is None:
        pinned = await environments.latest(db, chosen.id)
    else:
        pinned = await _version(db, chosen, number)
    _require_runs_here(chosen, pinned, "environment" if number is None else "version", kinds=kinds)
    return chosen, pinned


async def _made(db: AsyncSession, access: Access, new: NewEnvironment) -> Environment:
    return await editing.create(
        db,
        access.viewer,
        content=new.content,
        name=new.name,
        visibility=new.visibility,
        shared=[access.project.slug] if new.visibility == "projects" else [],
    )


async def _open(db: AsyncSession, access: Access, slug_or_id: str) -> Environment:
    try:
        chosen = await environments.get(db, access.viewer, slug_or_id)
        await environments.require_open(db, access.viewer, chosen)
    except NotFound as missing:
        raise Invalid.field("environment", missing.detail) from missing
    except Conflict as refused:
        raise _refused("environment", refused) from refused
    return chosen


async def pin(db: AsyncSession, access: Access, session: Session, number: int, *, kinds: Kinds) -> None:
    """Moves a session to another version of its environment, newer or older.

    A session goes on with the version that was chosen for it whatever becomes of the environment; it gets no
    other one from what was put away or is not shared with whoever asks.

    Raises:
        Invalid: there is no such version, the viewer does not see the environment
            (`environment_not_shared`), it is archived (`environment_archived`), or the version does not run
            here (`environment_unsupported`).
    """
    environment = await _environment_of(db, session)
    pinned = await _version(db, environment, number)
    if pinned.id == session.version_id:
        return
    try:
        await environments.require_visible(db, access.viewer, environment)
        await environments.require_open(db, access.viewer, environment)
    except Conflict as refused:
        raise _refused("version", refused) from refused
    _require_runs_here(environment, pinned, "version", kinds=kinds)
    session.version_id = pinned.id


async def front_end(db: AsyncSession, session: Session, wanted: str, field: str, *, kinds: Kinds) -> str:
    """The name of the front end that a session wants, as its version calls it.

    Raises:
        Invalid: the version has none of that name (`front_end_missing`); said of `field`.
    """
    version = await environments.version(db, session.version_id)
    found = front_ends.named(version, wanted, kinds.computer)
    if found is None:
        environment = await _environment_of(db, session)
        has = words.listed(tuple(each.name for each in front_ends.all_of(version, kinds.computer)))
        way = "" if field == "front_end" else " together with the version"
        raise Invalid.field(
            field,
            f"Version {version.number} of {environment.name} has no front end {wanted}; it has "
            f"{has}. Choose one that it has{way} in the session's configuration.",
            code="front_end_missing",
        )
    return found.name


async def require_open(db: AsyncSession, access: Access, session: Session) -> None:
    """Lets sessions through whose environment new ones are made from.

    Raises:
        Conflict: it is archived (`environment_archived`, links to its successor).
    """
    await environments.require_open(db, access.viewer, await _environment_of(db, session))


async def _environment_of(db: AsyncSession, session: Session) -> Environment:
    return (await environments.by_ids(db, [session.environment_id]))[session.environment_id]


async def _version(db: AsyncSession, environment: Environment, number: int) -> EnvironmentVersion:
    try:
        return await environments.numbered(db, environment, number)
    except NotFound as missing:
        newest = await environments.latest(db, environment.id)
        raise Invalid.field(
            "version", f"{missing.detail} The newest is {newest.number}.", value=str(newest.number)
        ) from missing


def _require_runs_here(
    environment: Environment, version: EnvironmentVersion, field: str, *, kinds: Kinds
) -> None:
    try:
        environments.require_runs_here(environment, version, kinds=kinds)
    except Conflict as refused:
        raise _refused(field, refused) from refused


def _refused(field: str, refused: Conflict) -> Invalid:
    """What stands in the way of a value, at its field; with what to do, which forms show there."""
    told = f"{refused.detail} {refused.hint}"
    errors = [FieldError(field=field, detail=told)]
    return Invalid(told, code=refused.code, errors=errors, links=refused.links)
