"""SQL of what is known of running sessions' activity."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.runs.tables import Run, RunLife


async def running(db: AsyncSession) -> Sequence[Run]:
    """Everybody's runs that run and are to go on."""
    found = await db.scalars(select(Run).where(Run.phase == "running", Run.wish == "run").order_by(Run.id))
    return found.all()


async def lives(db: AsyncSession, run_ids: Sequence[str]) -> Sequence[RunLife]:
    """What is known of the runs, of all their attempts."""
    found = await db.scalars(select(RunLife).where(RunLife.run_id.in_(run_ids)))
    return found.all()


async def newest_life(db: AsyncSession, run: Run) -> RunLife | None:
    """What is known of the run's last attempt, as it is in the database now; the run is held."""
    return await db.get(RunLife, (run.id, run.attempt), populate_existing=True)
