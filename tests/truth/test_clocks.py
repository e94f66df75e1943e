"""The clock of a computer steps by an hour: nothing waits until it is right again, nothing is mixed up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.truth.installation import Installation

SOON = 30.0
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.postgres


def step(installation: Installation, by: timedelta) -> None:
    for replica in installation.replicas:
        replica.clock.by += by


def in_phase(installation: Installation, run: str, phase: str) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return bool((await installation.run("ann", run))["phase"] == phase)

    return is_so


async def asked(installation: Installation, session: str, verb: str) -> dict[str, Any]:
    answer = await installation.insist("ann", "POST", f"{session}/{verb}")
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def started(installation: Installation, phase: str) -> tuple[str, str]:
    session = await installation.new_session("ann")
    run = (await asked(installation, session, "start"))["id"]
    await installation.until(in_phase(installation, run, phase), phase)
    return session, run


@pytest.mark.parametrize("by", [-HOUR, HOUR])
def test_a_launch_that_is_lost_is_asked_for_again(replicated: Installation, by: timedelta) -> None:
    async def story() -> None:
        _, run = await started(replicated, "launching")
        await replicated.hub.kill()
        step(replicated, by)
        await replicated.hub.start()
        await replicated.until(in_phase(replicated, run, "running"), "it runs", seconds=SOON)

    replicated.loop.do(story())


@pytest.mark.parametrize("by", [-HOUR, HOUR])
def test_a_cancelled_launch_that_the_hub_forgot_ends(replicated: Installation, by: timedelta) -> None:
    async def story() -> None:
        session, run = await started(replicated, "launching")
        await replicated.hub.kill()
        await asked(replicated, session, "cancel")
        step(replicated, by)
        await replicated.hub.start()
        await replicated.until(in_phase(replicated, run, "stopped"), "it is stopped", seconds=SOON)

    replicated.loop.do(story())


@pytest.mark.parametrize("by", [-HOUR, HOUR])
def test_a_session_that_is_gone_without_a_word_is_told_as_failed(
    replicated: Installation, by: timedelta
) -> None:
    async def story() -> None:
        _, run = await started(replicated, "running")
        await replicated.hub.kill()
        step(replicated, by)
        replicated.hub.forget_everything()
        await replicated.hub.start()
        await replicated.until(in_phase(replicated, run, "failed"), "it failed", seconds=SOON)

    replicated.loop.do(story())


@pytest.mark.parametrize("by", [-HOUR, HOUR])
def test_a_lease_of_a_replica_that_was_killed_holds_nothing_up(
    replicated: Installation, by: timedelta
) -> None:
    async def story() -> None:
        session, run = await started(replicated, "running")
        replicated.hub.hang()
        await asked(replicated, session, "pause")
        await asyncio.sleep(1)
        for replica in replicated.replicas:
            await replica.kill()
        await replicated.hub.kill()
        step(replicated, by)
        await replicated.hub.start()
        for replica in replicated.replicas:
            await replica.start()
        await replicated.until(in_phase(replicated, run, "paused"), "it is paused", seconds=SOON)

    replicated.loop.do(story())


def test_the_newest_run_is_the_one_that_was_started_last(replicated: Installation) -> None:
    async def story() -> None:
        session, first = await started(replicated, "running")
        await asked(replicated, session, "stop")
        await replicated.until(in_phase(replicated, first, "stopped"), "it is stopped")
        step(replicated, -HOUR)
        second = (await asked(replicated, session, "start"))["id"]
        await replicated.until(in_phase(replicated, second, "running"), "it runs")
        read = await replicated.insist("ann", "GET", session)
        assert read.json()["status"] == "running"
        assert (await asked(replicated, session, "pause"))["id"] == second

    replicated.loop.do(story())


def test_what_the_hub_says_of_a_person_is_believed_for_a_minute_at_most(replicated: Installation) -> None:
    async def groups() -> list[str]:
        return list((await replicated.insist("ann", "GET", "/me")).json()["groups"])

    async def story() -> None:
        replicated.hub.groups["ann"] = ["hydrology"]
        for _ in replicated.replicas:
            assert await groups() == ["hydrology"]
        replicated.hub.groups["ann"] = []
        step(replicated, -HOUR)
        await asyncio.sleep(61)
        for _ in replicated.replicas:
            assert await groups() == []

    replicated.loop.do(story())
