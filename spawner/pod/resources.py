"""What the containers of a pod may use. All sizes come in GiB."""

from __future__ import annotations

from typing import Any

from kubernetes_asyncio.client.models import V1ResourceRequirements

from spawner.pod.frame import as_plain
from spawner.pod.quantities import GATE_CPUS, GATE_MEMORY_GIB, cpus, gib, of_program
from spawner.spec import ResourcesSpec

_GATE_LIMITS = {"cpu": "1", "memory": "128Mi"}
_CLONE_CPUS, _CLONE_MEMORY = "100m", "128Mi"


def of_session(frame: Any, wanted: ResourcesSpec, *, behind_gate: bool) -> V1ResourceRequirements:
    """What the session's program asks for, see `quantities.of_program`.

    Of what the session says nothing, the frame's stays. An administrator may let sessions ask for less CPU
    than their limit (`cpu_guarantee`).
    """
    asked = as_plain(frame)
    limits, requests = of_program(
        dict(asked.get("limits") or {}),
        dict(asked.get("requests") or {}),
        wanted_cpus=wanted.cpus,
        wanted_memory_gib=wanted.memory_gib,
        behind_gate=behind_gate,
    )
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


def _of_computing(asked: dict[str, str] | None) -> dict[str, str]:
    """Without what cloning has no use for, such as GPUs."""
    return {name: amount for name, amount in (asked or {}).items() if name in {"cpu", "memory"}}
