"""Volume claims that a project names, where there is a cluster to ask."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from sessions_api.cluster.client import Cluster
from spawner.pod import labels
from tests.api.conftest import Client
from tests.kube import Kubectl, kubernetes, namespace

__all__ = ["kubernetes", "namespace"]

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("on_cluster")]


def _claim(name: str, **marks: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": marks},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


@pytest.fixture
def asked(app: FastAPI, namespace: Kubectl) -> Kubectl:
    """The namespace in which the API looks for claims."""
    app.state.cluster = Cluster(namespace.namespace, "test")
    return namespace


async def test_only_a_claim_that_exists_and_is_not_sojourns_own_becomes_a_storage(
    asked: Kubectl, root: Client, project: str
) -> None:
    asked.apply(
        _claim("atlas"),
        _claim("work-of-bob", **{labels.INSTALLATION: "another", labels.WORK: "true"}),
        _claim("database", **{"app.kubernetes.io/name": "sojourn"}),
    )

    for name in ("work-of-bob", "database"):
        problem = await root.refused(f"{project}/storages", kind="claim", name="Theirs", claim=name)
        assert problem["code"] == "own_claim"
    problem = await root.refused(f"{project}/storages", kind="claim", name="None", claim="no-such-claim")
    assert problem["detail"] == "There is no volume claim no-such-claim; have it made first, or say a size."

    made = await root.made(f"{project}/storages", kind="claim", name="Atlas", claim="atlas")
    assert (made["claim"], made["size_gib"]) == ("atlas", None)
