"""Events of a run, and how a stream of them goes on after it broke."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import httpx
from httpx_sse import ServerSentEvent
from pydantic import BaseModel, ConfigDict

from sojourn.client.call import Stream, path_of
from sojourn.client.errors import NotRunning, SojournError
from sojourn.client.models import Run

PATIENCE = 30.0
"""Seconds for which a stream that broke is tried again."""
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    at: datetime
    attempt: int


class StageEvent(_Event):
    """A stage of the launch changed; `state` is `next`, `now`, `done`, `warn` or `fail`."""

    kind: Literal["stage"] = "stage"
    key: str
    state: str
    detail: str = ""


class LogEvent(_Event):
    """A program wrote a line."""

    kind: Literal["log"] = "log"
    source: str
    text: str


class StatusEvent(_Event):
    """The run's phase, or what is wished of it, changed (see `Run`)."""

    kind: Literal["status"] = "status"
    phase: str
    wish: str


class QueueEvent(_Event):
    """The run waits for a place, and where it is in the line changed (see `Queue`)."""

    kind: Literal["queue"] = "queue"
    position: int
    estimate_seconds: int | None = None


class WarningEvent(_Event):
    """It was announced when the session pauses by itself, or taken back (see `Run`)."""

    kind: Literal["warning"] = "warning"
    pauses_at: datetime | None
    pauses_for: str | None


Event = StageEvent | LogEvent | StatusEvent | QueueEvent | WarningEvent

_KINDS: Mapping[str, type[Event]] = {
    "stage": StageEvent,
    "log": LogEvent,
    "status": StatusEvent,
    "queue": QueueEvent,
    "warning": WarningEvent,
}


class Position:
    """Where in a run's events a client is, over as many connections as it takes."""

    def __init__(self, after: int = 0) -> None:
        self.ended = False
        self._last = str(after) if after else ""
        self._broken_since: float | None = None
        self._pause = _FIRST_PAUSE

    def rest_of(self, run: str) -> Stream[Event]:
        """What asks for the events of a run that have not been seen."""
        headers = {"Last-Event-ID": self._last} if self._last else {}
        return Stream("GET", path_of("runs", run, "events"), self._take, headers=headers)

    def _take(self, sent: ServerSentEvent) -> Event | None:
        """The event that was sent; None for the stream's end, and for kinds of a newer Sojourn."""
        self._broken_since = None
        self._pause = _FIRST_PAUSE
        self._last = sent.id or self._last
        if sent.event == "end":
            self.ended = True
        kind = _KINDS.get(sent.event)
        return kind.model_validate({"id": sent.id, **json.loads(sent.data)}) if kind else None

    def pause_after(self, error: SojournError | httpx.TransportError | None) -> float:
        """Seconds to wait before the next connection; None is a stream that stopped without its end.

        Raises:
            SojournError: the API refuses, or has not answered for too long.
        """
        if isinstance(error, SojournError) and not isinstance(error, NotRunning):
            raise error
        now = time.monotonic()
        if self._broken_since is None:
            self._broken_since = now
        elif now - self._broken_since > PATIENCE:
            raise NotRunning(
                "Sojourn stopped sending the run's events, and does not answer.",
                code="not_running",
                hint="Start it again with `sojourn up`.",
            ) from error
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        return pause


def may_settle(event: Event) -> bool:
    """Whether a run may have arrived somewhere with this event, so that it is worth reading it again."""
    return isinstance(event, StatusEvent) and event.phase not in {"queued", "launching"}


def run_id(run: Run | str) -> str:
    """The id of a run that may be given as itself."""
    return run if isinstance(run, str) else run.id
