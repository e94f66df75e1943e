"""What the page of a log shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sessions_api.runs.views import LogLine
from sessions_api.web.parts import Crumb, Status


@dataclass(frozen=True, slots=True)
class LogPage:
    """The log of one attempt of a run.

    Attributes:
        attempts: number and label of each attempt that has a log, the newest first.
        container, search: what it is narrowed to; empty: nothing.
        note: how many lines are shown.
        start: what the lines' seconds count from.
        download: the same as a file.
        events: where new lines are announced; empty when there will be none.
    """

    id: str
    name: str
    crumbs: tuple[Crumb, ...]
    status: Status
    path: str
    containers: tuple[tuple[str, str], ...]
    container: str
    attempts: tuple[tuple[int, str], ...]
    attempt: int
    search: str
    lines: tuple[LogLine, ...]
    note: str
    start: datetime
    download: str
    events: str
