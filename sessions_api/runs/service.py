"""Rules of runs: what becomes of one by what a person wishes, and by what a server's end means."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.service import By
from sessions_api.audit.verbs import Verb
from sessions_api.environments.proofs import service as proofs
from sessions_api.kit import clock
from sessions_api.kit.db import Database, notify
from sessions_api.kit.errors import NotFound
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.projects.service import topic as project_topic
from sessions_api.rights.policy import is_own
from sessions_api.runs import metrics, states, store
from sessions_api.runs.kept import service as kept
from sessions_api.runs.lines import Lines
from sessions_api.runs.resizing import wish
from sessions_api.runs.tables import Run, RunEvent, RunStage
from sessions_api.sessions import service as sessions
from sessions_api.sessions.tables import Session
from spawner.reasons import Reason
from spawner.reports import Wish

MOST_LINES = 5000
"""Lines of a log that are answered with at once."""
LINES_AT_ONCE = 1000
"""Lines that a download reads at once."""
_KEPT = frozenset({"paused", "failed", "succeeded"})
"""Where a run that began leaves its /work, for itself or for the next."""
HOLDING = states.LIVE | {"paused"}

DRIVER = "driver"
"""What is notified when the driver has something to do."""


_ON_CARDS = {"stage", "queue", "warning"}
"""Kinds of events that pages with many sessions show too."""


@dataclass(frozen=True, slots=True)
class Place:
    """The attempt that a live run is at, and the node that this was seen on; None: not yet."""

    attempt: int
    node: str | None


ADMINS = "admins"
"""What is notified when anybody's run changes, as pages of administrators show it."""


def run_topic(run_id: str) -> str:
    """What is notified when anything happens to a run."""
    return f"run:{run_id}"


def person_topic(person: str) -> str:
    """What is notified when the status of any of a person's runs changes."""
    return f"person:{person}"


def record(db: AsyncSession, run: Run, kind: str, data: dict[str, Any], at: datetime | None = None) -> None:
    """Writes an event of the run and wakes who watches it."""
    db.add(RunEvent(run_id=run.id, attempt=run.attempt, at=at or clock.now(), kind=kind, data=data))
    notify(db, run_topic(run.id), *((person_topic(run.person), ADMINS) if kind in _ON_CARDS else ()))


def record_status(db: AsyncSession, run: Run) -> None:
    """Writes that phase or wish changed, and wakes everybody whom that concerns."""
    record(db, run, "status", {"phase": run.phase, "wish": run.wish, "attempt": run.attempt})
    notify(db, person_topic(run.person), project_topic(run.project_id), DRIVER, ADMINS)


def told(
    db: AsyncSession, access: Access, verb: Verb, session: Session, run: Run, *, by_timetable: bool = False
) -> None:
    """Writes into the audit log what somebody, or for them their timetable, did with a run of a session."""
    how = {"by_timetable": True} if by_timetable else {}
    projects.record(db, access, verb, session.name, thing=run.id, **how)


async def told_of(db: AsyncSession, by: Viewer | By, verb: Verb, run: Run, **details: Any) -> None:
    """Writes into the audit log what was done with somebody's run, by whoever it was."""
    project = (await projects.by_ids(db, [run.project_id]))[run.project_id]
    session = await sessions.by_id(db, run.session_id)
    audit.record(db, by, verb, session.name, thing=run.id, project=project, of=run.person, **details)


async def own(db: AsyncSession, viewer: Viewer, run_id: str) -> Run:
    """One of the viewer's own runs.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    run = await store.get(db, run_id)
    if run is None or not is_own(viewer, run):
        raise _unknown(run_id)
    return run


async def get(db: AsyncSession, run_id: str) -> Run:
    """Anybody's run, for whom the policy lets know of it.

    Raises:
        NotFound: there is none.
    """
    run = await store.get(db, run_id)
    if run is None:
        raise _unknown(run_id)
    return run


def _unknown(run_id: str) -> NotFound:
    """What is answered about a run that there is not, or not for who asks."""
    return NotFound(f"There is no run {run_id}.")


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
    return await store.history(db, viewer, paging, project_id=project_id, session_id=session_id)


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


async def begun(db: AsyncSession, run: Run, attempt: int) -> datetime:
    """When an attempt of the run began."""
    if attempt == run.attempt:
        return run.launched_at
    first = next(iter(await store.stages(db, run.id, attempt)), None)
    return first.started_at if first is not None and first.started_at is not None else run.created_at


async def log_tail(db: AsyncSession, run: Run, wanted: Lines, most: int) -> Sequence[RunEvent]:
    """The last lines of the run's log that are wanted, oldest first."""
    return await store.log_tail(db, run.id, wanted, most)


async def log_sources(db: AsyncSession, run: Run) -> Sequence[tuple[int, str]]:
    """What wrote lines of the run's log: attempt and container."""
    return await store.log_sources(db, run.id)


async def whole_log(database: Database, run_id: str, wanted: Lines) -> AsyncIterator[RunEvent]:
    """All lines of a run's log that are wanted, oldest first, read in batches."""
    after = 0
    while True:
        async with database.read() as db:
            batch = await store.log_after(db, run_id, wanted, after, LINES_AT_ONCE)
        for event in batch:
            yield event
        if len(batch) < LINES_AT_ONCE:
            return
        after = batch[-1].id


