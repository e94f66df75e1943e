"""SQL of secrets."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.paging import Paging
from sessions_api.secrets.tables import Secret


async def listing(db: AsyncSession, project_id: str) -> Sequence[Secret]:
    """All secrets of a project, in the order in which they were added."""
    found = await db.scalars(select(Secret).where(Secret.project_id == project_id).order_by(Secret.id))
    return found.all()


async def page(db: AsyncSession, project_id: str, paging: Paging) -> Sequence[Secret]:
    """Secrets of a project, one more than asked for if there is."""
    found = await db.scalars(
        select(Secret)
        .where(Secret.project_id == project_id, Secret.id > paging.after if paging.after else true())
        .order_by(Secret.id)
        .limit(paging.limit + 1)
    )
    return found.all()


async def get(db: AsyncSession, project_id: str, name_or_id: str, *, locked: bool = False) -> Secret | None:
    """One secret; `locked`: held until the transaction ends."""
    query = select(Secret).where(
        Secret.project_id == project_id,
        or_(Secret.id == name_or_id, func.lower(Secret.name) == name_or_id.lower()),
    )
    return await db.scalar(query.with_for_update() if locked else query)


async def sealed_length(db: AsyncSession, project_id: str) -> int:
    """How many characters the sealed values of a project have together."""
    total = select(func.sum(func.length(Secret.sealed))).where(Secret.project_id == project_id)
    return int(await db.scalar(total) or 0)


async def remove(db: AsyncSession, secret_id: str) -> None:
    """Deletes a secret's row."""
    await db.execute(delete(Secret).where(Secret.id == secret_id))


async def remove_all(db: AsyncSession, project_id: str) -> None:
    """Deletes all secrets of a project."""
    await db.execute(delete(Secret).where(Secret.project_id == project_id))


async def sealed_after(db: AsyncSession, after: str, most: int) -> Sequence[tuple[str, str]]:
    """Ids and sealed values of any projects' secrets, in the order of their ids."""
    found = await db.execute(
        select(Secret.id, Secret.sealed).where(Secret.id > after).order_by(Secret.id).limit(most)
    )
    return [(row[0], row[1]) for row in found]


async def replace_sealed(db: AsyncSession, secret_id: str, before: str, sealed: str) -> None:
    """Replaces a sealed value, unless somebody was faster."""
    await db.execute(
        update(Secret).where(Secret.id == secret_id, Secret.sealed == before).values(sealed=sealed)
    )


async def named(db: AsyncSession, project_id: str, names: Collection[str]) -> Sequence[Secret]:
    """Those of a project's secrets that have one of the names, as they are written."""
    found = await db.scalars(
        select(Secret).where(Secret.project_id == project_id, Secret.name.in_(names)).order_by(Secret.id)
    )
    return found.all()
