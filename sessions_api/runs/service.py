"""Rules of runs: what a person asks for, and what a server's end makes of a run.

Fifty starts at once. Every one tries to write a run that holds the slot (person, project, environment). The
slot is unique, so one is written and the others find it: they answer with the same run. A run gives its slot
back the moment its end is wished for, and a new one that is written then stays queued until the old server
is gone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Conflict, NotFound
from sessions_api.kit.ids import new_id, server_name
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Role, Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.projects.service import topic as project_topic
from sessions_api.runs import states, store
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.tables import Run, RunEvent, RunStage
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from spawner.reasons import Reason
from spawner.reports import Wish

MOST_LINES = store.MOST_EVENTS
HOLDING = states.LIVE | {"paused"}
STOPPABLE = HOLDING | {"failed"}

DRIVER = "driver"
"""What is notified when the driver has something to do."""


def run_topic(run_id: str) -> str:
    """What is notified when anything happens to a run."""
    return f"run:{run_id}"


def person_topic(person: str) -> str:
    """What is notified when the status of any of a person's runs changes."""
    return f"person:{person}"


def record(db: AsyncSession, run: Run, kind: str, data: dict[str, Any], at: datetime | None = None) -> None:
    """Writes an event of the run and wakes who watches it."""
    db.add(RunEvent(run_id=run.id, attempt=run.attempt, at=at or clock.now(), kind=kind, data=data))
    notify(db, run_topic(run.id), *((person_topic(run.person),) if kind == "stage" else ()))


def record_status(db: AsyncSession, run: Run) -> None:
    """Writes that phase or wish changed, and wakes everybody whom that concerns."""
    record(db, run, "status", {"phase": run.phase, "wish": run.wish, "attempt": run.attempt})
    notify(db, person_topic(run.person), project_topic(run.project_id), DRIVER)


async def own(db: AsyncSession, viewer: Viewer, run_id: str) -> Run:
    """One of the viewer's own runs.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    run = await store.get(db, run_id)
    if run is None or run.person != viewer.name:
        raise NotFound(f"There is no run {run_id}.")
    return run


async def latest(db: AsyncSession, person: str, session_ids: Sequence[str]) -> dict[str, Run]:
    """The person's newest run of each session: what the session's status is, for them."""
    return await store.latest(db, person, session_ids) if session_ids else {}


async def history(
    db: AsyncSession,
    viewer: Viewer,
    paging: Paging,
    *,
    project_id: str | None = None,
    session_id: str | None = None,
) -> Sequence[Run]:
    """The viewer's own runs, newest first."""
    return await store.history(db, viewer.name, paging, project_id=project_id, session_id=session_id)


async def stages(db: AsyncSession, run: Run) -> Sequence[RunStage]:
    """The stages of the run's last attempt, in their order."""
    return await store.stages(db, run.id, run.attempt)


async def stages_of(db: AsyncSession, runs: Sequence[Run]) -> dict[str, list[RunStage]]:
    """The stages of the last attempt of each run, in one statement."""
    attempts = {run.id: run.attempt for run in runs}
    found: dict[str, list[RunStage]] = {run.id: [] for run in runs}
    for stage in await store.stages_of(db, list(attempts)):
        if stage.attempt == attempts[stage.run_id]:
            found[stage.run_id].append(stage)
    return found


async def log_tail(db: AsyncSession, run: Run, most: int) -> Sequence[RunEvent]:
    """The last lines of the run's log, oldest first; at most `MOST_LINES` are kept."""
    return await store.log_tail(db, run.id, most)


async def newest_on_server(db: AsyncSession, person: str, server: str) -> Run | None:
    """The person's newest run that the hub knows as `server`."""
    return await store.newest_on_server(db, person, server)


async def live_ids(db: AsyncSession, run_ids: Sequence[str]) -> set[str]:
    """Those of the runs that are live."""
    return await store.live_ids(db, run_ids)


async def not_at_rest(db: AsyncSession, person: str, project_ids: Sequence[str]) -> Sequence[Run]:
    """The person's newest run of each session in the projects, where something runs, is kept or failed."""
    return await store.not_at_rest(db, person, project_ids)


async def live_of_person(db: AsyncSession, person: str) -> Sequence[Run]:
    """What the person has running now."""
    return await store.live_of_person(db, person)


async def held_of_session(db: AsyncSession, session_id: str) -> Sequence[Run]:
    """Everybody's runs of a session that hold something dear: a process, or the /work of a paused one."""
    return await store.newest(db, HOLDING, session_id=session_id)


async def held_of_project(db: AsyncSession, project_id: str) -> Sequence[Run]:
    """Everybody's runs in a project that hold something dear."""
    return await store.newest(db, HOLDING, project_id=project_id)


def _slot(person: str, project_id: str, environment_id: str) -> str:
    return f"{person} {project_id} {environment_id}"


async def start(db: AsyncSession, access: Access, session: Session, overrides: Overrides) -> Run:
    """Starts a session for the viewer, resumes it when it is paused, or answers with what is live already.

    Raises:
        Conflict: another session of the project with the same environment holds the place; the error
            links to it.
        NotFound: the session was removed this moment.
    """
    await sessions.share(db, session)
    person = access.viewer.name
    slot = _slot(person, access.project.id, session.environment_id)
    newest = (await store.latest(db, person, [session.id])).get(session.id)
    if newest is not None and newest.phase == "running" and newest.wish in {"pause", "resume"}:
        return await _resume(db, newest.id, slot)
    if newest is not None and newest.phase == "paused" and newest.wish != "stop":
        return await _resume(db, newest.id, slot)
    holder = await store.by_slot(db, slot)
    if holder is None:
        run = _new_run(access, session, slot, overrides)
        try:
            async with db.begin_nested():
                db.add(run)
                await db.flush()
        except IntegrityError:
            holder = await store.by_slot(db, slot)
        else:
            record_status(db, run)
            return run
    if holder is None:
        raise Conflict("Another start of the same environment ended this moment.", hint="Start it again.")
    if holder.session_id == session.id:
        return holder
    raise _held(holder)


