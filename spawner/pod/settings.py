"""What an installation says about all of its pods."""

from __future__ import annotations

from spawner.part import Part


class PodSettings(Part):
    """Settings of the pods of all sessions.

    Attributes:
        installation: which Sojourn a pod belongs to; several may share a cluster, even a namespace.
        sojourn_image: Sojourn's own image, which clones and is the gate.
        disk_gib: size of /work in GiB, where the session and KubeSpawner's `storage_capacity` have none.
        storage_class: of /work, where KubeSpawner's `storage_class` is none; None is the cluster's default.
        clone_memory_gib: most that cloning may use, of a session that has no limit of its own.
        nfs_driver: CSI driver that mounts storages of kind `nfs`. None: the kubelet does so itself, which Pod
            Security does not allow in a *restricted* namespace.
    """

    installation: str
    sojourn_image: str
    disk_gib: float = 10.0
    storage_class: str | None = None
    clone_memory_gib: float = 1.0
    nfs_driver: str | None = "nfs.csi.k8s.io"
