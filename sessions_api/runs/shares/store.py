"""SQL of shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.people.viewer import Viewer
from sessions_api.projects.tables import Member, Project
from sessions_api.runs.shares.tables import RunShare
from sessions_api.runs.tables import Run


@dataclass(frozen=True, slots=True)
class Found:
    """A share and the run that it is of.

    Attributes:
        holds: whether it still lets somebody in, by all that is known here.
    """

    share: RunShare
    run: Run
    holds: bool


def _holds(now: datetime) -> ColumnElement[bool]:
    """Whether a share lets somebody in: not ended, in its time, of a run that runs, of a member."""
    belongs = (
        select(Member.person)
        .join(Project, Project.id == Member.project_id)
        .where(
            Member.project_id == Run.project_id,
            Member.person == RunShare.person,
            Project.removed_at.is_(None),
        )
        .correlate(Run, RunShare)
    )
    return and_(
        RunShare.ended_at.is_(None),
        RunShare.expires_at > now,
        RunShare.attempt == Run.attempt,
        Run.phase == "running",
        Run.wish == "run",
        belongs.exists(),
    )


async def of_run(db: AsyncSession, run_id: str, now: datetime, paging: Paging) -> Sequence[RunShare]:
    """Whom a run is shared with, newest first, one more than asked for if there is."""
    found = await db.scalars(
        select(RunShare)
        .join(Run, Run.id == RunShare.run_id)
        .where(
            RunShare.run_id == run_id,
            _holds(now),
            RunShare.id < paging.after if paging.after else true(),
        )
        .order_by(RunShare.id.desc())
        .limit(paging.limit + 1)
    )
    return found.all()


async def people_of_runs(db: AsyncSession, run_ids: Sequence[str], now: datetime) -> dict[str, list[str]]:
    """The people that each of the runs is shared with, by name."""
    found = await db.execute(
        select(RunShare.run_id, RunShare.person)
        .join(Run, Run.id == RunShare.run_id)
        .where(RunShare.run_id.in_(run_ids), _holds(now))
        .order_by(RunShare.person)
    )
    people: dict[str, list[str]] = {}
    for run_id, person in found:
        people.setdefault(run_id, []).append(person)
    return people


async def with_viewer(
    db: AsyncSession, viewer: Viewer, now: datetime, paging: Paging, *, project_id: str | None
) -> Sequence[tuple[RunShare, Run]]:
    """What others share with the viewer, newest first, one more than asked for if there is."""
    found = await db.execute(
        select(RunShare, Run)
        .join(Run, Run.id == RunShare.run_id)
        .where(
            RunShare.person == viewer.name,
            _holds(now),
            Run.project_id == project_id if project_id else true(),
            RunShare.id < paging.after if paging.after else true(),
        )
        .order_by(RunShare.id.desc())
        .limit(paging.limit + 1)
    )
    return [(share, run) for share, run in found]


async def get(db: AsyncSession, run_id: str, share_id: str) -> RunShare | None:
    """A share of a run, whether it still lets somebody in or not."""
    return await db.scalar(select(RunShare).where(RunShare.run_id == run_id, RunShare.id == share_id))


async def open_of(db: AsyncSession, run: Run) -> Sequence[RunShare]:
    """The shares of the run's last attempt that nobody has ended."""
    found = await db.scalars(
        select(RunShare).where(
            RunShare.run_id == run.id, RunShare.attempt == run.attempt, RunShare.ended_at.is_(None)
        )
    )
    return found.all()


async def unsettled(db: AsyncSession, now: datetime, seen_since: datetime) -> list[Found]:
    """What JupyterHub is compared with: shares that let somebody in, or that it may not have withdrawn yet.

    Those withdrawn after `seen_since` too: another process may have granted late what this one withdrew.
    """
    found = await db.execute(
        select(RunShare, Run, _holds(now))
        .join(Run, Run.id == RunShare.run_id)
        .where(or_(RunShare.withdrawn_at.is_(None), RunShare.withdrawn_at > seen_since))
        .order_by(RunShare.id)
    )
    return [Found(share, run, holds) for share, run, holds in found]


async def hold(db: AsyncSession, share_id: str) -> RunShare | None:
    """A share, held until the transaction ends."""
    return await db.scalar(
        select(RunShare)
        .where(RunShare.id == share_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def holds(db: AsyncSession, share_id: str, now: datetime) -> bool:
    """Whether a share lets somebody in now."""
    return bool(
        await db.scalar(
            select(func.count())
            .select_from(RunShare)
            .join(Run, Run.id == RunShare.run_id)
            .where(RunShare.id == share_id, _holds(now))
        )
    )
