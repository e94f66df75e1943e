"""What running sessions use: samples of the last hour, peaks of all time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import service as runs
from sessions_api.runs.tables import Run, RunSample
from sessions_api.runs.usage import service
from sessions_api.runs.usage.samples import Sample
from tests.api.conftest import Client
from tests.api.test_statements import statements

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GIB = 1024**3


class Hands:
    """A clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = NOON
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    return Hands(monkeypatch)


@pytest.fixture
async def run(ann: Client, database: Database, project: str) -> str:
    """Ann's run, which runs."""
    await ann.made(f"{project}/sessions", environment="minimal")
    started = str((await ann.post(f"{project}/sessions/minimal/start")).json()["id"])
    async with database.write() as db:
        found = await db.get(Run, started)
        assert found is not None
        found.phase = "running"
    return started


async def take(database: Database, run: str, memory: int, cpus: float | None = 0.5, attempt: int = 1) -> None:
    async with database.write() as db:
        await service.take(db, [Sample(run, attempt, cpus, memory, None)])


async def test_samples_peaks_and_limits_are_told(
    ann: Client, database: Database, run: str, hands: Hands
) -> None:
    async with database.write() as db:
        found = await db.get(Run, run)
        assert found is not None
        found.spec = {"resources": {"cpus": 2, "memory_gib": 4}}
    for memory, cpus in ((GIB, None), (3 * GIB, 1.5), (2 * GIB, 0.5)):
        await take(database, run, memory, cpus)
        hands.on(service.EVERY)

    told = (await ann.get(f"/runs/{run}/usage")).json()

    assert [each["memory_bytes"] // GIB for each in told["samples"]] == [1, 3, 2]
    assert [each["cpus"] for each in told["samples"]] == [None, 1.5, 0.5]
    assert told["peak"] == {"cpus": 1.5, "memory_bytes": 3 * GIB, "disk_bytes": None, "gpus": None}
    assert told["limit"] == {"cpus": 2, "memory_bytes": 4 * GIB, "disk_bytes": None, "gpus": None}


async def test_there_are_never_more_samples_than_places(
    ann: Client, database: Database, run: str, hands: Hands
) -> None:
    for _ in range(service.PLACES + 20):
        await take(database, run, GIB)
        hands.on(service.EVERY)
    async with database.read() as db:
        count = await db.scalar(select(func.count()).select_from(RunSample))
    assert count == service.PLACES
    told = (await ann.get(f"/runs/{run}/usage")).json()["samples"]
    assert len(told) == service.PLACES
    assert told == sorted(told, key=lambda each: each["at"])


async def test_what_is_older_than_an_hour_is_not_told(
    ann: Client, database: Database, run: str, hands: Hands
) -> None:
    await take(database, run, GIB)
    hands.on(service.KEPT.total_seconds() + 1)
    assert (await ann.get(f"/runs/{run}/usage")).json()["samples"] == []


async def test_the_end_leaves_the_peak_and_nothing_is_taken_after_it(
    ann: Client, database: Database, run: str, hands: Hands
) -> None:
    await take(database, run, 2 * GIB)
    async with database.write() as db:
        held = await db.get(Run, run)
        assert held is not None
        await runs.ended(db, held, None, hands.at)
    await take(database, run, 9 * GIB)

    told = (await ann.get(f"/runs/{run}/usage")).json()

    assert told["samples"] == []
    assert told["peak"]["memory_bytes"] == 2 * GIB


async def test_a_sample_of_another_attempt_is_not_taken(ann: Client, database: Database, run: str) -> None:
    await take(database, run, GIB, attempt=2)
    assert (await ann.get(f"/runs/{run}/usage")).json()["peak"]["memory_bytes"] is None


async def test_nobody_else_is_told(bob: Client, run: str) -> None:
    await bob.refused(f"/runs/{run}/usage", 404, "GET")


async def test_many_sessions_take_as_many_statements_as_one(
    ann: Client, bob: Client, database: Database, *, run: str, project: str
) -> None:
    other = str((await bob.post(f"{project}/sessions/minimal/start")).json()["id"])
    async with database.write() as db:
        found = await db.get(Run, other)
        assert found is not None
        found.phase = "running"
    with statements(database) as one:
        await take(database, run, GIB)
    with statements(database) as two:
        async with database.write() as db:
            await service.take(db, [Sample(each, 1, 0.5, GIB, None) for each in (run, other)])
    assert len(one) == len(two)
