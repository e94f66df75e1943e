"""Starts the program that makes snapshots, and the kind of objects it needs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

import pytest

from tests.kube import Kubectl, host

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {
        "name": "volumesnapshots.snapshot.storage.k8s.io",
        "annotations": {"api-approved.kubernetes.io": "unapproved, for the tests of Sojourn"},
    },
    "spec": {
        "group": "snapshot.storage.k8s.io",
        "scope": "Namespaced",
        "names": {
            "kind": "VolumeSnapshot",
            "listKind": "VolumeSnapshotList",
            "plural": "volumesnapshots",
            "singular": "volumesnapshot",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                },
            }
        ],
    },
}


class SnapshotDriver:
    """The program, for one namespace; its name is that of the storage class and of the class of snapshots.

    Attributes:
        folder: where the volumes are.
    """

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl
        self.name = f"snap-{kubectl.namespace}"
        self.folder = Path(tempfile.mkdtemp(prefix="sojourn-volumes-", dir="/var/tmp"))

    def __enter__(self) -> Self:
        nodes = json.loads(self._kubectl("get", "nodes", "-o", "json"))["items"]
        addresses = {each["address"] for node in nodes for each in node["status"]["addresses"]}
        if len(nodes) != 1 or host() not in addresses:
            pytest.skip("Volumes of tests are folders of this machine, which is not the cluster's only node.")
        self._kubectl.apply(
            CRD,
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": self.name},
                "provisioner": "tests.sojourn/snapshots",
            },
        )
        self._kubectl("wait", "--for=condition=Established", f"crd/{CRD['metadata']['name']}")  # type: ignore[index]
        self.folder.chmod(0o755)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.snapshots", self._kubectl.namespace, self.name, str(self.folder)],
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._kubectl.run("delete", "pv", f"--selector=tests.sojourn/snapshots={self.name}", "--wait=false")
        self._kubectl.run("delete", "storageclass", self.name, "--wait=false")
        shutil.rmtree(self.folder, ignore_errors=True)
