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

LAUNCHING = ("launching", "starting", "process", "halfway")
"""Points of a launch in their order that pass at once: a kill meets one of them."""
AT_REST = ("running", "paused", "resuming", "pausing", "stopping", "queued")
"""The other points, a session at each for one kill that meets them all; the last ones pass soonest."""

SECONDS_OF_PROCESS = {
    "queued": 0,
    "launching": 0.1,
    "starting": 0.2,
    "process": 0.3,
    "halfway": 0.5,
    "resuming": 0.4,
}
"""How old the single-user server gets that is killed at a point where there is none yet."""

CASES = [(victim, point) for point in LAUNCHING for victim in (*CHILDREN, "everything")]
CASES += [("session", point) for point in (*LAUNCHING, *AT_REST)]
# Nothing runs while a session is paused.
CASES[CASES.index(("session", "paused"))] = ("session", "resumed")
CASES += [("sojourn", "process")]


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


def kill_session(stack: Stack, point: str, run: str) -> None:
    if point in SECONDS_OF_PROCESS:
        eventually(lambda: stack.record(run), "the process", pause=0.01)
        time.sleep(SECONDS_OF_PROCESS[point])
    stack.kill_session(run)


def kill(victim: str, stack: Stack) -> None:
    """Kills a part of Sojourn, or all of it, and starts again what nothing else does."""
    match victim:
        case "everything":
            stack.kill_everything()
        case "sojourn":
            stack.kill_sojourn()
        case _:
            stack.kill(victim)
    if victim in {"everything", "sojourn"}:
        stack.start()


def until_all_is_true(stack: Stack, projects: dict[str, Project]) -> None:
    """Waits until the status of each run, with its project here, is true."""
    found: list[str] = ["nothing was looked at"]

    def is_true() -> bool:
        found[:] = [
            untruth for run, project in projects.items() for untruth in stack.untruths(project.run(run))
        ]
        return not found

    try:
        eventually(is_true, "a true status", seconds=TRUE_WITHIN)
    except TimeoutError as error:
        error.add_note(f"{found} {[project.run(run) for run, project in projects.items()]}")
        raise


def settled(victim: str, point: str, project: Project, run: str) -> dict[str, Any]:
    """The run once it is as it has to be after a kill."""
    read = project.until_phase(run, *phases_after(victim, point))
    assert bool(read["reason"]) == (read["phase"] == "failed")
    return read


def until_nothing_is_left(stack: Stack) -> None:
    """Waits until the hub knows no server and nothing runs that belongs to nobody."""
    eventually(lambda: not stack.servers() and not stack.orphans(), "an end of everything")


@pytest.mark.parametrize(("victim", "point"), CASES)
def test_a_kill_leaves_no_orphan_and_a_true_status(killable: Stack, victim: str, point: str) -> None:
    stack, project = killable, Project.with_session(killable)
    run = bring_to(point, project)

    if victim == "session":
        kill_session(stack, point, run["id"])
    else:
        kill(victim, stack)

    eventually(stack.answers, "answers from everything")
    until_all_is_true(stack, {run["id"]: project})
    left = settled(victim, point, project, run["id"])
    assert not stack.orphans(left)
    if left["phase"] != "stopped":
        project.stop(run["id"])
    until_nothing_is_left(stack)


def all_at_rest(stack: Stack) -> dict[str, tuple[Project, dict[str, Any]]]:
    """A project for each of the points at rest, with the run that is there."""
    projects = {point: Project.with_session(stack) for point in AT_REST}
    begun = {point: project.start()["id"] for point, project in projects.items() if point != "queued"}
    for point, run in begun.items():
        projects[point].until(run, "running")
    for point in ("paused", "resuming"):
        projects[point].ask("pause")
    for point in ("paused", "resuming"):
        projects[point].until(begun[point], "paused")
    projects["resuming"].start()
    projects["pausing"].ask("pause")
    projects["stopping"].ask("stop")
    begun["queued"] = projects["queued"].start()["id"]
    return {point: (project, project.run(begun[point])) for point, project in projects.items()}


@pytest.mark.parametrize("victim", [*CHILDREN, "everything", "sojourn"])
def test_one_kill_is_true_of_sessions_at_every_other_point(killable: Stack, victim: str) -> None:
    stack, there = killable, all_at_rest(killable)
    projects = {run["id"]: project for project, run in there.values()}

    kill(victim, stack)

    eventually(stack.answers, "answers from everything")
    until_all_is_true(stack, projects)
    left = [settled(victim, point, project, run["id"]) for point, (project, run) in there.items()]
    assert not stack.orphans(*left)
    for run in left:
        if run["phase"] != "stopped":
            projects[run["id"]].ask("stop")
    for run, project in projects.items():
        project.until(run, "stopped")
    until_nothing_is_left(stack)
