"""A transaction begins only where none is open: whoever holds a connection never waits for another one."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from sessions_api.kit.db import Database, SecondConnectionError


async def answers(database: Database) -> bool:
    async with database.read() as db:
        return bool(await db.scalar(text("SELECT 1")))


async def test_none_begins_within_another(database: Database) -> None:
    async with database.read():
        with pytest.raises(SecondConnectionError):
            await answers(database)
    assert await answers(database)


async def test_one_begins_where_the_other_was_ended_early(database: Database) -> None:
    async with database.read() as db:
        await db.close()
        assert await answers(database)


async def test_a_task_that_outlives_a_transaction_begins_its_own(database: Database) -> None:
    over = asyncio.Event()

    async def later() -> bool:
        await over.wait()
        return await answers(database)

    async with database.write():
        task = asyncio.create_task(later())
    over.set()
    assert await task
