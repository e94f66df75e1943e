"""Storages as volumes, each a folder of /work.

The kubelet makes the folder in the person's volume where it is missing, and what is mounted hides what is in
it. The folder stays, empty, when the storage is taken away; the person may remove it.
"""

from __future__ import annotations

from typing import NamedTuple

from kubernetes_asyncio.client.models import (
    V1CSIVolumeSource,
    V1EmptyDirVolumeSource,
    V1KeyToPath,
    V1LocalObjectReference,
    V1NFSVolumeSource,
    V1PersistentVolumeClaimVolumeSource,
    V1SecretVolumeSource,
    V1Volume,
    V1VolumeMount,
)

from spawner.failures import LaunchFailedError, start_without
from spawner.pod import names
from spawner.pod.settings import PodSettings
from spawner.reasons import RETRY, Reason
from spawner.spec import (
    ClaimStorage,
    CsiStorage,
    FilesStorage,
    FolderStorage,
    LaunchSpec,
    NfsStorage,
    StorageSpec,
)

_READABLE = 0o444


class Mounted(NamedTuple):
    """Volumes, and where one container has them."""

    volumes: list[V1Volume]
    mounts: list[V1VolumeMount]


def mounted(spec: LaunchSpec, settings: PodSettings, secret: str) -> Mounted:
    """All storages of a launch; the texts of `files` are in the pod's Secret.

    Raises:
        LaunchFailedError: a storage is one that only a laptop can mount (`storage_unsupported`).
    """
    volumes, mounts = [], []
    for number, storage in enumerate(spec.storages, start=1):
        volumes.append(_volume(storage, number, settings, secret))
        mounts.append(
            V1VolumeMount(
                name=names.storage(number),
                mount_path=f"{names.WORK_FOLDER}/{storage.folder}",
                read_only=storage.read_only or isinstance(storage, FilesStorage) or None,
            )
        )
    return Mounted(volumes, mounts)


def texts(spec: LaunchSpec) -> dict[str, str]:
    """What the pod's Secret holds for storages of kind `files`."""
    return {
        _file_key(number, index): text
        for number, storage in enumerate(spec.storages, start=1)
        if isinstance(storage, FilesStorage)
        for index, text in enumerate(storage.files.values(), start=1)
    }


def _volume(storage: StorageSpec, number: int, settings: PodSettings, secret: str) -> V1Volume:
    name, read_only = names.storage(number), storage.read_only or None
    match storage:
        case ClaimStorage():
            claim = V1PersistentVolumeClaimVolumeSource(claim_name=storage.claim, read_only=read_only)
            return V1Volume(name=name, persistent_volume_claim=claim)
        case NfsStorage():
            return _nfs(storage, name, settings.nfs_driver)
        case CsiStorage():
            csi = V1CSIVolumeSource(
                driver=storage.driver,
                node_publish_secret_ref=V1LocalObjectReference(name=storage.secret)
                if storage.secret
                else None,
                read_only=read_only,
                volume_attributes=dict(storage.attributes),
            )
            return V1Volume(name=name, csi=csi)
        case FilesStorage():
            return _files(storage, number, secret)
        case FolderStorage():
            raise LaunchFailedError(_unsupported(storage))


def _nfs(storage: NfsStorage, name: str, driver: str | None) -> V1Volume:
    read_only = storage.read_only or None
    if driver is None:
        nfs = V1NFSVolumeSource(server=storage.server, path=storage.path, read_only=read_only)
        return V1Volume(name=name, nfs=nfs)
    # https://github.com/kubernetes-csi/csi-driver-nfs/blob/master/docs/driver-parameters.md
    where = {"server": storage.server, "share": storage.path}
    return V1Volume(
        name=name, csi=V1CSIVolumeSource(driver=driver, read_only=read_only, volume_attributes=where)
    )


def _files(storage: FilesStorage, number: int, secret: str) -> V1Volume:
    name = names.storage(number)
    items = [
        V1KeyToPath(key=_file_key(number, index), path=path)
        for index, path in enumerate(storage.files, start=1)
    ]
    if not items:
        # No items at all would mean every key of the Secret.
        return V1Volume(name=name, empty_dir=V1EmptyDirVolumeSource())
    source = V1SecretVolumeSource(secret_name=secret, default_mode=_READABLE, items=items)
    return V1Volume(name=name, secret=source)


def _file_key(number: int, index: int) -> str:
    """A file's key in the pod's Secret; its name may be one that no key can have."""
    return f"files.{number}.{index}"


def _unsupported(storage: FolderStorage) -> Reason:
    return Reason(
        code="storage_unsupported",
        sentence=f"Storage {storage.name} did not mount: a cluster cannot mount a folder of a computer.",
        hint="Change the storage's kind in the project.",
        remedies=(start_without(storage.folder), RETRY),
    )
