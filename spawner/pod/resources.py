"""What the containers of a pod may use. All sizes come in GiB."""

from __future__ import annotations

from typing import Any

from kubernetes_asyncio.client.models import V1ResourceRequirements

from spawner.pod.frame import as_plain
from spawner.spec import ResourcesSpec

_MIB = 2**20
_GIB = 2**30

GATE_CPUS = 0.01
GATE_MEMORY_GIB = 1 / 16
_GATE_LIMITS = {"cpu": "1", "memory": "128Mi"}
_CLONE_CPUS, _CLONE_MEMORY = "100m", "128Mi"


def gib(size: float) -> str:
    """A size in GiB as an exact quantity: `4Gi`, `1536Mi`, or bytes."""
    in_bytes = round(size * _GIB)
    for unit, name in ((_GIB, "Gi"), (_MIB, "Mi")):
        if in_bytes % unit == 0:
            return f"{in_bytes // unit}{name}"
    return str(in_bytes)


def cpus(count: float) -> str:
    """CPUs as a quantity, to the thousandth: `2` or `500m`."""
    milli = max(1, round(count * 1000))
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def of_session(frame: Any, wanted: ResourcesSpec, *, behind_gate: bool) -> V1ResourceRequirements:
    """What the session's program asks for: as much as its limit, so that no node promises more than it has.

    Of what the session says nothing, the frame's stays. An administrator may let sessions ask for less CPU
    than their limit (`cpu_guarantee`). The gate's share comes out of what is asked for: a class that is as
    large as a quota or a node fits there with its gate.
    """
    asked = as_plain(frame)
    limits, requests = dict(asked.get("limits") or {}), dict(asked.get("requests") or {})
    if wanted.memory_gib is not None:
        limits["memory"] = gib(wanted.memory_gib)
        requests["memory"] = gib(_without(wanted.memory_gib, GATE_MEMORY_GIB if behind_gate else 0))
    if wanted.cpus is not None:
        limits["cpu"] = cpus(wanted.cpus)
        most = _without(wanted.cpus, GATE_CPUS if behind_gate else 0)
        if "cpu" not in requests or _cpus(requests["cpu"]) > most:
            requests["cpu"] = cpus(most)
    if wanted.gpus and wanted.gpu_resource:
        limits[wanted.gpu_resource] = requests[wanted.gpu_resource] = str(wanted.gpus)
    return V1ResourceRequirements(limits=limits or None, requests=requests or None)


def of_clone(session: V1ResourceRequirements, most_gib: float) -> V1ResourceRequirements:
    """What cloning may use.

    It is what the session may, which costs nothing more, because one ends before the other begins. Where the
    session has no limit of memory, `most_gib` is.
    """
    limits, requests = _of_computing(session.limits), _of_computing(session.requests)
    known = limits.keys() | requests.keys()
    if "memory" not in known:
        limits["memory"], requests["memory"] = gib(most_gib), _CLONE_MEMORY
    if "cpu" not in known:
        requests["cpu"] = _CLONE_CPUS
    return V1ResourceRequirements(limits=limits or None, requests=requests or None)


def of_gate() -> V1ResourceRequirements:
    """What the gate may use; it runs beside the session."""
    requests = {"cpu": cpus(GATE_CPUS), "memory": gib(GATE_MEMORY_GIB)}
    return V1ResourceRequirements(limits=_GATE_LIMITS, requests=requests)


def _cpus(quantity: str | float) -> float:
    """CPUs of a quantity, which an administrator may write as `500m` too."""
    text = str(quantity)
    return float(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)


def _of_computing(asked: dict[str, str] | None) -> dict[str, str]:
    """Without what cloning has no use for, such as GPUs."""
    return {name: amount for name, amount in (asked or {}).items() if name in {"cpu", "memory"}}


def _without(whole: float, share: float) -> float:
    return whole - share if whole > share else whole
