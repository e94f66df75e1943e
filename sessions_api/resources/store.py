"""SQL of resource classes and pools."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.db import of_ids
from sessions_api.kit.paging import Paging
from sessions_api.resources.tables import ResourceClass, ResourcePool

Row = TypeVar("Row", ResourceClass, ResourcePool)

_TURNS = 7_363_014
"""Any number: those who change classes and pools do so one after the other."""


def sort_key(found: ResourceClass | ResourcePool) -> str:
    """What `page` sorts by: the administrator's order."""
    return f"{found.position:06}"


async def page(db: AsyncSession, paging: Paging, hidden: Collection[str]) -> Sequence[ResourceClass]:
    """Classes that are offered outside the hidden pools, one more than asked for if there is."""
    after = [] if paging.number is None else [ResourceClass.position > paging.number]
    found = await db.scalars(
        select(ResourceClass)
        .where(ResourceClass.withdrawn_at.is_(None), _outside(hidden), *after)
        .order_by(ResourceClass.position)
        .limit(paging.limit + 1)
    )
    return found.all()


def _outside(hidden: Collection[str]) -> ColumnElement[bool]:
    return or_(ResourceClass.pool_id.is_(None), ResourceClass.pool_id.not_in(hidden)) if hidden else true()


async def offered(db: AsyncSession, hidden: Collection[str]) -> Sequence[ResourceClass]:
    """All classes that are offered outside the hidden pools, in the administrator's order."""
    found = await db.scalars(
        select(ResourceClass)
        .where(ResourceClass.withdrawn_at.is_(None), _outside(hidden))
        .order_by(ResourceClass.position)
    )
    return found.all()


async def take_turns(db: AsyncSession) -> None:
    """Lets nobody else change classes or pools until the transaction ends; starts go on."""
    if db.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
        await db.execute(select(func.pg_advisory_xact_lock(_TURNS)))


async def every(db: AsyncSession) -> Sequence[ResourceClass]:
    """All classes there ever were, held until the transaction ends; what refers to them may be written."""
    found = await db.scalars(
        select(ResourceClass)
        .order_by(ResourceClass.slug)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def list_every(db: AsyncSession, table: type[Row]) -> Sequence[Row]:
    """All classes or pools there ever were: those that are there first, in the administrator's order."""
    found = await db.scalars(
        select(table).order_by(table.withdrawn_at.is_not(None), table.position, table.slug)
    )
    return found.all()


async def get(db: AsyncSession, slug_or_id: str) -> ResourceClass | None:
    """One class, offered or not."""
    return await db.scalar(
        select(ResourceClass).where(or_(ResourceClass.slug == slug_or_id, ResourceClass.id == slug_or_id))
    )


async def by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, ResourceClass]:
    """Classes by id."""
    return await of_ids(db, ResourceClass, ids)


async def of_slug(db: AsyncSession, table: type[Row], slug: str) -> Row:
    """The class or pool of a slug, which is there."""
    return (await db.scalars(select(table).where(table.slug == slug))).one()


async def every_pool(db: AsyncSession) -> Sequence[ResourcePool]:
    """All pools there ever were, held until the transaction ends: nobody is given a place meanwhile."""
    found = await db.scalars(
        select(ResourcePool)
        .order_by(ResourcePool.slug)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def pools(db: AsyncSession) -> Sequence[ResourcePool]:
    """All pools that are there, in the administrator's order."""
    found = await db.scalars(
        select(ResourcePool).where(ResourcePool.withdrawn_at.is_(None)).order_by(ResourcePool.position)
    )
    return found.all()


async def pools_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, ResourcePool]:
    """Those of the pools that are there, by id."""
    found = await db.scalars(
        select(ResourcePool).where(ResourcePool.id.in_(ids), ResourcePool.withdrawn_at.is_(None))
    )
    return {one.id: one for one in found}


async def any_pools_by_ids(db: AsyncSession, ids: Collection[str]) -> dict[str, ResourcePool]:
    """Pools by id, withdrawn ones too."""
    return await of_ids(db, ResourcePool, ids)


async def hold_pool(db: AsyncSession, pool_id: str) -> ResourcePool | None:
    """A pool that is there, held until the transaction ends; rows that refer to it may be written."""
    return await db.scalar(
        select(ResourcePool)
        .where(ResourcePool.id == pool_id, ResourcePool.withdrawn_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
