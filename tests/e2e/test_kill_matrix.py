"""`kill -9` of everything there is, at ten points of a launch each.

After it: no orphan process, no lost run, and the status is true within ten seconds after everything answers
again; what the person wished for happens, or the run says why it does not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.projects import Project
from tests.stack import CHILDREN, Stack, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TRUE_WITHIN = 10.0
"""Seconds after everything answers again: the product's own promise."""

POINTS = (
    *("queued", "launching", "starting", "process", "halfway"),
    *("running", "pausing", "paused", "resuming", "stopping"),
)
"""Points of a launch in their order."""

SECONDS_OF_PROCESS = {
    "queued": 0,
    "launching": 0.1,
    "starting": 0.2,
    "process": 0.3,
    "halfway": 0.5,
    "resuming": 0.4,
}
"""How old the single-user server gets that is killed at a point where there is none yet."""

CASES = [(victim, point) for point in POINTS for victim in (*CHILDREN, "session", "everything")]
# Nothing runs while a session is paused.
CASES[CASES.index(("session", "paused"))] = ("session", "resumed")
CASES += [("sojourn", point) for point in ("process", "running", "pausing", "resuming", "stopping")]


def phases_after(victim: str, point: str) -> set[str]:
    """In which phases the run may settle after a kill."""
    match point, victim:
        case "stopping", _:
            return {"stopped"}
        case "pausing" | "paused", _:
            return {"paused"}
        case _, "session":
            return {"failed"}
        case "running", "everything":
            return {"failed"}
        case _, "everything":
            # It depends on whether the hub had written down that the server was ready.
            return {"running", "failed"}
        case _:
            return {"running"}


@pytest.fixture(scope="module")
def killable(minimal_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("killable")) as stack:
        yield stack


def bring_to(point: str, project: Project) -> dict[str, Any]:
    """Starts a session and returns its run at the moment when the point is reached."""
    run = project.start()["id"]
    stack = project.stack
    match point:
        case "launching":
            project.until_phase(run, "launching", "running")
        case "starting":
            eventually(lambda: _has_begun(project.run(run), "start"), "the stage", pause=0.01)
        case "process" | "halfway":
            eventually(lambda: stack.record(run), "the process", pause=0.01)
            time.sleep(0.4 if point == "halfway" else 0)
        case "running" | "pausing" | "paused" | "resuming" | "resumed" | "stopping":
            project.until(run, "running")
    match point:
        case "pausing":
            project.ask("pause")
        case "paused" | "resuming" | "resumed":
            project.ask("pause")
            project.until(run, "paused")
        case "stopping":
            project.ask("stop")
    match point:
        case "resuming":
            project.start()
        case "resumed":
            project.running()
    return project.run(run)


def _has_begun(run: dict[str, Any], key: str) -> bool:
    return any(stage["key"] == key and stage["state"] != "next" for stage in run["stages"])


def kill(victim: str, stack: Stack, point: str, run: dict[str, Any]) -> None:
    match victim:
        case "session":
            if point in SECONDS_OF_PROCESS:
                eventually(lambda: stack.record(run["id"]), "the process", pause=0.01)
                time.sleep(SECONDS_OF_PROCESS[point])
            stack.kill_session(run["id"])
        case "everything":
            stack.kill_everything()
        case "sojourn":
            stack.kill_sojourn()
        case _:
            stack.kill(victim)


@pytest.mark.parametrize(("victim", "point"), CASES)
def test_a_kill_leaves_no_orphan_and_a_true_status(killable: Stack, victim: str, point: str) -> None:
    stack, project = killable, Project.with_session(killable)
    run = bring_to(point, project)

    kill(victim, stack, point, run)
    if victim in {"everything", "sojourn"}:
        stack.start()
    eventually(stack.answers, "answers from everything")

    found: list[str] = ["nothing was looked at"]

    def is_true() -> bool:
        found[:] = stack.untruths(project.run(run["id"]))
        return not found

    try:
        eventually(is_true, "a true status", seconds=TRUE_WITHIN)
    except TimeoutError as error:
        error.add_note(f"{found} {project.run(run['id'])}")
        raise
    settled = project.until_phase(run["id"], *phases_after(victim, point))
    assert bool(settled["reason"]) == (settled["phase"] == "failed")
    assert not stack.orphans(settled)
    if settled["phase"] != "stopped":
        settled = project.stop(run["id"])
    eventually(lambda: not stack.untruths(settled) and not stack.orphans(), "an end of everything")
