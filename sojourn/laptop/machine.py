"""The resource classes of a computer: parts of its CPUs and of its memory."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import yaml

from sojourn.laptop.data import DataFolder, write_private

_PARTS = (
    ("quarter", "Quarter of this computer", 0.25),
    ("half", "Half of this computer", 0.5),
    ("whole", "Whole computer", 1.0),
)
_GIB = 2**30
_LEAST_CPUS, _LEAST_GIB = 0.1, 0.25


def classes_file(data: DataFolder) -> Path:
    """The file of this computer's classes, written anew: at every start they are those of the machine."""
    path = data.root / "resource-classes.yaml"
    offered = classes(_cpus(), psutil.virtual_memory().total)
    write_private(path, yaml.safe_dump(offered, sort_keys=False))
    return path


def classes(cpus: int, memory: int) -> list[dict[str, object]]:
    """The classes of a machine, as the API reads them (`sessions_api/resources/offers.py`).

    None is the default: a session is of no class unless one is chosen, as the computer is its owner's.

    Args:
        cpus: how many it has.
        memory: bytes.
    """
    return [
        {
            "slug": slug,
            "name": name,
            "cpus": max(_LEAST_CPUS, round(cpus * part, 2)),
            "memoryGib": max(_LEAST_GIB, memory * part // (_GIB / 4) / 4),
        }
        for slug, name, part in _PARTS
    ]


def _cpus() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
