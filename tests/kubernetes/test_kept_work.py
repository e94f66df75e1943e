"""/work of a stopped session is kept and started from, and what runs is resized, with real sessions."""

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


def test_what_is_kept_of_a_stopped_session_is_in_the_next_one_which_is_resized_as_it_runs(
    stack: KubeStack, kubectl: Kubectl
) -> None:
    ann, bob = stack.http("ann"), stack.http("bob")
    asked(ann, "/api/v1/projects", name="Terrain", visibility="public")
    size = {"cpus": 0.3, "memory_gib": 1}
    asked(ann, "/api/v1/projects/terrain/sessions", environment="minimal", name="Work", **size)
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
    _resized_without_a_restart(stack, kubectl, second)
    refused = ann.post(f"{SESSION}/start", json={"kept": kept["id"]})
    assert refused.status_code == 409
    assert refused.json()["code"] == "work_is_there"


def _resized_without_a_restart(stack: KubeStack, kubectl: Kubectl, run: str) -> None:
    """What runs in the session goes on while its CPU and memory change."""
    ann = stack.http("ann")
    process = _in_session(kubectl, run, "nohup sleep 600 >/dev/null 2>&1 & echo $!").strip()
    etag = ann.get(SESSION).headers["ETag"]
    more = {"cpus": 0.6, "memory_gib": 1.25}
    assert ann.patch(SESSION, json=more, headers={"If-Match": etag}).status_code == 200

    assert asked(ann, f"{SESSION}/resize")["resize"]["state"] == "wanted"
    until(
        lambda: get(ann, f"/api/v1/runs/{run}")["resize"] is None or None,
        "the session is resized",
        seconds=60,
    )

    [pod] = kubectl.list("pod", sojourn__run=run)
    [program] = [each for each in pod["status"]["containerStatuses"] if each["name"] == "notebook"]
    assert program["resources"]["limits"] == {"cpu": "600m", "memory": "1280Mi"}
    assert program["restartCount"] == 0
    assert _in_session(kubectl, run, f"kill -0 {process} && echo alive") == "alive\n"
    problem = ann.post(f"{SESSION}/resize").json()
    assert problem["code"] == "nothing_to_resize"


def _in_session(kubectl: Kubectl, run: str, command: str) -> str:
    [pod] = kubectl.list("pod", sojourn__run=run)
    return kubectl("exec", pod["metadata"]["name"], "-c", "notebook", "--", "sh", "-c", command)
