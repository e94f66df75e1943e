"""What is kept of the log of each container, and found in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sessions_api.kit.db import Database
from sessions_api.runs import intake, store
from sessions_api.runs.tables import Run
from spawner.reports import EndedReport, LogReport, Reports
from tests.api.conftest import Client

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def run(ann: Client, database: Database, project: str) -> str:
    await ann.made(f"{project}/sessions", environment="minimal")
    started = await ann.post(f"{project}/sessions/minimal/start")
    return str(started.json()["id"])


async def said(
    database: Database, run: str, *lines: tuple[str, str], seq: int = 1, ends: bool = False
) -> None:
    """The spawner's report of some lines."""
    events = [LogReport(at=AT, source=source, text=text) for source, text in lines]
    end = [EndedReport(at=AT, reason=None)] if ends else []
    async with database.write() as db:
        held = await db.get(Run, run)
        assert held is not None
        reports = Reports(attempt=held.attempt, reporter="r", seq=seq, events=(*events, *end))
        await intake.take(db, run, reports)


async def test_a_log_is_narrowed_to_a_container_and_to_what_is_searched_for(
    ann: Client, database: Database, run: str
) -> None:
    await said(
        database,
        run,
        ("clone", "Cloning maps"),
        ("session", "100% of Maps_1 loaded"),
        ("session", "kernel started"),
        ("gate", "maps asked for"),
    )
    log = f"/runs/{run}/log"

    everything = (await ann.get(log)).json()
    session = (await ann.get(log, params={"container": "session"})).json()["lines"]
    maps = (await ann.get(log, params={"search": "MAPS"})).json()["lines"]
    signs = (await ann.get(log, params={"search": "0%"})).json()["lines"]
    nothing = (await ann.get(log, params={"search": "maps", "container": "none"})).json()["lines"]

    assert everything["containers"] == ["clone", "gate", "session"]
    assert [line["text"] for line in session] == ["100% of Maps_1 loaded", "kernel started"]
    assert [line["source"] for line in maps] == ["clone", "session", "gate"]
    assert [line["text"] for line in signs] == ["100% of Maps_1 loaded"]
    assert nothing == []
    assert await ann.refused(f"{log}?attempt=0", 422, "GET")
    assert await ann.refused(f"{log}?search=%00", 422, "GET")


async def test_the_log_of_an_earlier_launch_is_kept(ann: Client, database: Database, run: str) -> None:
    await said(database, run, ("session", "the first time"))
    async with database.write() as db:
        held = await db.get(Run, run)
        assert held is not None
        held.attempt = 2
    await said(database, run, ("session", "the second time"), seq=2)

    log = f"/runs/{run}/log"
    first = (await ann.get(log, params={"attempt": 1})).json()["lines"]
    assert [(line["attempt"], line["text"]) for line in first] == [(1, "the first time")]
    assert len((await ann.get(log)).json()["lines"]) == 2


async def test_of_a_container_that_says_very_much_the_end_is_kept_and_all_of_another(
    ann: Client, database: Database, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOG_BYTES", 10 * (store.LINE_BYTES + 50))
    await said(database, run, ("clone", "Cloning maps"))
    for seq in range(2, 5):
        lines = [("session", f"{seq:02}-{number:02}".ljust(50)) for number in range(20)]
        await said(database, run, *lines, seq=seq, ends=seq == 4)

    kept = (await ann.get(f"/runs/{run}/log")).json()["lines"]

    assert [line["text"] for line in kept if line["source"] == "clone"] == ["Cloning maps"]
    session = [line["text"].strip() for line in kept if line["source"] == "session"]
    assert session == [f"04-{number:02}" for number in range(10, 20)]


async def test_attempts_of_long_ago_are_forgotten(ann: Client, database: Database, run: str) -> None:
    await said(database, run, ("session", "long ago"))
    async with database.write() as db:
        held = await db.get(Run, run)
        assert held is not None
        held.attempt = 1 + store.ATTEMPTS
    await said(database, run, ("session", "now"), seq=intake.TRIM_EVERY)
    assert [line["text"] for line in (await ann.get(f"/runs/{run}/log")).json()["lines"]] == ["now"]
