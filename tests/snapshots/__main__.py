"""`python -m tests.snapshots NAMESPACE CLASS FOLDER`: goes on until it is ended.

It gives claims of the storage class CLASS volumes (from a snapshot, if they name one), makes the snapshots of
the VolumeSnapshotClass CLASS, and takes away what was deleted. Snapshots of the class CLASS-broken never
succeed, and those of CLASS-slow are not ready until FOLDER/go is there.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Any

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

GROUP = ("snapshot.storage.k8s.io", "v1")
PLURAL = "volumesnapshots"
EVERY = 0.2
_MADE_BY = "tests.sojourn/snapshots"


class Driver:
    """What serves one namespace."""

    def __init__(self, namespace: str, name: str, folder: Path) -> None:
        self._namespace = namespace
        self._class = name
        self._folder = folder
        self._core = client.CoreV1Api()
        self._custom = client.CustomObjectsApi()

    def look(self) -> None:
        """One look at everything."""
        snapshots = self._custom.list_namespaced_custom_object(*GROUP, self._namespace, "volumesnapshots")[
            "items"
        ]
        claims = self._core.list_namespaced_persistent_volume_claim(self._namespace).items
        ours = [claim for claim in claims if claim.spec.storage_class_name == self._class]
        for claim in ours:
            if claim.spec.volume_name is None and claim.metadata.deletion_timestamp is None:
                self._provision(claim, snapshots)
        for snapshot in snapshots:
            if not (snapshot.get("status") or {}).get("readyToUse"):
                self._take(snapshot, {claim.metadata.name: claim for claim in ours})
        self._collect({claim.metadata.uid for claim in ours}, {one["metadata"]["uid"] for one in snapshots})

    def _provision(self, claim: Any, snapshots: list[dict[str, Any]]) -> None:
        path = self._folder / claim.metadata.uid
        source = claim.spec.data_source
        if not path.exists():
            if source is None:
                path.mkdir()
            else:
                found = [one for one in snapshots if one["metadata"]["name"] == source.name]
                if not found or not (found[0].get("status") or {}).get("readyToUse"):
                    return
                _copy(self._folder / found[0]["metadata"]["uid"], path)
            path.chmod(0o777)
        name = f"{self._class}-{claim.metadata.uid}"
        body = {
            "metadata": {"name": name, "labels": {_MADE_BY: self._class}},
            "spec": {
                "capacity": claim.spec.resources.requests,
                "accessModes": claim.spec.access_modes,
                "storageClassName": self._class,
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": str(path)},
                "claimRef": {
                    "namespace": self._namespace,
                    "name": claim.metadata.name,
                    "uid": claim.metadata.uid,
                },
            },
        }
        try:
            self._core.create_persistent_volume(body)
        except ApiException as error:
            if error.status != 409:
                raise

    def _take(self, snapshot: dict[str, Any], claims: dict[str, Any]) -> None:
        kind = snapshot["spec"].get("volumeSnapshotClassName", "")
        if kind == f"{self._class}-broken":
            self._tell(snapshot, {"readyToUse": False, "error": {"message": "the array is on fire"}})
        claim = claims.get(snapshot["spec"]["source"]["persistentVolumeClaimName"])
        if kind not in {self._class, f"{self._class}-slow"} or claim is None:
            return
        copied = self._folder / snapshot["metadata"]["uid"]
        if not copied.exists():
            _copy(self._folder / claim.metadata.uid, copied)
        if kind == self._class or (self._folder / "go").exists():
            size = claim.spec.resources.requests["storage"]
            self._tell(snapshot, {"readyToUse": True, "restoreSize": size})

    def _tell(self, snapshot: dict[str, Any], status: dict[str, Any]) -> None:
        name = snapshot["metadata"]["name"]
        body = snapshot | {"status": status}
        replace = self._custom.replace_namespaced_custom_object_status
        replace(*GROUP, self._namespace, PLURAL, name, body)

    def _collect(self, claims: set[str], snapshots: set[str]) -> None:
        volumes = self._core.list_persistent_volume(label_selector=f"{_MADE_BY}={self._class}").items
        for volume in volumes:
            if volume.spec.claim_ref.uid not in claims:
                self._core.delete_persistent_volume(volume.metadata.name)
        for path in self._folder.iterdir():
            if path.is_dir() and path.name not in claims | snapshots:
                shutil.rmtree(path)


def _copy(source: Path, to: Path) -> None:
    """All or nothing: what is cut off is made anew."""
    part = to.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(source, part, symlinks=True)
    for path in (part, *part.rglob("*")):
        shutil.chown(path, 1000, 100)
    part.rename(to)


def main() -> None:
    """Looks until it is ended."""
    namespace, name, folder = sys.argv[1:]
    config.load_config()
    driver = Driver(namespace, name, Path(folder))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        try:
            driver.look()
        except (ApiException, HTTPError, OSError) as error:
            sys.stderr.write(f"{error}\n")
        time.sleep(EVERY)


if __name__ == "__main__":
    main()
