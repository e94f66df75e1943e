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
POINTS = [0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2]
"""Seconds after the request that starts a session; one takes about two."""


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


@pytest.fixture
def project(installation: Installation) -> Iterator[Project]:
    """A project whose session is quick to start; everything is whole again after the test."""
    installation.until_ready()
    made = Project.create(installation)
    made.post("/sessions", {"environment": "files"})
    yield made
    installation.until_ready()


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_of_the_cluster_dies_during_launch_run_pause_resume_and_stop(
    installation: Installation, project: Project, restart: Callable[[str], None], component: str
) -> None:
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
def test_a_part_of_sojourn_is_killed_at_any_point_of_a_launch(
    installation: Installation, project: Project, part: str
) -> None:
    for point in POINTS:
        run = str(asked(project, "start")["id"])
        time.sleep(point)
        for pod in installation.pods_of(part):
            installation.kubectl("delete", "pod", pod, "--force", "--grace-period=0", "--wait=false")

        with one_pod_at_most(installation, run):
            patiently(project, run, "running")
        assert len(installation.pods(sojourn__run=run)) == 1

        asked(project, "stop")
        patiently(project, run, "stopped")
        eventually(lambda run=run: not installation.pods(sojourn__run=run), "no orphan")
