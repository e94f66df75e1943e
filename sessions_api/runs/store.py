"""SQL of runs, stages and events."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.runs.states import LIVE
from sessions_api.runs.tables import Run, RunEvent, RunStage

MOST_EVENTS = 5000
"""Events kept for one run: the launch, and the tail of what the session says while it runs."""

_UNSETTLED = or_(
    Run.phase == "queued",
    and_(Run.phase == "launching", or_(Run.wish != "run", Run.asked_at.is_(None))),
    and_(Run.phase == "running", Run.wish != "run"),
    and_(Run.phase.in_(("paused", "failed")), Run.wish.in_(("stop", "resume"))),
)


async def get(db: AsyncSession, run_id: str) -> Run | None:
    """A run by id."""
    return await db.get(Run, run_id)


async def hold(db: AsyncSession, run_id: str) -> Run | None:
    """A run by id, held until the transaction ends."""
    return await db.scalar(
        select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    )


async def by_slot(db: AsyncSession, slot: str) -> Run | None:
    """The run that holds a slot, held until the transaction ends."""
    return await db.scalar(select(Run).where(Run.slot == slot).with_for_update())


async def latest(db: AsyncSession, person: str, session_ids: Sequence[str]) -> dict[str, Run]:
    """A person's newest run of each session."""
    newest = (
        select(func.max(Run.id))
        .where(Run.person == person, Run.session_id.in_(session_ids))
        .group_by(Run.session_id)
    )
    found = await db.scalars(select(Run).where(Run.id.in_(newest)))
    return {run.session_id: run for run in found}


async def history(
    db: AsyncSession, person: str, paging: Paging, *, project_id: str | None, session_id: str | None
) -> Sequence[Run]:
    """A person's runs, newest first."""
    found = await db.scalars(
        select(Run)
        .where(
            Run.person == person,
            Run.project_id == project_id if project_id else true(),
            Run.session_id == session_id if session_id else true(),
            Run.id < paging.after if paging.after else true(),
        )
        .order_by(Run.id.desc())
        .limit(paging.limit + 1)
    )
    return found.all()


async def live_of_person(db: AsyncSession, person: str) -> Sequence[Run]:
    """A person's live runs, newest first."""
    found = await db.scalars(
        select(Run).where(Run.person == person, Run.phase.in_(LIVE)).order_by(Run.id.desc()).limit(100)
    )
    return found.all()


async def live(db: AsyncSession) -> Sequence[Run]:
    """Everybody's live runs."""
    found = await db.scalars(select(Run).where(Run.phase.in_(LIVE)))
    return found.all()


async def newest(
    db: AsyncSession, phases: Collection[str], *, project_id: str | None = None, session_id: str | None = None
) -> Sequence[Run]:
    """Everybody's newest run of each session of a project, or of one session, if in one of the phases."""
    ids = (
        select(func.max(Run.id))
        .where(
            Run.project_id == project_id if project_id else true(),
            Run.session_id == session_id if session_id else true(),
        )
        .group_by(Run.person, Run.session_id)
    )
    found = await db.scalars(select(Run).where(Run.id.in_(ids), Run.phase.in_(phases)).order_by(Run.id))
    return found.all()


def _free_for(owner: str, now: datetime) -> ColumnElement[bool]:
    return or_(Run.lease_until.is_(None), Run.lease_until < now, Run.lease_owner == owner)


async def unsettled(db: AsyncSession, owner: str, now: datetime) -> Sequence[str]:
    """Ids of the runs that something is to be done about and no other than `owner` is doing it."""
    found = await db.scalars(select(Run.id).where(_UNSETTLED, _free_for(owner, now)).order_by(Run.id))
    return found.all()


async def lease(db: AsyncSession, run_id: str, *, owner: str, now: datetime, until: datetime) -> bool:
    """Takes a run for `owner`; False when somebody else has it."""
    taken = await db.execute(
        update(Run)
        .where(
            Run.id == run_id, or_(Run.lease_until.is_(None), Run.lease_until < now, Run.lease_owner == owner)
        )
        .values(lease_owner=owner, lease_until=until)
    )
    return taken.rowcount == 1  # type: ignore[attr-defined, no-any-return]


