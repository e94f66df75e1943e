"""Pods that somebody or something ends, and what the API refuses to create."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.data.why.recorder.cluster import (
    FOLDER,
    NAMESPACE,
    Json,
    create,
    get,
    has_trouble,
    keep,
    kubectl,
    remove,
    say,
    wait,
)
from tests.data.why.recorder.pods import pod, resources, shell


def is_running(found: Json) -> bool:
    return found["status"].get("phase") == "Running"


def is_going(found: Json) -> bool:
    return "deletionTimestamp" in found["metadata"]


def record_ends(image: str) -> None:
    """Pods that somebody or something ends, and one that finds no room beside another."""
    stubborn = shell(image, "trap '' TERM; while :; do sleep 1; done") | {"terminationGracePeriodSeconds": 8}
    create("deleted", stubborn)
    wait("deleted", is_running)
    kubectl("-n", NAMESPACE, "delete", "pod", "deleted", "--wait=false")
    keep("deleted", get("pod", "deleted"))
    create("drained", stubborn)
    wait("drained", is_running)
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "drained"}}
    kubectl(
        "create", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/drained/eviction", "-f", "-", given=eviction
    )
    keep("drained", get("pod", "drained"))
    large = resources(ephemeral_storage="180Gi")["resources"]
    stubborn["containers"][0]["resources"] = large
    create("preempted", stubborn | {"priorityClassName": "why-recorded-low"})
    wait("preempted", is_running)
    create("busy", shell(image, "sleep 60", resources=large) | {"priorityClassName": "why-recorded-low"})
    wait("busy", has_trouble)
    keep("busy", get("pod", "busy"))
    create("preemptor", shell(image, "sleep 60", resources=large))
    wait("preempted", is_going)
    keep("preempted", get("pod", "preempted"))
    for name in ("deleted", "drained", "busy", "preempted", "preemptor"):
        remove(name)


def refusal(name: str, path: str, body: Json, port: int, **headers: str) -> None:
    request = Request(
        f"http://127.0.0.1:{port}/api/v1{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
    )
    try:
        urlopen(request).close()  # noqa: S310
        say(f"{name}: was not refused")
    except HTTPError as error:
        answer = {"status": error.code, "body": error.read().decode()}
        (FOLDER / "refused" / f"{name}.json").write_text(json.dumps(answer, indent=1) + "\n")
        say(f"{name}: {error.code}")


def rules() -> dict[str, Json]:
    """Objects by which the cluster refuses pods, by the name of what they refuse."""
    ours = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}}
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    limit = {"type": "Container", "max": {"memory": "1Gi"}}
    webhook = {
        "name": "people.example.org",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [pods],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        **ours,
    }
    policy = {
        "matchConstraints": {"resourceRules": [pods], **ours},
        "validations": [{"expression": "false", "message": "sessions need a cost centre"}],
    }
    admission = "admissionregistration.k8s.io/v1"
    return {
        "quota": kind_of(
            "v1", "ResourceQuota", spec={"hard": {"requests.cpu": "1", "requests.memory": "2Gi"}}
        ),
        "limits": kind_of("v1", "LimitRange", spec={"limits": [limit]}),
        "webhook": kind_of(admission, "ValidatingWebhookConfiguration", webhooks=[webhook]),
        "policy": kind_of(admission, "ValidatingAdmissionPolicy", spec=policy),
        "binding": kind_of(
            admission,
            "ValidatingAdmissionPolicyBinding",
            spec={"policyName": "why-recorded", "validationActions": ["Deny"]},
        ),
    }


def kind_of(version: str, kind: str, **content: Any) -> Json:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "why-recorded"}, **content}


def record_refusals(image: str) -> None:
    proxy = subprocess.Popen(["kubectl", "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
    assert proxy.stdout is not None
    port = int(proxy.stdout.readline().strip().rpartition(":")[2])
    here = f"/namespaces/{NAMESPACE}/pods"
    small = {"resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}}}
    large = {"resources": {"requests": {"cpu": "8", "memory": "16Gi"}, "limits": {"memory": "16Gi"}}}

    def refused(name: str, spec: Json, path: str = here, **headers: str) -> None:
        made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "refused"}, "spec": spec}
        refusal(name, path, made, port, **headers)

    every = rules()
    (FOLDER / "refused").mkdir(exist_ok=True)
    try:
        root = pod(image, **small)
        root["securityContext"] = {}
        refused("pod-security", root)
        refused("priority-class", pod(image, **small) | {"priorityClassName": "no-such"})
        refused("namespace", pod(image, **small), "/namespaces/no-such-namespace/pods")
        refused("role", pod(image, **small), **{"Impersonate-User": "system:serviceaccount:sojourn:hub"})
        refused("invalid", pod(image, **small, imagePullPolicy="Perhaps"))
        for name, rule, spec in (
            ("quota", "quota", pod(image, **large)),
            ("quota-unsaid", "quota", pod(image)),
            ("limit-range", "limits", pod(image, **large)),
            ("webhook-down", "webhook", pod(image, **small)),
            ("policy", "policy", pod(image, **small)),
        ):
            made = [every[rule]] + ([every["binding"]] if rule == "policy" else [])
            for one in made:
                kubectl("-n", NAMESPACE, "apply", "-f", "-", given=one)
            time.sleep(4)  # the API server takes its rules from a cache
            refused(name, spec)
            for one in made:
                kubectl("-n", NAMESPACE, "delete", "-f", "-", given=one)
    finally:
        for one in every.values():
            kubectl("-n", NAMESPACE, "delete", "--ignore-not-found", "-f", "-", given=one)
        proxy.terminate()
