"""An installation on a stand-in for a cluster, for what pages say where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.pages.able_cluster import able_cluster
from tests.pages.conftest import Site
from tests.pages.hub import StandInHub


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


@contextmanager
def cluster_site(folder: Path, registry: str) -> Iterator[Site]:
    """An API of a cluster with environments, classes and pools of its files; `registry` it may ask."""
    for slug, environment in _ENVIRONMENTS.items():
        (folder / "environments" / slug).mkdir(parents=True)
        (folder / "environments" / slug / "environment.yaml").write_text(yaml.safe_dump(environment))
    (folder / "classes.yaml").write_text(yaml.safe_dump(_CLASSES))
    (folder / "pools.yaml").write_text(yaml.safe_dump(_POOLS))
    with (
        able_cluster(folder, status={"readyToUse": True, "restoreSize": "20Gi"}) as kubeconfig,
        StandInHub() as hub,
        Site(
            folder,
            hub,
            kubeconfig=kubeconfig,
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
        ) as site,
    ):
        yield site
