"""CPU and memory of what runs are changed on a real cluster, without a restart, or it is told why not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.cluster.client import Cluster
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.runs import service, store
from sessions_api.runs.resizing.loop import Resizing
from sessions_api.runs.resizing.wish import PATIENCE
from sessions_api.runs.tables import Run
from spawner.pod import labels
from spawner.spec import EnvironmentSpec, LaunchSpec, Named, ResourcesSpec
from tests.api.conftest import Client
from tests.api.held import held
from tests.api.test_limits import add, seed
from tests.kube import Kubectl, image, kubernetes, namespace

__all__ = ["kubernetes", "namespace"]

pytestmark = [pytest.mark.cluster, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

OURS = "resizing"
SMALL = {"cpus": 0.1, "memory_gib": 0.25}


@pytest.fixture
def cluster(app: FastAPI, namespace: Kubectl) -> Cluster:
    """The cluster as the service asks it."""
    app.state.cluster = Cluster(namespace.namespace, OURS)
    return app.state.cluster


@pytest.fixture
async def session(ann: Client, project: str) -> str:
    """Ann's small session; what its addresses begin with."""
    made = await ann.made(f"{project}/sessions", environment="minimal", **SMALL)
    return f"{project}/sessions/{made['slug']}"


@pytest.fixture
async def run(ann: Client, database: Database, cluster: Cluster, *, session: str, namespace: Kubectl) -> str:
    """Ann's run of it, in a real pod; its id."""
    started: str = (await ann.post(f"{session}/start")).json()["id"]
    await cluster.learn()
    async with database.write() as db:
        found = await store.hold(db, started)
        assert found is not None
        found.phase, found.spec = "running", _spec(found).model_dump(mode="json")
    namespace.apply(_pod(started))
    namespace("wait", "--for=condition=Ready", "pod/session", "--timeout=55s")
    return started


def _spec(run: Run) -> LaunchSpec:
    named = Named(id="x", slug="x", name="x")
    environment = EnvironmentSpec(
        id="x",
        slug="minimal",
        name="Minimal",
        version=1,
        digest=f"sha256:{'a' * 64}",
        requirements="",
        front_end="JupyterLab",
        command=("jupyterhub-singleuser",),
        default_url="/lab",
    )
    return LaunchSpec(
        run=run.id,
        attempt=1,
        person=run.person,
        server=run.server,
        work="x",
        project=named,
        session=named,
        environment=environment,
        resources=ResourcesSpec(cpus=SMALL["cpus"], memory_gib=SMALL["memory_gib"]),
        repositories=(),
        storages=(),
        variables={},
    )


def _pod(run: str) -> dict[str, Any]:
    amounts = {"cpu": "100m", "memory": "256Mi"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "session",
            "labels": {labels.INSTALLATION: OURS, labels.RUN: run, labels.ATTEMPT: "1"},
        },
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {
                    "name": "notebook",
                    "image": image("sojourn"),
                    "command": ["sleep", "1000"],
                    "resources": {"requests": amounts, "limits": amounts},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "runAsNonRoot": True,
                        "runAsUser": 1000,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                }
            ],
        },
    }


def pod(namespace: Kubectl) -> tuple[dict[str, Any], dict[str, Any], int]:
    """The limits that the pod is to have, those in force, and how often its program was restarted."""
    found = namespace.get("pod", "session")
    assert found is not None
    [status] = found["status"]["containerStatuses"]
    asked: dict[str, Any] = found["spec"]["containers"][0]["resources"]["limits"]
    return asked, status["resources"]["limits"], status["restartCount"]


async def settled(database: Database, cluster: Cluster, run: str) -> Run:
    """The run once nothing is under way any more, looked at as by two replicas."""
    loops = [Resizing(database, cluster), Resizing(database, cluster)]
    async with asyncio.timeout(50):
        while True:
            await asyncio.gather(*(loop.look() for loop in loops))
            found = await held(database, run)
            if found.resize is None or found.resize["state"] == "refused":
                return found


