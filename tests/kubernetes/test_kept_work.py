"""/work of a stopped session is kept as a snapshot, and a session that is started from it has its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kube import Kubectl, fresh_namespace
from tests.kube_stack import KubeStack
from tests.served import until
from tests.snapshots.driver import SnapshotDriver

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

SESSION = "/api/v1/projects/terrain/sessions/work"


@pytest.fixture
def kubectl(kubernetes: str) -> Iterator[Kubectl]:
    with fresh_namespace() as made:
        yield made


@pytest.fixture
def stack(kubectl: Kubectl, tmp_path: Path) -> Iterator[KubeStack]:
    """A Sojourn whose cluster has snapshots."""
    with (
        SnapshotDriver(kubectl) as driver,
        KubeStack(kubectl, tmp_path, snapshots=driver.name) as made,
    ):
        yield made


def get(http: httpx.Client, path: str) -> Any:
    answer = http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def asked(http: httpx.Client, path: str, **body: Any) -> Any:
    answer = http.post(path, json=body)
    assert answer.status_code in {201, 202}, answer.text
    return answer.json()


def becomes(stack: KubeStack, run: str, phase: str) -> None:
    def look() -> bool | None:
        found = get(stack.http(), f"/api/v1/runs/{run}")
        assert found["phase"] in {phase, *("queued", "launching", "running", "paused")}, found["reason"]
        return found["phase"] == phase or None

    until(look, f"run {run} {phase}", seconds=100)


def test_what_is_kept_of_a_stopped_session_is_in_the_next_one(stack: KubeStack, kubectl: Kubectl) -> None:
    ann, bob = stack.http("ann"), stack.http("bob")
    asked(ann, "/api/v1/projects", name="Terrain", visibility="public")
    asked(ann, "/api/v1/projects/terrain/sessions", environment="minimal", name="Work")
    first = asked(ann, f"{SESSION}/start")["id"]
    becomes(stack, first, "running")
    _in_session(kubectl, first, "mkdir -p /work/notes && echo precious > /work/notes/file")

    asked(ann, f"{SESSION}/stop")
    becomes(stack, first, "stopped")

    [kept] = get(ann, "/api/v1/kept?project=terrain")["items"]
    assert (kept["session"], kept["run"], kept["size_gib"]) == ("work", first, pytest.approx(0.1))
    assert get(bob, "/api/v1/kept")["items"] == []
    assert bob.post(f"{SESSION}/start", json={"kept": kept["id"]}).status_code == 404
    until(lambda: not kubectl.list("pvc") or None, "no claim is left")

    second = asked(ann, f"{SESSION}/start", kept=kept["id"])["id"]
    becomes(stack, second, "running")

    assert _in_session(kubectl, second, "cat /work/notes/file") == "precious\n"
    refused = ann.post(f"{SESSION}/start", json={"kept": kept["id"]})
    assert refused.status_code == 409
    assert refused.json()["code"] == "work_is_there"


def _in_session(kubectl: Kubectl, run: str, command: str) -> str:
    [pod] = kubectl.list("pod", sojourn__run=run)
    return kubectl("exec", pod["metadata"]["name"], "-c", "notebook", "--", "sh", "-c", command)