async def newest_on_server(db: AsyncSession, person: str, server: str) -> Run | None:
    """The person's newest run that the hub knows as `server`."""
    return await store.newest_on_server(db, person, server)


async def live_ids(db: AsyncSession, run_ids: Sequence[str]) -> set[str]:
    """Those of the runs that are live."""
    return await store.live_ids(db, run_ids)


async def live_places(db: AsyncSession, run_ids: Sequence[str]) -> dict[str, Place]:
    """Where each of the runs is that is live."""
    return {run_id: Place(*place) for run_id, place in (await store.live_places(db, run_ids)).items()}


async def note_nodes(db: AsyncSession, nodes: Mapping[str, str | None]) -> None:
    """Writes down on which node of the cluster each of the runs was seen, for administrators."""
    await store.note_nodes(db, nodes)


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


def no_longer_waiting(run: Run) -> None:
    """Takes the run out of the line before its pool: it was let in, or is not wanted any more."""
    run.waits_since = None
    run.position = None
    run.expected_at = None


async def became_ready(db: AsyncSession, run: Run, url: str, at: datetime) -> None:
    """Makes a launching run running, which proves the version that it runs; `run` is held."""
    if run.phase != "launching":
        return
    run.phase = states.step(run.phase, "running")
    run.url = url
    run.ready_at = at
    metrics.launched(run)
    await proofs.worked(db, run.version_id, seconds=max(0.0, (at - run.launched_at).total_seconds()), at=at)
    record_status(db, run)


async def ended(
    db: AsyncSession, run: Run, reason: Reason | None, at: datetime, *, by: By = By.SYSTEM
) -> None:
    """Makes of a run what its server's end means; `run` is held. `by` says so, where nobody wished it."""
    if run.phase not in states.LIVE:
        return
    if run.wish == "run":
        await told_of(db, by, Verb.RUN_END, run, reason=reason.code if reason else None)
    if run.phase != "running":
        metrics.launch_ended(reason.code if reason else None)
        if reason and run.wish == "run":
            await proofs.failed(db, run.version_id, reason, at)
    run.phase = states.step(run.phase, await _phase_after_end(db, run, has_reason=reason is not None))
    await store.forget_samples(db, run.id)
    wish.forget(run)
    if run.phase == "failed" and reason:
        run.reason = reason.model_dump(mode="json")
        run.failed_at, run.failed_code = at, reason.code
        metrics.failed(reason.code)
    elif run.wish != "pause":
        # Of a pause that nobody asked for, why stands there already.
        run.reason = None
    run.ended_at = at
    if run.wish != "resume":
        run.slot = None
    if run.wish in {"pause", "cancel"}:
        run.wish = "run"
    await _end_stages(db, run, at, failed=reason is not None)
    record_status(db, run)


async def _end_stages(db: AsyncSession, run: Run, at: datetime, *, failed: bool) -> None:
    for stage in await store.stages(db, run.id, run.attempt):
        if stage.state == "now":
            stage.state = "fail" if failed else "next"
            stage.ended_at = at


async def _phase_after_end(db: AsyncSession, run: Run, *, has_reason: bool) -> states.Phase:
    before = await store.begun_before(db, run)
    has_work = run.attempt > 1 or (before is not None and before.phase in _KEPT)
    return states.phase_after_end(run.phase, run.wish, has_work=has_work, has_reason=has_reason)


async def count_by_phase(db: AsyncSession) -> dict[str, int]:
    """How many runs there are in each phase."""
    return await store.count_by_phase(db)


def stopped(db: AsyncSession, run: Run, at: datetime) -> None:
    """Closes a run of which nothing is left; `run` is held."""
    run.phase = states.step(run.phase, "stopped")
    run.wish = "run"
    run.ended_at = at
    record_status(db, run)


async def take_over(db: AsyncSession, run: Run) -> bool:
    """Closes the paused run that a queued one follows, which has its /work from now on; `run` is held.

    False: that one still has a server, or is being removed.
    """
    before = await store.begun_before(db, run)
    if before is None:
        return True
    if before.phase in states.LIVE or before.wish == "stop":
        return False
    if before.phase == "paused":
        before.phase = states.step(before.phase, "succeeded")
        record_status(db, before)
    return True


async def hand_on(db: AsyncSession, run: Run, at: datetime) -> bool:
    """Stops, in the place of a held run that never began, the one before it, if that has the /work."""
    before = None if run.spec is not None else await store.begun_before(db, run)
    if before is None or before.phase not in {*states.LIVE, "paused", "failed"}:
        return False
    before.wish, before.slot = "stop", None
    await kept.hand_on(db, run.id, before.id)
    record_status(db, before)
    stopped(db, run, at)
    return True


async def wish_of(db: AsyncSession, run_id: str) -> Wish:
    """What is wished of a run now; of one that is over, its end.

    Raises:
        NotFound: there is no such run.
    """
    run = await get(db, run_id)
    return Wish(wish=run.wish if run.phase in states.LIVE else "cancel")
