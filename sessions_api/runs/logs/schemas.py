"""Logs as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from sessions_api.kit.schemas import Schema
from sessions_api.runs.tables import Run, RunEvent


class LogLine(Schema):
    """One line of a run's log.

    Attributes:
        attempt: the launch or resume that it is of.
        seconds: since the last attempt began.
        source: the container that wrote it; `sojourn` is Sojourn itself.
    """

    at: datetime
    attempt: int
    seconds: float
    source: str
    text: str

    @classmethod
    def made(cls, run: Run, event: RunEvent) -> Self:
        """The line that an event of the run is."""
        return cls(
            at=event.at,
            attempt=event.attempt,
            seconds=round((event.at - run.launched_at).total_seconds(), 1),
            source=event.data["source"],
            text=event.data["text"],
        )


class LogRead(Schema):
    """The last lines of a run's log, oldest first.

    Attributes:
        containers: those that wrote any line that is kept, of any attempt.
    """

    lines: list[LogLine]
    containers: list[str]

    @classmethod
    def made(cls, run: Run, lines: Sequence[RunEvent], sources: Sequence[tuple[int, str]]) -> Self:
        """The log of a run."""
        return cls(
            lines=[LogLine.made(run, event) for event in lines],
            containers=sorted({source for _, source in sources}),
        )
