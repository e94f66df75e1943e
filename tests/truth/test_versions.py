"""Two versions side by side, while Sojourn is upgraded or after Helm went back to the one before."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from sessions_api.kit.db import Base
from tests.truth.installation import Installation, Replica

pytestmark = pytest.mark.postgres


async def migrated(replica: Replica) -> None:
    """Changes the tables under replicas that run, by all that a later version may change of them."""
    assert replica.relay is not None
    engine = create_async_engine(replica.relay.url)
    for table in Base.metadata.tables:
        # Each by itself, as migrations are small: one of many tables would wait for what waits for it.
        async with engine.begin() as connection:
            await connection.execute(text(f"ALTER TABLE {table} ADD COLUMN later TEXT"))
            await connection.execute(text(f"ALTER TABLE {table} ADD COLUMN always INT NOT NULL DEFAULT 0"))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE later_things (id TEXT PRIMARY KEY)"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()


def test_replicas_of_the_version_before_work_on_the_tables_of_the_next_one(fresh: Installation) -> None:
    async def asked(session: str, verb: str, phase: str) -> None:
        answer = await fresh.insist("ann", "POST", f"{session}/{verb}")
        assert answer.status_code == 202, answer.text
        run = answer.json()["id"]

        async def is_so() -> bool:
            return bool((await fresh.run("ann", run))["phase"] == phase)

        await fresh.until(is_so, f"{verb}: {phase}", seconds=20)

    async def story() -> None:
        first = await fresh.new_session("ann")
        await asked(first, "start", "running")
        await migrated(fresh.replicas[0])

        await asked(first, "pause", "paused")
        await fresh.replicas[0].kill()
        await fresh.replicas[0].start()
        second = await fresh.new_session("ann")
        await asked(second, "start", "running")
        await asked(first, "start", "running")
        for session in (first, second):
            await asked(session, "stop", "stopped")

    fresh.loop.do(story())
