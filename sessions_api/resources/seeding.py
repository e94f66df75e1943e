"""Brings the tables of classes and pools up to what the installation's file offers.

What an administrator made here is never touched: a slug that both use is an error of the file.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock
from sessions_api.kit.ids import new_id
from sessions_api.resources import defaults, store
from sessions_api.resources.offers import Offer, OffersError
from sessions_api.resources.pools import Pool
from sessions_api.resources.rows import class_values, pool_values
from sessions_api.resources.tables import ADMIN, FILE, ResourceClass, ResourcePool

Row = TypeVar("Row", ResourceClass, ResourcePool)


async def seed(db: AsyncSession, offers: Iterable[Offer], pools: Iterable[Pool] = ()) -> None:
    """Brings classes and pools up to what the file offers; what it no longer offers is withdrawn.

    Sessions keep a class that was withdrawn. Seeding again changes nothing, and several processes may seed at
    once.

    Raises:
        OffersError: a slug of the file is that of something that an administrator made.
    """
    await store.take_turns(db)
    pool_of = await _seed_pools(db, pools)
    known = {one.slug: one for one in await store.every(db)}
    offered = set()
    for position, offer in enumerate(offers):
        offered.add(offer.slug)
        values = {
            **class_values(offer),
            "default_in_file": offer.default,
            "position": position,
            "pool_id": pool_of.get(offer.slug),
        }
        present = known.get(offer.slug)
        if present is None:
            await _add(db, ResourceClass(slug=offer.slug, is_default=False), values)
        else:
            _take(present, values, "class")
    _withdraw(known.values(), offered)
    await db.flush()
    await defaults.settle(db)


async def _seed_pools(db: AsyncSession, pools: Iterable[Pool]) -> dict[str, str]:
    """The id of the pool of each class that is in one."""
    known = {one.slug: one for one in await store.every_pool(db)}
    pool_of: dict[str, str] = {}
    offered = set()
    for position, pool in enumerate(pools):
        offered.add(pool.slug)
        values = {**pool_values(pool), "position": position}
        present = known.get(pool.slug)
        if present is None:
            present = await _add(db, ResourcePool(slug=pool.slug), values)
        else:
            _take(present, values, "pool")
        pool_of.update(dict.fromkeys(pool.classes, present.id))
    _withdraw(known.values(), offered)
    await db.flush()
    return pool_of


def _withdraw(known: Iterable[ResourceClass | ResourcePool], offered: set[str]) -> None:
    for one in known:
        if one.origin == FILE and one.slug not in offered and one.withdrawn_at is None:
            one.withdrawn_at = clock.now()
            one.revision += 1


async def _add(db: AsyncSession, added: Row, values: dict[str, Any]) -> Row:
    """The row, or the one of the same slug that another process made this moment, from the same file."""
    added.id = new_id()
    added.created_at = added.updated_at = clock.now()
    added.origin, added.revision = FILE, 1
    for name, value in values.items():
        setattr(added, name, value)
    try:
        async with db.begin_nested():
            db.add(added)
    except IntegrityError:
        return await store.of_slug(db, type(added), added.slug)
    return added


def _take(one: ResourceClass | ResourcePool, values: dict[str, Any], kind: str) -> None:
    """Changes what differs, so that seeding the same again writes nothing."""
    if one.origin == ADMIN:
        raise OffersError(
            f"The installation's file has a {kind} {one.slug}, and an administrator made one of that slug on "
            "the page Resources; give the file's another slug."
        )
    values = {**values, "withdrawn_at": None}
    if any(getattr(one, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(one, name, value)
        one.updated_at = clock.now()
        one.revision += 1
