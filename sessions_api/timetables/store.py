"""SQL of timetables."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Member, Project, ProjectGroup
from sessions_api.rights.store import project_ids
from sessions_api.sessions.tables import Session
from sessions_api.timetables.parts import Due, Whole
from sessions_api.timetables.tables import Timetable, TimetableEntry


async def _whole(db: AsyncSession, timetables: Sequence[Timetable]) -> list[Whole]:
    found = await db.scalars(
        select(TimetableEntry)
        .where(TimetableEntry.timetable_id.in_([each.id for each in timetables]))
        .execution_options(populate_existing=True)
    )
    entries = {(entry.timetable_id, entry.what): entry for entry in found}
    return [Whole(one, entries.get((one.id, "start")), entries.get((one.id, "pause"))) for one in timetables]


async def of_sessions(db: AsyncSession, person: str, session_ids: Sequence[str]) -> list[Whole]:
    """A person's timetables of the sessions."""
    found = await db.scalars(
        select(Timetable).where(Timetable.person == person, Timetable.session_id.in_(session_ids))
    )
    return await _whole(db, found.all())


async def hold(db: AsyncSession, person: str, session_id: str) -> Whole | None:
    """A person's timetable of a session, held with its times until the transaction ends."""
    found = await db.scalar(
        select(Timetable)
        .where(Timetable.person == person, Timetable.session_id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        return None
    await db.scalars(
        select(TimetableEntry.what).where(TimetableEntry.timetable_id == found.id).with_for_update()
    )
    return (await _whole(db, [found]))[0]


async def listing(db: AsyncSession, viewer: Viewer, paging: Paging, *, everybody: bool) -> list[Whole]:
    """The viewer's timetables, or everybody's, newest first, one more than asked for if there is."""
    seen = and_(Timetable.person == viewer.name, Timetable.project_id.in_(project_ids(viewer)))
    found = await db.scalars(
        select(Timetable)
        .where(true() if everybody else seen, Timetable.id < paging.after if paging.after else true())
        .order_by(Timetable.id.desc())
        .limit(paging.limit + 1)
    )
    return await _whole(db, found.all())


async def due(db: AsyncSession, now: datetime, before: timedelta) -> Sequence[Due]:
    """The times that have come, those of a pause so long before, the first of them first.

    What was let pass and is yet to come is among them: the clock was set back since.
    """
    found = await db.execute(
        select(TimetableEntry.timetable_id, TimetableEntry.what, Timetable.person, Timetable.session_id)
        .join(Timetable, Timetable.id == TimetableEntry.timetable_id)
        .where(
            or_(
                and_(TimetableEntry.what == "start", TimetableEntry.next_at <= now),
                and_(TimetableEntry.what == "pause", TimetableEntry.next_at <= now + before),
                TimetableEntry.passed_at > now,
            )
        )
        .order_by(TimetableEntry.next_at, TimetableEntry.timetable_id)
    )
    return [Due(*row) for row in found]


async def take(db: AsyncSession, wanted: Due) -> tuple[Timetable, TimetableEntry] | None:
    """A time, held until the transaction ends; None: it is gone, or another replica is at it."""
    found = await db.execute(
        select(Timetable, TimetableEntry)
        .join(TimetableEntry, Timetable.id == TimetableEntry.timetable_id)
        .where(Timetable.id == wanted.timetable_id, TimetableEntry.what == wanted.what)
        .with_for_update(skip_locked=True, of=TimetableEntry)
        .execution_options(populate_existing=True)
    )
    row = found.first()
    return None if row is None else (row[0], row[1])


async def orphans(db: AsyncSession) -> Sequence[tuple[str, str]]:
    """Person and session of timetables whose session is gone, or that their person can see no more.

    Whoever may see a project by a group of the hub's is asked about when their time has come.
    """
    member = select(Member.person).where(
        Member.project_id == Timetable.project_id, Member.person == Timetable.person
    )
    grouped = select(ProjectGroup.group).where(ProjectGroup.project_id == Timetable.project_id)
    unseen = and_(Project.visibility != "public", ~member.exists(), ~grouped.exists())
    found = await db.execute(
        select(Timetable.person, Timetable.session_id)
        .join(Project, Project.id == Timetable.project_id)
        .join(Session, Session.id == Timetable.session_id)
        .where(or_(Session.removed_at.is_not(None), Project.removed_at.is_not(None), unseen))
    )
    return [(row[0], row[1]) for row in found]


async def remove(db: AsyncSession, timetable_id: str) -> None:
    """Removes a timetable with its times."""
    await db.execute(delete(Timetable).where(Timetable.id == timetable_id))
