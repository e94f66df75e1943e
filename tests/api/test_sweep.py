"""What nothing owns any more is taken away, on a real cluster; what is owned or not ours is left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from sessions_api.cluster.client import Cluster
from sessions_api.kit.db import Database
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.runs import starting
from sessions_api.runs.schemas import Overrides
from sessions_api.runs.sweep import Sweep
from sessions_api.sessions import service as sessions
from spawner.pod import labels
from tests.api.conftest import Client
from tests.api.kinds import PACKAGES
from tests.kube import Kubectl, kubernetes, namespace

__all__ = ["kubernetes", "namespace"]

pytestmark = pytest.mark.cluster

OURS = "sweep"


def marked(name: str, installation: str, **more: str) -> dict[str, Any]:
    return {"name": name, "labels": {labels.INSTALLATION: installation, **more}}


def pod(name: str, run: str, attempt: int, installation: str = OURS) -> dict[str, Any]:
    """A pod that no node ever takes."""
    metadata = marked(name, installation, **{labels.RUN: run, labels.ATTEMPT: str(attempt)})
    security = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {"name": "notebook", "image": "none.test/none:1", "securityContext": security}
    spec = {"nodeSelector": {"example.org/there-is": "none"}, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def work(name: str, session: str, installation: str = OURS) -> dict[str, Any]:
    metadata = marked(name, installation, **{labels.SESSION: session, labels.WORK: "true"})
    resources = {"requests": {"storage": "1Mi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "none", "resources": resources}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def names(kubectl: Kubectl, kind: str) -> set[str]:
    found = kubectl("get", kind, "-o", "jsonpath={.items[*].metadata.name}").split()
    return set(found)


async def test_pods_of_runs_that_are_over_are_taken_away_at_the_second_look(
    app: FastAPI, ann: Client, project: str, namespace: Kubectl
) -> None:
    await ann.made(f"{project}/sessions", environment="minimal")
    database: Database = app.state.database
    async with database.write() as db:
        access = await projects.access(db, Viewer("ann"), "terrain")
        session = await sessions.get(db, access, "minimal")
        live = await starting.start(db, access, session, Overrides(), kinds=PACKAGES)
    namespace.apply(
        pod("lives", live.id, live.attempt),
        pod("earlier", live.id, live.attempt + 1),
        pod("over", "a-run-that-is-over", 1),
        pod("theirs", "a-run-that-is-over", 1, installation="another"),
    )
    sweep = Sweep(database, Cluster(namespace.namespace, OURS), young=timedelta(0))

    await sweep.look()
    assert names(namespace, "pod") == {"lives", "earlier", "over", "theirs"}

    await sweep.look()
    assert names(namespace, "pod") == {"lives", "theirs"}


async def test_what_is_young_is_left_to_who_made_it(app: FastAPI, namespace: Kubectl) -> None:
    namespace.apply(pod("young", "a-run-that-is-over", 1))
    sweep = Sweep(app.state.database, Cluster(namespace.namespace, OURS))

    await sweep.look()
    await sweep.look()

    assert names(namespace, "pod") == {"young"}


async def test_work_of_sessions_that_were_removed_is_taken_away_and_no_other(
    app: FastAPI, ann: Client, project: str, namespace: Kubectl
) -> None:
    kept = await ann.made(f"{project}/sessions", environment="minimal", name="Kept")
    gone = await ann.made(f"{project}/sessions", environment="minimal", name="Gone")
    database: Database = app.state.database
    async with database.write() as db:
        access = await projects.access(db, Viewer("ann"), "terrain")
        await sessions.remove(db, access, gone["slug"])
    namespace.apply(
        work("kept", kept["id"]),
        work("gone", gone["id"]),
        work("unknown", "a-session-nobody-knows"),
        work("theirs", gone["id"], installation="another"),
    )
    sweep = Sweep(database, Cluster(namespace.namespace, OURS), young=timedelta(0))

    await sweep.look()
    await sweep.look()

    # A claim is kept a moment by Kubernetes' own protection; what was asked for is what counts.
    left = {
        claim["metadata"]["name"]
        for claim in namespace.list("pvc")
        if "deletionTimestamp" not in claim["metadata"]
    }
    assert left == {"kept", "unknown", "theirs"}
