"""Parts of the cluster and of Sojourn die while sessions start, run and rest: nothing is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cluster.faults import Components, asked, components, patiently, quick_project, whole
from tests.cluster.installation import Installation
from tests.e2e.projects import Project
from tests.stack import eventually

__all__ = ["components", "whole"]

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

COMPONENTS = ("kubelet", "etcd", "containerd")
"""The API server is in `test_failure_matrix`."""
PAUSES = [0.0, 2.0, 2.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.2]
"""Seconds between ten starts: when a part dies after the last, each launch is at another point."""


@contextmanager
def one_pod_at_most(installation: Installation, run: str) -> Iterator[None]:
    """Checks after the block that no more than one pod is there for the run."""
    yield
    assert len(installation.pods(sojourn__run=run)) <= 1


def until_it_runs(project: Project, run: str) -> str:
    """The run that runs: a start that a kubelet was killed in is told as such, and asked for again."""
    read = patiently(project, run, "running", "failed")
    if read["phase"] == "failed":
        assert isinstance(read["reason"], dict)
        assert read["reason"]["code"] == "start_interrupted", read["reason"]
        run = str(asked(project, "start")["id"])
        patiently(project, run, "running")
    return run


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_of_the_cluster_dies_during_launch_run_pause_resume_and_stop(
    whole: Installation, components: Components, component: str
) -> None:
    installation, project = whole, quick_project(whole)
    run = str(asked(project, "start")["id"])

    with one_pod_at_most(installation, run):
        components.restart(component)
        run = until_it_runs(project, run)
    [pod] = installation.pods(sojourn__run=run)

    with one_pod_at_most(installation, run):
        components.restart(component)
        patiently(project, run, "running")
    [same] = installation.pods(sojourn__run=run)
    assert same["metadata"]["uid"] == pod["metadata"]["uid"]

    asked(project, "pause")
    components.restart(component)
    patiently(project, run, "paused")
    eventually(lambda: not installation.pods(sojourn__run=run), "the end of the pod")

    asked(project, "start")
    with one_pod_at_most(installation, run):
        components.restart(component)
        run = until_it_runs(project, run)
    asked(project, "stop")
    components.restart(component)
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
