"""SQL of what runs use: a ring of samples of each, and its peaks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Update, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.db import Base
from sessions_api.runs.tables import Run, RunSample
from sessions_api.runs.usage.samples import Sample

_PEAKS = {"peak_cpus": "cpus", "peak_memory": "memory_bytes", "peak_disk": "disk_bytes", "peak_gpus": "gpus"}
_AMOUNTS = tuple(_PEAKS.values())
_RUNS = Base.metadata.tables[Run.__tablename__]


async def running(db: AsyncSession, run_ids: Sequence[str]) -> dict[str, int]:
    """The attempts of those of the runs that run, by the run's id."""
    found = await db.execute(select(Run.id, Run.attempt).where(Run.id.in_(run_ids), Run.phase == "running"))
    return dict(found.all())


async def write(db: AsyncSession, samples: Sequence[Sample], slot: int, at: datetime) -> None:
    """Writes a sample of each run into a place of its ring, in the place of what was there, and its peaks."""
    connection = await db.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    placed = insert(RunSample)
    kept = {name: placed.excluded[name] for name in ("attempt", "at", *_AMOUNTS)}
    rows = [
        {
            "run_id": each.run,
            "slot": slot,
            "attempt": each.attempt,
            "at": at,
            **{name: getattr(each, name) for name in _AMOUNTS},
        }
        for each in samples
    ]
    await connection.execute(placed.on_conflict_do_update(index_elements=["run_id", "slot"], set_=kept), rows)
    for peak, name in _PEAKS.items():
        known = [
            {"run": each.run, "new": value} for each in samples if (value := getattr(each, name)) is not None
        ]
        if known:
            await connection.execute(_raise(peak), known)


def _raise(peak: str) -> Update:
    """Sets a peak of runs where it is passed."""
    column = _RUNS.c[peak]
    new = bindparam("new", type_=column.type)
    passed = or_(column.is_(None), column < new)
    return update(_RUNS).where(_RUNS.c.id == bindparam("run"), passed).values({peak: new})


async def since(db: AsyncSession, run_id: str, attempt: int, begin: datetime) -> Sequence[RunSample]:
    """The samples of an attempt from then on, the oldest first."""
    found = await db.scalars(
        select(RunSample)
        .where(RunSample.run_id == run_id, RunSample.attempt == attempt, RunSample.at >= begin)
        .order_by(RunSample.at)
    )
    return found.all()
