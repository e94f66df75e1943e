"""One look at what a session uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """What a run uses at one moment; None: not known.

    Attributes:
        attempt: the launch that it is of.
        cpus: CPUs that were busy.
        memory_bytes: of memory.
        disk_bytes: of /work.
        gpus: GPUs that were busy.
    """

    run: str
    attempt: int
    cpus: float | None
    memory_bytes: int | None
    disk_bytes: int | None
    gpus: float | None = None
