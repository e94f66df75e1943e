"""The same image as a pod of its own, started by hand: `jupyter lab`, without hub, proxy or login."""

# mypy: allow-untyped-calls
from __future__ import annotations

import secrets
import time
from typing import Any

import httpx
from kubernetes import client, config, watch

from benchmarks.kubernetes.clicks import Click
from tests.kube import Kubectl, image
from tests.served import until

_PORT = 8888
_TOKEN = secrets.token_hex()
_POLL_SECONDS = 0.01


class Bare:
    """Pods in one namespace, which are made with one request and watched with another."""

    def __init__(self, kubectl: Kubectl) -> None:
        config.load_kube_config()
        self._kubectl = kubectl
        self._core = client.CoreV1Api()

    def click(self, person: str) -> Click:
        """Makes a pod and asks for `/lab` as soon as it has an address."""
        began = time.time()
        made = self._core.create_namespaced_pod(self._kubectl.namespace, _pod(person))
        address = self._address(person, made.metadata.resource_version)
        with httpx.Client(
            base_url=f"http://{address}:{_PORT}",
            headers={"Authorization": f"token {_TOKEN}"},
            trust_env=False,
            timeout=30,
        ) as http:
            until(lambda: _answers(http), "the bare pod answers", pause=_POLL_SECONDS)
        return Click(person, began, time.time())

    @staticmethod
    def log() -> str:
        """Nothing is between a bare pod and who asks it."""
        return ""

    def _address(self, person: str, version: str) -> str:
        changes = watch.Watch().stream(
            self._core.list_namespaced_pod,
            self._kubectl.namespace,
            field_selector=f"metadata.name=bare-{person}",
            resource_version=version,
            timeout_seconds=60,
        )
        for change in changes:
            status = change["raw_object"]["status"]
            if status.get("podIP") and status["phase"] == "Running":
                return str(status["podIP"])
        raise TimeoutError("the bare pod got no address")

    def stop(self, person: str) -> None:
        """Deletes the pod and waits until it is gone."""
        self._kubectl("delete", "pod", f"bare-{person}", "--grace-period=1", "--ignore-not-found")


def _answers(http: httpx.Client) -> bool | None:
    try:
        return http.get("/lab").status_code == httpx.codes.OK or None
    except httpx.TransportError:
        return None


def _pod(person: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"bare-{person}"},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "enableServiceLinks": False,
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "notebook",
                    "image": image("minimal"),
                    "command": [
                        *("/opt/environment/bin/jupyter", "lab", "--no-browser", "--ip=0.0.0.0"),
                        *(f"--port={_PORT}", "--ServerApp.root_dir=/tmp"),
                    ],
                    "env": [
                        {"name": "HOME", "value": "/tmp"},  # noqa: S108 - in a pod of its own
                        {"name": "JUPYTER_TOKEN", "value": _TOKEN},
                    ],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "runAsNonRoot": True,
                        "runAsUser": 1000,
                        "runAsGroup": 100,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                }
            ],
        },
    }
