"""Starting and resuming: which run answers, and whether there is room for it.

Fifty starts at once. Every one tries to write a run that holds the slot (person, project, environment). The
slot is unique, so one is written and the others find it: they answer with the same run. A run gives its slot
back the moment its end is wished for, and a new one that is written then stays queued until the old server
is gone.

What is taken from a pool is decided while the pool's row is held (`places.service`): held before any run is,
so that two starts never wait for each other.
"""

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.verbs import Verb
from sessions_api.environments import service as environments
from sessions_api.environments.kinds import Kinds
from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict, Invalid
from sessions_api.kit.ids import new_id, server_name
from sessions_api.projects.service import Access
from sessions_api.resources import service as resources
from sessions_api.runs import service, store
from sessions_api.runs.kept import service as kept
from sessions_api.runs.places import limits, refusing
from sessions_api.runs.places import service as places
from sessions_api.runs.places.limits import Demand
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.tables import Run
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session


def require_variables(session: Session, wanted: Iterable[str]) -> None:
    """Lets through what a launch, or a link to one, may set: variables that the session's configuration has.

    Raises:
        Invalid: one is none of them (`variable_unknown`).
    """
    for name in wanted:
        if name not in session.variables:
            has = ", ".join(session.variables) or "none"
            raise Invalid.field(
                f"variables.{name}",
                f"{session.name} has no variable {name}, so that it cannot be set at a start; it has: {has}.",
                code="variable_unknown",
            )


def _slot(person: str, project_id: str, environment_id: str) -> str:
    return f"{person} {project_id} {environment_id}"


async def start(
    db: AsyncSession,
    access: Access,
    session: Session,
    overrides: Overrides,
    *,
    kinds: Kinds,
    by_timetable: bool = False,
) -> Run:
    """Starts a session for the viewer, resumes it when it is paused, or answers with what is live already.

    With `overrides.anew` a paused session starts as it is configured now: a new run, with the same /work.
    Where the pool of its class is full, the run waits in the pool's line. `by_timetable` says that the viewer
    is not there and wants this by a timetable of theirs.

    Raises:
        Conflict: another session of the project with the same environment holds the place; the error
            links to it. Or the session's version of its environment does not run here
            (`environment_unsupported`), it is of no class where that is needed (`class_needed`), or a limit
            is reached (`limit_reached`, with what holds it).
        Forbidden: its class is for others (`class_for_others`).
        NotFound: the session was removed this moment, or what it is to be started from is not kept.
        Invalid: a variable is none of the session's configuration (`variable_unknown`).
    """
    require_variables(session, overrides.variables)
    await sessions.share(db, session)
    person = access.viewer.name
    slot = _slot(person, access.project.id, session.environment_id)
    newest = (await store.latest(db, person, [session.id])).get(session.id)
    if newest is not None and newest.phase == "running" and newest.wish in {"pause", "resume"}:
        return await _resume(db, access, session, newest, slot, by_timetable=by_timetable)
    if newest is not None and newest.phase == "paused" and newest.wish != "stop" and not overrides.anew:
        return await _resume(db, access, session, newest, slot, by_timetable=by_timetable)
    if overrides.kept is not None:
        await kept.require(db, access.viewer, session, overrides.kept, newest)
    holder = await store.by_slot(db, slot)
    if holder is None:
        environment = (await environments.by_ids(db, [session.environment_id]))[session.environment_id]
        version = await environments.version(db, session.version_id)
        environments.require_runs_here(environment, version, kinds=kinds)
        demand = await limits.of_session(db, access.viewer, session)
        holder = await _hold_pool(db, demand, slot)
        if holder is None:
            run = await _begin(db, access, _new_run(access, session, slot, overrides, newest), demand)
            if run is not None:
                service.told(db, access, Verb.RUN_START, session, run, by_timetable=by_timetable)
                return run
            holder = await store.by_slot(db, slot)
    if holder is None:
        raise Conflict("Another start of the same environment ended this moment.", hint="Start it again.")
    if holder.session_id == session.id:
        return holder
    raise _held(holder)