async def change(ann: Client, session: str, **resources: float) -> None:
    etag = (await ann.get(session)).headers["ETag"]
    answer = await ann.patch(session, json=resources, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text


async def test_what_runs_gets_the_size_that_was_configured_and_its_frozen_spec_says_so_afterwards(
    ann: Client, database: Database, cluster: Cluster, *, session: str, run: str, namespace: Kubectl
) -> None:
    await change(ann, session, cpus=0.2, memory_gib=0.5)

    asked = (await ann.post(f"{session}/resize")).json()
    again = (await ann.post(f"{session}/resize")).json()

    assert asked["resize"]["state"] == "wanted"
    assert again == asked
    before = await held(database, run)
    assert before.spec is not None
    assert before.spec["resources"]["cpus"] == 0.1
    assert (before.cpus, before.memory_gib) == (0.2, 0.5), "what is asked for is taken at once"
    after = await settled(database, cluster, run)
    assert after.spec is not None
    assert (after.spec["resources"]["cpus"], after.spec["resources"]["memory_gib"]) == (0.2, 0.5)
    assert pod(namespace) == ({"cpu": "200m", "memory": "512Mi"}, {"cpu": "200m", "memory": "512Mi"}, 0)
    said = (await ann.get(f"/runs/{run}/log")).json()["lines"][-1]["text"]
    assert said == "Resized from 0.1 CPU, 0.25 GiB to 0.2 CPU, 0.5 GiB, without a restart."
    problem = await ann.refused(f"{session}/resize", 409)
    assert problem["code"] == "nothing_to_resize"


async def test_what_no_node_can_give_is_taken_back_and_told(
    ann: Client, database: Database, cluster: Cluster, *, session: str, run: str, namespace: Kubectl
) -> None:
    await change(ann, session, cpus=256, memory_gib=0.25)
    await ann.post(f"{session}/resize")

    after = await settled(database, cluster, run)

    assert after.resize is not None
    assert after.resize["sentence"] == (
        "The session's node can never be that large for it, so it keeps the size it had."
    )
    assert "enough capacity: cpu" in after.resize["hint"]
    assert (after.cpus, after.spec and after.spec["resources"]["cpus"]) == (0.1, 0.1)
    assert pod(namespace) == ({"cpu": "100m", "memory": "256Mi"}, {"cpu": "100m", "memory": "256Mi"}, 0)


async def test_what_a_node_has_no_room_for_now_is_waited_for_and_then_taken_back(
    ann: Client, database: Database, cluster: Cluster, *, session: str, run: str, namespace: Kubectl
) -> None:
    free = _free_cpus(namespace)
    await change(ann, session, cpus=free + 0.11, memory_gib=0.25)
    await ann.post(f"{session}/resize")
    loop = Resizing(database, cluster)
    async with asyncio.timeout(50):
        while (found := await cluster.program(run, 1)) is None or found.pending != "Deferred":
            await loop.look()
    assert (await held(database, run)).resize, "it is waited for"

    async with database.write() as db:
        asked = await store.hold(db, run)
        assert asked is not None
        assert asked.resize is not None
        asked.resize = asked.resize | {"asked_at": (clock.now() - PATIENCE * 1.5).isoformat()}
    after = await settled(database, cluster, run)

    assert after.resize is not None
    assert after.resize["sentence"] == (
        "The session's node has no room for that now, so it keeps the size it had."
    )
    assert pod(namespace)[:2] == ({"cpu": "100m", "memory": "256Mi"}, {"cpu": "100m", "memory": "256Mi"})


def _free_cpus(namespace: Kubectl) -> float:
    """What is left of the one node, of which the pod has a tenth of a CPU already."""
    node = json.loads(namespace("get", "nodes", "-o", "json"))["items"][0]
    pods = json.loads(namespace("get", "pods", "-A", "-o", "json"))["items"]
    asked = [
        container.get("resources", {}).get("requests", {}).get("cpu", "0")
        for pod in pods
        if pod["status"]["phase"] in {"Pending", "Running"}
        for container in pod["spec"]["containers"]
    ]
    return _cpus(node["status"]["allocatable"]["cpu"]) - sum(map(_cpus, asked))


def _cpus(quantity: str) -> float:
    return float(quantity.removesuffix("m")) / 1000 if quantity.endswith("m") else float(quantity)


async def test_what_a_quota_forbids_is_told_in_the_clusters_words(
    ann: Client, database: Database, cluster: Cluster, *, session: str, run: str, namespace: Kubectl
) -> None:
    namespace("create", "quota", "small", "--hard=limits.memory=300Mi")
    await change(ann, session, cpus=0.1, memory_gib=0.5)
    await ann.post(f"{session}/resize")

    after = await settled(database, cluster, run)

    assert after.resize is not None
    assert after.resize["sentence"] == (
        "The cluster did not take the change, so the session keeps the size it had."
    )
    assert "exceeded quota: small" in after.resize["hint"]
    assert pod(namespace)[0] == {"cpu": "100m", "memory": "256Mi"}


async def test_a_pause_meanwhile_ends_the_wish_and_the_next_attempt_has_the_frozen_size(
    ann: Client, database: Database, cluster: Cluster, *, session: str, run: str
) -> None:
    await change(ann, session, cpus=0.2, memory_gib=0.5)
    await ann.post(f"{session}/resize")
    await ann.post(f"{session}/pause")

    await Resizing(database, cluster).look()
    async with database.write() as db:
        found = await store.hold(db, run)
        assert found is not None
        await service.ended(db, found, None, clock.now())

    after = await held(database, run)
    assert (after.phase, after.resize, after.cpus) == ("paused", None, 0.1)
    assert after.spec is not None
    assert after.spec["resources"]["cpus"] == 0.1


async def test_what_is_wished_last_is_what_the_pod_gets(
    ann: Client, database: Database, cluster: Cluster, *, session: str, run: str, namespace: Kubectl
) -> None:
    await change(ann, session, cpus=0.2, memory_gib=0.5)
    await ann.post(f"{session}/resize")
    stale = await cluster.program(run, 1)
    assert stale is not None
    await Resizing(database, cluster).look()
    await change(ann, session, cpus=0.15, memory_gib=0.5)
    await ann.post(f"{session}/resize")

    late = await cluster.resize(stale, limits={"cpu": "900m"}, requests={"cpu": "900m"})
    await settled(database, cluster, run)

    assert not late, "who was held up changes a pod no more that has changed since"
    assert pod(namespace)[:2] == ({"cpu": "150m", "memory": "512Mi"}, {"cpu": "150m", "memory": "512Mi"})


async def test_a_cluster_that_resizes_nothing_says_so(
    ann: Client, cluster: Cluster, session: str, run: str
) -> None:
    cluster.resizes = False
    await change(ann, session, cpus=0.2, memory_gib=0.5)

    problem = await ann.refused(f"{session}/resize", 409)

    assert problem["code"] == "resize_not_here"
    assert problem["hint"] == "Restart it with the changes."


async def test_more_than_a_person_may_take_of_a_pool_is_refused_as_a_start_is(
    ann: Client, database: Database, cluster: Cluster, *, project: str, tmp_path: Path
) -> None:
    await seed(database, tmp_path)
    other = await add(ann, project, "Other", environment="minimal", resource_class="small")
    small = await add(ann, project, "Small", resource_class="small")
    for session in (other, small):
        started = (await ann.post(f"{session}/start")).json()["id"]
        async with database.write() as db:
            found = await store.hold(db, started)
            assert found is not None
            spec = _spec(found)
            of_class = spec.resources.model_copy(
                update={"cpus": 1, "memory_gib": 2, "resource_class": "small"}
            )
            spec = spec.model_copy(update={"resources": of_class})
            found.phase, found.spec = "running", spec.model_dump(mode="json")
    cluster.resizes = True
    etag = (await ann.get(small)).headers["ETag"]
    await ann.patch(small, json={"resource_class": "large"}, headers={"If-Match": etag})

    problem = await ann.refused(f"{small}/resize", 409)

    assert problem["code"] == "limit_reached"
    assert problem["detail"].startswith("Your session Other in Terrain uses 1 of your 4 CPUs")
    assert (await held(database, started)).cpus == 1
