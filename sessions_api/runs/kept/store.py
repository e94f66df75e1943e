"""SQL of what is kept of stopped sessions."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Project
from sessions_api.runs.tables import KeptWork
from sessions_api.sessions.tables import Session

_REMOVED = (
    select(Session.id)
    .join(Project, Project.id == Session.project_id)
    .where(Session.removed_at.is_not(None) | Project.removed_at.is_not(None))
)


def _can_be_started_from(now: datetime) -> ColumnElement[bool]:
    return and_(KeptWork.state == "ready", KeptWork.expires_at > now, KeptWork.session_id.not_in(_REMOVED))


async def get(db: AsyncSession, kept_id: str) -> KeptWork | None:
    """One, by id."""
    return await db.get(KeptWork, kept_id)


async def of_run(db: AsyncSession, run_id: str) -> KeptWork | None:
    """What is or was to be kept of a run."""
    return await db.scalar(
        select(KeptWork).where(KeptWork.run_id == run_id).execution_options(populate_existing=True)
    )


async def forget_run(db: AsyncSession, run_id: str) -> None:
    """Nothing of a run is to be kept."""
    await db.execute(delete(KeptWork).where(KeptWork.run_id == run_id))


async def move(db: AsyncSession, run_id: str, other_id: str) -> None:
    """What was to be kept of a run is to be kept of another one."""
    await db.execute(update(KeptWork).where(KeptWork.run_id == run_id).values(run_id=other_id))


async def of_sessions(db: AsyncSession, viewer: Viewer, session_ids: Sequence[str]) -> Sequence[KeptWork]:
    """What is kept for the viewer of the sessions, and what could not be, the newest first."""
    found = await db.scalars(
        select(KeptWork)
        .where(KeptWork.person == viewer.name, KeptWork.session_id.in_(session_ids))
        .order_by(KeptWork.id.desc())
    )
    return found.all()


async def of_runs(db: AsyncSession, run_ids: Sequence[str], now: datetime) -> Sequence[KeptWork]:
    """What is kept of the runs, and can be started from."""
    found = await db.scalars(select(KeptWork).where(KeptWork.run_id.in_(run_ids), _can_be_started_from(now)))
    return found.all()


async def page(
    db: AsyncSession, viewer: Viewer, paging: Paging, *, project_id: str | None, now: datetime
) -> Sequence[KeptWork]:
    """What is kept for the viewer, the newest first."""
    found = await db.scalars(
        select(KeptWork)
        .where(
            KeptWork.person == viewer.name,
            _can_be_started_from(now),
            KeptWork.project_id == project_id if project_id else true(),
            KeptWork.id < paging.after if paging.after else true(),
        )
        .order_by(KeptWork.id.desc())
        .limit(paging.limit + 1)
    )
    return found.all()


async def forget_over(db: AsyncSession, now: datetime) -> None:
    """Forgets what is not kept any longer: its time is over, or its session was removed."""
    over = or_(KeptWork.expires_at <= now, KeptWork.session_id.in_(_REMOVED))
    await db.execute(delete(KeptWork).where(KeptWork.state != "wanted", over))


async def held(db: AsyncSession) -> dict[str, str]:
    """The state of all that is kept or about to be, by id."""
    found = await db.execute(select(KeptWork.id, KeptWork.state).where(KeptWork.state != "failed"))
    return dict(found.all())


async def forget(db: AsyncSession, ids: Collection[str]) -> None:
    """Forgets some."""
    await db.execute(delete(KeptWork).where(KeptWork.id.in_(ids)))
