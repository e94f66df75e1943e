"""What happens when a time has come.

Deciding, acting and moving on to the next time are one transaction, which holds the time's row: whatever is
killed, and however many replicas look, a time is acted on once or not yet. The session's row is held first,
as a removal does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit import service as audit
from sessions_api.audit.service import By
from sessions_api.audit.verbs import Verb
from sessions_api.environments.kinds import Kinds
from sessions_api.kit.db import notify
from sessions_api.kit.errors import NotFound, Problem
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs import service as runs
from sessions_api.runs import starting
from sessions_api.runs.life import service as life
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.states import LIVE
from sessions_api.sessions import service as sessions
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.sessions.tables import Session
from sessions_api.timetables import service, store
from sessions_api.timetables.outcomes import Outcome
from sessions_api.timetables.parts import Due
from sessions_api.timetables.tables import Timetable, TimetableEntry
from sessions_api.web import words

PATIENCE = timedelta(minutes=30)
"""How late is better than not at all; what is later than this is let pass."""
LATE = timedelta(minutes=1)
"""From when on it is said that it was late."""


async def due(db: AsyncSession, now: datetime, lifetimes: Lifetimes) -> list[Due]:
    """The times that have come; those of pauses as long before as a pause is announced."""
    return list(await store.due(db, now, lifetimes.warning))


async def act(
    db: AsyncSession,
    wanted: Due,
    viewer: Viewer | None,
    *,
    now: datetime,
    kinds: Kinds,
    lifetimes: Lifetimes,
    hub_away: bool = False,
) -> None:
    """Does what is due, unless somebody did; `viewer` is the person as the hub knows them now.

    While the hub is away a start waits for it, until it is too late.
    """
    session = await sessions.by_id(db, wanted.session_id)
    try:
        await sessions.share(db, session)
    except NotFound:
        return
    found = await store.take(db, wanted)
    if found is None:
        return
    timetable, entry = found
    if entry.passed_at is not None and entry.passed_at > now:
        entry.next_at, entry.passed_at, entry.told = entry.passed_at, None, None
    begins = entry.next_at - (lifetimes.warning if entry.what == "pause" else timedelta())
    if now < begins:
        return
    if now - entry.next_at >= PATIENCE:
        outcome = _skipped(timetable, entry, now, hub_away=hub_away)
        entry.passed_at = entry.next_at
    elif entry.what == "pause":
        outcome = await _pause(db, timetable, entry, now)
    elif hub_away:
        return
    else:
        started = await _start(db, timetable, entry, session, viewer, now=now, kinds=kinds)
        if started is None:
            return
        outcome = started
    entry.told = outcome.model_dump(mode="json")
    entry.next_at = service.next_of(entry, timetable.zone, max(entry.next_at, now))
    await db.flush()
    notify(db, runs.person_topic(timetable.person))


def _skipped(timetable: Timetable, entry: TimetableEntry, now: datetime, *, hub_away: bool) -> Outcome:
    who = "JupyterHub" if hub_away else "Sojourn"
    verb = "started" if entry.what == "start" else "paused"
    return Outcome(
        due=entry.next_at,
        at=now,
        became="skipped",
        sentence=f"It was not {verb} at {_clock(entry, timetable)}, because {who} was away.",
    )


def _clock(entry: TimetableEntry, timetable: Timetable) -> str:
    """The time that it is there when it is due: `Monday 08:30`."""
    return f"{entry.next_at.astimezone(ZoneInfo(timetable.zone)):%A %H:%M}"


async def _start(
    db: AsyncSession,
    timetable: Timetable,
    entry: TimetableEntry,
    session: Session,
    viewer: Viewer | None,
    *,
    now: datetime,
    kinds: Kinds,
) -> Outcome | None:
    """Starts the session as its person would; None: the timetable went with their access."""
    base = {"due": entry.next_at, "at": now}
    if viewer is None:
        sentence = f"JupyterHub does not know {timetable.person} any more."
        return Outcome(**base, became="refused", code="person_unknown", sentence=sentence)
    project = (await projects.by_ids(db, [timetable.project_id]))[timetable.project_id]
    try:
        access = await projects.access(db, viewer, project.slug)
    except NotFound:
        await _forget(db, timetable, session)
        return None
    newest = (await runs.latest(db, timetable.person, [session.id])).get(session.id)
    there = newest is not None and (
        newest.wish == "resume" or (newest.phase in LIVE and newest.wish == "run")
    )
    try:
        async with db.begin_nested():
            run = await starting.start(db, access, session, Overrides(), kinds=kinds, by_timetable=True)
    except Problem as problem:
        return Outcome(
            **base, became="refused", code=problem.code, sentence=problem.detail, hint=problem.hint
        )
    if there:
        return Outcome(**base, became="live", run=run.id)
    late = now - entry.next_at
    more = f", {words.span(late)} late: Sojourn was away" if late >= LATE else ""
    sentence = f"It was started by your times of it, at {_clock(entry, timetable)}{more}."
    runs.record(db, run, "log", {"source": "sojourn", "text": sentence})
    became = "resumed" if newest is not None and newest.id == run.id else "started"
    return Outcome(**base, became=became, run=run.id, sentence=sentence if more else "")


async def _pause(db: AsyncSession, timetable: Timetable, entry: TimetableEntry, now: datetime) -> Outcome:
    """Has what runs pause from then on, once nobody uses it; what was started later goes on."""
    run = (await runs.latest(db, timetable.person, [timetable.session_id])).get(timetable.session_id)
    asked = (
        run is not None and run.launched_at <= entry.next_at and await life.pause_from(db, run, entry.next_at)
    )
    if not asked or run is None:
        return Outcome(due=entry.next_at, at=now, became="nothing")
    return Outcome(due=entry.next_at, at=now, became="pausing", run=run.id)


async def tidy(db: AsyncSession, person: str, session_id: str) -> None:
    """Removes a timetable that was an orphan a moment ago, if it still is one."""
    found = await store.hold(db, person, session_id)
    if found is not None and (person, session_id) in await store.orphans(db):
        await _forget(db, found.timetable, await sessions.by_id(db, session_id))


async def orphans(db: AsyncSession) -> list[tuple[str, str]]:
    """Person and session of the timetables whose session is gone, or is none of the person's any more."""
    return list(await store.orphans(db))


async def _forget(db: AsyncSession, timetable: Timetable, session: Session) -> None:
    project = (await projects.by_ids(db, [timetable.project_id]))[timetable.project_id]
    audit.record(
        db,
        By.SYSTEM,
        Verb.TIMETABLE_REMOVE,
        session.name,
        thing=session.id,
        project=project,
        of=timetable.person,
    )
    await store.remove(db, timetable.id)
