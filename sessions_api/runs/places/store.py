"""SQL of what runs take of pools, and of who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.resources.amounts import Amounts
from sessions_api.runs.tables import TAKING, Run

_AT_THE_HUB = Run.phase.in_(("launching", "running"))
_TAKES = and_(
    TAKING,
    or_(
        and_(Run.phase == "queued", Run.wish == "run"),
        _AT_THE_HUB,
        and_(Run.phase == "paused", Run.wish == "resume"),
    ),
)
"""The first part says nothing more; it is what the index is of."""
_HAS_PLACE = and_(_TAKES, or_(Run.waits_since.is_(None), _AT_THE_HUB))
_STAYS = and_(_TAKES, Run.wish.in_(("run", "resume")))
_WAITS = Run.waits_since.is_not(None)
_SUMS = (func.sum(Run.cpus), func.sum(Run.memory_gib), func.sum(Run.gpus), func.count())


@dataclass(frozen=True, slots=True)
class Share:
    """What a person's runs in a project have of a pool."""

    person: str
    project_id: str
    amounts: Amounts


def _amounts(row: Sequence[Any]) -> Amounts:
    cpus, memory_gib, gpus, sessions = row
    return Amounts(cpus or 0, memory_gib or 0, gpus or 0, sessions)


async def of_person(db: AsyncSession, pool_id: str, person: str) -> Sequence[Run]:
    """A person's runs that take something of a pool, those that wait and those that are ending too."""
    found = await db.scalars(
        select(Run).where(Run.pool_id == pool_id, Run.person == person, _TAKES).order_by(Run.launched_at)
    )
    return found.all()


async def of_project(db: AsyncSession, pool_id: str, project_id: str, *, but: str | None) -> Amounts:
    """What the runs of a project take of a pool, those that wait too; without what is ending and one run."""
    found = await db.execute(
        select(*_SUMS).where(Run.pool_id == pool_id, Run.project_id == project_id, _STAYS, Run.id != but)
    )
    return _amounts(found.one())


async def shares(db: AsyncSession, pool_id: str) -> Sequence[Share]:
    """Who has how much of a pool: everything that may be at the hub, and what was given a place."""
    found = await db.execute(
        select(Run.person, Run.project_id, *_SUMS)
        .where(Run.pool_id == pool_id, _HAS_PLACE)
        .group_by(Run.person, Run.project_id)
    )
    return [Share(row[0], row[1], _amounts(row[2:])) for row in found]


async def taken(db: AsyncSession, pool_ids: Sequence[str]) -> dict[str, tuple[Amounts, int]]:
    """What those who have a place take of each pool, and how many wait, by the pool's id."""
    sums = [each.filter(_HAS_PLACE) for each in _SUMS]
    found = await db.execute(
        select(Run.pool_id, *sums, func.count().filter(_WAITS))
        .where(Run.pool_id.in_(pool_ids), _TAKES)
        .group_by(Run.pool_id)
    )
    return {str(row[0]): (_amounts(row[1:5]), int(row[5] or 0)) for row in found}


async def taken_by(db: AsyncSession, pool_ids: Sequence[str], person: str) -> dict[str, Amounts]:
    """What a person takes of each pool, what waits too and without what is ending, by the pool's id."""
    found = await db.execute(
        select(Run.pool_id, *_SUMS)
        .where(Run.pool_id.in_(pool_ids), Run.person == person, _STAYS)
        .group_by(Run.pool_id)
    )
    return {str(row[0]): _amounts(row[1:]) for row in found}


async def waiting(db: AsyncSession, pool_id: str) -> Sequence[Run]:
    """The runs that wait for a place in a pool, held until the transaction ends."""
    found = await db.scalars(
        select(Run)
        .where(Run.pool_id == pool_id, _WAITS)
        .order_by(Run.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def waiting_of_class(db: AsyncSession, class_id: str) -> Sequence[Run]:
    """The runs of a class that wait for their first launch, held until the transaction ends."""
    found = await db.scalars(
        select(Run)
        .where(Run.resource_class_id == class_id, Run.phase == "queued", _WAITS)
        .order_by(Run.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def pools_with_waiting(db: AsyncSession) -> Sequence[str]:
    """The pools that somebody waits for, withdrawn ones too."""
    found = await db.scalars(select(Run.pool_id).where(_WAITS, Run.pool_id.is_not(None)).distinct())
    return [pool_id for pool_id in found if pool_id is not None]


async def begun(db: AsyncSession, pool_id: str) -> Sequence[tuple[Amounts, datetime]]:
    """What each run that has a place takes, and since when."""
    found = await db.execute(
        select(Run.cpus, Run.memory_gib, Run.gpus, Run.launched_at).where(Run.pool_id == pool_id, _HAS_PLACE)
    )
    return [(_amounts((*row[:3], 1)), row.launched_at) for row in found]


async def lengths(db: AsyncSession, pool_id: str, most: int) -> Sequence[float]:
    """How many seconds the newest runs of a pool that were ready had their place, at most `most` of them."""
    found = await db.execute(
        select(Run.launched_at, Run.ended_at)
        .where(Run.pool_id == pool_id, Run.ready_at.is_not(None), Run.ended_at > Run.launched_at)
        .order_by(Run.ended_at.desc())
        .limit(most)
    )
    return [(row.ended_at - row.launched_at).total_seconds() for row in found]
