"""Why the cluster refuses a session's pod, each for real: code, sentence, and that nothing is left."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from spawner.spec import ResourcesSpec
from tests.kube import Kubectl, image
from tests.kubernetes.conftest import MakeSession
from tests.kubernetes.faults import HOOK, Trial, labels
from tests.kubernetes.hub import KubeHub
from tests.spawner.stand_in_api import StandInApi

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

Json = dict[str, Any]
ADMISSION = "admissionregistration.k8s.io/v1"
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}


@pytest.fixture(scope="module")
def hub(api: StandInApi, kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeHub]:
    """A hub that does not ask again for long."""
    config = f"{HOOK}\nc.KubeSessionSpawner.k8s_api_request_retry_timeout = 2"
    hub = KubeHub(tmp_path_factory.mktemp("hub"), api, kubectl, config)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture
def trial(hub: KubeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession) -> Trial:
    return Trial(hub, api, kubectl, make_session)


@contextlib.contextmanager
def rules(kubectl: Kubectl, *objects: Json, until: str) -> Iterator[None]:
    """Puts rules into force; the API server learns of them a moment later, and refuses in these words."""
    kubectl.apply(*objects)
    try:
        deadline = time.monotonic() + 20
        while (
            until not in kubectl.run("create", "--dry-run=server", "-f", "-", text=json.dumps(large())).stderr
        ):
            assert time.monotonic() < deadline, f"the cluster never said {until}"
            time.sleep(0.2)
        yield
    finally:
        for one in objects:
            kubectl("delete", one["kind"], one["metadata"]["name"], "--ignore-not-found")


def large() -> Json:
    """A pod that each of the rules is against."""
    resources = {"limits": {"cpu": "8", "memory": "16Gi"}}
    container = {
        "name": "notebook",
        "image": image("sojourn"),
        "resources": resources,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    context = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "large"},
        "spec": {"containers": [container], "securityContext": context},
    }


def rule(kubectl: Kubectl, version: str, kind: str, **content: Any) -> Json:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": kubectl.namespace}, **content}


EIGHT = ResourcesSpec(cpus=8, memory_gib=16)


def test_a_quota_that_is_used_up(trial: Trial, kubectl: Kubectl) -> None:
    quota = rule(kubectl, "v1", "ResourceQuota", spec={"hard": {"limits.cpu": "4"}})
    with rules(kubectl, quota, until="exceeded quota"):
        reason = trial.failed(trial.launch(resources=EIGHT), "schedule")
    assert reason.code == "quota_exceeded"
    assert reason.sentence == (
        f"Quota {kubectl.namespace} is used up: 0 of 4 CPUs are in use, and the session asks for 8 CPUs."
    )
    assert labels(reason) == ("Retry", "Configure the session")


def test_a_quota_that_wants_to_know_how_much(trial: Trial, kubectl: Kubectl) -> None:
    quota = rule(kubectl, "v1", "ResourceQuota", spec={"hard": {"limits.cpu": "4"}})
    with rules(kubectl, quota, until="exceeded quota"):
        reason = trial.failed(trial.launch(), "schedule")
    assert reason.code == "quota_exceeded"
    assert reason.sentence == f"Quota {kubectl.namespace} wants limits.cpu, and the session has none."


def test_a_limit_range_that_allows_less(trial: Trial, kubectl: Kubectl) -> None:
    limits = {"limits": [{"type": "Container", "max": {"memory": "4Gi"}}]}
    with rules(kubectl, rule(kubectl, "v1", "LimitRange", spec=limits), until="maximum memory"):
        reason = trial.failed(trial.launch(resources=EIGHT), "schedule")
    assert reason.code == "limit_exceeded"
    assert reason.sentence == (
        "At most 4 GiB of memory are allowed for a container here, "
        "and this session asks for 16 GiB of memory."
    )
    assert labels(reason) == ("Configure the session", "Retry")


def test_a_hook_that_breaks_pod_security(trial: Trial, kubectl: Kubectl) -> None:
    change = {"TEST_CHANGE": "pod.spec.host_network = True"}
    reason = trial.failed(trial.launch(variables=change), "schedule")
    assert reason.code == "pod_security"
    assert reason.sentence == "The namespace's Pod Security level restricted forbids the session's pod."
    assert "hostNetwork=true" in reason.hint


def test_a_policy_of_the_cluster(trial: Trial, kubectl: Kubectl) -> None:
    ours = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": kubectl.namespace}}}
    against = {
        "matchConstraints": {"resourceRules": [PODS], **ours},
        "validations": [{"expression": "false", "message": "sessions need a cost centre"}],
    }
    policy = rule(kubectl, ADMISSION, "ValidatingAdmissionPolicy", spec=against)
    bound = {"policyName": kubectl.namespace, "validationActions": ["Deny"]}
    binding = rule(kubectl, ADMISSION, "ValidatingAdmissionPolicyBinding", spec=bound)
    with rules(kubectl, policy, binding, until="cost centre"):
        reason = trial.failed(trial.launch(), "schedule")
    assert reason.code == "admission_denied"
    assert reason.sentence == "The cluster does not allow the session's pod: sessions need a cost centre."


def test_a_webhook_that_does_not_answer(trial: Trial, kubectl: Kubectl) -> None:
    webhook = {
        "name": "people.example.org",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [PODS],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": kubectl.namespace}},
    }
    configuration = rule(kubectl, ADMISSION, "ValidatingWebhookConfiguration", webhooks=[webhook])
    with rules(kubectl, configuration, until="failed calling webhook"):
        reason = trial.failed(trial.launch(), "schedule")
    assert reason.code == "admission_unavailable"
    assert "people.example.org" in reason.sentence


def test_a_priority_class_that_is_not_there(trial: Trial, kubectl: Kubectl) -> None:
    resources = ResourcesSpec(cpus=None, memory_gib=None, priority_class="no-such")
    reason = trial.failed(trial.launch(resources=resources), "schedule")
    assert reason.code == "pod_invalid"
    assert reason.sentence == "There is no priority class no-such."
