"""Processes that share a PostgreSQL database hear of each other's changes at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from sqlalchemy import text

from sessions_api.kit.db import Database, notify
from sessions_api.kit.events import Bus, Subscription

pytestmark = pytest.mark.postgres

LISTENING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
)
HANG_UP = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
)


@pytest.fixture
async def two(fresh_postgres_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' databases; the second one listens."""
    async with AsyncExitStack() as stack:
        writer, reader = (Database(fresh_postgres_url, Bus()) for _ in range(2))
        stack.push_async_callback(writer.close)
        stack.push_async_callback(reader.close)
        assert reader.notices is not None
        task = asyncio.create_task(reader.notices.listen())
        with reader.bus.subscribe("anything") as woken:
            assert await woken.wait(20), "whoever begins to listen looks once"
        yield writer, reader
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def changed(database: Database, *topics: str) -> None:
    async with database.write() as db:
        notify(db, *topics)


async def changed_but_failed(database: Database, *topics: str) -> None:
    async with database.write() as db:
        notify(db, *topics)
        raise ZeroDivisionError


async def heard(woken: Subscription) -> bool:
    return await woken.wait(20)


async def test_a_change_wakes_waiters_of_another_process(two: tuple[Database, Database]) -> None:
    writer, reader = two
    with reader.bus.subscribe("run:1") as woken, reader.bus.subscribe("run:2") as other:
        await changed(writer, "run:1")
        assert await heard(woken)
        assert not await other.wait(0)


async def test_a_change_that_is_rolled_back_wakes_nobody(two: tuple[Database, Database]) -> None:
    writer, reader = two
    with reader.bus.subscribe("run:1") as woken, reader.bus.subscribe("run:2") as after:
        with pytest.raises(ZeroDivisionError):
            await changed_but_failed(writer, "run:1")
        await changed(writer, "run:2")
        assert await heard(after)
        assert not await woken.wait(0)


async def test_more_topics_than_one_notice_carries_all_arrive(two: tuple[Database, Database]) -> None:
    writer, reader = two
    topics = [f"person:{number:04}-{'x' * 60}" for number in range(300)]
    with reader.bus.subscribe(topics[0]) as first, reader.bus.subscribe(topics[-1]) as last:
        await changed(writer, *topics)
        assert await heard(first)
        assert await heard(last)


async def test_who_lost_the_connection_looks_once_it_is_back(two: tuple[Database, Database]) -> None:
    writer, reader = two
    with reader.bus.subscribe("run:1") as woken:
        async with writer.engine.connect() as connection:
            assert await connection.scalar(text(LISTENING)) == 1
            await connection.execute(text(HANG_UP))
        assert await heard(woken)
    with reader.bus.subscribe("run:2") as woken:
        await changed(writer, "run:2")
        assert await heard(woken)
