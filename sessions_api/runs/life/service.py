"""Rules of sessions that pause by themselves: what is learned, announced, put off and done.

All of it happens while the run is held: of two replicas one announces and one pauses, and who extends a
session at the same moment has done so before the pause, or is told that it pauses.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict, Invalid
from sessions_api.projects.service import Access
from sessions_api.runs import service, wishes
from sessions_api.runs import store as runs
from sessions_api.runs.life import plans, store
from sessions_api.runs.life.plans import Plan, Step
from sessions_api.runs.states import LIVE
from sessions_api.runs.tables import Run, RunLife
from sessions_api.sessions import service as sessions
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.sessions.tables import Session
from sessions_api.web import words
from spawner.reasons import Reason

EXTENSION = timedelta(hours=1)
"""For how long a pause by a timetable is put off where a session may be idle as long as it likes."""
SAME = timedelta(minutes=1)
"""What is put off by less than this was put off already."""


async def running(db: AsyncSession) -> Sequence[Run]:
    """Everybody's runs that run and are to go on."""
    return await store.running(db)


async def of_runs(db: AsyncSession, found: Sequence[Run]) -> dict[str, RunLife]:
    """What is known of those of the runs that run, by the run's id; in one statement."""
    attempts = {run.id: run.attempt for run in found if run.phase == "running"}
    known = await store.lives(db, list(attempts)) if attempts else ()
    return {life.run_id: life for life in known if life.attempt == attempts[life.run_id]}


def begun(run: Run, active_at: datetime, now: datetime) -> RunLife:
    """What is known of a session of which nothing was."""
    return RunLife(run_id=run.id, attempt=run.attempt, active_at=active_at, learned_at=now)


async def look_at(
    db: AsyncSession,
    run: Run,
    active_at: datetime,
    lifetimes: Lifetimes,
    now: datetime,
    *,
    certain: bool,
) -> Step:
    """Learns when a running session was active, and does what follows; says what that was.

    `run` may have been read some time ago; `certain` is as of `plans.step`.
    """
    held = await runs.hold(db, run.id)
    if held is None or (held.phase, held.wish, held.attempt) != ("running", "run", run.attempt):
        return Step.NOTHING
    life = await _life(db, held, active_at, now)
    if active_at > life.active_at:
        life.active_at, life.learned_at = active_at, now
    session = await sessions.by_id(db, held.session_id)
    planned = plans.plan(held, life, session, lifetimes)
    wanted = plans.step(life, planned, now, certain=certain)
    match wanted:
        case Step.ANNOUNCE if planned is not None:
            _announce(db, held, life, planned, now)
        case Step.WITHDRAW:
            _withdraw(db, held, life)
        case Step.PAUSE:
            await wishes.pause_by_itself(db, held, _reason(life, session, lifetimes))
    await db.flush()
    return wanted


async def keep_alive(
    db: AsyncSession,
    access: Access,
    session: Session,
    run: Run,
    *,
    until: datetime | None,
    lifetimes: Lifetimes,
) -> Run:
    """Puts off that a running session of the viewer's pauses; without `until`, for as long as it may be idle.

    Asking twice changes nothing the second time. How long it may run in all stays.

    Raises:
        Conflict: it does not run (`nothing_to_keep`), or would neither pause for want of activity nor by a
            timetable (`never_idle`).
        Invalid: that is in the past, or later than the installation allows (`too_long`).
    """
    now = clock.now()
    held = await runs.hold(db, run.id)
    if held is None or (held.phase, held.wish) != ("running", "run"):
        raise Conflict(
            f"{session.name} does not run, so there is nothing to keep alive.",
            code="nothing_to_keep",
            hint="Resume it first.",
        )
    idle = lifetimes.idle(session)
    life = await _life(db, held, held.ready_at or now, now)
    if idle is None and life.pause_from is None:
        raise Conflict(f"{session.name} never pauses for want of activity.", code="never_idle")
    before = life.keep_until
    life.keep_until = (
        _extended(before, now + (idle or EXTENSION)) if until is None else _allowed(until, now, lifetimes)
    )
    if before is None or abs(life.keep_until - before) >= SAME:
        service.told(db, access, Verb.RUN_KEEP, session, held)
    planned = plans.plan(held, life, session, lifetimes)
    if plans.step(life, planned, now, certain=False) is Step.WITHDRAW:
        _withdraw(db, held, life)
    else:
        _tell(db, held, life)
    await db.flush()
    return held


async def pause_from(db: AsyncSession, run: Run, at: datetime | None) -> bool:
    """Has a live run pause from a time on, once nobody uses it; None: not any more. False: it is not live."""
    held = await runs.hold(db, run.id)
    if held is None or held.phase not in LIVE or held.wish != "run":
        return False
    life = (
        await store.newest_life(db, held) if at is None else await _life(db, held, _began(held), clock.now())
    )
    if life is not None:
        life.pause_from = at
        await db.flush()
    return True


def _began(run: Run) -> datetime:
    return run.ready_at or run.launched_at


async def _life(db: AsyncSession, held: Run, active_at: datetime, now: datetime) -> RunLife:
    life = await store.newest_life(db, held)
    if life is None:
        life = begun(held, active_at, now)
        db.add(life)
    return life


def _extended(before: datetime | None, until: datetime) -> datetime:
    return until if before is None or until - before >= SAME else before


def _allowed(until: datetime, now: datetime, lifetimes: Lifetimes) -> datetime:
    latest = now + lifetimes.keep_alive
    if until <= now:
        raise Invalid.field("until", "This is in the past; say a time that is to come.")
    if until > latest:
        raise Invalid.field(
            "until",
            f"{words.span(lifetimes.keep_alive)} from now are the most; it can be asked for again.",
            value=latest.isoformat(),
            code="too_long",
        )
    return until


def _announce(db: AsyncSession, run: Run, life: RunLife, planned: Plan, now: datetime) -> None:
    life.pauses_at, life.cause = max(planned.at, now + planned.before), planned.cause
    _tell(db, run, life)


def _withdraw(db: AsyncSession, run: Run, life: RunLife) -> None:
    life.pauses_at = life.cause = None
    _tell(db, run, life)


def _tell(db: AsyncSession, run: Run, life: RunLife) -> None:
    at = life.pauses_at.isoformat() if life.pauses_at else None
    service.record(db, run, "warning", {"pauses_at": at, "pauses_for": life.cause})


def _reason(life: RunLife, session: Session, lifetimes: Lifetimes) -> Reason:
    if life.cause == "life":
        return Reason(
            code="paused_life",
            sentence=f"It was paused because it had run for {words.span(lifetimes.life(session))}.",
            hint="Its /work is kept. How long it may run is in its configuration.",
        )
    if life.cause == "time":
        return Reason(
            code="paused_time",
            sentence="It was paused because your times of it said so, and nobody used it.",
            hint="Its /work is kept. When it pauses is among its times.",
        )
    return Reason(
        code="paused_idle",
        sentence=f"It was paused because it was idle for {words.span(lifetimes.idle(session))}.",
        hint="Its /work is kept. How long it may be idle is in its configuration.",
    )
