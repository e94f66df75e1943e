"""The words for times, amounts and states."""

from __future__ import annotations

from datetime import datetime

_MINUTE = 60
_HOUR = 60 * _MINUTE
_THOUSAND = 1000
"""Registries count bytes in powers of ten."""
_DIGITS = 12


def duration(seconds: float) -> str:
    """`0.3 s`, `12.6 s`, `1 min 20 s`, `2 h 14 min`; never negative."""
    if seconds < _MINUTE:
        return f"{max(0.0, seconds):.1f} s"
    whole = int(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def place(position: int, seconds: int | None) -> str:
    """`position 2, about 12 min` in the line before a pool; without the time when nobody knows it."""
    soon = "" if seconds is None else f", about {max(1, seconds // _MINUTE)} min"
    return f"position {position}{soon}"


def moment(at: datetime) -> str:
    """A time in this computer's time zone: `2026-11-21 14:05`."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def resources(
    cpus: float | None,
    memory_gib: float | None,
    *,
    resource_class: str | None = None,
    gpus: int = 0,
    disk_gib: float | None = None,
) -> str:
    """`class small`, or `2 CPU, 8 GiB, 20 GiB disk`; `no limits` when nothing is limited."""
    parts = [
        f"class {resource_class}" if resource_class is not None else "",
        f"{cpus:g} CPU" if cpus is not None else "",
        f"{memory_gib:g} GiB" if memory_gib is not None else "",
        f"{gpus} GPU" if gpus else "",
        f"{disk_gib:g} GiB disk" if disk_gib is not None else "",
    ]
    return ", ".join(filter(None, parts)) or "no limits"


def memory(amount: float) -> str:
    """Bytes as limits of memory are said: `512 MiB`, `1.2 GiB`."""
    mib = amount / 1024**2
    return f"{mib:.0f} MiB" if mib < 1000 else f"{round(mib / 1024, 1):g} GiB"  # noqa: PLR2004 - four digits are many


def cpus(amount: float) -> str:
    """`0.4 CPU`."""
    return f"{round(amount, 1):g} CPU"


def gpus(amount: float) -> str:
    """`0.4 GPU`."""
    return f"{round(amount, 1):g} GPU"


def size(amount: int) -> str:
    """Bytes as the pages write them: `40 kB`, `612 MB`, `1.9 GB`."""
    if amount < _THOUSAND:
        return f"{amount} B"
    value, units = amount / _THOUSAND, iter(("kB", "MB", "GB", "TB"))
    unit = next(units)
    # What would be rounded to 1000 of one unit is 1 of the next.
    while value >= _THOUSAND - 0.5 and (larger := next(units, "")):
        value, unit = value / _THOUSAND, larger
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "kB" else f"{value:.0f} {unit}"  # noqa: PLR2004


def short(digest: str) -> str:
    """`sha256:1f2e3d4c5b6a`: enough of a digest to tell it from others."""
    return digest[: digest.find(":") + 1 + _DIGITS]


def counted(amount: int, one: str, many: str | None = None) -> str:
    """`1 project`, `3 projects`; `many` where it is not `one` with an s."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


def gate(prefix: str, ready_path: str) -> str:
    """How the gate passes requests on: `strips the prefix, ready when / answers`."""
    return f"{prefix}s the prefix, ready when {ready_path} answers"


def log_line(seconds: float, source: str, text: str) -> str:
    """One line of a log: seconds, who wrote it, what."""
    return f"{seconds:8.1f}  {source:<12} {text}"
