"""SQL of repositories."""

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.repositories.tables import Repository


async def listing(db: AsyncSession, project_id: str) -> Sequence[Repository]:
    """All repositories of a project, in the order in which they were added."""
    found = await db.scalars(
        select(Repository).where(Repository.project_id == project_id).order_by(Repository.id)
    )
    return found.all()


async def page(db: AsyncSession, project_id: str, paging: Paging) -> Sequence[Repository]:
    """Repositories of a project, one more than asked for if there is."""
    found = await db.scalars(
        select(Repository)
        .where(Repository.project_id == project_id, Repository.id > paging.after if paging.after else true())
        .order_by(Repository.id)
        .limit(paging.limit + 1)
    )
    return found.all()


async def get(
    db: AsyncSession, project_id: str, folder_or_id: str, *, locked: bool = False
) -> Repository | None:
    """One repository; `locked`: held until the transaction ends."""
    query = select(Repository).where(
        Repository.project_id == project_id,
        or_(Repository.id == folder_or_id, func.lower(Repository.folder) == folder_or_id.lower()),
    )
    return await db.scalar(query.with_for_update() if locked else query)


async def count(db: AsyncSession, project_id: str) -> int:
    """How many repositories the project has."""
    return await db.scalar(select(func.count()).where(Repository.project_id == project_id)) or 0


async def remove(db: AsyncSession, repository_id: str) -> None:
    """Deletes a repository's row."""
    await db.execute(delete(Repository).where(Repository.id == repository_id))