def _held(holder: Run) -> Conflict:
    return Conflict(
        "Another of your sessions in this project runs the same environment.",
        code="environment_in_use",
        hint="Open that one, or pause it first.",
        links={"run": f"/runs/{holder.id}"},
    )


async def _resume(db: AsyncSession, run_id: str, slot: str) -> Run:
    run = await store.hold(db, run_id)
    assert run is not None  # noqa: S101 - it was read a moment ago and runs are never deleted
    holder = await store.by_slot(db, slot)
    if holder is not None and holder.id != run.id:
        raise _held(holder)
    if run.wish != "resume":
        run.wish = "resume"
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
        record_status(db, run)
    return run


def _new_run(access: Access, session: Session, slot: str, overrides: Overrides) -> Run:
    now = clock.now()
    return Run(
        id=new_id(),
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
        reporter="",
        reported=0,
    )


async def wish(db: AsyncSession, run: Run, wanted: str) -> Run:
    """Asks for a run's pause, stop or cancellation. Asking twice, or for what is so already, changes nothing.

    Raises:
        Conflict: nothing of it is there to be paused or cancelled.
    """
    held = await store.hold(db, run.id)
    assert held is not None  # noqa: S101 - it was read a moment ago and runs are never deleted
    if held.wish == "resume" and wanted in {"pause", "cancel"}:
        # What is still ending ends, and what is paused stays paused.
        return _wished(db, held, "pause" if held.phase in states.LIVE else "run")
    if held.wish == wanted or (wanted, held.phase) in {("pause", "paused"), ("stop", "stopped")}:
        return held
    if held.wish == "stop" or (wanted == "cancel" and held.wish == "pause"):
        # What loses nothing cannot take back what was asked for before.
        return held
    if not states.may_wish(held.phase, wanted):
        raise Conflict(
            f"This session is {states.status_of(held.phase)}, so there is nothing to {wanted}.",
            code=f"nothing_to_{wanted}",
        )
    return _wished(db, held, wanted)


def _wished(db: AsyncSession, held: Run, wanted: str) -> Run:
    held.wish = wanted
    held.slot = None
    if held.phase == "launching":
        held.asked_at = clock.now()
    record_status(db, held)
    return held


async def _stop(db: AsyncSession, runs: Sequence[Run]) -> None:
    for run in runs:
        await wish(db, run, "stop")


async def stop_all_of_session(db: AsyncSession, session_id: str) -> None:
    """Asks for the stop of everybody's runs of a session, which also deletes every /work of it."""
    await _stop(db, await store.newest(db, STOPPABLE, session_id=session_id))


async def remove_project(db: AsyncSession, access: Access, *, force: bool) -> None:
    """Removes a project, with `force` after asking for the stop of everybody's runs in it.

    Raises:
        Forbidden: only owners remove a project.
        Conflict: runs hold something, and `force` was not given; the error says of which sessions.
    """
    access.require(Role.OWNER)
    held = await held_of_project(db, access.project.id)
    if held and not force:
        named = await sessions.by_ids(db, {run.session_id for run in held})
        which = ", ".join(sorted(session.name for session in named.values()))
        raise Conflict(
            f"{access.project.name} has live or paused runs ({len(held)}) of {which}.",
            code="live_runs",
            hint="Stop them first, or repeat with ?force=true, which stops them and deletes their /work.",
        )
    await _stop(db, await store.newest(db, STOPPABLE, project_id=access.project.id))
    await projects.remove(db, access)


async def pause_all(db: AsyncSession) -> int:
    """Asks for the pause of everything that is live; says how many."""
    runs = await store.live(db)
    for run in runs:
        await wish(db, run, "cancel" if run.phase in {"queued", "launching"} else "pause")
    return len(runs)


def became_ready(db: AsyncSession, run: Run, url: str, at: datetime) -> None:
    """Makes a launching run running; `run` is held."""
    if run.phase != "launching":
        return
    run.phase = "running"
    run.url = url
    run.ready_at = at
    record_status(db, run)


async def ended(db: AsyncSession, run: Run, reason: Reason | None, at: datetime) -> None:
    """Makes of a run what its server's end means; `run` is held."""
    if run.phase not in states.LIVE:
        return
    run.phase = states.phase_after_end(run.phase, run.wish, run.attempt, has_reason=reason is not None)
    run.reason = reason.model_dump(mode="json") if run.phase == "failed" and reason else None
    run.ended_at = at
    if run.wish != "resume":
        run.slot = None
    if run.wish in {"pause", "cancel"}:
        run.wish = "run"
    for stage in await store.stages(db, run.id, run.attempt):
        if stage.state == "now":
            stage.state = "fail" if reason else "next"
            stage.ended_at = at
    record_status(db, run)


async def count_by_phase(db: AsyncSession) -> dict[str, int]:
    """How many runs there are in each phase."""
    return await store.count_by_phase(db)


def stopped(db: AsyncSession, run: Run, at: datetime) -> None:
    """Closes a run of which nothing is left; `run` is held."""
    run.phase = "stopped"
    run.wish = "run"
    run.ended_at = at
    record_status(db, run)


async def wish_of(db: AsyncSession, run_id: str) -> Wish:
    """What is wished of a run now; of one that is over, its end.

    Raises:
        NotFound: there is no such run.
    """
    run = await store.get(db, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.")
    return Wish(wish=run.wish if run.phase in states.LIVE else "cancel")
