"""From a time of a timetable on a session pauses, once nobody uses it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sessions_api.kit.db import Database
from sessions_api.runs.life.watch import Watch
from sessions_api.timetables.loop import Timekeeper
from tests.api.conftest import Client
from tests.api.test_lifetimes import (
    CERTAIN,
    LOOK,
    Clock,
    allowed,
    asked,
    hub,
    lives_on,
    read,
    running,
    time,
    told,
    watch,
)
from tests.api.test_timetables import HALF_PAST_TWO, WORKDAYS, keeper, last, put, session
from tests.pages.hub import StandInHub

__all__ = ["allowed", "asked", "hub", "keeper", "session", "time", "watch"]

PAUSES = {"start": None, "pause": {"at": "14:30", "days": WORKDAYS}}


async def test_a_pause_is_announced_put_off_and_done_when_nobody_uses_it(
    *,
    ann: Client,
    session: str,
    keeper: Timekeeper,
    time: Clock,
    database: Database,
    hub: StandInHub,
    watch: Watch,
) -> None:
    await put(ann, session, **PAUSES)
    run = await running(ann, session, database, hub)
    time.now = HALF_PAST_TWO - timedelta(minutes=10)
    await keeper.look()
    assert (await last(ann, session, "pause"))["became"] == "pausing"
    await lives_on(watch, time, LOOK)
    warned = await read(ann, run)
    assert warned["pauses_for"] == "time"
    assert datetime.fromisoformat(warned["pauses_at"]) - HALF_PAST_TWO <= LOOK

    extended = await ann.post(f"{session}/keep-alive", json={"hours": 1})
    assert extended.json()["pauses_at"] is None
    await lives_on(watch, time, timedelta(minutes=30))
    assert (await read(ann, run))["wish"] == "run"
    await lives_on(watch, time, timedelta(minutes=20))
    await lives_on(watch, time, timedelta(minutes=12))
    paused = await read(ann, run)
    assert (paused["wish"], paused["reason"]["code"]) == ("pause", "paused_time")
    assert (await told(database))[0] == ("run.pause", None, {"of": "ann", "reason": "paused_time"})


async def test_a_session_that_is_used_is_not_paused_at_its_time(
    *,
    ann: Client,
    session: str,
    keeper: Timekeeper,
    time: Clock,
    database: Database,
    hub: StandInHub,
    watch: Watch,
) -> None:
    await put(ann, session, **PAUSES)
    run = await running(ann, session, database, hub)
    time.now = HALF_PAST_TWO - timedelta(minutes=10)
    await keeper.look()
    for _ in range(15):
        hub.used(run, time.now)
        await lives_on(watch, time, timedelta(minutes=1))
    used = await read(ann, run)
    assert (used["wish"], used["pauses_at"]) == ("run", None)

    await lives_on(watch, time, timedelta(minutes=8))
    assert (await read(ann, run))["pauses_for"] == "time"
    await lives_on(watch, time, timedelta(minutes=10) + CERTAIN)
    assert (await read(ann, run))["wish"] == "pause"


async def test_what_is_started_later_or_does_not_run_is_not_paused(
    *,
    ann: Client,
    session: str,
    keeper: Timekeeper,
    time: Clock,
    database: Database,
    hub: StandInHub,
    watch: Watch,
) -> None:
    await put(ann, session, **PAUSES)
    time.now = HALF_PAST_TWO - timedelta(minutes=9)
    await keeper.look()
    assert (await last(ann, session, "pause"))["became"] == "nothing"
    run = await running(ann, session, database, hub)
    await lives_on(watch, time, timedelta(minutes=40))
    assert (await read(ann, run))["pauses_at"] is None


async def test_a_time_that_is_taken_away_pauses_nothing(
    *,
    ann: Client,
    session: str,
    keeper: Timekeeper,
    time: Clock,
    database: Database,
    hub: StandInHub,
    watch: Watch,
) -> None:
    await put(ann, session, **PAUSES)
    run = await running(ann, session, database, hub)
    time.now = HALF_PAST_TWO - timedelta(minutes=10)
    await keeper.look()
    assert (await ann.delete(f"{session}/timetable")).status_code == 204
    await lives_on(watch, time, timedelta(minutes=30))
    now = await read(ann, run)
    assert (now["wish"], now["pauses_at"]) == ("run", None)
