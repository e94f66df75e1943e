"""A stop deletes /work, also of a run that never began."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.truth.installation import Installation

pytestmark = pytest.mark.postgres


def test_a_stop_before_the_launch_deletes_what_a_failed_run_kept(replicated: Installation) -> None:
    hub = replicated.hub

    async def asked(session: str, verb: str) -> str:
        answer = await replicated.insist("ann", "POST", f"{session}/{verb}")
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def reached(run: str, phase: str) -> Callable[[], Awaitable[bool]]:
        async def is_so() -> bool:
            return bool((await replicated.run("ann", run))["phase"] == phase)

        return is_so

    async def story() -> None:
        first = await replicated.new_session("ann")
        project = first.partition("/sessions/")[0]
        added = await replicated.insist("ann", "POST", f"{project}/sessions", {"environment": "minimal"})
        second = f"{project}/sessions/{added.json()['slug']}"
        failing = await asked(first, "start")
        hub.facts.doomed.add(failing)
        await replicated.until(reached(failing, "failed"), "it failed")
        [kept] = hub.facts.works
        other = await asked(second, "start")
        await replicated.until(reached(other, "running"), "the other one runs")

        hub.hang()
        await asked(second, "stop")
        queued = await asked(first, "start")
        await asked(first, "stop")
        hub.go_on()

        await replicated.until(reached(queued, "stopped"), "it is stopped")
        assert kept not in hub.facts.works

    replicated.loop.do(story())
