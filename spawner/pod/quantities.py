"""CPU and memory as Kubernetes writes them. All sizes come in GiB. Loads no client of Kubernetes."""

from __future__ import annotations

import re

_MIB = 2**20
_GIB = 2**30

GATE_CPUS = 0.01
GATE_MEMORY_GIB = 1 / 16

Amounts = dict[str, str]


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


def in_gib(quantity: str) -> float:
    """A size as Kubernetes writes it (`5Gi`, `500M`, bytes) in GiB."""
    found = re.fullmatch(r"([0-9.]+)([kKMGTPE]?)(i?)", quantity)
    if found is None:
        raise ValueError(f"{quantity} is no size")
    base = 1024 if found[3] else 1000
    factor: int = base ** " KMGTPE".index(found[2].upper() or " ")
    return float(found[1]) * factor / _GIB


def of_program(
    limits: Amounts,
    requests: Amounts,
    *,
    wanted_cpus: float | None,
    wanted_memory_gib: float | None,
    behind_gate: bool,
) -> tuple[Amounts, Amounts]:
    """Limits and requests of a session's program: as much is asked for as is allowed.

    So no node promises more than it has. What is wanted nothing of stays; so does less CPU that is asked for
    than the limit. The gate's share comes out of what is asked for: a class that is as large as a quota or a
    node fits there with its gate.
    """
    limits, requests = dict(limits), dict(requests)
    if wanted_memory_gib is not None:
        limits["memory"] = gib(wanted_memory_gib)
        requests["memory"] = gib(_without(wanted_memory_gib, GATE_MEMORY_GIB if behind_gate else 0))
    if wanted_cpus is not None:
        limits["cpu"] = cpus(wanted_cpus)
        most = _without(wanted_cpus, GATE_CPUS if behind_gate else 0)
        if "cpu" not in requests or count(requests["cpu"]) > most:
            requests["cpu"] = cpus(most)
    return limits, requests


def resized(
    limits: Amounts,
    requests: Amounts,
    *,
    wanted_cpus: float | None,
    wanted_memory_gib: float | None,
    behind_gate: bool,
) -> tuple[Amounts, Amounts]:
    """The same for a program that runs: where all CPU that was allowed was asked for, it is again."""
    if "cpu" in limits and "cpu" in requests:
        most = _without(count(limits["cpu"]), GATE_CPUS if behind_gate else 0)
        if count(requests["cpu"]) == count(cpus(most)):
            requests = {name: amount for name, amount in requests.items() if name != "cpu"}
    return of_program(
        limits,
        requests,
        wanted_cpus=wanted_cpus,
        wanted_memory_gib=wanted_memory_gib,
        behind_gate=behind_gate,
    )


def count(quantity: str | float) -> float:
    """CPUs of a quantity, which an administrator may write as `500m` too."""
    text = str(quantity)
    return float(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)


def _without(whole: float, share: float) -> float:
    return whole - share if whole > share else whole
