"""What a session's pod is laid over: what KubeSpawner's own settings make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kubernetes_asyncio.client.models import (
    V1Container,
    V1ObjectMeta,
    V1PersistentVolumeClaim,
    V1PersistentVolumeClaimSpec,
    V1Pod,
    V1PodSpec,
)

from spawner.pod.names import SESSION

_Model = TypeVar("_Model")


@dataclass(frozen=True)
class Frame:
    """What an administrator set, before anything of a launch.

    Attributes:
        pod: of KubeSpawner's `get_pod_manifest`; it has a container named `notebook`.
        claim: for /work, of KubeSpawner's `get_pvc_manifest`; its name counts.
        arguments: of KubeSpawner's `get_args`: what follows the command of a single-user server. What the pod
            itself has as arguments is KubeSpawner's `cmd`, in whose place the environment's comes.
    """

    pod: V1Pod
    claim: V1PersistentVolumeClaim
    arguments: tuple[str, ...] = ()


def empty_frame(name: str, namespace: str, claim: str) -> Frame:
    """The frame of a pod that nobody set anything of; `claim` is the name of its /work."""
    return Frame(
        pod=V1Pod(
            api_version="v1",
            kind="Pod",
            metadata=V1ObjectMeta(name=name, namespace=namespace),
            spec=V1PodSpec(containers=[V1Container(name=SESSION)]),
        ),
        claim=V1PersistentVolumeClaim(
            api_version="v1",
            kind="PersistentVolumeClaim",
            metadata=V1ObjectMeta(name=claim, namespace=namespace),
            spec=V1PersistentVolumeClaimSpec(access_modes=["ReadWriteOnce"]),
        ),
    )


def as_model(kind: type[_Model], entry: Any) -> _Model:
    """A part of a frame as a model; an administrator may have written it as in YAML (`extra_pod_config`)."""
    if isinstance(entry, kind):
        return entry
    names = {key: name for name, key in kind.attribute_map.items()}  # type: ignore[attr-defined]
    return kind(**{names.get(key, key): value for key, value in entry.items()})


def as_plain(part: Any) -> dict[str, Any]:
    """A part of a frame as in YAML, with its own keys and without what is not set."""
    if part is None:
        return {}
    plain = part.to_dict(serialize=True) if hasattr(part, "to_dict") else part
    return {key: _without_nothing(value) for key, value in plain.items() if value is not None}


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nothing(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nothing(part) for part in value]
    return value
