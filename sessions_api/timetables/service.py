"""Rules of timetables: whose they are, and what is written down of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.audit.verbs import Verb
from sessions_api.kit import clock, etags
from sessions_api.kit.db import notify
from sessions_api.kit.errors import Invalid, NotFound
from sessions_api.kit.ids import new_id
from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.projects.service import Access
from sessions_api.rights.policy import require_administrator
from sessions_api.runs import service as runs
from sessions_api.runs.life import service as life
from sessions_api.sessions.tables import Session
from sessions_api.timetables import moments, store
from sessions_api.timetables.parts import Wanted, Whole
from sessions_api.timetables.tables import Timetable, TimetableEntry


async def of_sessions(db: AsyncSession, person: str, session_ids: Sequence[str]) -> dict[str, Whole]:
    """A person's timetables of the sessions, by the session's id; in two statements."""
    found = await store.of_sessions(db, person, session_ids)
    return {each.timetable.session_id: each for each in found}


async def get(db: AsyncSession, access: Access, session: Session) -> Whole:
    """The viewer's own timetable of a session.

    Raises:
        NotFound: they have none.
    """
    found = (await of_sessions(db, access.viewer.name, [session.id])).get(session.id)
    if found is None:
        raise _none(session)
    return found


async def listing(db: AsyncSession, viewer: Viewer, paging: Paging) -> Sequence[Whole]:
    """The viewer's own, newest first, one more than asked for if there is."""
    return await store.listing(db, viewer, paging, everybody=False)


async def everybodys(db: AsyncSession, viewer: Viewer, paging: Paging) -> Sequence[Whole]:
    """Everybody's, newest first.

    Raises:
        Forbidden: the viewer does not administer the platform.
    """
    require_administrator(viewer)
    return await store.listing(db, viewer, paging, everybody=True)


async def put(
    db: AsyncSession,
    access: Access,
    session: Session,
    *,
    zone: str,
    times: Mapping[str, Wanted | None],
    if_match: str | None = None,
) -> Whole:
    """Gives a session times of the viewer's own, in the place of those that they gave it before.

    `times` says of `start` and of `pause` when; a time that stays as it was goes on as it was.

    Raises:
        Invalid: there is no such time zone, or neither time is given (`no_times`).
        Stale: they were changed since `if_match`.
    """
    if zone not in moments.zones():
        raise Invalid.field(
            "zone", f"There is no time zone {zone}; name one as Europe/Berlin or UTC.", code="zone_unknown"
        )
    if not any(times.values()):
        raise Invalid.field("start", "Say when it is to start, or when to pause.", code="no_times")
    await projects.lock(db, access)
    found = await store.hold(db, access.viewer.name, session.id)
    etags.require(if_match, found.timetable.revision if found else 0, f"Your times of {session.name}")
    now = clock.now()
    timetable = found.timetable if found else _new(access, session, zone, now)
    before = {"start": found.start, "pause": found.pause} if found else {}
    moved = found is None or timetable.zone != zone
    changed = [what for what, wanted in times.items() if moved or not _same(before.get(what), wanted)]
    if not changed and found is not None:
        return found
    if found is None:
        db.add(timetable)
        await db.flush()
    else:
        timetable.zone, timetable.updated_at = zone, now
        timetable.revision += 1
    for what in changed:
        if (old := before.get(what)) is not None:
            await db.delete(old)
            await db.flush()
        if (wanted := times[what]) is not None:
            db.add(_entry(timetable, what, wanted, now))
    if "pause" in changed:
        await _take_back(db, timetable)
    said = {what: wanted.at for what, wanted in times.items() if wanted is not None}
    projects.record(db, access, Verb.TIMETABLE_PUT, session.name, thing=session.id, zone=zone, **said)
    await db.flush()
    notify(db, runs.person_topic(timetable.person))
    return await get(db, access, session)


def _same(entry: TimetableEntry | None, wanted: Wanted | None) -> bool:
    if entry is None or wanted is None:
        return entry is None and wanted is None
    return (entry.at, tuple(entry.days)) == (wanted.at, wanted.days)


async def remove(db: AsyncSession, access: Access, session: Session, *, if_match: str | None = None) -> None:
    """Takes the viewer's times of a session away.

    Raises:
        NotFound: they have none.
        Stale: they were changed since `if_match`.
    """
    await projects.lock(db, access)
    found = await store.hold(db, access.viewer.name, session.id)
    if found is None:
        raise _none(session)
    etags.require(if_match, found.timetable.revision, f"Your times of {session.name}")
    await _take_back(db, found.timetable)
    await store.remove(db, found.timetable.id)
    projects.record(db, access, Verb.TIMETABLE_REMOVE, session.name, thing=session.id)
    notify(db, runs.person_topic(access.viewer.name))


async def _take_back(db: AsyncSession, timetable: Timetable) -> None:
    """A pause that has not happened yet does not, now that its time is another one."""
    run = (await runs.latest(db, timetable.person, [timetable.session_id])).get(timetable.session_id)
    if run is not None:
        await life.pause_from(db, run, None)


def next_of(entry: TimetableEntry, zone: str, after: datetime) -> datetime:
    """When a time comes next, later than `after`."""
    return moments.following(after, time.fromisoformat(entry.at), entry.days, ZoneInfo(zone))


def _none(session: Session) -> NotFound:
    return NotFound(f"{session.name} has no times of yours.", hint="Give it some with PUT.")


def _new(access: Access, session: Session, zone: str, now: datetime) -> Timetable:
    return Timetable(
        id=new_id(),
        person=access.viewer.name,
        project_id=access.project.id,
        session_id=session.id,
        zone=zone,
        created_at=now,
        updated_at=now,
        revision=1,
    )


def _entry(timetable: Timetable, what: str, wanted: Wanted, now: datetime) -> TimetableEntry:
    entry = TimetableEntry(
        timetable_id=timetable.id,
        what=what,
        at=wanted.at,
        days=list(wanted.days),
        passed_at=None,
        told=None,
    )
    entry.next_at = next_of(entry, timetable.zone, now)
    return entry
