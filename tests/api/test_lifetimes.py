"""When running sessions pause by themselves, on a clock that the tests turn and a hub that is a stand-in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from sessions_api.audit import service as audit
from sessions_api.audit.filters import Filters
from sessions_api.hub.client import Hub, HubAwayError
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.paging import Paging
from sessions_api.runs import service as runs
from sessions_api.runs import store
from sessions_api.runs.life.watch import Watch
from sessions_api.sessions.lifetimes import Lifetimes
from tests.api.conftest import Client
from tests.api.test_limits import add, becomes, started
from tests.api.test_statements import statements
from tests.pages.hub import StandInHub

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LOOK = timedelta(seconds=15)
CERTAIN = timedelta(seconds=90)
"""One and a half of the minute after which sessions report."""
ANNOUNCED = timedelta(minutes=52)
"""After so long without activity a pause is announced, for ten minutes later."""


@dataclass
class Clock:
    now: datetime

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock(NOON)
    monkeypatch.setattr(clock, "now", lambda: turned.now)
    return turned


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with StandInHub() as running:
        yield running


@pytest.fixture(autouse=True)
def allowed(app: FastAPI) -> None:
    """Sessions pause after an hour without activity, and run for a day at most."""
    limits = {"idle_minutes": 60, "idle_minutes_most": 480, "life_hours": 24, "life_hours_most": 48}
    app.state.settings = app.state.settings.model_copy(update={**limits, "activity_seconds": 60})


@pytest.fixture
async def asked(hub: StandInHub) -> AsyncIterator[Hub]:
    client = Hub(hub.url, SecretStr("unused"))
    yield client
    await client.close()


@pytest.fixture
def watch(app: FastAPI, database: Database, asked: Hub, time: Clock) -> Watch:
    return Watch(database, asked, Lifetimes.of(app.state.settings))


async def running(client: Client, session: str, database: Database, hub: StandInHub) -> str:
    """A run that is ready now, as the hub knows it."""
    run = await started(client, session)
    now = clock.now()
    await becomes(database, run["id"], "running", ready_at=now, launched_at=now)
    async with database.read() as db:
        found = await store.get(db, run["id"])
    assert found is not None
    options = {"user_options": {"run": found.id}}
    hub.answer("POST", f"/hub/api/users/{found.person}/servers/{found.server}", options)
    hub.ready(found.id)
    hub.used(found.id, now)
    return found.id


@pytest.fixture
async def session(ann: Client, project: str) -> str:
    return await add(ann, project, "Exploration")


@pytest.fixture
async def run(ann: Client, session: str, database: Database, hub: StandInHub, time: Clock) -> str:
    return await running(ann, session, database, hub)


async def read(client: Client, run: str) -> dict[str, Any]:
    return dict((await client.get(f"/runs/{run}")).json())


async def lives_on(watch: Watch, time: Clock, span: timedelta) -> None:
    """Time passes, with looks at the end of it; those before would find nothing to do."""
    looked = min(span, CERTAIN + LOOK)
    time.now += span - looked
    for _ in range(int(looked / LOOK)):
        time.now += LOOK
        await watch.look()


async def told(database: Database) -> list[tuple[str, str | None, dict[str, Any]]]:
    async with database.read() as db:
        found = await audit.page(db, Filters(), Paging())
    return [(entry.verb, entry.person, entry.details) for entry in found]


async def test_an_idle_session_is_announced_and_then_paused(
    ann: Client, run: str, watch: Watch, time: Clock, database: Database
) -> None:
    await lives_on(watch, time, timedelta(minutes=50))
    assert (await read(ann, run))["pauses_at"] is None

    await lives_on(watch, time, timedelta(minutes=2))
    warned = await read(ann, run)
    assert warned["pauses_for"] == "idle"
    assert datetime.fromisoformat(warned["pauses_at"]) == NOON + timedelta(hours=1) + CERTAIN
    assert (warned["phase"], warned["wish"]) == ("running", "run")

    await lives_on(watch, time, timedelta(minutes=9, seconds=15))
    assert (await read(ann, run))["wish"] == "run"
    await lives_on(watch, time, LOOK)
    paused = await read(ann, run)
    assert paused["wish"] == "pause"
    assert paused["reason"]["code"] == "paused_idle"
    assert paused["reason"]["sentence"] == "It was paused because it was idle for 1 h."
    assert (await told(database))[0] == ("run.pause", None, {"of": "ann", "reason": "paused_idle"})

    async with database.write() as db:
        held = await store.hold(db, run)
        assert held is not None
        await runs.ended(db, held, None, time.now)
    ended = await read(ann, run)
    assert (ended["phase"], ended["reason"]["code"]) == ("paused", "paused_idle")


async def test_activity_takes_the_announcement_back(
    ann: Client, run: str, watch: Watch, time: Clock, hub: StandInHub
) -> None:
    await lives_on(watch, time, ANNOUNCED)
    assert (await read(ann, run))["pauses_at"] is not None

    hub.used(run, time.now)
    await watch.look()

    active = await read(ann, run)
    assert active["pauses_at"] is None
    assert datetime.fromisoformat(active["active_at"]) == time.now
    await lives_on(watch, time, timedelta(minutes=30))
    assert (await read(ann, run))["wish"] == "run"


async def test_every_change_of_the_announcement_is_an_event_of_the_run(
    *, ann: Client, run: str, watch: Watch, time: Clock, hub: StandInHub, database: Database
) -> None:
    await lives_on(watch, time, ANNOUNCED)
    await watch.look()
    hub.used(run, time.now)
    await watch.look()

    async with database.read() as db:
        found = [event.data for event in await store.events(db, run, 0, 100) if event.kind == "warning"]

    at = (NOON + timedelta(hours=1) + CERTAIN).isoformat()
    assert found == [{"pauses_at": at, "pauses_for": "idle"}, {"pauses_at": None, "pauses_for": None}]


async def test_nothing_is_paused_while_the_hub_is_away_nor_before_held_up_reports_arrived(
    *, ann: Client, run: str, watch: Watch, time: Clock, hub: StandInHub, asked: Hub
) -> None:
    await lives_on(watch, time, ANNOUNCED)
    with pytest.MonkeyPatch.context() as away:
        away.setattr(hub, "answer", lambda *_: (503, {"message": "away"}))
        time.on(minutes=30)
        with pytest.raises(HubAwayError):
            await watch.look()

    time.on(seconds=5)
    await watch.look()
    assert (await read(ann, run))["wish"] == "run", "a report may be on its way"
    hub.used(run, time.now - timedelta(minutes=20))
    await watch.look()

    await lives_on(watch, time, CERTAIN)
    assert (await read(ann, run))["wish"] == "run"


async def test_a_hub_that_does_not_know_the_session_yet_says_nothing_of_its_activity(
    ann: Client, run: str, watch: Watch, time: Clock, hub: StandInHub
) -> None:
    await lives_on(watch, time, ANNOUNCED)
    known, hub._servers = hub._servers, {}
    time.on(minutes=10)
    await watch.look()
    hub._servers = known

    time.on(seconds=5)
    await watch.look()

    assert (await read(ann, run))["wish"] == "run"


async def test_a_process_that_was_just_started_waits_before_it_pauses_anything(
    *, ann: Client, run: str, watch: Watch, time: Clock, database: Database, asked: Hub, app: FastAPI
) -> None:
    await lives_on(watch, time, ANNOUNCED)
    time.on(minutes=30)
    other = Watch(database, asked, Lifetimes.of(app.state.settings))

    await other.look()
    assert (await read(ann, run))["wish"] == "run"

    await lives_on(other, time, CERTAIN + LOOK)
    assert (await read(ann, run))["wish"] == "pause"


async def test_two_replicas_announce_and_pause_once(
    *, ann: Client, run: str, watch: Watch, time: Clock, database: Database, asked: Hub, app: FastAPI
) -> None:
    other = Watch(database, asked, Lifetimes.of(app.state.settings))
    for start in (ANNOUNCED - LOOK, timedelta(minutes=8)):
        time.now += start
        for _ in range(7):
            time.now += LOOK
            await asyncio.gather(watch.look(), other.look())

    async with database.read() as db:
        kinds = [event.kind for event in await store.events(db, run, 0, 1000)]
    assert (await read(ann, run))["wish"] == "pause"
    assert kinds.count("warning") == 1
    assert [verb for verb, *_ in await told(database)].count("run.pause") == 1


async def test_extending_twice_gives_one_more_span(
    *, ann: Client, session: str, run: str, watch: Watch, time: Clock, database: Database
) -> None:
    await lives_on(watch, time, ANNOUNCED)

    first, second = await asyncio.gather(ann.post(f"{session}/keep-alive"), ann.post(f"{session}/keep-alive"))

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["pauses_at"] is second.json()["pauses_at"] is None
    assert datetime.fromisoformat(first.json()["keep_until"]) == time.now + timedelta(hours=1)
    assert [verb for verb, *_ in await told(database)].count("run.keep") == 1
    await lives_on(watch, time, timedelta(minutes=51))
    assert (await read(ann, run))["wish"] == "run"
    await lives_on(watch, time, timedelta(minutes=9))
    assert (await read(ann, run))["wish"] == "pause"


async def test_who_extends_while_it_is_paused_comes_before_or_is_told(
    ann: Client, session: str, run: str, watch: Watch, time: Clock
) -> None:
    await lives_on(watch, time, ANNOUNCED)
    await lives_on(watch, time, timedelta(minutes=9, seconds=15))
    assert (await read(ann, run))["wish"] == "run"
    time.now += LOOK

    extended, _ = await asyncio.gather(ann.post(f"{session}/keep-alive"), watch.look())

    wish = (await read(ann, run))["wish"]
    assert (extended.status_code, wish) in {(202, "run"), (409, "pause")}
    if extended.status_code == 409:
        assert extended.json()["code"] == "nothing_to_keep"


async def test_a_session_is_kept_alive_until_a_time_that_the_installation_allows(
    ann: Client, session: str, run: str, watch: Watch, time: Clock
) -> None:
    until = time.now + timedelta(hours=5)
    kept = await ann.post(f"{session}/keep-alive", json={"until": until.isoformat()})
    assert datetime.fromisoformat(kept.json()["keep_until"]) == until
    await lives_on(watch, time, timedelta(hours=4))
    assert (await read(ann, run))["pauses_at"] is None

    for refused in ({"hours": 25}, {"until": NOON.isoformat()}, {"hours": 1, "until": until.isoformat()}):
        answer = await ann.post(f"{session}/keep-alive", json=refused)
        assert answer.status_code == 422, refused
    problem = (await ann.post(f"{session}/keep-alive", json={"hours": 25})).json()
    assert problem["errors"][0]["field"] == "until"
    assert datetime.fromisoformat(problem["errors"][0]["value"]) == time.now + timedelta(hours=24)


async def test_what_has_run_as_long_as_it_may_is_announced_and_paused_though_it_is_used(
    *, ann: Client, session: str, run: str, watch: Watch, time: Clock, hub: StandInHub
) -> None:
    await ann.post(f"{session}/keep-alive", json={"hours": 24})
    time.now += timedelta(hours=23, minutes=51)
    hub.used(run, time.now)
    await watch.look()
    warned = await read(ann, run)
    assert warned["pauses_for"] == "life"
    assert datetime.fromisoformat(warned["pauses_at"]) == time.now + timedelta(minutes=10)

    time.on(minutes=10)
    hub.used(run, time.now)
    await watch.look()

    paused = await read(ann, run)
    assert (paused["wish"], paused["reason"]["code"]) == ("pause", "paused_life")


async def test_a_resumed_session_begins_a_new_life(
    *, ann: Client, run: str, watch: Watch, time: Clock, database: Database, hub: StandInHub
) -> None:
    time.on(hours=30)
    await becomes(database, run, "running", attempt=2, ready_at=time.now, launched_at=time.now)

    await watch.look()

    assert (await read(ann, run))["pauses_at"] is None


async def test_a_session_says_itself_when_it_pauses_within_what_is_allowed(
    *, ann: Client, session: str, run: str, watch: Watch, time: Clock, app: FastAPI
) -> None:
    changed = await ann.patch(session, json={"idle_minutes": 480, "life_hours": 0.5})
    assert (changed.json()["idle_minutes"], changed.json()["life_hours"]) == (480, 0.5)
    for field, value, most in (
        ("idle_minutes", 481, "480"),
        ("idle_minutes", 0, "480"),
        ("life_hours", 49, "48"),
    ):
        problem = await ann.refused(session, 422, "PATCH", **{field: value})
        assert (problem["errors"][0]["field"], problem["errors"][0]["value"]) == (field, most)
    await ann.refused(session, 422, "PATCH", idle_minutes=0.5)
    copy = await ann.made(f"{session}/duplicate")
    assert (copy["idle_minutes"], copy["life_hours"]) == (480, 0.5)

    app.state.settings = app.state.settings.model_copy(update={"idle_minutes_most": 0})
    assert (await ann.patch(session, json={"idle_minutes": 0})).json()["idle_minutes"] == 0
    assert (await ann.patch(session, json={"idle_minutes": None})).json()["idle_minutes"] is None


async def test_a_look_costs_the_same_whatever_runs(
    *, ann: Client, project: str, run: str, watch: Watch, hub: StandInHub, database: Database
) -> None:
    await watch.look()
    with statements(database) as few:
        await watch.look()
    for number in range(5):
        place = (await ann.made("/projects", name=f"Project {number}"))["slug"]
        await running(ann, await add(ann, f"/projects/{place}", "Exploration"), database, hub)
    await watch.look()

    with statements(database) as many:
        await watch.look()

    assert len(few) == len(many)


async def test_others_and_those_who_never_started_keep_nothing_alive(
    ann: Client, bob: Client, session: str, run: str
) -> None:
    problem = await bob.refused(f"{session}/keep-alive", 409)
    assert problem["code"] == "nothing_to_keep"
