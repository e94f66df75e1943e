"""How long a launch usually takes, from the newest launches that worked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import quantiles

from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.runs import store

MOST = 20
"""Launches that are looked at."""


@dataclass(frozen=True)
class Span:
    """Seconds: half of the launches take `usual` at most, 19 of 20 `most`."""

    usual: float
    most: float


@dataclass(frozen=True)
class Estimate:
    """What is usual for a session; `total` is None when it never became ready.

    Attributes:
        stages: by the stage's key.
    """

    total: Span | None = None
    stages: dict[str, Span] = field(default_factory=dict)


def span(seconds: Sequence[float]) -> Span | None:
    """P50 and P95 of some durations; None of none."""
    if not seconds:
        return None
    if len(seconds) == 1:
        return Span(seconds[0], seconds[0])
    cuts = quantiles(seconds, n=20, method="inclusive")
    return Span(cuts[9], cuts[18])


def _seconds(started: datetime, ended: datetime) -> float:
    return max((ended - started).total_seconds(), 0.0)


async def of_sessions(db: AsyncSession, session_ids: Sequence[str]) -> dict[str, Estimate]:
    """What is usual for each of the sessions, by anyone's launches; a fixed number of statements."""
    if not session_ids:
        return {}
    runs = await store.recent_successes(db, session_ids, MOST)
    stages = await store.stages_of(db, [run.id for run in runs])
    session_of = {run.id: run.session_id for run in runs}
    attempt_of = {run.id: run.attempt for run in runs}
    totals: dict[str, list[float]] = defaultdict(list)
    parts: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        if run.ready_at is not None:
            totals[run.session_id].append(_seconds(run.launched_at, run.ready_at))
    for stage in stages:
        counts = stage.state in {"done", "warn"} and stage.attempt == attempt_of[stage.run_id]
        if counts and stage.started_at is not None and stage.ended_at is not None:
            parts[session_of[stage.run_id]][stage.key].append(_seconds(stage.started_at, stage.ended_at))
    return {
        session_id: Estimate(
            span(totals[session_id]),
            {key: found for key, seconds in parts[session_id].items() if (found := span(seconds))},
        )
        for session_id in session_ids
    }
