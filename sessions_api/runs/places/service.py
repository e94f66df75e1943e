"""Rules of places in pools: who is given one, who waits, and what those who wait are told.

A hundred starts at once. Each holds the pool's row while it counts what is taken and writes its run, so they
decide one after the other: on SQLite by its one writer, on PostgreSQL by the row, with any number of
replicas. Everything that begins in a pool begins to wait, and a review lets in whose turn it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock
from sessions_api.kit.errors import Conflict
from sessions_api.resources import service as resources
from sessions_api.resources.amounts import Amounts, said
from sessions_api.resources.tables import ResourceClass, ResourcePool
from sessions_api.runs import service
from sessions_api.runs.places import line, refusing, store
from sessions_api.runs.places.limits import Demand
from sessions_api.runs.places.line import Waiting
from sessions_api.runs.places.store import Share
from sessions_api.runs.tables import Run
from sessions_api.web import words

_HISTORY = 50
"""Runs that an estimate is made from."""
_SAME = timedelta(minutes=1)
"""An estimate that moved by less is not told again."""


def take(run: Run, demand: Demand) -> None:
    """Makes the run one that takes something of a pool; the pool's row is held."""
    run.pool_id = demand.pool.id
    run.resource_class_id = demand.resource_class.id
    run.cpus, run.memory_gib, run.gpus = demand.needs.cpus, demand.needs.memory_gib, demand.needs.gpus


async def review(db: AsyncSession, pool_id: str) -> None:
    """Lets in whose turn it is, as far as the pool goes, and tells those who go on waiting where they are.

    What has become larger than a limit is let wait no longer. It may be done at any time, by any replica: the
    pool's row is held meanwhile.
    """
    pool = await resources.hold_pool(db, pool_id)
    runs = {run.id: run for run in await store.waiting(db, pool_id)}
    if not runs:
        return
    if pool is None:
        for run in runs.values():
            _let_in(db, run)
        await db.flush()
        return
    for run in list(runs.values()):
        if why := refusing.reason(pool, run):
            await refusing.refuse(db, runs.pop(run.id), why)
    left = await _let_in_whose_turn_it_is(db, pool, runs)
    if left:
        await _tell(db, pool, left, runs)


async def follow_class(db: AsyncSession, changed: ResourceClass) -> None:
    """Makes starts that wait take what their class says now, which is what they will be launched with.

    What was paused comes back as it was. The rows of all pools are held.
    """
    for run in await store.waiting_of_class(db, changed.id):
        run.cpus, run.memory_gib, run.gpus = changed.cpus, changed.memory_gib, changed.gpus
    await db.flush()
    if changed.pool_id is not None:
        await review(db, changed.pool_id)


async def require_more(db: AsyncSession, demand: Demand, run: Run) -> None:
    """Lets through a run that has a place and wants one of another size; the pool's row is held.

    It cannot wait in the line, and passes nobody who does.

    Raises:
        Conflict: too little is free, or others wait (`limit_reached`).
    """
    pool, more = demand.pool, demand.needs - Amounts.of(run)
    if more.cpus <= 0 and more.memory_gib <= 0:
        return
    taken, waiting = (await store.taken(db, [pool.id])).get(pool.id, (Amounts(), 0))
    kind = (taken + more).beyond(pool.quota)
    if waiting:
        sentence = f"{words.count(waiting, 'session')} in front wait for a place in the pool {pool.name}."
    elif kind:
        sentence = f"The pool {pool.name} has {said(kind, pool.quota[kind])}, and too little of it is free."
    else:
        return
    raise Conflict(
        sentence,
        code="limit_reached",
        hint="Try it again later, or restart it with the changes, which waits in the line.",
    )


async def waited_for(db: AsyncSession) -> Sequence[str]:
    """The pools that somebody waits for."""
    return await store.pools_with_waiting(db)


async def _let_in_whose_turn_it_is(
    db: AsyncSession, pool: ResourcePool, runs: dict[str, Run]
) -> list[Waiting]:
    """Those who go on waiting, in turn. Whoever waits for a pool that is full is passed by nobody.

    Whoever waits for the end of a run of their own, or of their project's, lets others pass.
    """
    taken = _Taken(pool, await store.shares(db, pool.id))
    left = []
    full = False
    for each in line.in_turn((_waiting(run) for run in runs.values()), taken.places):
        run = runs[each.id]
        share = Share(run.person, run.project_id, each.needs)
        if not full and taken.leaves_room_for(share):
            taken.add(share)
            _let_in(db, run)
        else:
            full = full or taken.fills_pool_before(share)
            left.append(each)
    await db.flush()
    return left


class _Taken:
    """What is taken of a pool: by everybody, by each person and within each project."""

    def __init__(self, pool: ResourcePool, shares: Iterable[Share]) -> None:
        self.places: Counter[str] = Counter()
        self._pool = pool
        self._all = Amounts()
        self._by_person: defaultdict[str, Amounts] = defaultdict(Amounts)
        self._by_project: defaultdict[str, Amounts] = defaultdict(Amounts)
        for share in shares:
            self.add(share)

    def add(self, share: Share) -> None:
        self.places[share.person] += share.amounts.sessions
        self._all += share.amounts
        self._by_person[share.person] += share.amounts
        self._by_project[share.project_id] += share.amounts

    def leaves_room_for(self, share: Share) -> bool:
        return not (
            (self._all + share.amounts).beyond(self._pool.quota)
            or (self._by_person[share.person] + share.amounts).beyond(self._pool.per_person)
            or (self._by_project[share.project_id] + share.amounts).beyond(self._pool.per_project)
        )

    def fills_pool_before(self, share: Share) -> bool:
        """Whether it waits for others, and not for the end of something of its own."""
        return (self._all + share.amounts).beyond(self._pool.quota) is not None


def _waiting(run: Run) -> Waiting:
    assert run.waits_since is not None  # noqa: S101 - the statement asks for that
    return Waiting(run.id, run.person, run.waits_since, Amounts.of(run))


def _let_in(db: AsyncSession, run: Run) -> None:
    """The launch begins now, which is what it is measured from."""
    told = run.position is not None
    service.no_longer_waiting(run)
    run.launched_at = clock.now()
    if told:
        service.record_status(db, run)


async def _tell(db: AsyncSession, pool: ResourcePool, left: Sequence[Waiting], runs: dict[str, Run]) -> None:
    now = clock.now()
    begun = [
        (amounts, max(0.0, (now - since).total_seconds()))
        for amounts, since in await store.begun(db, pool.id)
    ]
    expected = line.expected(left, pool.quota, begun, await store.lengths(db, pool.id, _HISTORY))
    for position, each in enumerate(left, start=1):
        run = runs[each.id]
        seconds = expected.get(each.id)
        at = now + timedelta(seconds=seconds) if seconds is not None else None
        if run.position == position and _alike(run.expected_at, at):
            continue
        run.position, run.expected_at = position, at
        told = None if seconds is None else round(seconds)
        service.record(db, run, "queue", {"position": position, "estimate_seconds": told})


def _alike(before: datetime | None, after: datetime | None) -> bool:
    if before is None or after is None:
        return before is after
    return abs(after - before) < _SAME