async def restart(db: AsyncSession, access: Access, session: Session, *, kinds: Kinds) -> Run:
    """Pauses the viewer's running session and starts it as it is configured now, with the same /work.

    Both are wished for at once, so that nobody has to wait in between: the new run begins when the server of
    the old one is gone. What does not run is started, with the changes where it is paused; what is refused
    leaves the session running.

    Raises:
        Conflict, Forbidden, NotFound: as `start`.
    """
    await sessions.share(db, session)
    anew = Overrides(anew=True)
    newest = (await store.latest(db, access.viewer.name, [session.id])).get(session.id)
    if newest is None:
        return await start(db, access, session, anew, kinds=kinds)
    environment = (await environments.by_ids(db, [session.environment_id]))[session.environment_id]
    version = await environments.version(db, session.version_id)
    environments.require_runs_here(environment, version, kinds=kinds)
    demand = await limits.of_session(db, access.viewer, session)
    if demand is not None:
        await resources.hold_pool(db, demand.pool.id)
    held = await store.hold(db, newest.id)
    if held is None or (held.phase, held.wish) != ("running", "run"):
        return await start(db, access, session, anew, kinds=kinds)
    held.wish, held.slot = "pause", None
    service.record_status(db, held)
    await db.flush()
    slot = _slot(access.viewer.name, access.project.id, session.environment_id)
    run = await _begin(db, access, _new_run(access, session, slot, anew, newest), demand)
    if run is None:
        raise Conflict("Another start of the same environment came first.", hint="Try it again.")
    service.told(db, access, Verb.RUN_PAUSE, session, held)
    service.told(db, access, Verb.RUN_START, session, run)
    return run


async def _hold_pool(db: AsyncSession, demand: Demand | None, slot: str) -> Run | None:
    """The run that took the slot while the pool was waited for, if one did."""
    if demand is None:
        return None
    await resources.hold_pool(db, demand.pool.id)
    return await store.by_slot(db, slot)


async def _begin(db: AsyncSession, access: Access, run: Run, demand: Demand | None) -> Run | None:
    """Writes a new run; None: another one took its slot this moment."""
    if demand is not None:
        await limits.require_room(db, access, demand)
        places.take(run, demand)
        run.waits_since = run.created_at
    try:
        async with db.begin_nested():
            db.add(run)
            await db.flush()
    except IntegrityError:
        return None
    if demand is not None:
        await places.review(db, demand.pool.id)
    service.record_status(db, run)
    return run


def _held(holder: Run) -> Conflict:
    return Conflict(
        "Another of your sessions in this project runs the same environment.",
        code="environment_in_use",
        hint="Open that one, or pause it first.",
        links={"run": f"/runs/{holder.id}"},
    )


async def _resume(
    db: AsyncSession, access: Access, session: Session, found: Run, slot: str, *, by_timetable: bool
) -> Run:
    demand = await limits.of_run(db, access.viewer, found) if found.wish != "resume" else None
    if demand is not None:
        await resources.hold_pool(db, demand.pool.id)
    run = await store.hold(db, found.id)
    assert run is not None  # noqa: S101 - it was read a moment ago and runs are never deleted
    holder = await store.by_slot(db, slot)
    if holder is not None and holder.id != run.id:
        raise _held(holder)
    if run.wish == "resume":
        return run
    if demand is not None:
        await limits.require_room(db, access, demand, but=run.id)
        places.take(run, demand)
        # What runs still has its place, and keeps it.
        run.waits_since = clock.now() if run.phase == "paused" else None
    if refusing.was_refused(run):
        run.reason = None
    run.wish = "resume"
    run.groups = sorted(access.viewer.groups)
    run.slot = slot
    try:
        async with db.begin_nested():
            await db.flush()
    except IntegrityError:
        await db.refresh(run)
        raise Conflict(
            "Another of your sessions in this project just started the same environment.",
            code="environment_in_use",
            hint="Pause that one first.",
        ) from None
    if demand is not None:
        await places.review(db, demand.pool.id)
    service.record_status(db, run)
    service.told(db, access, Verb.RUN_RESUME, session, run, by_timetable=by_timetable)
    return run


def _new_run(access: Access, session: Session, slot: str, overrides: Overrides, newest: Run | None) -> Run:
    """The run, not written yet; its id makes it the newest of its session, whatever the clock says."""
    now = clock.now()
    return Run(
        id=new_id(after=newest.id if newest else ""),
        person=access.viewer.name,
        project_id=access.project.id,
        session_id=session.id,
        environment_id=session.environment_id,
        version_id=session.version_id,
        server=server_name(access.project.slug, session.slug, session.id),
        slot=slot,
        phase="queued",
        wish="run",
        attempt=1,
        spec=None,
        overrides=overrides.model_dump(),
        reason=None,
        url="",
        created_at=now,
        launched_at=now,
        asked=0,
        groups=sorted(access.viewer.groups),
        reporter="",
        reported=0,
    )
