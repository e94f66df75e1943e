"""Persistent volume claims: /work, and storages that Sojourn makes."""

from __future__ import annotations

import copy
from typing import Any

from kubernetes_asyncio.client.models import (
    V1ObjectMeta,
    V1PersistentVolumeClaim,
    V1PersistentVolumeClaimSpec,
    V1TypedLocalObjectReference,
    V1VolumeResourceRequirements,
)

from spawner.pod import labels
from spawner.pod.frame import as_plain
from spawner.pod.marks import Marks
from spawner.pod.quantities import gib, in_gib
from spawner.pod.settings import PodSettings
from spawner.spec import ClaimStorage, LaunchSpec, StorageSpec

_STORAGE = f"{labels.PREFIX}storage"


def work(
    frame: V1PersistentVolumeClaim, spec: LaunchSpec, settings: PodSettings, marks: Marks
) -> V1PersistentVolumeClaim:
    """The claim of /work, of one person in one session; its size is the least it is to have."""
    claim: Any = copy.deepcopy(frame)
    claim.metadata.labels = {**(claim.metadata.labels or {}), **marks.of_work()}
    claim.metadata.annotations = {**(claim.metadata.annotations or {}), **marks.names()}
    requests = as_plain(claim.spec.resources).get("requests", {})
    if spec.resources.disk_gib is not None:
        requests = requests | {"storage": gib(spec.resources.disk_gib)}
    claim.spec.resources = V1VolumeResourceRequirements(
        requests={"storage": gib(settings.disk_gib)} | requests
    )
    if spec.kept is not None and spec.attempt == 1:
        claim.spec.data_source = V1TypedLocalObjectReference(
            api_group="snapshot.storage.k8s.io", kind="VolumeSnapshot", name=spec.kept.snapshot
        )
        wanted = claim.spec.resources.requests["storage"]
        if spec.kept.size_gib is not None and in_gib(wanted) < spec.kept.size_gib:
            claim.spec.resources.requests["storage"] = gib(spec.kept.size_gib)
    if claim.spec.storage_class_name is None:
        claim.spec.storage_class_name = settings.storage_class
    made: V1PersistentVolumeClaim = claim
    return made


def of_storages(
    storages: tuple[StorageSpec, ...], marks: Marks, namespace: str | None
) -> tuple[V1PersistentVolumeClaim, ...]:
    """The claims that are to be there before a pod can mount its storages, each once.

    They are the project's: no label names a session or a person, with whom they would be thought to go.
    """
    wanted = {
        storage.claim: (storage, storage.size_gib)
        for storage in storages
        if isinstance(storage, ClaimStorage) and storage.size_gib is not None
    }
    return tuple(_of_storage(storage, size, marks, namespace) for storage, size in wanted.values())


def _of_storage(
    storage: ClaimStorage, size_gib: float, marks: Marks, namespace: str | None
) -> V1PersistentVolumeClaim:
    return V1PersistentVolumeClaim(
        api_version="v1",
        kind="PersistentVolumeClaim",
        metadata=V1ObjectMeta(
            name=storage.claim,
            namespace=namespace,
            labels=marks.of_project(),
            annotations={_STORAGE: storage.name},
        ),
        spec=V1PersistentVolumeClaimSpec(
            access_modes=[storage.access],
            resources=V1VolumeResourceRequirements(requests={"storage": gib(size_gib)}),
            storage_class_name=storage.storage_class,
        ),
    )
