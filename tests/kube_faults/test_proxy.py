"""The proxy in front of a stand-in for a cluster: what it passes on, and what it makes of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kube_faults.client import KubeFaults
from tests.kube_faults.stand_in_cluster import StandInCluster, pod

PODS = "/api/v1/namespaces/here/pods"
GONE = 410


@pytest.fixture(scope="module")
def cluster() -> Iterator[StandInCluster]:
    with StandInCluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def program(cluster: StandInCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeFaults]:
    folder = tmp_path_factory.mktemp("faults")
    with KubeFaults(cluster.kubeconfig(folder), folder) as faults:
        yield faults


@pytest.fixture
def faults(program: KubeFaults) -> KubeFaults:
    program.clear()
    program.forget_requests()
    return program


@pytest.fixture
def http(faults: KubeFaults) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=faults.url, trust_env=False, timeout=10) as client:
        yield client


class Watch:
    """An open watch through the proxy."""

    def __init__(self, http: httpx.Client, cluster: StandInCluster) -> None:
        known = len(cluster.watchers)
        self._stream = http.stream("GET", f"{PODS}?watch=true")
        self._lines = self._stream.__enter__().iter_lines()
        assert self.next()["type"] == "ADDED"
        deadline = time.monotonic() + 5
        while len(cluster.watchers) == known:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def next(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(next(self._lines))
        return event

    def rest(self) -> list[str]:
        return list(self._lines)

    def close(self) -> None:
        self._stream.__exit__(None, None, None)


@pytest.fixture
def watch(http: httpx.Client, cluster: StandInCluster) -> Iterator[Watch]:
    watch = Watch(http, cluster)
    yield watch
    watch.close()


def test_requests_are_passed_on(http: httpx.Client, cluster: StandInCluster) -> None:
    assert http.get(f"{PODS}/session").json() == pod()
    assert http.post(PODS, json={"a": 1}).json()["status"]["phase"] == "Pending"
    assert cluster.bodies[-1] == {"a": 1}


def test_a_request_without_a_body_gets_none(http: httpx.Client, cluster: StandInCluster) -> None:
    http.get(PODS)
    assert "Content-Type" not in cluster.headers


def test_requests_are_counted(http: httpx.Client, faults: KubeFaults) -> None:
    http.get(PODS)
    assert [(one["verb"], one["path"], one["status"]) for one in faults.requests()] == [("GET", PODS, 200)]


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_status_is_answered_in_the_clusters_place(
    http: httpx.Client, faults: KubeFaults, status: int
) -> None:
    faults.inject("/pods$", verb="POST", status=status, message="no", headers={"Retry-After": "1"})
    answer = http.post(PODS, json={})
    assert answer.status_code == status
    assert answer.json()["kind"] == "Status"
    assert answer.json()["message"] == "no"
    assert answer.headers["Retry-After"] == "1"
    assert http.get(PODS).is_success


def test_a_fault_lasts_as_many_times_as_it_says(http: httpx.Client, faults: KubeFaults) -> None:
    faults.inject(status=500, times=2)
    assert [http.get(PODS).status_code for _ in range(3)] == [500, 500, 200]


def test_a_request_is_hung_up_on(http: httpx.Client, faults: KubeFaults, cluster: StandInCluster) -> None:
    faults.inject(verb="POST", hangs_up=True, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        http.post(PODS, json={"lost": 1})
    assert {"lost": 1} not in cluster.bodies
    assert http.post(PODS, json={}).is_success


def test_a_fault_that_is_taken_back_is_over(http: httpx.Client, faults: KubeFaults) -> None:
    faults.inject(status=500)
    faults.clear()
    assert http.get(PODS).is_success


def test_an_answer_is_delayed(http: httpx.Client, faults: KubeFaults) -> None:
    faults.inject("/pods", delay=5)
    with pytest.raises(httpx.ReadTimeout):
        http.get(PODS, timeout=0.2)
    assert http.get("/version").is_success


def test_events_pass_as_they_come(watch: Watch, cluster: StandInCluster) -> None:
    cluster.tell("MODIFIED", pod("Failed"))
    assert watch.next() == {"type": "MODIFIED", "object": pod("Failed")}


def test_a_watch_is_cut(watch: Watch, faults: KubeFaults) -> None:
    assert faults.cut(PODS)
    with pytest.raises(httpx.RemoteProtocolError):
        watch.rest()


def test_a_watch_hears_that_its_version_is_gone(watch: Watch, faults: KubeFaults) -> None:
    faults.cut(gone=True)
    event = watch.next()
    assert (event["type"], event["object"]["code"]) == ("ERROR", GONE)


def test_only_the_watches_that_are_named_are_cut(watch: Watch, faults: KubeFaults) -> None:
    assert faults.cut("/events") == 0


def test_a_pod_is_seen_otherwise_by_whoever_asks(http: httpx.Client, faults: KubeFaults) -> None:
    faults.rewrite("here", "session", {"status": {"reason": "NodeLost", "podIP": None}})
    wanted = {"phase": "Running", "reason": "NodeLost"}
    assert http.get(f"{PODS}/session").json()["status"] == wanted
    assert http.get(PODS).json()["items"][0]["status"] == wanted


def test_a_pod_is_seen_otherwise_by_open_watches(watch: Watch, faults: KubeFaults) -> None:
    faults.rewrite("here", "session", {"status": {"reason": "NodeLost"}})
    event = watch.next()
    assert event["type"] == "MODIFIED"
    assert event["object"]["status"]["reason"] == "NodeLost"


def test_other_pods_are_seen_as_they_are(http: httpx.Client, faults: KubeFaults) -> None:
    faults.rewrite("here", "another", {"status": {"reason": "NodeLost"}})
    assert http.get(f"{PODS}/session").json() == pod()


def test_the_kubeconfig_leads_to_the_proxy(faults: KubeFaults, tmp_path: Path) -> None:
    assert faults.url in faults.kubeconfig.read_text()
