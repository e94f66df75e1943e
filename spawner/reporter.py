"""Tells the API what happens in a launch, without ever holding the launch up."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from spawner.api import ApiRefusalError, ApiUnavailableError, SojournApi
from spawner.reasons import Reason
from spawner.reports import EndedReport, LogReport, ReadyReport, Report, Reports, StageReport, StageState

GATHER_SECONDS = 0.005
"""How long a report waits for company, so that a burst of lines is one request."""

LARGEST_DELIVERY = 500
LONGEST_LINE = 2000
"""Characters of one log line; what is longer is cut."""

LOG_LINES_KEPT = 2000
"""Log lines held while the API is away; stages, readiness and the end are always held."""

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


@dataclass(frozen=True)
class _Waiting:
    report: Report
    on_delivered: Callable[[], None] | None


# A task that nobody holds may be collected before it has run to its end (asyncio.create_task).
_senders: set[asyncio.Task[None]] = set()


class Reporter:
    """Sends reports of one attempt of one run in their order, until the API has taken each of them.

    Reports are numbered by delivery: one whose answer was lost is sent again with the same number and
    content, and the API ignores what it has seen.
    """

    def __init__(self, api: SojournApi, *, run: str, attempt: int, log: logging.Logger) -> None:
        self._api = api
        self._run = run
        self._attempt = attempt
        self._log = log
        self._name = uuid.uuid4().hex
        self._delivered = 0
        self._waiting: deque[_Waiting] = deque()
        self._log_lines = 0
        self._lines_dropped = 0
        self._news = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._all_sent.set()
        self._finished = False
        self._sender: asyncio.Task[None] | None = None

    def stage(self, key: str, state: StageState, detail: str = "") -> None:
        """A stage began or ended."""
        self._add(StageReport(at=_now(), stage=key, state=state, detail=detail))

    def log(self, source: str, text: str, *, on_delivered: Callable[[], None] | None = None) -> None:
        """One line of a log; `on_delivered` is called when the API has it, or when it was dropped."""
        self._add(LogReport(at=_now(), source=source, text=text[:LONGEST_LINE]), on_delivered)

    def ready(self, url: str) -> None:
        """The session answers at `url`, a path of the public origin."""
        self._add(ReadyReport(at=_now(), url=url))

    def ended(self, reason: Reason | None) -> None:
        """Nothing runs any more; this is the last report."""
        self._add(EndedReport(at=_now(), reason=reason))
        self.finish()

    def finish(self) -> None:
        """No report follows; what waits is still delivered in the background."""
        self._finished = True
        self._news.set()

    async def flush(self) -> None:
        """Waits until the API has everything that was reported so far."""
        await self._all_sent.wait()

    def _add(self, report: Report, on_delivered: Callable[[], None] | None = None) -> None:
        if self._finished:
            return
        self._waiting.append(_Waiting(report, on_delivered))
        if isinstance(report, LogReport):
            self._log_lines += 1
            if self._log_lines > LOG_LINES_KEPT:
                self._drop_oldest_line()
        self._all_sent.clear()
        self._news.set()
        if self._sender is None:
            self._sender = asyncio.create_task(self._send_all(), name=f"reports of run {self._run}")
            _senders.add(self._sender)
            self._sender.add_done_callback(_senders.discard)

    def _drop_oldest_line(self) -> None:
        oldest = next(waiting for waiting in self._waiting if isinstance(waiting.report, LogReport))
        self._waiting.remove(oldest)
        self._log_lines -= 1
        self._lines_dropped += 1
        if oldest.on_delivered is not None:
            oldest.on_delivered()

    async def _send_all(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if not self._finished:
                await asyncio.sleep(GATHER_SECONDS)
            while self._waiting:
                await self._send(self._next_delivery())
            self._all_sent.set()
            if self._finished and not self._waiting:
                return

    def _next_delivery(self) -> list[_Waiting]:
        delivery: list[_Waiting] = []
        if self._lines_dropped:
            text = f"{self._lines_dropped} earlier lines are left out: the API was away for too long."
            delivery.append(_Waiting(LogReport(at=_now(), source="sojourn", text=text), None))
            self._lines_dropped = 0
        while self._waiting and len(delivery) < LARGEST_DELIVERY:
            waiting = self._waiting.popleft()
            self._log_lines -= isinstance(waiting.report, LogReport)
            delivery.append(waiting)
        return delivery

    async def _send(self, delivery: list[_Waiting]) -> None:
        self._delivered += 1
        reports = Reports(
            attempt=self._attempt,
            reporter=self._name,
            seq=self._delivered,
            events=tuple(waiting.report for waiting in delivery),
        )
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._api.deliver(self._run, reports)
                break
            except ApiUnavailableError as problem:
                self._log.debug("Reports of run %s wait for the API: %s", self._run, problem)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except ApiRefusalError as refusal:
                self._log.error("The API refuses reports of run %s: %s", self._run, refusal)
                break
        for waiting in delivery:
            if waiting.on_delivered is not None:
                waiting.on_delivered()


def _now() -> datetime:
    return datetime.now(UTC)
