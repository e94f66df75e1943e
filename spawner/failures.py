"""How a launch ends early, and the reasons that several of its steps share."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from spawner.reasons import RETRY, Reason, Remedy

_NEARLY_NOTHING = 64 * 1024
"""Bytes free below which a write that failed is taken to have failed for want of space."""


class LaunchFailedError(Exception):
    """A step of a launch failed; the reason says why and what to do.

    Attributes:
        reason: what the person is told.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.code}: {reason.sentence}")
        self.reason = reason


def start_without(folder: str) -> Remedy:
    """The button that leaves a repository or storage out of the next launch."""
    return Remedy(action="start_without", label=f"Start without {folder}", folder=folder)


def is_full(folder: Path) -> bool:
    """Whether the file system of `folder` has no space left."""
    return shutil.disk_usage(folder).free < _NEARLY_NOTHING


def means_no_space(error: OSError) -> bool:
    """Whether the system refused a write because the disk or the person's share of it is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def disk_full(folder: Path, detail: str = "") -> Reason:
    """/work is full, with its numbers; `folder` is where it is on this computer."""
    usage = shutil.disk_usage(folder)
    return Reason(
        code="disk_full",
        sentence=f"/work is full: {sizes(usage.total - usage.free, usage.total)}.",
        hint=f"Delete what is not needed from the disk of {folder}, then retry.",
        remedies=(RETRY,),
        detail=detail,
    )


def sizes(used: int, total: int) -> str:
    """Two sizes in bytes as people read them, in the unit of the larger one."""
    unit, size = ("GiB", 2**30) if total >= 2**30 else ("MiB", 2**20)
    return f"{used / size:.1f} of {total / size:.1f} {unit}".replace(".0 GiB", " GiB").replace(
        ".0 MiB", " MiB"
    )
