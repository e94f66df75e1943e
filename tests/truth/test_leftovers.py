"""What a run kept is not lost sight of when a later one never begins, and goes with a stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.truth.installation import Installation

pytestmark = pytest.mark.postgres


async def asked(place: Installation, session: str, verb: str, body: Any = None) -> str:
    answer = await place.insist("ann", "POST", f"{session}/{verb}", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def reached(place: Installation, run: str, phase: str) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return bool((await place.run("ann", run))["phase"] == phase)

    return is_so


async def status(place: Installation, session: str) -> str:
    return str((await place.insist("ann", "GET", session)).json()["status"])


async def two_sessions(place: Installation) -> tuple[str, str]:
    """Of one environment: a run of one waits until that of the other is gone."""
    first = await place.new_session("ann")
    project = first.partition("/sessions/")[0]
    added = await place.insist("ann", "POST", f"{project}/sessions", {"environment": "minimal"})
    return first, f"{project}/sessions/{added.json()['slug']}"


async def ends(place: Installation, session: str, how: str) -> None:
    """A run of the session that keeps its /work: it failed, or was paused."""
    run = await asked(place, session, "start")
    if how == "failed":
        place.hub.facts.doomed.add(run)
    else:
        await place.until(reached(place, run, "running"), "it runs")
        await asked(place, session, "pause")
    await place.until(reached(place, run, how), f"it is {how}")


async def queued(place: Installation, session: str, other: str, body: Any) -> str:
    """A run of the session that waits for the end of one of the other session, with a hub that hangs."""
    before = await asked(place, other, "start")
    await place.until(reached(place, before, "running"), "the other one runs")
    place.hub.hang()
    await asked(place, other, "stop")
    return await asked(place, session, "start", body)


@pytest.mark.parametrize("how", ["failed", "paused"])
def test_a_stop_before_the_launch_deletes_what_an_earlier_run_kept(
    replicated: Installation, how: str
) -> None:
    async def story() -> None:
        session, other = await two_sessions(replicated)
        await ends(replicated, session, how)
        [kept] = replicated.hub.facts.works
        run = await queued(replicated, session, other, {"anew": True})
        await asked(replicated, session, "stop")
        replicated.hub.go_on()

        await replicated.until(reached(replicated, run, "stopped"), "it is stopped")

        async def is_gone() -> bool:
            return kept not in replicated.hub.facts.works

        await replicated.until(is_gone, "its /work is deleted")

        async def is_told() -> bool:
            return await status(replicated, session) == "inactive"

        await replicated.until(is_told, "nothing is said to be kept")

    replicated.loop.do(story())


@pytest.mark.parametrize("how", ["failed", "paused"])
def test_what_a_run_kept_is_in_sight_when_the_next_one_is_cancelled_before_it_begins(
    replicated: Installation, how: str
) -> None:
    async def story() -> None:
        session, other = await two_sessions(replicated)
        await ends(replicated, session, how)
        [kept] = replicated.hub.facts.works
        run = await queued(replicated, session, other, {"anew": True})
        await asked(replicated, session, "cancel")
        await replicated.until(reached(replicated, run, "stopped"), "it is cancelled")
        assert await status(replicated, session) == how
        replicated.hub.go_on()

        stopped = await asked(replicated, session, "stop")
        await replicated.until(reached(replicated, stopped, "stopped"), "it is stopped")
        assert kept not in replicated.hub.facts.works
        assert await status(replicated, session) == "inactive"

    replicated.loop.do(story())


def test_what_runs_is_paused_when_its_restart_is_cancelled(replicated: Installation) -> None:
    async def story() -> None:
        session = await replicated.new_session("ann")
        first = await asked(replicated, session, "start")
        await replicated.until(reached(replicated, first, "running"), "it runs")
        replicated.hub.hang()
        second = await asked(replicated, session, "restart")
        await asked(replicated, session, "cancel")
        await replicated.until(reached(replicated, second, "stopped"), "it is cancelled")
        replicated.hub.go_on()
        await replicated.until(reached(replicated, first, "paused"), "the first is paused")
        assert await status(replicated, session) == "paused"
        assert await asked(replicated, session, "start") == first

    replicated.loop.do(story())


def test_a_launch_that_is_cancelled_keeps_what_a_failed_run_kept(replicated: Installation) -> None:
    async def story() -> None:
        session = await replicated.new_session("ann")
        await ends(replicated, session, "failed")
        run = await asked(replicated, session, "start")
        await replicated.until(reached(replicated, run, "launching"), "it launches")
        await asked(replicated, session, "cancel")
        await replicated.until(reached(replicated, run, "paused"), "it is paused, with its /work")

    replicated.loop.do(story())
