"""What sessions use, as a cluster's metrics API tells it, and where they are, as its pods say."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sessions_api.cluster.client import Cluster
from sessions_api.cluster.prometheus import Prometheus
from sessions_api.kit.db import Database
from sessions_api.runs.sweep import Sweep
from sessions_api.runs.tables import Run
from sessions_api.runs.usage.metering import Metering
from spawner.pod import labels
from tests.api.conftest import Client
from tests.kube_faults.__main__ import kubeconfig_for
from tests.prometheus import RealPrometheus, real_prometheus

AT = "2026-01-01T00:00:00Z"


class Api(ThreadingHTTPServer):
    """A Kubernetes API that answers what it is told for a path, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        self.server.asked.append(f"{where.path} {parse_qs(where.query).get('labelSelector', [''])[0]}")
        items = self.server.answers.get(where.path)
        body = json.dumps({"kind": "List", "metadata": {}, "items": items or []}).encode()
        self.send_response(404 if items is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def kubernetes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with Api() as server:
        file = tmp_path / "kubeconfig"
        file.write_text(kubeconfig_for(f"http://127.0.0.1:{server.server_port}"))
        for module in ("kubernetes.config", "kubernetes.config.kube_config"):
            monkeypatch.setattr(f"{module}.KUBE_CONFIG_DEFAULT_LOCATION", str(file))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
async def run(ann: Client, database: Database, project: str) -> str:
    """Ann's run, which runs."""
    await ann.made(f"{project}/sessions", environment="minimal")
    started = str((await ann.post(f"{project}/sessions/minimal/start")).json()["id"])
    async with database.write() as db:
        found = await db.get(Run, started)
        assert found is not None
        found.phase = "running"
    return started


OWNER = {labels.SESSION: "minimal", labels.PERSON: "ann"}


def metrics(run: str, attempt: str = "1", cpu: str = "250m") -> dict[str, Any]:
    return {
        "metadata": {"name": "pod", "labels": {labels.RUN: run, labels.ATTEMPT: attempt, **OWNER}},
        "containers": [
            {"name": "gate", "usage": {"cpu": "3", "memory": "9Gi"}},
            {"name": "notebook", "usage": {"cpu": cpu, "memory": "1536Ki"}},
        ],
    }


METRICS = "/apis/metrics.k8s.io/v1beta1/namespaces/sessions/pods"
PODS = "/api/v1/namespaces/sessions/pods"
CLAIMS = "/api/v1/namespaces/sessions/persistentvolumeclaims"


async def test_the_program_of_each_session_is_metered_by_one_request(
    ann: Client, database: Database, *, run: str, kubernetes: Api
) -> None:
    kubernetes.answers[METRICS] = [
        metrics(run),
        metrics("a-run-that-is-over"),
        {"metadata": {"name": "without-labels"}, "containers": []},
        metrics(run, attempt="7", cpu="8"),
    ]

    await Metering(database, Cluster("sessions", "ours")).look()

    told = (await ann.get(f"/runs/{run}/usage")).json()
    assert [(each["cpus"], each["memory_bytes"]) for each in told["samples"]] == [(0.25, 1536 * 1024)]
    assert kubernetes.asked == [f"{METRICS} {labels.INSTALLATION}=ours,{labels.RUN}"]


async def test_without_a_metrics_api_nothing_is_known_and_nothing_breaks(
    ann: Client, database: Database, *, run: str, kubernetes: Api
) -> None:
    await Metering(database, Cluster("sessions", "ours")).look()
    assert (await ann.get(f"/runs/{run}/usage")).json()["samples"] == []
    assert len(kubernetes.asked) == 1


async def test_the_node_of_a_session_is_written_down(
    database: Database, *, run: str, kubernetes: Api
) -> None:
    kubernetes.answers |= {CLAIMS: [], PODS: []}
    for attempt, node in (("1", "node-7"), ("2", "node-8")):
        metadata = {
            "name": f"pod-{attempt}",
            "uid": attempt,
            "creationTimestamp": AT,
            "labels": {labels.RUN: run, labels.ATTEMPT: attempt},
        }
        kubernetes.answers[PODS].append({"metadata": metadata, "spec": {"nodeName": node, "containers": []}})

    await Sweep(database, Cluster("sessions", "ours")).look()

    async with database.read() as db:
        found = await db.get(Run, run)
    assert found is not None
    assert found.node == "node-7"


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[RealPrometheus]:
    with real_prometheus(tmp_path) as running:
        yield running


@pytest.mark.slow
async def test_prometheus_tells_how_full_work_and_how_busy_gpus_are(
    ann: Client, database: Database, *, run: str, kubernetes: Api, prometheus: RealPrometheus
) -> None:
    work = {"name": "work-7", "uid": "7", "creationTimestamp": AT, "labels": {labels.WORK: "true", **OWNER}}
    kubernetes.answers |= {METRICS: [metrics(run)], CLAIMS: [{"metadata": work}]}
    disk, gpu = "kubelet_volume_stats_used_bytes", "DCGM_FI_DEV_GPU_UTIL"
    prometheus.hears(
        f'{disk}{{namespace="sessions",persistentvolumeclaim="work-7"}} 5000\n'
        f'{disk}{{namespace="elsewhere",persistentvolumeclaim="work-7"}} 9000\n',
        f'{gpu}{{gpu="0",namespace="sessions",pod="pod"}} 90\n'
        f'{gpu}{{gpu="1",namespace="sessions",pod="pod"}} 45\n'
        f'{gpu}{{gpu="2",namespace="sessions",pod="another"}} 100\n',
        {disk, gpu},
    )

    async with Prometheus(prometheus.url, "sessions") as asked:
        await Metering(database, Cluster("sessions", "ours"), asked).look()

    told = (await ann.get(f"/runs/{run}/usage")).json()
    assert told["peak"] == {"cpus": 0.25, "memory_bytes": 1536 * 1024, "disk_bytes": 5000, "gpus": 1.35}


async def test_where_prometheus_is_away_the_rest_is_known(
    ann: Client, database: Database, *, run: str, kubernetes: Api
) -> None:
    kubernetes.answers |= {METRICS: [metrics(run)], CLAIMS: []}

    async with Prometheus("http://127.0.0.1:9", "sessions") as asked:
        await Metering(database, Cluster("sessions", "ours"), asked).look()

    [sample] = (await ann.get(f"/runs/{run}/usage")).json()["samples"]
    assert (sample["cpus"], sample["disk_bytes"], sample["gpus"]) == (0.25, None, None)
