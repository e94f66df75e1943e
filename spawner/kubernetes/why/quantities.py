"""Kubernetes' quantities, and the words for them."""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]|[KMGTPE]i)?")
_FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}
_OF_QUOTAS = re.compile(r"^(count/|[^/]+\.storageclass\.storage\.k8s\.io/)?((requests|limits)\.)?")
_OBJECTS = {
    "pods": ("pod", "pods"),
    "persistentvolumeclaims": ("claim", "claims"),
    "secrets": ("secret", "secrets"),
}
_DURATION = re.compile(r"([0-9.]+)(ns|us|µs|ms|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def number(quantity: str | float) -> Decimal:
    """What a quantity (`500m`, `8Gi`) stands for: bytes, CPUs or pieces.

    Raises:
        ValueError: it is none.
    """
    match = _QUANTITY.fullmatch(str(quantity).strip())
    if match is None:
        raise ValueError(f"{quantity} is no quantity of Kubernetes.")
    return Decimal(match[1]) * _FACTORS.get(match[2] or "", Decimal(1))


def amount(resource: str, quantity: Decimal) -> str:
    """An amount of a resource in words: `8 CPUs`, `64 GiB of memory`, `1 nvidia.com/gpu`."""
    # Quotas say `requests.cpu`, `count/pods` and `CLASS.storageclass.storage.k8s.io/requests.storage`.
    resource = _OF_QUOTAS.sub("", resource)
    if resource == "cpu":
        return "1 CPU" if quantity == 1 else f"{_plain(quantity)} CPUs"
    if resource == "memory":
        return f"{size(quantity)} of memory"
    if resource in {"ephemeral-storage", "storage"}:
        return f"{size(quantity)} of disk"
    one, many = _OBJECTS.get(resource, (resource, resource))
    return f"{_plain(quantity)} {one if quantity == 1 else many}"


def size(count: Decimal | float) -> str:
    """Bytes as people read them: `512 MiB`, `1.5 GiB`."""
    count = Decimal(count)
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= factor:
            return f"{_plain(count / factor)} {unit}"
    return f"{_plain(count)} bytes"


def seconds(duration: str) -> float:
    """Seconds of a duration as Go writes it: `1m2.5s`, `812ms`."""
    return sum(float(count) * _SECONDS[unit] for count, unit in _DURATION.findall(duration))


def _plain(quantity: Decimal) -> str:
    """Two decimals at most, and none that say nothing."""
    text = f"{quantity:.2f}" if abs(quantity) < 10 else f"{quantity:.1f}"  # noqa: PLR2004
    return text.rstrip("0").rstrip(".")
