"""Runs as they are in the database, for tests that look past the API."""

from __future__ import annotations

from datetime import timedelta

from sessions_api.kit.db import Database
from sessions_api.runs import service, store
from sessions_api.runs.kept import service as kept_works
from sessions_api.runs.kept.service import Keeping
from sessions_api.runs.tables import Run


async def held(database: Database, run_id: str) -> Run:
    """A run as it is in the database."""
    async with database.read() as db:
        found = await store.get(db, run_id)
    assert found is not None
    return found


async def takes_over(database: Database, run_id: str) -> bool:
    """Whether a queued run can begin; what kept its /work before has succeeded then."""
    async with database.write() as db:
        run = await store.hold(db, run_id)
        assert run is not None
        return await service.take_over(db, run)


async def stopped_and_kept(database: Database, run_id: str, time: timedelta) -> str:
    """Makes of a run what a stop does that keeps its /work for so long, once the snapshot is made; its id."""
    async with database.write() as db:
        run = await store.hold(db, run_id)
        assert run is not None
        await kept_works.want(db, run, Keeping(time))
        kept = await kept_works.of_run(db, run_id)
        assert kept is not None
        kept.state = "ready"
        await store.set_values(db, run_id, phase="stopped", wish="run", slot=None)
        return kept.id
