"""Real sessions that pause by themselves: JupyterLab tells the hub what is at work, the hub the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.conftest import FreshStack
from tests.e2e.kernels import set_to_work, type_into_a_terminal
from tests.e2e.projects import Project
from tests.stack import eventually

SHORT = {
    "SOJOURN_IDLE_MINUTES": "0.1",
    "SOJOURN_ACTIVITY_SECONDS": "2",
    "SOJOURN_PAUSE_WARNING_MINUTES": "0.05",
}
IN_SILENCE = "import time\ntime.sleep(3600)"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def _active(run: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(run["active_at"])


def test_an_idle_session_pauses_and_one_that_works_in_silence_does_not(fresh_sojourn: FreshStack) -> None:
    with fresh_sojourn(variables=SHORT) as stack:
        projects = [Project.with_session(stack) for _ in range(3)]
        idle, computing, typing = (
            project.until(project.start()["id"], "running", "failed") for project in projects
        )
        kernel = set_to_work(stack, computing, IN_SILENCE)
        type_into_a_terminal(stack, typing, "sleep 3600")

        paused = projects[0].until(idle["id"], "paused")
        assert paused["reason"]["code"] == "paused_idle"

        for project, run in zip(projects[1:], (computing, typing), strict=True):
            active = eventually(
                lambda project=project, run=run: _later(project, run, paused["ended_at"]), "news of activity"
            )
            assert active["phase"] == "running"

        stack.http().post(f"{computing['url']}api/kernels/{kernel}/interrupt").raise_for_status()
        assert projects[1].until(computing["id"], "paused")["reason"]["code"] == "paused_idle"
        assert projects[2].run(typing["id"])["phase"] == "running"
        assert not stack.complaints()


def _later(project: Project, run: dict[str, Any], than: str) -> dict[str, Any] | None:
    """The run, once it is known to be active after a time, which would be impossible without its work."""
    found = project.run(run["id"])
    assert found["phase"] == "running", "what works was paused"
    known = found["active_at"] is not None and _active(found) > datetime.fromisoformat(than)
    return found if known else None
