"""A Kubernetes API that is slow, away, or forgets: nothing is lost or doubled, and little is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.kube import Kubectl
from tests.kube_faults.client import KubeFaults
from tests.kubernetes.conftest import MakeHub, MakeSession, ask, launch, pod_of, running
from tests.kubernetes.hub import KubeHub
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture(scope="module")
def faults(kubernetes: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeFaults]:
    with KubeFaults(Path(kubernetes), tmp_path_factory.mktemp("faults")) as faults:
        yield faults


@pytest.fixture(scope="module")
def hub(
    api: StandInApi, kubectl: Kubectl, faults: KubeFaults, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KubeHub]:
    """A hub that reaches the cluster through the proxy."""
    hub = KubeHub(tmp_path_factory.mktemp("hub"), api, kubectl, kubeconfig=faults.kubeconfig)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture(autouse=True)
def healthy(faults: KubeFaults) -> Iterator[None]:
    yield
    faults.clear()


def asked(faults: KubeFaults, *verbs: str) -> list[str]:
    """What was asked of the API with these verbs, below the namespace; logs, which stay open, left out."""
    paths = (
        (one["verb"], one["path"].partition("?")[0].rpartition("/namespaces/")[2].partition("/")[2])
        for one in faults.requests()
    )
    return [f"{verb} {path}" for verb, path in paths if verb in verbs and not path.endswith("/log")]


def test_a_start_a_resume_and_a_stop_ask_for_little(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, faults: KubeFaults, make_session: MakeSession
) -> None:
    running(hub, api, kubectl, make_session())
    spec = make_session()
    faults.forget_requests()
    pod = running(hub, api, kubectl, spec)
    api.wait(lambda: api.lines(spec.run, "session"))
    name = pod["metadata"]["name"]
    assert asked(faults, "GET", "POST", "PATCH", "PUT", "DELETE") == [
        "POST persistentvolumeclaims",
        "POST pods",
        "POST secrets",
    ]

    faults.forget_requests()
    hub.stop(spec.person, spec.server)
    api.wait_ended(spec.run)
    assert asked(faults, "GET", "POST", "PATCH", "PUT", "DELETE") == [f"DELETE pods/{name}"]

    faults.forget_requests()
    api.deliveries.clear()
    running(hub, api, kubectl, spec.model_copy(update={"attempt": 2}))
    assert asked(faults, "GET", "POST", "PATCH", "PUT", "DELETE") == ["POST pods", "POST secrets"]


@pytest.mark.parametrize("gone", [False, True], ids=["cut", "expired"])
def test_a_watch_that_is_cut_misses_nothing(
    hub: KubeHub,
    api: StandInApi,
    kubectl: Kubectl,
    faults: KubeFaults,
    make_session: MakeSession,
    *,
    gone: bool,
) -> None:
    first, second = make_session(), make_session()
    pod = running(hub, api, kubectl, first)
    faults.forget_requests()

    faults.cut(gone=gone)
    kubectl("delete", "pod", pod["metadata"]["name"], "--force", "--grace-period=0")
    running(hub, api, kubectl, second)

    assert api.wait_ended(first.run).reason is not None
    lists = [one for one in faults.requests() if one["verb"] == "GET" and is_list(one["path"])]
    assert len(lists) == (2 if gone else 0)


def test_a_launch_outlives_an_api_that_has_no_time(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, faults: KubeFaults, make_session: MakeSession
) -> None:
    spec = make_session()
    faults.inject("/pods$", verb="POST", status=429, headers={"Retry-After": "1"}, times=1)
    faults.inject("/secrets$", verb="POST", status=500, times=2)
    faults.inject("watch=true", status=503, times=4)
    faults.cut()

    running(hub, api, kubectl, spec)

    assert len(kubectl.list("pod", sojourn__run=spec.run)) == 1


def test_a_storm_over_twenty_sessions_loses_none_doubles_none_and_leaves_nothing(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, faults: KubeFaults, make_session: MakeSession
) -> None:
    def storm() -> None:
        faults.clear()
        faults.inject(status=429, headers={"Retry-After": "1"}, times=30)
        faults.inject(status=500, times=30)
        faults.inject(delay=1, times=60)
        faults.cut()

    storm()
    specs = [launch(hub, api, make_session()) for _ in range(20)]
    for spec in specs:
        api.wait(lambda run=spec.run: api.ready(run), 120)
    ids = {spec.run for spec in specs}
    pods = [pod["metadata"]["labels"]["sojourn/run"] for pod in kubectl.list("pod")]
    assert sorted(run for run in pods if run in ids) == sorted(ids)

    storm()
    with ThreadPoolExecutor(len(specs)) as all_at_once:
        list(all_at_once.map(lambda spec: hub.stop(spec.person, spec.server), specs))
    for spec in specs:
        assert api.wait(lambda run=spec.run: api.ended(run), 120).reason is None
    left = (one["metadata"]["labels"].get("sojourn/run") for one in kubectl.list("pod,secret"))
    assert ids.isdisjoint(left)


def test_a_creation_that_succeeded_without_an_answer_is_not_done_twice(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, faults: KubeFaults, make_session: MakeSession
) -> None:
    config = "c.KubeSpawner.k8s_api_request_timeout = 1"
    hub, spec = make_hub(config, kubeconfig=faults.kubeconfig), make_session()
    for kind in ("persistentvolumeclaims", "pods", "secrets"):
        faults.inject(f"/{kind}$", verb="POST", delay=1.5, times=1)
    faults.forget_requests()

    running(hub, api, kubectl, spec)

    assert len(kubectl.list("pod", sojourn__run=spec.run)) == 1
    assert not [one for one in asked(faults, "DELETE") if "pods" in one]


def test_an_api_that_stays_away_fails_the_launch_with_its_reason(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, faults: KubeFaults, make_session: MakeSession
) -> None:
    config = "c.KubeSpawner.k8s_api_request_retry_timeout = 3"
    hub, spec = make_hub(config, kubeconfig=faults.kubeconfig), make_session()
    faults.inject("/persistentvolumeclaims$", verb="POST", status=503)

    launch(hub, api, spec)

    reason = api.wait_ended(spec.run).reason
    assert reason is not None
    assert reason.code == "cluster_unavailable"


def test_a_session_runs_on_while_the_api_is_away_and_is_told_of_after(
    hub: KubeHub, api: StandInApi, kubectl: Kubectl, faults: KubeFaults, make_session: MakeSession
) -> None:
    spec = make_session()
    pod = running(hub, api, kubectl, spec)
    faults.inject(status=500)
    faults.cut()
    ask(pod, spec, "while-away")
    assert api.ended(spec.run) is None
    kubectl("delete", "pod", pod["metadata"]["name"])

    faults.clear()

    reason = api.wait_ended(spec.run).reason
    assert reason is not None
    assert pod_of(kubectl, spec) is None


def test_a_crash_keeps_its_reason_when_the_hub_notices_it_too(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, faults: KubeFaults, make_session: MakeSession
) -> None:
    hub, spec = make_hub("c.Spawner.poll_interval = 1", kubeconfig=faults.kubeconfig), make_session()
    pod = running(hub, api, kubectl, spec)
    faults.inject("/pods/", verb="DELETE", delay=4, times=1)

    with contextlib.suppress(httpx.TransportError):
        ask(pod, spec, "crash")

    reason = api.wait_ended(spec.run).reason
    assert reason is not None
    assert reason.code == "session_crashed"


def is_list(path: str) -> bool:
    """Whether a GET takes all pods or all events."""
    return path.partition("?")[0].endswith(("/pods", "/events")) and "watch=" not in path.lower()


@pytest.mark.parametrize("kind", ["persistentvolumeclaims", "pods", "secrets"])
def test_a_hub_killed_while_it_makes_things_leaves_none_behind(
    make_hub: MakeHub,
    api: StandInApi,
    kubectl: Kubectl,
    faults: KubeFaults,
    make_session: MakeSession,
    *,
    kind: str,
) -> None:
    hub = make_hub(kubeconfig=faults.kubeconfig)
    faults.forget_requests()
    faults.inject(f"/{kind}$", verb="POST", delay=1, times=1)
    spec = launch(hub, api, make_session())
    api.wait(lambda: f"POST {kind}" in asked(faults, "POST"))

    hub.kill()
    hub.start()
    api.wait(lambda: hub.server(spec.person, spec.server) is None)
    launch(hub, api, spec)

    api.wait_ready(spec.run)
    (pod,) = kubectl.list("pod", sojourn__session=spec.session.id)
    assert ask(pod, spec).status_code == 200
    (secret,) = kubectl.list("secret", sojourn__session=spec.session.id)
    assert secret["metadata"]["ownerReferences"][0]["uid"] == pod["metadata"]["uid"]
