"""Follows what a container writes, and passes it on within bounds."""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from kubernetes_asyncio.client import ApiException

from spawner.kubernetes.clients import lines_of, streams_client
from spawner.kubernetes.requests import UNREACHABLE, retry_after
from spawner.reporter import Reporter

LINES_AT_ONCE = 100
"""Lines of a session passed on at once; what else a talkative program wrote is only in the pod's own log."""

LAST_LINES = 20
"""Lines of a session that are shown with the reason of its end."""

_GATHER_SECONDS = 0.2
_CONNECT_SECONDS = 5.0
_DRAIN_SECONDS = 1.0
"""Longest wait for the last lines of what has ended; its end is told within two seconds, with or without."""

_FIRST_PAUSE = 0.3
_LONGEST_PAUSE = 30.0
_PATH = "/api/v1/namespaces/{namespace}/pods/{name}/log"


@dataclass(frozen=True)
class Line:
    """One line of a container.

    Attributes:
        at: when it was written by the node's clock, as in RFC 3339 with nanoseconds.
    """

    at: str
    text: str


@dataclass(frozen=True)
class Container:
    """Where a log is."""

    namespace: str
    pod: str
    name: str


class Follower:
    """Follows one container's log in the background, by one request that stays open.

    A connection that is cut is opened again where it was, and no line is taken twice.

    Args:
        since: only lines after this one's `Line.at` are taken; empty: all.
        take: gets each line.
        is_over: whether the container has ended, so that the end of its log is the end.
    """

    def __init__(
        self,
        container: Container,
        *,
        since: str,
        take: Callable[[Line], None],
        is_over: Callable[[], bool],
        log: logging.Logger,
    ) -> None:
        self._container = container
        self._since = since
        self._take = take
        self._is_over = is_over
        self._log = log
        self._pause = _FIRST_PAUSE
        self._quiet = asyncio.Event()
        self._task = asyncio.create_task(self._follow(), name=f"log of {container.pod}")

    async def close(self) -> None:
        """Takes what is there of a container that has ended, then follows no more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self._quiet.wait()
        await self.abandon()

    async def abandon(self) -> None:
        """Follows no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._quiet.set()

    async def _follow(self) -> None:
        while True:
            wait = None
            try:
                await self._read()
            except ApiException as refusal:
                if refusal.status == HTTPStatus.NOT_FOUND:
                    break
                wait = retry_after(refusal)
                self._note(refusal)
            except UNREACHABLE as unreachable:
                self._note(unreachable)
            else:
                if self._is_over():
                    break
            self._quiet.set()
            await asyncio.sleep(wait or self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            self._quiet.clear()
        self._quiet.set()

    def _note(self, problem: Exception) -> None:
        self._log.debug("The log of %s was cut: %s", self._container, problem)

    async def _read(self) -> None:
        async with await self._open() as answer:
            async for raw in lines_of(answer):
                at, _space, text = raw.decode(errors="replace").partition(" ")
                if at > self._since:
                    self._since, self._pause = at, _FIRST_PAUSE
                    self._take(Line(at, text.rstrip("\r")))

    async def _open(self) -> aiohttp.ClientResponse:
        """Asks for the log; the client's own method does not know `sinceTime`, which the API takes."""
        query = [("container", self._container.name), ("follow", "true"), ("timestamps", "true")]
        if self._since:
            query.append(("sinceTime", self._since))
        answer: aiohttp.ClientResponse = await streams_client().call_api(
            _PATH,
            "GET",
            path_params={"namespace": self._container.namespace, "name": self._container.pod},
            query_params=query,
            header_params={"Accept": "*/*"},
            auth_settings=["BearerToken"],
            _return_http_data_only=True,
            _preload_content=False,
            _request_timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
        )
        if answer.ok:
            return answer
        async with answer:
            problem = ApiException(status=answer.status, reason=(await answer.text())[:500])
            problem.headers = answer.headers
            raise problem


class PassedLog:
    """Passes a container's lines on, at most so many at once, and knows the last ones.

    Args:
        source: what reports call the container.
        since, is_over: as of a `Follower`.
        on_delivered: gets `Line.at` of the last line that the API has, if anybody wants it.
    """

    def __init__(
        self,
        container: Container,
        reporter: Reporter,
        *,
        source: str,
        since: str,
        is_over: Callable[[], bool],
        on_delivered: Callable[[str], None] | None = None,
        log: logging.Logger,
    ) -> None:
        self._reporter = reporter
        self._source = source
        self._on_delivered = on_delivered
        self._gathered: deque[Line] = deque(maxlen=LINES_AT_ONCE)
        self._count = 0
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._flush: asyncio.TimerHandle | None = None
        self._follower = Follower(container, since=since, take=self._take, is_over=is_over, log=log)

    async def close(self, *, is_told: bool = True) -> None:
        """Passes on what is left, and follows no more.

        Args:
            is_told: whether the log comes to an end, so that it is worth waiting for.
        """
        await (self._follower.close() if is_told else self._follower.abandon())
        self._pass_on()

    def _take(self, line: Line) -> None:
        if not line.text.strip():
            return
        self._gathered.append(line)
        self._count += 1
        self._last.append(line.text)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._pass_on)

    def _pass_on(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if not self._gathered:
            return
        left_out = self._count - len(self._gathered)
        if left_out:
            self._reporter.log(self._source, f"… {left_out} lines left out; all are in the pod's own log")
        tell, last = self._on_delivered, self._gathered[-1]
        for line in self._gathered:
            delivered = (lambda: tell(last.at)) if tell is not None and line is last else None
            self._reporter.log(self._source, line.text, on_delivered=delivered)
        self._gathered.clear()
        self._count = 0

    @property
    def last_lines(self) -> str:
        """The last lines that were taken."""
        return "\n".join(self._last)
