"""What is free of pools now, as a person is shown it before they start something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.people.viewer import Viewer
from sessions_api.resources import service as resources
from sessions_api.resources.amounts import KINDS, Amounts, said
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.runs.places import store
from sessions_api.web import words


@dataclass(frozen=True, slots=True)
class Use:
    """How a pool is used now.

    Attributes:
        taken: by everybody who has a place.
        own: by the viewer, what waits too.
        waiting: how many starts wait for a place.
    """

    pool: ResourcePool
    taken: Amounts
    own: Amounts
    waiting: int

    @property
    def words(self) -> str:
        """`4 of 16 CPUs free in the pool GPU, 2 waiting`; empty where nothing is limited."""
        free = _rest(self.pool.quota, self.taken)
        own = _rest(self.pool.per_person, self.own)
        parts = [f"{free} free in the pool {self.pool.name}"] if free else []
        if self.waiting:
            parts.append(f"{self.waiting} waiting")
        if own:
            parts.append(f"{own} left to you")
        return ", ".join(parts)


def _rest(limit: Mapping[str, Any], taken: Amounts) -> str:
    """`4 of 16 CPUs and 1 of 2 GPUs`."""
    return words.listed(
        tuple(
            f"{max(0.0, round(limit[kind] - getattr(taken, kind), 3)):g} of {said(kind, limit[kind])}"
            for kind in KINDS
            if kind in limit
        )
    )


async def of_pools(db: AsyncSession, viewer: Viewer, pools: Sequence[ResourcePool]) -> list[Use]:
    """How the pools are used now; a fixed number of statements, none without pools."""
    if not pools:
        return []
    ids = [pool.id for pool in pools]
    taken = await store.taken(db, ids)
    own = await store.taken_by(db, ids, viewer.name)
    uses = []
    for pool in pools:
        amounts, waiting = taken.get(pool.id, (Amounts(), 0))
        uses.append(Use(pool, amounts, own.get(pool.id, Amounts()), waiting))
    return uses


async def of_classes(db: AsyncSession, viewer: Viewer, classes: Sequence[ResourceClass]) -> dict[str, str]:
    """What is free for sessions of each class, in words, by the class's id; none where nothing is limited."""
    pools = await resources.pools_by_ids(db, {one.pool_id for one in classes if one.pool_id is not None})
    by_pool = {use.pool.id: use.words for use in await of_pools(db, viewer, list(pools.values()))}
    return {one.id: by_pool[one.pool_id] for one in classes if one.pool_id in by_pool}
