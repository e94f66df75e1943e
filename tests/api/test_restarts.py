"""A running session is paused and started again as it is configured now, by one request."""

from __future__ import annotations

import asyncio

import pytest

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import service, store
from tests.api.conftest import Client
from tests.api.held import held, takes_over


@pytest.fixture
async def running(database: Database, ann: Client, project: str) -> str:
    """Ann's running run of the session `minimal`; its id."""
    await ann.made(f"{project}/sessions", environment="minimal")
    run_id: str = (await ann.post(f"{project}/sessions/minimal/start")).json()["id"]
    async with database.write() as db:
        run = await store.hold(db, run_id)
        assert run is not None
        run.phase, run.spec = "running", {}
    return run_id


async def test_ten_restarts_at_once_pause_one_run_and_start_one(
    database: Database, ann: Client, project: str, running: str
) -> None:
    path = f"{project}/sessions/minimal/restart"

    answers = await asyncio.gather(*(ann.post(path) for _ in range(10)))

    [new] = {answer.json()["id"] for answer in answers}
    assert new != running
    old, young = await held(database, running), await held(database, new)
    assert (old.phase, old.wish, young.phase, young.wish) == ("running", "pause", "queued", "run")
    assert old.server == young.server, "the server's name is what /work belongs to"
    async with database.read() as db:
        assert await store.others_under_way(db, young), "it waits until the old server is gone"
    entries = (await ann.get(f"{project}/audit")).json()["items"]
    assert [each["verb"] for each in entries[:3]] == ["run.start", "run.pause", "run.start"]


async def test_what_was_restarted_leaves_nothing_to_resume(
    database: Database, ann: Client, project: str, running: str
) -> None:
    new = (await ann.post(f"{project}/sessions/minimal/restart")).json()["id"]

    async with database.write() as db:
        run = await store.hold(db, running)
        assert run is not None
        await service.ended(db, run, None, clock.now())

    assert (await held(database, running)).phase == "paused", "as long as the new run may be cancelled"
    assert await takes_over(database, new)
    assert (await held(database, running)).phase == "succeeded"
    started = await held(database, new)
    async with database.read() as db:
        assert not await store.others_under_way(db, started)
    assert (await ann.get(f"{project}/sessions/minimal")).json()["run"] == new


async def test_a_paused_session_is_started_anew(
    database: Database, ann: Client, project: str, running: str
) -> None:
    async with database.write() as db:
        run = await store.hold(db, running)
        assert run is not None
        run.phase, run.slot = "paused", None

    new = (await ann.post(f"{project}/sessions/minimal/restart")).json()

    assert new["id"] != running
    assert await takes_over(database, new["id"])
    assert (await held(database, running)).phase == "succeeded"


async def test_a_restart_that_is_refused_leaves_the_session_running(
    database: Database, ann: Client, project: str, running: str
) -> None:
    async with database.write() as db:
        run = await store.hold(db, running)
        assert run is not None
        run.slot = None
    await ann.made(f"{project}/sessions", environment="minimal", name="Other")
    await ann.post(f"{project}/sessions/other/start")

    await ann.refused(f"{project}/sessions/minimal/restart", 409)

    kept = await held(database, running)
    assert (kept.phase, kept.wish) == ("running", "run")
