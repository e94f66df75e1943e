"""Wishes and kills in any order: whatever happens, what is shown in the end is what is so."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.projects import API, Project
from tests.stack import CHILDREN, Stack, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STEPS = 40
LONGEST_PAUSE = 0.6


@pytest.fixture(scope="module")
def shaken(minimal_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("shaken"), people=("ann",)) as stack:
        yield stack


def runs_of(project: Project) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = project.http.get(f"{API}/runs", params={"project": project.slug}).json()[
        "items"
    ]
    return found


def shake(stack: Stack, projects: list[Project], chance: random.Random) -> None:
    """One step: somebody wishes something, or something is killed."""
    project = chance.choice(projects)
    match chance.choices(["wish", "child", "session", "all"], weights=[12, 3, 2, 1])[0]:
        case "wish":
            verb = chance.choice(["start", "start", "start", "pause", "stop", "cancel"])
            # While something restarts there is nobody to take a wish: the person tries something else then.
            with contextlib.suppress(httpx.TransportError):
                answer = project.http.post(f"{project.path}/sessions/minimal/{verb}")
                of_the_proxy = answer.headers["Content-Type"].startswith("text/plain")
                assert of_the_proxy or answer.status_code in {202, 409, 503}, answer.text
        case "child":
            stack.kill(chance.choice(CHILDREN))
        case "session":
            for record in stack.records():
                stack.kill_session(record.run)
        case "all":
            stack.kill_everything() if chance.random() < 0.5 else stack.kill_sojourn()
            stack.start()


def is_settled(run: dict[str, Any]) -> bool:
    return run["phase"] == "stopped" or (
        run["phase"] in {"running", "paused", "failed"} and run["wish"] == "run"
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_wishes_and_kills_every_status_is_true(shaken: Stack, seed: int) -> None:
    eventually(shaken.answers, "answers from everything")
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    projects = [Project.with_session(shaken, person=person) for person in (None, "ann", None)]

    for _ in range(STEPS):
        shake(shaken, projects, chance)
        time.sleep(chance.uniform(0, LONGEST_PAUSE))
    eventually(shaken.answers, "answers from everything")

    for project in projects:
        eventually(lambda: all(map(is_settled, runs_of(project))), f"rest in {project.slug}")  # noqa: B023
        for run in runs_of(project):
            eventually(lambda: not shaken.untruths(run), f"a true status of {run['id']}", seconds=10)  # noqa: B023
    everything = [run for project in projects for run in runs_of(project)]
    assert not shaken.orphans(*everything)

    for project in projects:
        project.stop(project.running()["id"])
    eventually(lambda: not shaken.orphans(), "an end of everything")
