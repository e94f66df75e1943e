"""Reasons for what a healthy cluster cannot be made to do: faults of its API, and nodes that are lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kube import Kubectl
from tests.kube_faults.client import KubeFaults
from tests.kubernetes.conftest import MakeSession
from tests.kubernetes.faults import SECONDS, Trial, claim, labels
from tests.kubernetes.hub import KubeHub
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

PODS = r"/pods($|\?)"
LATE_CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: late}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
"""
PATIENCE = "c.KubeSessionSpawner.k8s_api_request_retry_timeout = 4"


@pytest.fixture(scope="module")
def program(kubernetes: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeFaults]:
    with KubeFaults(Path(kubernetes), tmp_path_factory.mktemp("faults")) as faults:
        yield faults


@pytest.fixture(scope="module")
def hub(
    api: StandInApi, kubectl: Kubectl, program: KubeFaults, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KubeHub]:
    """A hub that reaches the cluster through the program that makes it fail."""
    hub = KubeHub(tmp_path_factory.mktemp("hub"), api, kubectl, PATIENCE, program.kubeconfig)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture
def faults(program: KubeFaults) -> Iterator[KubeFaults]:
    yield program
    program.clear()


@pytest.fixture
def trial(hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession) -> Trial:
    return Trial(hub, api, kubectl, make_session)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_api_that_has_no_time_for_a_moment_is_asked_again(
    status: int, trial: Trial, faults: KubeFaults
) -> None:
    faults.inject(PODS, verb="POST", status=status, headers={"Retry-After": "1"}, times=2)
    spec, _pod = trial.run()
    trial.hub.stop(spec.person, spec.server)


@pytest.mark.parametrize(
    ("status", "how"), [(429, "has no time"), (500, "has trouble of its own (status 500)")]
)
def test_an_api_that_stays_in_trouble_is_named(
    status: int, how: str, trial: Trial, faults: KubeFaults
) -> None:
    faults.inject(PODS, verb="POST", status=status)
    reason = trial.failed(trial.launch(), "schedule")
    assert reason.code == "cluster_unavailable"
    assert reason.sentence == f"The session's pod was not created: the Kubernetes API {how}."
    assert labels(reason) == ("Retry",)


def test_an_api_that_has_just_started_may_forbid_for_a_moment(trial: Trial, faults: KubeFaults) -> None:
    faults.inject(PODS, verb="POST", hangs_up=True, times=1)
    faults.inject(PODS, verb="POST", status=403, message="pods is forbidden", times=2)
    spec, _pod = trial.run()
    trial.hub.stop(spec.person, spec.server)


def test_a_claim_that_a_scheduler_learns_of_late_is_waited_for_once_its_api_was_away(
    trial: Trial, kubectl: Kubectl, faults: KubeFaults
) -> None:
    faults.inject(PODS, verb="POST", hangs_up=True, times=1)
    spec = trial.launch(storages=(claim("late", None, size_gib=None),))
    trial.api.wait(lambda: "mount:data" in trial.api.stages(spec.run), 60)
    assert trial.api.stages(spec.run)["mount:data"].detail == "Waiting for claim late."
    time.sleep(3)
    kubectl("create", "-f", "-", text=LATE_CLAIM)
    trial.api.wait(lambda: trial.api.ready(spec.run), 60)
    trial.hub.stop(spec.person, spec.server)


def test_a_role_without_the_right_is_named(trial: Trial, kubectl: Kubectl, faults: KubeFaults) -> None:
    said = 'pods is forbidden: User "hub" cannot create resource "pods" in API group ""'
    faults.inject(PODS, verb="POST", status=403, message=said)
    reason = trial.failed(trial.launch(), "schedule")
    assert reason.code == "cluster_forbids"
    assert reason.sentence == "JupyterHub may not create pods in the cluster."


LOST = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}
PREEMPTED_NODE = "Pod was terminated in response to imminent node shutdown."
LOW = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. "


@pytest.mark.parametrize(
    ("patch", "code", "sentence"),
    [
        (
            {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"conditions": [LOST]}},
            "node_lost",
            "Node {node}, which JupyterLab ran on, no longer answers.",
        ),
        (
            {"status": {"phase": "Failed", "reason": "Terminated", "message": PREEMPTED_NODE}},
            "node_shut_down",
            "Node {node}, which JupyterLab ran on, was shut down.",
        ),
        (
            {"status": {"phase": "Failed", "reason": "Evicted", "message": LOW}},
            "session_evicted",
            "JupyterLab was ended because its node ran out of memory.",
        ),
    ],
)
def test_a_session_whose_node_fails_says_so(
    patch: dict[str, Any], code: str, sentence: str, trial: Trial, faults: KubeFaults
) -> None:
    spec, pod = trial.run()

    fact = datetime.now(UTC)
    faults.rewrite(trial.kubectl.namespace, pod["metadata"]["name"], patch)

    reason = trial.reason(spec)
    assert reason.code == code
    assert reason.sentence == sentence.format(node=pod["spec"]["nodeName"])
    assert (trial.api.wait_ended(spec.run).at - fact).total_seconds() < SECONDS
    faults.clear()
    trial.kubectl("delete", "pod", pod["metadata"]["name"], "--ignore-not-found", "--wait=false")


def test_a_launch_sees_its_failure_through_a_watch_that_is_cut(
    trial: Trial, kubectl: Kubectl, faults: KubeFaults
) -> None:
    spec = trial.launch(variables={"BEHAVIOUR": "silent"})
    trial.api.wait(lambda: "start" in trial.api.stages(spec.run))

    assert faults.cut()
    (pod,) = kubectl.list("pod", sojourn__run=spec.run)
    kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")

    assert trial.ended(spec).code == "session_deleted"


def test_a_session_sees_its_end_after_a_version_that_is_gone(
    trial: Trial, kubectl: Kubectl, faults: KubeFaults
) -> None:
    spec, pod = trial.run()

    assert faults.cut(gone=True)
    kubectl("delete", "pod", pod["metadata"]["name"], "--wait=false")

    assert trial.ended(spec).code in {"session_deleted", "session_lost"}
