"""What a run uses of CPU, memory, disk and GPUs."""

from __future__ import annotations

from datetime import datetime

from sojourn.client.models import Answer, Part


class UsedAmounts(Part):
    """Busy CPUs, bytes of memory, bytes of /work, busy GPUs; None is not known, of a limit: there is none."""

    cpus: float | None
    memory_bytes: int | None
    disk_bytes: int | None
    gpus: float | None = None


class UsageSample(UsedAmounts):
    """What a run used at a moment."""

    at: datetime


class RunUsage(Answer):
    """What a run uses.

    Attributes:
        limit: what it may use.
        peak: the most that it ever used, also after its end.
        samples: of the last hour while it runs, the oldest first.
    """

    limit: UsedAmounts
    peak: UsedAmounts
    samples: tuple[UsageSample, ...]
