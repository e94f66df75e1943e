"""Timetables, on a clock that the tests turn and with a hub that is a stand-in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.environments.dependencies import kinds_of
from sessions_api.hub.client import Hub
from sessions_api.kit.db import Database
from sessions_api.runs import store
from sessions_api.sessions.lifetimes import Lifetimes
from sessions_api.timetables.loop import Timekeeper
from tests.api.conftest import Client
from tests.api.test_lifetimes import (
    Clock,
    allowed,
    asked,
    hub,
    read,
    running,
    time,
    told,
    watch,
)
from tests.api.test_limits import add, becomes, seed
from tests.api.test_statements import statements
from tests.pages.hub import StandInHub

__all__ = ["allowed", "asked", "hub", "time", "watch"]

WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]
TIMES = {"zone": "Europe/Berlin", "start": {"at": "14:30", "days": WORKDAYS}}
HALF_PAST_TWO = datetime(2026, 11, 27, 13, 30, tzinfo=UTC)
"""Of a Friday; the clock of the tests says noon in London."""


@pytest.fixture
async def keeper(database: Database, app: FastAPI, asked: Hub, time: Clock) -> Timekeeper:
    return made(database, app, asked)


def made(database: Database, app: FastAPI, asked: Hub) -> Timekeeper:
    settings = app.state.settings
    return Timekeeper(database, asked, Lifetimes.of(settings), kinds=kinds_of(settings))


@pytest.fixture
async def session(ann: Client, project: str) -> str:
    """It pauses for want of activity after hours only."""
    return await add(ann, project, "Exploration", idle_minutes=480)


async def put(client: Client, session: str, **body: Any) -> dict[str, Any]:
    answer = await client.put(f"{session}/timetable", json=TIMES | body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def last(client: Client, session: str, what: str = "start") -> dict[str, Any]:
    return dict((await client.get(f"{session}/timetable")).json()[what]["last"])


async def runs_of(client: Client) -> list[dict[str, Any]]:
    return list((await client.get("/runs")).json()["items"])


async def test_a_session_starts_at_its_time_once(
    *, ann: Client, session: str, keeper: Timekeeper, time: Clock, database: Database
) -> None:
    given = await put(ann, session)
    assert datetime.fromisoformat(given["start"]["next_at"]) == HALF_PAST_TWO
    time.now = HALF_PAST_TWO - timedelta(seconds=1)
    await keeper.look()
    assert await runs_of(ann) == []

    time.on(seconds=3)
    for _ in range(3):
        await keeper.look()

    [run] = await runs_of(ann)
    outcome = await last(ann, session)
    assert (outcome["became"], outcome["run"]) == ("started", run["id"])
    following = (await ann.get(f"{session}/timetable")).json()["start"]["next_at"]
    assert datetime.fromisoformat(following) == HALF_PAST_TWO + timedelta(days=3)
    assert ("run.start", "ann", {"by_timetable": True}) in await told(database)
    log = (await ann.get(f"/runs/{run['id']}/log")).json()["lines"]
    assert log[0]["text"] == "It was started by your times of it, at Friday 14:30."


async def test_two_replicas_start_it_once(
    *,
    ann: Client,
    session: str,
    keeper: Timekeeper,
    time: Clock,
    database: Database,
    app: FastAPI,
    asked: Hub,
) -> None:
    await put(ann, session)
    other = made(database, app, asked)
    time.now = HALF_PAST_TWO

    await asyncio.gather(*(each.look() for each in (keeper, other, keeper, other)))

    assert len(await runs_of(ann)) == 1
    assert [verb for verb, *_ in await told(database)].count("run.start") == 1


@pytest.mark.parametrize(("late", "became"), [(29, "started"), (30, "skipped")])
async def test_what_is_less_than_half_an_hour_late_is_made_up_for(
    *, ann: Client, session: str, keeper: Timekeeper, time: Clock, late: int, became: str
) -> None:
    await put(ann, session)
    time.now = HALF_PAST_TWO + timedelta(minutes=late)

    await keeper.look()

    outcome = await last(ann, session)
    assert outcome["became"] == became
    assert len(await runs_of(ann)) == (became == "started")
    assert (
        outcome["sentence"]
        == {
            "started": "It was started by your times of it, at Friday 14:30, 29 min late: Sojourn was away.",
            "skipped": "It was not started at Friday 14:30, because Sojourn was away.",
        }[became]
    )


async def test_a_clock_that_was_an_hour_ahead_loses_no_start_and_doubles_none(
    *, ann: Client, session: str, keeper: Timekeeper, time: Clock
) -> None:
    await put(ann, session)
    time.now = HALF_PAST_TWO - timedelta(minutes=10)
    time.on(hours=1)
    await keeper.look()
    assert (await last(ann, session))["became"] == "skipped"
    time.on(hours=-1)
    await keeper.look()
    assert await runs_of(ann) == []

    time.on(minutes=10)
    await keeper.look()
    assert (await last(ann, session))["became"] == "started"
    [run] = await runs_of(ann)
    time.on(hours=-1)
    await keeper.look()
    time.on(hours=1)
    await keeper.look()

    assert [each["id"] for each in await runs_of(ann)] == [run["id"]]


async def test_what_is_paused_is_resumed_and_what_runs_runs_on(
    *, ann: Client, session: str, keeper: Timekeeper, time: Clock, database: Database, hub: StandInHub
) -> None:
    await put(ann, session, start={"at": "14:30", "days": ["fri", "sat", "sun"]})
    run = await running(ann, session, database, hub)
    time.now = HALF_PAST_TWO
    await keeper.look()
    assert (await last(ann, session))["became"] == "live"
    assert (await read(ann, run))["wish"] == "run"

    await becomes(database, run, "paused", slot=None)
    time.on(days=1)
    await keeper.look()

    assert (await last(ann, session))["became"] == "resumed"
    assert (await read(ann, run))["wish"] == "resume"


async def test_a_start_waits_for_the_hub_until_it_is_too_late(
    ann: Client, session: str, keeper: Timekeeper, time: Clock, hub: StandInHub
) -> None:
    await put(ann, session)
    time.now, hub.away = HALF_PAST_TWO, True
    await keeper.look()
    assert (await ann.get(f"{session}/timetable")).json()["start"]["last"] is None
    time.on(minutes=31)
    await keeper.look()
    assert "JupyterHub was away" in (await last(ann, session))["sentence"]


async def test_a_refused_start_is_told_with_what_to_do(
    *, ann: Client, project: str, session: str, keeper: Timekeeper, time: Clock, database: Database
) -> None:
    await put(ann, session)
    copy = await ann.made(f"{session}/duplicate")
    taken = await ann.post(f"{project}/sessions/{copy['slug']}/start")
    assert taken.status_code == 202
    time.now = HALF_PAST_TWO

    await keeper.look()

    outcome = await last(ann, session)
    assert (outcome["became"], outcome["code"]) == ("refused", "environment_in_use")
    assert outcome["hint"] == "Open that one, or pause it first."
    assert len(await runs_of(ann)) == 1


QUOTA = "- {slug: desk, name: Desk, classes: [small], quota: {sessions: 1}, perPerson: {sessions: 1}}\n"


async def test_a_full_pool_queues_a_start_and_ones_own_limit_refuses_it(
    *,
    ann: Client,
    bob: Client,
    project: str,
    session: str,
    keeper: Timekeeper,
    time: Clock,
    database: Database,
    tmp_path: Path,
) -> None:
    await seed(database, tmp_path, "- {slug: small, name: Small, cpus: 1, memoryGib: 2}\n", QUOTA)
    await ann.patch(session, json={"resource_class": "small"})
    other = await add(ann, project, "Other", environment="minimal", resource_class="small")
    await put(ann, session)
    await put(ann, other, start={"at": "14:31", "days": ["fri"]})
    assert (await bob.post(f"{session}/start")).status_code == 202
    time.now = HALF_PAST_TWO

    await keeper.look()
    [run] = await runs_of(ann)
    assert (run["phase"], run["queue"]["position"]) == ("queued", 1)

    time.on(minutes=1)
    await keeper.look()
    outcome = await last(ann, other)
    assert (outcome["became"], outcome["code"]) == ("refused", "limit_reached")
    assert "Exploration" in outcome["sentence"]
    assert outcome["hint"]


async def test_a_timetable_goes_with_the_access_of_its_person(
    *,
    ann: Client,
    bob: Client,
    project: str,
    session: str,
    keeper: Timekeeper,
    time: Clock,
    database: Database,
) -> None:
    await put(bob, session)
    await ann.patch(project, json={"visibility": "private"})

    await keeper.look()

    assert ("timetable.remove", None, {"of": "bob"}) in await told(database)
    await ann.patch(project, json={"visibility": "public"})
    assert (await bob.get(f"{session}/timetable")).status_code == 404


async def test_who_belongs_by_a_group_is_looked_at_when_the_time_has_come(
    *, ann: Client, bob: Client, project: str, session: str, keeper: Timekeeper, time: Clock, hub: StandInHub
) -> None:
    await put(bob, session)
    await ann.put(f"{project}/groups/mappers", json={"role": "viewer"})
    await ann.patch(project, json={"visibility": "private"})
    bob.headers["X-Groups"] = "mappers"
    hub.groups["bob"] = ["mappers"]
    time.now = HALF_PAST_TWO
    await keeper.look()
    assert (await last(bob, session))["became"] == "started"

    hub.groups["bob"] = []
    time.on(days=3)
    await keeper.look()
    assert (await bob.get(f"{session}/timetable")).status_code == 404


async def test_a_timetable_goes_with_its_session_and_its_project(
    *, ann: Client, project: str, session: str, keeper: Timekeeper, database: Database
) -> None:
    await put(ann, session)
    assert (await ann.delete(session)).status_code == 204
    await keeper.look()
    assert (await ann.get("/me/timetables")).json()["items"] == []
    assert ("timetable.remove", None, {"of": "ann"}) in await told(database)


async def test_times_are_their_persons_own_and_are_edited_by_etag(
    *, ann: Client, bob: Client, root: Client, session: str, database: Database
) -> None:
    first = await ann.put(f"{session}/timetable", json=TIMES)
    again = await ann.put(f"{session}/timetable", json=TIMES, headers={"If-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (200, first.headers["ETag"])
    assert [verb for verb, *_ in await told(database)].count("timetable.put") == 1
    assert (await bob.get(f"{session}/timetable")).status_code == 404
    changed = await ann.put(f"{session}/timetable", json=TIMES | {"zone": "UTC"})
    assert changed.json()["start"]["next_at"] != first.json()["start"]["next_at"]
    stale = await ann.put(f"{session}/timetable", json=TIMES, headers={"If-Match": first.headers["ETag"]})
    assert stale.status_code == 412
    assert (await root.get("/admin/timetables")).json()["items"] == [changed.json()]
    assert (await bob.get("/admin/timetables")).status_code == 403
    assert (await bob.get("/me/timetables")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"start": None}, "start"),
        ({"start": {"at": "24:00", "days": ["mon"]}}, "start.at"),
        ({"start": {"at": "8:30", "days": ["mon"]}}, "start.at"),
        ({"start": {"at": "08:30", "days": []}}, "start.days"),
        ({"start": {"at": "08:30", "days": ["holiday"]}}, "start.days.0"),
        ({"stop": {"at": "08:30", "days": ["mon"]}}, "stop"),
    ],
)
async def test_what_is_no_time_is_refused_at_its_field(
    ann: Client, session: str, body: dict[str, Any], field: str
) -> None:
    answer = await ann.put(f"{session}/timetable", json=TIMES | body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_list_of_timetables_costs_the_same_however_long(
    *, ann: Client, project: str, session: str, database: Database
) -> None:
    await put(ann, session)
    with statements(database) as few:
        assert len((await ann.get("/me/timetables")).json()["items"]) == 1
    for _ in range(3):
        copy = await ann.made(f"{session}/duplicate")
        await put(ann, f"{project}/sessions/{copy['slug']}")
    with statements(database) as many:
        assert len((await ann.get("/me/timetables")).json()["items"]) == 4
    assert len(few) == len(many)


async def test_what_a_kill_cuts_off_is_done_again_whole(
    *, ann: Client, session: str, keeper: Timekeeper, time: Clock, database: Database
) -> None:
    """The transaction that starts also moves on to the next time: without its end neither happened."""
    await put(ann, session)
    time.now = HALF_PAST_TWO
    looking = asyncio.create_task(keeper.look())
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    await keeper.look()
    [run] = await runs_of(ann)
    async with database.read() as db:
        assert len(await store.events(db, run["id"], 0, 10)) == 2
