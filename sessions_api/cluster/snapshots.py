"""Snapshots of volumes, as far as the service makes them: `snapshot.storage.k8s.io/v1`, of /work.

https://kubernetes.io/docs/concepts/storage/volume-snapshots/
"""

# mypy: untyped-calls-exclude=kubernetes
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sessions_api.cluster.client import Cluster, Found
from spawner.pod import labels
from spawner.pod.quantities import in_gib

GROUP, VERSION, PLURAL = "snapshot.storage.k8s.io", "v1", "volumesnapshots"
KEPT = f"{labels.PREFIX}kept"
"""On snapshots: the id of what they keep."""


@dataclass(frozen=True)
class Snapshot:
    """A snapshot.

    Attributes:
        ready: whether all of the volume is in it.
        size_gib: the least size of a volume that is made from it; None: not known.
        error: what went wrong last; empty: nothing.
    """

    ready: bool
    size_gib: float | None
    error: str


class Snapshots:
    """Those of one installation."""

    def __init__(self, cluster: Cluster, *, snapshot_class: str) -> None:
        self._cluster = cluster
        self._class = snapshot_class

    async def find(self, name: str) -> Snapshot | None:
        """A snapshot; None: there is none of that name.

        Raises:
            ClusterAwayError: it is not known.
        """
        found = await self._cluster.custom("get_namespaced_custom_object", GROUP, VERSION, PLURAL, name=name)
        if found is None:
            return None
        status = found.get("status") or {}
        size = status.get("restoreSize")
        return Snapshot(
            ready=bool(status.get("readyToUse")),
            size_gib=None if size is None else in_gib(str(size)),
            error=str((status.get("error") or {}).get("message") or ""),
        )

    async def make(self, name: str, kept: str, claim: Found) -> None:
        """Asks for a snapshot of a claim's volume; harmless when it is there.

        Raises:
            ClusterRefusedError: the cluster does not take it.
            ClusterAwayError: it is not known whether it was taken.
        """
        marks = {key: text for key, text in claim.labels.items() if key != labels.WORK}
        body: dict[str, Any] = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": "VolumeSnapshot",
            "metadata": {"name": name, "labels": marks | {KEPT: kept}},
            "spec": {"source": {"persistentVolumeClaimName": claim.name}},
        }
        if self._class:
            body["spec"]["volumeSnapshotClassName"] = self._class
        await self._cluster.custom("create_namespaced_custom_object", GROUP, VERSION, PLURAL, body=body)

    async def every(self) -> list[Found]:
        """All that keep something.

        Raises:
            ClusterAwayError: they are not known.
        """
        selector = f"{self._cluster.selector},{KEPT}"
        found = await self._cluster.custom(
            "list_namespaced_custom_object", GROUP, VERSION, PLURAL, label_selector=selector
        )
        return [_found(each["metadata"]) for each in (found or {}).get("items", ())]

    async def delete(self, snapshot: Found) -> None:
        """Deletes exactly this one; harmless when it is gone.

        Raises:
            ClusterAwayError: it is not known whether it will go.
        """
        body = {"preconditions": {"uid": snapshot.uid}}
        name = snapshot.name
        await self._cluster.custom(
            "delete_namespaced_custom_object", GROUP, VERSION, PLURAL, name=name, body=body
        )


def _found(metadata: dict[str, Any]) -> Found:
    return Found(
        name=metadata["name"],
        uid=metadata["uid"],
        created=datetime.fromisoformat(metadata["creationTimestamp"]),
        labels=dict(metadata.get("labels") or {}),
    )
