"""What a run said."""

from __future__ import annotations

from datetime import datetime

from sojourn.client.models import Answer, Part


class LogLine(Part):
    """One line of a run's log; `seconds` since the present attempt began.

    Attributes:
        attempt: the launch or resume that it is of.
        source: the container that wrote it; `sojourn` is Sojourn itself.
    """

    at: datetime
    attempt: int = 1
    seconds: float
    source: str
    text: str


class Log(Answer):
    """The last lines of a run's log, oldest first; `containers` are those that wrote any that is kept."""

    lines: tuple[LogLine, ...]
    containers: tuple[str, ...] = ()
