"""SQL of runs that are to have another size."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.runs.tables import Run


async def under_way(db: AsyncSession) -> Sequence[Run]:
    """The running runs that are to have another size, or were refused one."""
    found = await db.scalars(
        select(Run).where(Run.phase == "running", Run.wish == "run", Run.resize.is_not(None))
    )
    return found.all()
