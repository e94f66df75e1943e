"""The words for times, amounts and states."""

from __future__ import annotations

from datetime import datetime

_MINUTE = 60
_HOUR = 60 * _MINUTE


def duration(seconds: float) -> str:
    """`0.3 s`, `12.6 s`, `1 min 20 s`, `2 h 14 min`; never negative."""
    if seconds < _MINUTE:
        return f"{max(0.0, seconds):.1f} s"
    whole = int(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def moment(at: datetime) -> str:
    """A time in this computer's time zone: `2026-11-21 14:05`."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def resources(cpus: float | None, memory_gib: float | None) -> str:
    """`2 CPU, 8 GiB`; `no limits` when nothing is limited."""
    parts = [
        f"{cpus:g} CPU" if cpus is not None else "",
        f"{memory_gib:g} GiB" if memory_gib is not None else "",
    ]
    return ", ".join(filter(None, parts)) or "no limits"


def log_line(seconds: float, source: str, text: str) -> str:
    """One line of a log: seconds, who wrote it, what."""
    return f"{seconds:8.1f}  {source:<12} {text}"
