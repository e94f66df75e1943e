"""From what a run uses to the lines that pages draw of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sessions_api.runs.tables import Run, RunSample
from sessions_api.runs.usage.schemas import limit_of
from sessions_api.runs.views import Spark
from sessions_api.web import words

WIDTH, HEIGHT = 100.0, 24.0
_SHORTEST = timedelta(minutes=5)
"""What a line spans at least, so that a session that has just begun has a short one."""
_NEAR = 0.9
"""Of its limit; what is beyond is marked."""
_HEADROOM = 1.25
"""How high a line without a limit is drawn, in peaks."""


def cpus(value: float) -> str:
    """`0.4 CPU`."""
    return f"{words.number(value)} CPU"


def gpus(value: float) -> str:
    """`0.4 GPU`."""
    return f"{words.number(value)} GPU"


_KINDS: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
    ("Memory", "memory_bytes", "peak_memory", words.memory),
    ("CPU", "cpus", "peak_cpus", cpus),
    ("GPU", "gpus", "peak_gpus", gpus),
    ("Disk of /work", "disk_bytes", "peak_disk", words.memory),
)
"""What there is: its name, where it is in samples and limits, where its peak is, and how it is said."""


def of_run(run: Run, samples: Sequence[RunSample], now: datetime) -> tuple[Spark, ...]:
    """What a running session uses, a line each for what is known."""
    limits = limit_of(run)
    drawn = []
    for label, name, peak, said in _KINDS:
        known = [(each.at, amount) for each in samples if (amount := getattr(each, name)) is not None]
        if known:
            drawn.append(_spark(label, known, (getattr(limits, name), getattr(run, peak)), said, now))
    return tuple(drawn)


def _spark(
    label: str,
    known: Sequence[tuple[datetime, float]],
    bounds: tuple[float | None, float | None],
    said: Callable[[float], str],
    now: datetime,
) -> Spark:
    """`bounds`: the limit and the peak."""
    limit, peak = bounds
    latest = known[-1][1]
    most = max(amount for _, amount in known)
    top = max(limit or 0.0, most, 0.0) * (1.0 if limit else _HEADROOM) or 1.0
    begin = min(known[0][0], now - _SHORTEST)
    span = max((now - begin).total_seconds(), 1.0)

    def height(amount: float) -> float:
        return round(HEIGHT - 1 - amount / top * (HEIGHT - 2), 1)

    points = [(round((at - begin).total_seconds() / span * WIDTH, 1), height(amount)) for at, amount in known]
    of = f"of {said(limit)}" if limit else ""
    highest = said(max(peak or 0.0, most))
    lasted = words.duration((now - known[0][0]).total_seconds() // 60 * 60 or 60)
    return Spark(
        label=label,
        now=said(latest),
        of=of,
        peak=highest,
        points=" ".join(f"{x:g},{y:g}" for x, y in points),
        limit=height(limit) if limit else None,
        near=bool(limit) and latest >= _NEAR * (limit or 0.0),
        heard=" ".join(filter(None, (f"{label} in the last {lasted}: now {said(latest)}", of)))
        + f", at most {highest}.",
    )


def peaks(run: Run) -> tuple[str, ...]:
    """The most that a run ever used: `2.1 GiB`, `1.4 CPU`, `0.9 GPU`; none where nothing is known."""
    found = ((getattr(run, peak), said) for _, _, peak, said in _KINDS[:3])
    return tuple(said(amount) for amount, said in found if amount is not None)
