"""A paused session is resumed as it was, or started anew as it is configured now."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import service, store
from sessions_api.runs.kept import service as kept
from sessions_api.runs.kept.service import Keeping
from tests.api.conftest import Client
from tests.api.held import held, takes_over


@pytest.fixture
async def paused(database: Database, ann: Client, project: str) -> str:
    """Ann's paused run of the session `minimal`; its id."""
    await ann.made(f"{project}/sessions", environment="minimal")
    run_id: str = (await ann.post(f"{project}/sessions/minimal/start")).json()["id"]
    async with database.write() as db:
        run = await store.hold(db, run_id)
        assert run is not None
        run.phase, run.slot, run.spec = "paused", None, {}
    return run_id


async def test_ten_starts_anew_at_once_make_one_run_and_close_the_paused_one(
    database: Database, ann: Client, project: str, paused: str
) -> None:
    path = f"{project}/sessions/minimal/start"

    answers = await asyncio.gather(*(ann.post(path, json={"anew": True}) for _ in range(10)))

    [new] = {answer.json()["id"] for answer in answers}
    assert new != paused
    assert (await held(database, paused)).phase == "paused", "as long as the new run may be cancelled"
    assert await takes_over(database, new)
    old = (await ann.get(f"/runs/{paused}")).json()
    assert (old["phase"], old["status"]) == ("succeeded", "inactive")
    # The server's name is what /work belongs to.
    assert (await held(database, new)).server == (await held(database, paused)).server


async def test_a_resume_that_is_under_way_is_not_started_anew(ann: Client, project: str, paused: str) -> None:
    path = f"{project}/sessions/minimal/start"
    assert (await ann.post(path)).json()["id"] == paused

    again = (await ann.post(path, json={"anew": True})).json()

    assert (again["id"], again["phase"], again["wish"]) == (paused, "paused", "resume")


async def test_what_is_not_started_anew_after_all_can_still_be_resumed(
    ann: Client, project: str, paused: str
) -> None:
    await ann.made(f"{project}/sessions", environment="minimal", name="Other")
    await ann.post(f"{project}/sessions/other/start")

    problem = await ann.refused(f"{project}/sessions/minimal/start", 409, anew=True)

    assert problem["code"] == "environment_in_use"
    assert (await ann.get(f"/runs/{paused}")).json()["phase"] == "paused"


async def test_a_stop_of_a_run_that_never_began_keeps_what_the_one_before_it_has(
    database: Database, ann: Client, project: str, paused: str
) -> None:
    path = f"{project}/sessions/minimal"
    new = (await ann.post(f"{path}/start", json={"anew": True})).json()["id"]
    await ann.post(f"{path}/stop")

    async with database.write() as db:
        run = await store.hold(db, new)
        assert run is not None
        await kept.want(db, run, Keeping(timedelta(days=7)))
        assert await service.hand_on(db, run, clock.now())

    assert ((await held(database, new)).phase, (await held(database, paused)).wish) == ("stopped", "stop")
    async with database.read() as db:
        found = await kept.of_run(db, paused)
        assert found is not None
        assert found.state == "wanted"
        assert await kept.of_run(db, new) is None
