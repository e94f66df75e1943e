"""Brings the tables of classes and pools up to what the administrator offers."""

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock
from sessions_api.kit.ids import new_id
from sessions_api.resources import store
from sessions_api.resources.offers import Offer
from sessions_api.resources.pools import Pool
from sessions_api.resources.tables import ResourceClass, ResourcePool

Row = TypeVar("Row", ResourceClass, ResourcePool)


async def seed(db: AsyncSession, offers: Iterable[Offer], pools: Iterable[Pool] = ()) -> None:
    """Brings classes and pools up to what the administrator offers; what is no longer offered is withdrawn.

    Sessions keep a class that was withdrawn. Seeding again changes nothing, and several processes may seed at
    once.
    """
    pool_of = await _seed_pools(db, pools)
    known = {one.slug: one for one in await store.every(db)}
    now = clock.now()
    offered = set()
    for position, offer in enumerate(offers):
        offered.add(offer.slug)
        values = _values(offer, position, pool_of.get(offer.slug))
        present = known.get(offer.slug)
        if present is None:
            await _add(db, ResourceClass(slug=offer.slug), values)
        else:
            _take(present, values)
    for slug, one in known.items():
        if slug not in offered and one.withdrawn_at is None:
            one.withdrawn_at = now
            one.is_default = False
    await db.flush()


async def _seed_pools(db: AsyncSession, pools: Iterable[Pool]) -> dict[str, str]:
    """The id of the pool of each class that is in one."""
    known = {one.slug: one for one in await store.every_pool(db)}
    pool_of: dict[str, str] = {}
    offered = set()
    for position, pool in enumerate(pools):
        offered.add(pool.slug)
        values = _pool_values(pool, position)
        present = known.get(pool.slug)
        if present is None:
            present = await _add(db, ResourcePool(slug=pool.slug), values)
        else:
            _take(present, values)
        pool_of.update(dict.fromkeys(pool.classes, present.id))
    for slug, one in known.items():
        if slug not in offered and one.withdrawn_at is None:
            one.withdrawn_at = clock.now()
    await db.flush()
    return pool_of


async def _add(db: AsyncSession, added: Row, values: dict[str, object]) -> Row:
    """The row, or the one of the same slug that another process made this moment, from the same file."""
    added.id = new_id()
    added.created_at = added.updated_at = clock.now()
    for name, value in values.items():
        setattr(added, name, value)
    try:
        async with db.begin_nested():
            db.add(added)
    except IntegrityError:
        return await store.of_slug(db, type(added), added.slug)
    return added


def _take(one: ResourceClass | ResourcePool, values: dict[str, object]) -> None:
    """Changes what differs, so that seeding the same again writes nothing."""
    values = {**values, "withdrawn_at": None}
    if any(getattr(one, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(one, name, value)
        one.updated_at = clock.now()


def _values(offer: Offer, position: int, pool_id: str | None) -> dict[str, object]:
    values = offer.model_dump(exclude={"slug", "default", "tolerations"})
    tolerations = [one.model_dump(exclude_none=True) for one in offer.tolerations]
    return {
        **values,
        "tolerations": tolerations,
        "is_default": offer.default,
        "position": position,
        "pool_id": pool_id,
    }


def _pool_values(pool: Pool, position: int) -> dict[str, object]:
    limits = {
        name: getattr(pool, name).model_dump(exclude_none=True)
        for name in ("quota", "per_person", "per_project")
    }
    return {
        **limits,
        "name": pool.name,
        "description": pool.description,
        "groups": list(pool.audience.groups),
        "position": position,
    }
