"""SQL of storages."""

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.storages.tables import Storage


async def listing(db: AsyncSession, project_id: str) -> Sequence[Storage]:
    """All storages of a project, in the order in which they were added."""
    found = await db.scalars(select(Storage).where(Storage.project_id == project_id).order_by(Storage.id))
    return found.all()


async def page(db: AsyncSession, project_id: str, paging: Paging) -> Sequence[Storage]:
    """Storages of a project, one more than asked for if there is."""
    found = await db.scalars(
        select(Storage)
        .where(Storage.project_id == project_id, Storage.id > paging.after if paging.after else true())
        .order_by(Storage.id)
        .limit(paging.limit + 1)
    )
    return found.all()


async def get(
    db: AsyncSession, project_id: str, folder_or_id: str, *, locked: bool = False
) -> Storage | None:
    """One storage; `locked`: held until the transaction ends."""
    query = select(Storage).where(
        Storage.project_id == project_id,
        or_(Storage.id == folder_or_id, func.lower(Storage.folder) == folder_or_id.lower()),
    )
    return await db.scalar(query.with_for_update() if locked else query)


async def count(db: AsyncSession, project_id: str) -> int:
    """How many storages the project has."""
    return await db.scalar(select(func.count()).where(Storage.project_id == project_id)) or 0


async def remove(db: AsyncSession, storage_id: str) -> None:
    """Deletes a storage's row."""
    await db.execute(delete(Storage).where(Storage.id == storage_id))