async def release(db: AsyncSession, run_id: str, owner: str) -> None:
    """Gives a run back."""
    await db.execute(
        update(Run)
        .where(Run.id == run_id, Run.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )


async def others_under_way(db: AsyncSession, run: Run) -> bool:
    """Whether an earlier run of the same person, project and environment still has a server."""
    return bool(
        await db.scalar(
            select(func.count())
            .select_from(Run)
            .where(
                Run.person == run.person,
                Run.project_id == run.project_id,
                Run.environment_id == run.environment_id,
                Run.id != run.id,
                or_(
                    Run.phase.in_(("launching", "running")),
                    and_(Run.phase.in_(("paused", "failed")), Run.wish == "stop"),
                ),
            )
        )
    )


async def stages(db: AsyncSession, run_id: str, attempt: int) -> Sequence[RunStage]:
    """The stages of one attempt, in their order."""
    found = await db.scalars(
        select(RunStage)
        .where(RunStage.run_id == run_id, RunStage.attempt == attempt)
        .order_by(RunStage.position)
    )
    return found.all()


async def stages_of(db: AsyncSession, run_ids: Sequence[str]) -> Sequence[RunStage]:
    """The stages of several runs, in their order; all attempts."""
    found = await db.scalars(
        select(RunStage)
        .where(RunStage.run_id.in_(run_ids))
        .order_by(RunStage.run_id, RunStage.attempt, RunStage.position)
    )
    return found.all()


async def remove_stages(db: AsyncSession, run_id: str, attempt: int) -> None:
    """Forgets the stages of one attempt, to plan them again."""
    await db.execute(delete(RunStage).where(RunStage.run_id == run_id, RunStage.attempt == attempt))


async def recent_successes(db: AsyncSession, session_ids: Sequence[str], most: int) -> Sequence[Run]:
    """The newest runs of the sessions that became ready, by anyone, at most `most` a session."""
    ranked = (
        select(
            Run.id,
            func.row_number().over(partition_by=Run.session_id, order_by=Run.id.desc()).label("place"),
        )
        .where(Run.session_id.in_(session_ids), Run.ready_at.is_not(None))
        .subquery()
    )
    found = await db.scalars(select(Run).join(ranked, Run.id == ranked.c.id).where(ranked.c.place <= most))
    return found.all()


async def events(db: AsyncSession, run_id: str, after: int, most: int) -> Sequence[RunEvent]:
    """Events after one, in their order."""
    found = await db.scalars(
        select(RunEvent)
        .where(RunEvent.run_id == run_id, RunEvent.id > after)
        .order_by(RunEvent.id)
        .limit(most)
    )
    return found.all()


async def log_tail(db: AsyncSession, run_id: str, most: int) -> Sequence[RunEvent]:
    """The last lines of the log, oldest first."""
    found = await db.scalars(
        select(RunEvent)
        .where(RunEvent.run_id == run_id, RunEvent.kind == "log")
        .order_by(RunEvent.id.desc())
        .limit(most)
    )
    return found.all()[::-1]


async def trim_events(db: AsyncSession, run_id: str) -> None:
    """Forgets the oldest events of a run that says very much."""
    oldest_kept = (
        select(RunEvent.id)
        .where(RunEvent.run_id == run_id)
        .order_by(RunEvent.id.desc())
        .offset(MOST_EVENTS)
        .limit(1)
        .scalar_subquery()
    )
    await db.execute(delete(RunEvent).where(RunEvent.run_id == run_id, RunEvent.id <= oldest_kept))


async def live_ids(db: AsyncSession, run_ids: Sequence[str]) -> set[str]:
    """Those of the runs that are live."""
    found = await db.scalars(select(Run.id).where(Run.id.in_(run_ids), Run.phase.in_(LIVE)))
    return set(found)


async def count_by_phase(db: AsyncSession) -> dict[str, int]:
    """How many runs there are in each phase."""
    found = await db.execute(select(Run.phase, func.count()).group_by(Run.phase))
    return dict(found.all())


async def set_values(db: AsyncSession, run_id: str, **values: Any) -> None:
    """Changes columns of a run."""
    await db.execute(update(Run).where(Run.id == run_id).values(**values))


async def newest_on_server(db: AsyncSession, person: str, server: str) -> Run | None:
    """A person's newest run that has or had the server of that name."""
    return await db.scalar(
        select(Run).where(Run.person == person, Run.server == server).order_by(Run.id.desc()).limit(1)
    )


async def not_at_rest(db: AsyncSession, person: str, project_ids: Sequence[str]) -> Sequence[Run]:
    """The person's newest run of each session in the projects, where something runs, is kept or failed."""
    newest = (
        select(func.max(Run.id))
        .where(Run.person == person, Run.project_id.in_(project_ids))
        .group_by(Run.session_id)
    )
    found = await db.scalars(
        select(Run)
        .where(Run.id.in_(newest), Run.phase.in_((*LIVE, "paused", "failed")))
        .order_by(Run.id.desc())
    )
    return found.all()
