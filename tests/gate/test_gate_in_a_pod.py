"""A program that knows nothing of JupyterHub, in a pod with the gate beside it."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from spawner.spec import GateSpec, LaunchSpec
from tests.gate.test_smallness import MOST_RESIDENT_MIB
from tests.kube import Kubectl, host, image, kubernetes
from tests.kubernetes.conftest import MakeHub, MakeSession, kubectl, make_hub, make_session, running
from tests.kubernetes.hub import KubeHub
from tests.spawner.conftest import api, make_spec
from tests.spawner.stand_in_api import StandInApi

__all__ = ["api", "host", "kubectl", "kubernetes", "make_hub", "make_session", "make_spec"]

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

WEB_SERVER = {
    "command": ("python3", "-u", "-m", "http.server", "8080"),
    "port": 8080,
    "default_url": "/",
    "gate": GateSpec(prefix="strip", ready_path="/"),
}
ADMIN = 'c.JupyterHub.load_roles[0]["scopes"] += ["tokens", "access:servers"]'


def _get(pod: dict[str, Any], spec: LaunchSpec, path: str, token: str | None = None) -> httpx.Response:
    port = next(
        port["containerPort"]
        for container in pod["spec"]["containers"]
        for port in container.get("ports", ())
        if port["name"] == "notebook-port"
    )
    address = f"http://{pod['status']['podIP']}:{port}/user/{spec.person}/{spec.server}/{path}"
    headers = {"Authorization": f"token {token}"} if token else {"Accept": "application/json"}
    return httpx.get(address, headers=headers, trust_env=False, timeout=30)


def _token(hub: KubeHub, spec: LaunchSpec) -> str:
    scopes = [f"access:servers!server={spec.person}/{spec.server}"]
    answer = hub.http.post(f"/users/{spec.person}/tokens", json={"scopes": scopes})
    token: str = answer.raise_for_status().json()["token"]
    return token


def test_its_owner_reaches_it_and_nobody_else(
    make_hub: MakeHub, api: StandInApi, kubectl: Kubectl, make_session: MakeSession
) -> None:
    hub = make_hub(ADMIN)
    spec = make_session(environment={"image": image("http-server"), **WEB_SERVER})

    pod = running(hub, api, kubectl, spec)

    assert _get(pod, spec, "api").text == "ready\n"
    assert _get(pod, spec, "").status_code == 401
    opened = _get(pod, spec, "", _token(hub, spec))
    assert opened.status_code == 200
    assert "Directory listing" in opened.text
    hub_variables = kubectl("exec", pod["metadata"]["name"], "-c", "notebook", "--", "env")
    assert "JUPYTERHUB_API_TOKEN" not in hub_variables

    status = kubectl("exec", pod["metadata"]["name"], "-c", "gate", "--", "cat", "/proc/1/status")
    assert re.search(r"^Uid:\s+1000\s+1000\s", status, re.MULTILINE)
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    assert int(peak[1]) / 1024 <= MOST_RESIDENT_MIB
