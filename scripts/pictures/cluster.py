"""A stand-in for a cluster, for what pages say where there is one: it can resize and make snapshots."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests.kube_faults.__main__ import kubeconfig_for
from tests.pages.conftest import Site
from tests.pages.hub import StandInHub

_CAN = {
    "/api/v1": ["pods", "pods/resize"],
    "/apis/snapshot.storage.k8s.io/v1": ["volumesnapshots"],
}


def _image(name: str, description: str, front_end: str, **run: Any) -> dict[str, Any]:
    """An environment; every digest another one."""
    digest = name.encode().hex().ljust(64, "4")[:64]
    return {
        "name": name,
        "description": description,
        "image": f"registry.example.org/environments/{name.lower().replace(' ', '-')}@sha256:{digest}",
        "run": {"front_end": front_end, "default_url": "/lab", "port": 8888, **run},
    }


_GATE: Mapping[str, Any] = {"default_url": "/", "gate": {"prefix": "strip", "ready_path": "/healthz"}}
_ENVIRONMENTS = {
    "python": _image("Python", "JupyterLab with what most analyses need.", "JupyterLab"),
    "geodesy": _image("Geodesy", "JupyterLab with projections, rasters and vector formats.", "JupyterLab"),
    "training": _image("Model training", "JupyterLab with what learns on GPUs.", "JupyterLab"),
    "code": _image("VS Code", "An editor in the browser.", "VS Code", **_GATE),
}
_CLASSES = [
    {"slug": "small", "name": "Small", "cpus": 2, "memoryGib": 8, "default": True},
    {"slug": "large", "name": "Large", "cpus": 8, "memoryGib": 32},
]
_POOLS = [
    {
        "slug": "shared",
        "name": "Shared nodes",
        "classes": ["small", "large"],
        "quota": {"cpus": 64, "memoryGib": 256},
        "perPerson": {"cpus": 16},
    }
]


class _Handler(BaseHTTPRequestHandler):
    """Has no pods; whatever snapshot it is asked for is ready."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].rstrip("/")
        like = {"kind": "", "namespaced": True, "singularName": "", "verbs": []}
        self._answer(
            {
                "kind": "List",
                "metadata": {},
                "items": [],
                "resources": [like | {"name": name} for name in _CAN.get(path, ())],
                "groupVersion": "v1",
                "status": {"readyToUse": True, "restoreSize": "20Gi"},
            }
        )

    def _answer(self, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def cluster_site(folder: Path, registry: str) -> Iterator[Site]:
    """An API of a cluster with environments, classes and pools of its files; `registry` it may ask."""
    for slug, environment in _ENVIRONMENTS.items():
        (folder / "environments" / slug).mkdir(parents=True)
        (folder / "environments" / slug / "environment.yaml").write_text(yaml.safe_dump(environment))
    (folder / "classes.yaml").write_text(yaml.safe_dump(_CLASSES))
    (folder / "pools.yaml").write_text(yaml.safe_dump(_POOLS))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server, StandInHub() as hub:
        (folder / "kubeconfig").write_text(kubeconfig_for(f"http://127.0.0.1:{server.server_port}"))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with Site(
            folder,
            hub,
            kubeconfig=folder / "kubeconfig",
            LAPTOP="false",
            ENVIRONMENTS_DIR=str(folder / "environments"),
            RESOURCE_CLASSES_FILE=str(folder / "classes.yaml"),
            RESOURCE_POOLS_FILE=str(folder / "pools.yaml"),
            KUBERNETES_NAMESPACE="sessions",
            KEPT_DAYS="14",
            IDLE_MINUTES="120",
            REGISTRY_PRIVATE=registry,
            REGISTRY_INSECURE=registry,
            NODE_PLATFORMS="linux/amd64",
            STORAGE_KINDS="claim,nfs,csi,files",
            STORAGE_NFS_SERVERS="nfs.example.org",
            STORAGE_CSI_DRIVERS="s3.example.org",
        ) as site:
            yield site
        server.shutdown()
