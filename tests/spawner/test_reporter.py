"""Reports reach the API whatever happens to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from spawner.api import SojournApi, close_connections
from spawner.reasons import Reason
from spawner.reporter import LOG_LINES_KEPT, Reporter
from tests.spawner.stand_in_api import TOKEN, StandInApi


@pytest.fixture
async def reporter(api: StandInApi) -> AsyncIterator[Reporter]:
    api.deliveries.clear()
    yield Reporter(SojournApi(api.url, TOKEN), run="r", attempt=2, log=logging.getLogger("test"))
    await close_connections()


async def test_reports_of_a_moment_travel_together_and_in_order(api: StandInApi, reporter: Reporter) -> None:
    reporter.stage("clone:bar", "now")
    for number in range(3):
        reporter.log("clone", str(number))
    reporter.stage("clone:bar", "done", "main at 0123")
    await reporter.flush()

    assert len(api.deliveries) == 1
    _, reports = api.deliveries[0]
    assert (reports.attempt, reports.seq) == (2, 1)
    assert [event.kind for event in reports.events] == ["stage", "log", "log", "log", "stage"]
    assert api.lines("r", "clone") == ["0", "1", "2"]


async def test_reports_wait_for_an_api_that_is_away(api: StandInApi, reporter: Reporter) -> None:
    reporter.log("session", "before")
    await reporter.flush()
    await asyncio.to_thread(api.go)
    reporter.log("session", "meanwhile")
    reporter.ended(Reason(code="c", sentence="S."))
    await asyncio.sleep(0.3)

    api.come()
    await reporter.flush()

    assert api.lines("r", "session") == ["before", "meanwhile"]
    assert api.ended("r") is not None
    assert [reports.seq for _, reports in api.deliveries] == [1, 2]


async def test_what_is_too_much_loses_the_oldest_lines_and_says_so(
    api: StandInApi, reporter: Reporter
) -> None:
    await asyncio.to_thread(api.go)
    reporter.stage("start", "now")
    delivered = []
    for number in range(LOG_LINES_KEPT + 7):
        reporter.log("session", str(number), on_delivered=lambda: delivered.append(1))
    reporter.stage("start", "done")
    api.come()
    await reporter.flush()

    lines = api.lines("r", "session")
    assert lines == [str(number) for number in range(7, LOG_LINES_KEPT + 7)]
    assert api.lines("r", "sojourn") == ["7 earlier lines are left out: the API was away for too long."]
    assert api.stages("r")["start"].state == "done"
    assert len(delivered) == LOG_LINES_KEPT + 7


async def test_a_refused_delivery_does_not_hold_up_the_next(api: StandInApi) -> None:
    api.deliveries.clear()
    reporter = Reporter(SojournApi(api.url, "wrong"), run="r", attempt=1, log=logging.getLogger("test"))
    reporter.log("session", "lost")
    reporter.ended(None)
    await reporter.flush()
    assert api.deliveries == []
    await close_connections()
