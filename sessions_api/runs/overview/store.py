"""SQL of everybody's runs; what it finds is for platform administrators only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.environments.tables import Environment
from sessions_api.kit.paging import Paging, foreign
from sessions_api.projects.tables import Project
from sessions_api.resources.amounts import Amounts
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.runs.overview.filters import Failures, Filters
from sessions_api.runs.states import LIVE
from sessions_api.runs.tables import Run

_PLACE = 9
"""Digits of a place in a line, as cursors say it; who has not been told theirs comes last."""
_UNTOLD = 10**_PLACE - 1
_POSITION = func.coalesce(Run.position, _UNTOLD)
_TAKES = and_(Run.phase.in_(LIVE), Run.waits_since.is_(None))


@dataclass(frozen=True, slots=True)
class Failed:
    """How often a reason was one within some time.

    Attributes:
        people: how many it met.
        last: when it last did.
    """

    code: str
    count: int
    people: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What live runs take together: of a class, or on a node."""

    of: str
    amounts: Amounts


def _named(column: Any, table: Any, slug: str | None) -> list[ColumnElement[bool]]:
    """What is of anything that is called so, whatever became of it."""
    return [] if slug is None else [column.in_(select(table.id).where(table.slug == slug))]


def _equal(**values: Any) -> list[ColumnElement[bool]]:
    return [getattr(Run, name) == value for name, value in values.items() if value is not None]


def _after(paging: Paging) -> list[ColumnElement[bool]]:
    return [Run.id < paging.after] if paging.after else []


async def live(db: AsyncSession, filters: Filters, paging: Paging) -> Sequence[Run]:
    """Live runs, newest first, one more than asked for if there is."""
    found = await db.scalars(
        select(Run)
        .where(
            Run.phase.in_(LIVE),
            *_equal(person=filters.person, node=filters.node, phase=filters.phase),
            *_named(Run.project_id, Project, filters.project),
            *_named(Run.environment_id, Environment, filters.environment),
            *_named(Run.resource_class_id, ResourceClass, filters.resource_class),
            *_named(Run.pool_id, ResourcePool, filters.pool),
            *_after(paging),
        )
        .order_by(Run.id.desc())
        .limit(paging.limit + 1)
    )
    return found.all()


async def count_live(db: AsyncSession) -> dict[str, int]:
    """How many live runs there are in each phase, and how many of them wait (`waiting`)."""
    found = await db.execute(
        select(Run.phase, func.count(), func.count(Run.waits_since))
        .where(Run.phase.in_(LIVE))
        .group_by(Run.phase)
    )
    counts = {phase: (count, waiting) for phase, count, waiting in found}
    return {phase: count for phase, (count, _) in counts.items()} | {
        "waiting": sum(waiting for _, waiting in counts.values())
    }


async def failures(db: AsyncSession, since: datetime) -> Sequence[Failed]:
    """What runs failed of since then, the most frequent first."""
    count = func.count()
    found = await db.execute(
        select(Run.failed_code, count, func.count(Run.person.distinct()), func.max(Run.failed_at))
        .where(Run.failed_at >= since)
        .group_by(Run.failed_code)
        .order_by(count.desc(), Run.failed_code)
    )
    return [Failed(str(code), count, people, last) for code, count, people, last in found if last]


async def failed(db: AsyncSession, wanted: Failures, paging: Paging) -> Sequence[Run]:
    """Runs that failed, newest first, one more than asked for if there is."""
    found = await db.scalars(
        select(Run)
        .where(
            Run.failed_at >= wanted.since,
            *_equal(failed_code=wanted.code, person=wanted.person),
            *_named(Run.project_id, Project, wanted.project),
            *_after(paging),
        )
        .order_by(Run.id.desc())
        .limit(paging.limit + 1)
    )
    return found.all()


def queue_key(run: Run) -> str:
    """What `queue` sorts by, for cursors."""
    position = _UNTOLD if run.position is None else run.position
    return f"{run.pool_id or ''} {position:0{_PLACE}} {run.id}"


async def queue(db: AsyncSession, pool: str | None, paging: Paging) -> Sequence[Run]:
    """Runs that wait for a place, by pool and position, one more than asked for if there is.

    Raises:
        Invalid: the cursor is of another list.
    """
    after = []
    if paging.after is not None:
        parts = paging.after.split(" ")
        if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) == _PLACE):  # noqa: PLR2004 - pool, position, run
            raise foreign()
        after = [tuple_(Run.pool_id, _POSITION, Run.id) > tuple_(parts[0], int(parts[1]), parts[2])]
    found = await db.scalars(
        select(Run)
        .where(Run.waits_since.is_not(None), *_named(Run.pool_id, ResourcePool, pool), *after)
        .order_by(Run.pool_id, _POSITION, Run.id)
        .limit(paging.limit + 1)
    )
    return found.all()


def _sums(column: Any) -> Any:
    return select(
        column, func.sum(Run.cpus), func.sum(Run.memory_gib), func.sum(Run.gpus), func.count()
    ).where(column.is_not(None), _TAKES)


def _taken(row: Sequence[Any]) -> Taken:
    return Taken(str(row[0]), Amounts(row[1] or 0, row[2] or 0, row[3] or 0, row[4]))


async def by_class(db: AsyncSession) -> dict[str, Amounts]:
    """What live runs take of each class, by the class's id."""
    found = await db.execute(_sums(Run.resource_class_id).group_by(Run.resource_class_id))
    return {taken.of: taken.amounts for taken in map(_taken, found)}


async def by_node(db: AsyncSession, paging: Paging) -> Sequence[Taken]:
    """What live runs take on each node, by its name, one more than asked for if there is."""
    after = [Run.node > paging.after] if paging.after else []
    found = await db.execute(
        _sums(Run.node).where(*after).group_by(Run.node).order_by(Run.node).limit(paging.limit + 1)
    )
    return [_taken(row) for row in found]
