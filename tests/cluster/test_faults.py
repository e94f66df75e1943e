"""Parts of the cluster and of Sojourn die while sessions start, run and rest: nothing is lost or doubled."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.cluster.installation import Installation
from tests.e2e.projects import API, Project
from tests.stack import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

COMPONENTS = ("kubelet", "apiserver", "etcd", "containerd")
PAUSES = [0.0, 2.0, 2.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.2]
"""Seconds between ten starts: when a part dies after the last, each launch is at another point."""


@pytest.fixture
def restart() -> Callable[[str], None]:
    """Kills a component of the cluster and starts it again."""
    command = os.environ.get("SOJOURN_TEST_FAULTS")
    if not command:
        pytest.skip("SOJOURN_TEST_FAULTS names no command that breaks the cluster.")

    def is_back() -> bool:
        looked = subprocess.run(
            ["kubectl", "get", "--raw=/readyz"], capture_output=True, timeout=60, check=False
        )
        return looked.returncode == 0

    def now(component: str) -> None:
        subprocess.run([command, "restart", component], check=True, capture_output=True, timeout=120)
        eventually(is_back, "the cluster is back")

    return now


@contextmanager
def one_pod_at_most(installation: Installation, run: str) -> Iterator[None]:
    """Checks after the block that no more than one pod is there for the run."""
    yield
    assert len(installation.pods(sojourn__run=run)) <= 1


def patiently(project: Project, run: str, *phases: str) -> dict[str, object]:
    """The run once it is in one of the phases, across answers that a restart swallows."""
    read: dict[str, object] = {}

    def look() -> dict[str, object] | None:
        try:
            read.update(project.http.get(f"{API}/runs/{run}").raise_for_status().json())
        except (httpx.HTTPError, ValueError):
            return None
        return read if read["phase"] in phases and read["wish"] == "run" else None

    try:
        return eventually(look, f"run {run} {' or '.join(phases)}", seconds=120)
    except TimeoutError as error:
        error.add_note(f"Last it was {read}")
        raise


def until_it_runs(project: Project, run: str) -> str:
    """The run that runs: a start that a kubelet was killed in is told as such, and asked for again."""
    read = patiently(project, run, "running", "failed")
    if read["phase"] == "failed":
        assert isinstance(read["reason"], dict)
        assert read["reason"]["code"] == "start_interrupted", read["reason"]
        run = str(asked(project, "start")["id"])
        patiently(project, run, "running")
    return run


def asked(project: Project, verb: str) -> dict[str, object]:
    """Asks for something until the API has taken it; asking twice is asking once."""
    path = f"{project.path}/start" if verb == "start" else f"{project.path}/sessions/files/{verb}"

    def ask() -> dict[str, object] | None:
        try:
            answer = project.http.post(path)
        except httpx.HTTPError:
            return None
        read: dict[str, object] | None = answer.json() if answer.status_code == 202 else None
        return read

    return eventually(ask, f"{verb} is taken", seconds=90)


def quick_project(installation: Installation) -> Project:
    """A project whose session is quick to start."""
    made = Project.create(installation)
    made.post("/sessions", {"environment": "files"})
    return made


@pytest.fixture
def whole(installation: Installation) -> Iterator[Installation]:
    """The installation, of which everything answers before and after the test."""
    installation.until_ready()
    yield installation
    installation.until_ready()


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_of_the_cluster_dies_during_launch_run_pause_resume_and_stop(
    whole: Installation, restart: Callable[[str], None], component: str
) -> None:
    installation, project = whole, quick_project(whole)
    run = str(asked(project, "start")["id"])

    with one_pod_at_most(installation, run):
        restart(component)
        run = until_it_runs(project, run)
    [pod] = installation.pods(sojourn__run=run)

    with one_pod_at_most(installation, run):
        restart(component)
        patiently(project, run, "running")
    [same] = installation.pods(sojourn__run=run)
    assert same["metadata"]["uid"] == pod["metadata"]["uid"]

    asked(project, "pause")
    restart(component)
    patiently(project, run, "paused")
    eventually(lambda: not installation.pods(sojourn__run=run), "the end of the pod")

    asked(project, "start")
    with one_pod_at_most(installation, run):
        restart(component)
        run = until_it_runs(project, run)
    asked(project, "stop")
    restart(component)
    patiently(project, run, "stopped")
    eventually(lambda: not installation.pods(sojourn__run=run), "the end of the pod")


@pytest.mark.parametrize("part", ["hub", "api"])
def test_a_part_of_sojourn_is_killed_with_launches_at_ten_points(whole: Installation, part: str) -> None:
    projects = [quick_project(whole) for _ in PAUSES]
    runs = []
    for pause, project in zip(PAUSES, projects, strict=True):
        time.sleep(pause)
        runs.append(str(asked(project, "start")["id"]))

    for pod in whole.pods_of(part):
        whole.kubectl("delete", "pod", pod, "--force", "--grace-period=0", "--wait=false")

    for project, run in zip(projects, runs, strict=True):
        with one_pod_at_most(whole, run):
            patiently(project, run, "running")
        assert len(whole.pods(sojourn__run=run)) == 1
    for project in projects:
        asked(project, "stop")
    for project, run in zip(projects, runs, strict=True):
        patiently(project, run, "stopped")
    eventually(lambda: not any(whole.pods(sojourn__run=run) for run in runs), "no orphan")
