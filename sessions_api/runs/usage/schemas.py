"""What a run uses, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from sessions_api.kit.schemas import Schema
from sessions_api.runs.tables import Run, RunSample
from spawner.spec import ResourcesSpec

_GIB = 1024**3


class Amounts(Schema):
    """Busy CPUs, bytes of memory, bytes of /work, busy GPUs; null is not known, of a limit: there is none."""

    cpus: float | None
    memory_bytes: int | None
    disk_bytes: int | None
    gpus: float | None


class SampleRead(Amounts):
    """What a run used at a moment."""

    at: datetime


class UsageRead(Schema):
    """What a run uses.

    Attributes:
        limit: what it may use.
        peak: the most that it ever used, also after its end.
        samples: of the last hour while it runs, the oldest first.
    """

    limit: Amounts
    peak: Amounts
    samples: list[SampleRead]

    @classmethod
    def made(cls, run: Run, samples: Sequence[RunSample]) -> Self:
        """What the run uses."""
        return cls(
            limit=limit_of(run),
            peak=Amounts(
                cpus=run.peak_cpus,
                memory_bytes=run.peak_memory,
                disk_bytes=run.peak_disk,
                gpus=run.peak_gpus,
            ),
            samples=[SampleRead.model_validate(each) for each in samples],
        )


def limit_of(run: Run) -> Amounts:
    """What a run may use, by its frozen spec."""
    spec = ResourcesSpec.model_validate(run.spec["resources"]) if run.spec else None
    return Amounts(
        cpus=spec.cpus if spec else None,
        memory_bytes=_bytes(spec.memory_gib) if spec else None,
        disk_bytes=_bytes(spec.disk_gib) if spec else None,
        gpus=(spec.gpus or None) if spec else None,
    )


def _bytes(gib: float | None) -> int | None:
    return None if gib is None else round(gib * _GIB)
