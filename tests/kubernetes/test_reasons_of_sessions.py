"""Why running sessions end, each for real on a cluster: code, sentence, and how soon it is told."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from spawner.spec import ResourcesSpec
from tests.kube import Kubectl
from tests.kubernetes.conftest import MakeSession, ask
from tests.kubernetes.faults import HOOK, Trial, labels, more_than_half
from tests.kubernetes.hub import KubeHub
from tests.kubernetes.witness import Witness
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(240)]

LARGE = """
session.resources.requests = {{**(session.resources.requests or {{}}), "ephemeral-storage": "{}"}}
pod.spec.priority_class_name = "{}"
"""
SMALL_DISK = """
session.resources.limits = {**(session.resources.limits or {}), "ephemeral-storage": "10Mi"}
"""
LIVENESS = """
from kubernetes_asyncio import client as k
look = k.V1ExecAction(command=["sh", "-c", "test ! -e /work/sick || { echo out of ideas; exit 1; }"])
session.liveness_probe = k.V1Probe(_exec=look, period_seconds=1, failure_threshold=1)
"""


@pytest.fixture(scope="module")
def hub(api: StandInApi, kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeHub]:
    """A hub whose administrator has a hook that changes pods."""
    hub = KubeHub(tmp_path_factory.mktemp("hub"), api, kubectl, HOOK)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture(scope="module")
def witness(kubectl: Kubectl) -> Iterator[Witness]:
    with Witness(kubectl) as witness:
        yield witness


@pytest.fixture
def trial(hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession) -> Trial:
    return Trial(hub, api, kubectl, make_session)


def test_a_session_that_crashes_shows_its_last_lines(trial: Trial, witness: Witness) -> None:
    spec, pod = trial.run()

    with contextlib.suppress(httpx.TransportError):
        ask(pod, spec, "crash")

    reason = trial.ended_in_time(spec, witness)
    assert reason.code == "session_crashed"
    assert reason.sentence.startswith("JupyterLab ended with exit code 3, ")
    assert "kernel panic" in reason.detail
    assert labels(reason) == ("Show the last lines", "Retry")


def test_a_session_that_wants_too_much_memory_hears_its_limit(trial: Trial, witness: Witness) -> None:
    spec, pod = trial.run(resources=ResourcesSpec(cpus=None, memory_gib=0.125))

    with contextlib.suppress(httpx.TransportError):
        ask(pod, spec, "eat")

    reason = trial.ended_in_time(spec, witness)
    assert reason.code == "out_of_memory"
    assert (
        reason.sentence == "JupyterLab was ended: it had used all of its 128 MiB of memory and wanted more."
    )
    assert labels(reason) == ("Configure the session", "Retry")


def test_a_pod_that_somebody_deletes_says_so(trial: Trial, witness: Witness, kubectl: Kubectl) -> None:
    spec, pod = trial.run()
    name = pod["metadata"]["name"]

    kubectl("delete", "pod", name, "--wait=false")

    reason = trial.ended_in_time(spec, witness)
    assert reason.code == "session_deleted"
    assert reason.sentence == f"Somebody deleted JupyterLab's pod {name}."


def test_a_pod_that_is_taken_away_by_force_says_so(trial: Trial, witness: Witness, kubectl: Kubectl) -> None:
    spec, pod = trial.run()
    name = pod["metadata"]["name"]

    kubectl("delete", "pod", name, "--wait=false", "--force", "--grace-period=0")

    assert trial.ended(spec).code == "session_deleted"


def test_a_session_that_is_moved_away_says_so(trial: Trial, witness: Witness, kubectl: Kubectl) -> None:
    spec, pod = trial.run()
    name = pod["metadata"]["name"]

    path = f"/api/v1/namespaces/{kubectl.namespace}/pods/{name}/eviction"
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    kubectl("create", "--raw", path, "-f", "-", text=json.dumps(eviction))

    reason = trial.ended_in_time(spec, witness)
    assert reason.code == "session_drained"
    assert reason.sentence == f"The cluster moved JupyterLab away from its node {pod['spec']['nodeName']}."


def test_a_session_that_makes_room_for_something_else_says_so(
    trial: Trial, witness: Witness, kubectl: Kubectl
) -> None:
    lowest = f"lowest-{kubectl.namespace}"
    kubectl.apply(
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": lowest},
            "value": -100,
        }
    )
    try:
        most = more_than_half(kubectl)
        spec, pod = trial.run(variables={"TEST_CHANGE": LARGE.format(most, lowest)})

        kubectl.apply(rival(pod, most))

        reason = trial.ended_in_time(spec, witness)
        assert reason.code == "session_preempted"
        assert "make room for something with a higher priority" in reason.sentence
    finally:
        kubectl("delete", "pod", "rival", "--ignore-not-found", "--wait=false", "--grace-period=0", "--force")
        kubectl("delete", "priorityclass", lowest)


def test_a_session_that_writes_too_much_hears_its_limit(
    trial: Trial, witness: Witness, kubectl: Kubectl
) -> None:
    spec, pod = trial.run(variables={"TEST_CHANGE": SMALL_DISK})
    name = pod["metadata"]["name"]

    kubectl("exec", name, "-c", "notebook", "--", "sh", "-c", "head -c 80000000 /dev/zero > /tmp/large")

    reason = trial.ended_in_time(spec, witness)
    assert reason.code == "disk_limit_exceeded"
    assert reason.sentence == "JupyterLab was ended: it wrote more outside /work than its limit of 10Mi."


def test_a_session_that_a_probe_ends_hears_what_it_said(
    trial: Trial, witness: Witness, kubectl: Kubectl
) -> None:
    spec, pod = trial.run(variables={"TEST_CHANGE": LIVENESS})
    name = pod["metadata"]["name"]

    kubectl("exec", name, "-c", "notebook", "--", "touch", "/work/sick")

    reason = trial.ended_in_time(spec, witness)
    assert reason.code == "probe_failed"
    assert reason.sentence == (
        "The node ended JupyterLab because its liveness probe did not pass: "
        "its liveness probe says “out of ideas”."
    )


def test_a_session_that_is_ended_from_within_has_no_fault(trial: Trial, api: StandInApi) -> None:
    spec, pod = trial.run()

    with contextlib.suppress(httpx.TransportError):
        ask(pod, spec, "end")

    assert api.wait_ended(spec.run).reason is None


def rival(pod: dict[str, Any], size: str) -> dict[str, Any]:
    """A pod of the same image that wants the place of another."""
    (program,) = pod["spec"]["containers"]
    container = {key: program[key] for key in ("image", "securityContext")}
    container |= {
        "name": "rival",
        "command": ["sleep", "600"],
        "resources": {"requests": {"ephemeral-storage": size}},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "rival"},
        "spec": {
            "containers": [container],
            "securityContext": pod["spec"]["securityContext"],
            "terminationGracePeriodSeconds": 0,
        },
    }
