"""Rules of what runs use: who says it is the spawner or the cluster, and only of what runs.

A sample lies in a place that its time names, so that there are never more of a run than places, however
often and by however many replicas they are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit import clock
from sessions_api.runs.tables import Run, RunSample
from sessions_api.runs.usage import store
from sessions_api.runs.usage.samples import Sample

EVERY = 15
"""Seconds of a place; those who look more seldom leave places empty."""
PLACES = 240
KEPT = timedelta(seconds=EVERY * PLACES)


async def take(db: AsyncSession, samples: Sequence[Sample]) -> None:
    """Writes what runs use now; what does not run, or is at another attempt, is left out.

    A fixed number of statements, however many runs there are.
    """
    attempts = await store.running(db, [each.run for each in samples])
    known = [each for each in samples if attempts.get(each.run) == each.attempt]
    if known:
        now = clock.now()
        await store.write(db, known, int(now.timestamp()) // EVERY % PLACES, now)


async def recent(db: AsyncSession, run: Run) -> Sequence[RunSample]:
    """The samples of a run's attempt within the last hour, the oldest first; of one that is over, none."""
    return await store.since(db, run.id, run.attempt, clock.now() - KEPT)
