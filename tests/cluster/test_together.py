"""Many starts at once, and two replicas of the API that share them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from httpx_sse import connect_sse

from tests.cluster.installation import Installation
from tests.e2e.projects import API, Project
from tests.stack import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

IDENTICAL, DIFFERENT = 50, 30


@pytest.fixture
def replicas(installation: Installation) -> Iterator[list[httpx.Client]]:
    """Ann's client of each replica."""
    token = installation.http("ann").headers["Authorization"]
    clients = [
        httpx.Client(base_url=url, headers={"Authorization": token}, trust_env=False, timeout=120)
        for url in installation.replicas()
    ]
    assert len(clients) == 2
    yield clients
    for client in clients:
        client.close()


def test_fifty_identical_starts_at_two_replicas_make_one_pod(
    installation: Installation, replicas: list[httpx.Client]
) -> None:
    project = Project.create(installation)
    project.post("/sessions", {"environment": "files"})

    def start(number: int) -> httpx.Response:
        return replicas[number % 2].post(f"{project.path}/start")

    with ThreadPoolExecutor(IDENTICAL) as pool:
        answers = list(pool.map(start, range(IDENTICAL)))

    assert {answer.status_code for answer in answers} == {202}
    [run] = {answer.json()["id"] for answer in answers}
    project.until(run, "running")
    assert len(installation.pods(sojourn__run=run)) == 1
    project.stop(run, "files")


def test_events_of_a_launch_come_from_either_replica(
    installation: Installation, replicas: list[httpx.Client]
) -> None:
    project = Project.create(installation)
    project.post("/sessions", {"environment": "files"})
    run = project.start()["id"]

    def phases(replica: httpx.Client) -> list[str]:
        seen: list[str] = []
        with connect_sse(replica, "GET", f"{API}/runs/{run}/events") as stream:
            for event in stream.iter_sse():
                if event.event == "status" and event.json()["phase"] not in seen:
                    seen.append(event.json()["phase"])
                if "running" in seen:
                    return seen
        return seen

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(phases, replicas)

    assert first == second == ["queued", "launching", "running"]
    project.stop(run, "files")


def test_thirty_different_starts_at_once_all_succeed(installation: Installation) -> None:
    projects = [Project.create(installation) for _ in range(DIFFERENT)]
    for project in projects:
        project.post("/sessions", {"environment": "files"})

    with ThreadPoolExecutor(DIFFERENT) as pool:
        runs = list(pool.map(lambda project: project.running()["id"], projects))
        assert {*runs} <= _runs(installation)
        assert all(len(installation.pods(sojourn__run=run)) == 1 for run in runs)
        list(pool.map(lambda pair: pair[0].stop(pair[1], "files"), zip(projects, runs, strict=True)))
    eventually(lambda: not {*runs} & _runs(installation), "the end of all pods")


def _runs(installation: Installation) -> set[str]:
    """The runs that have a pod."""
    return {pod["metadata"]["labels"]["sojourn/run"] for pod in installation.pods()}
