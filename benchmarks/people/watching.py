"""People who all watch one project's events, over connections of their own."""

from __future__ import annotations

import selectors
import socket
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from benchmarks.report import median
from tests.pages.conftest import Person

_CHANGED = b"event: changed"
_SECONDS = 60.0


class Crowd:
    """Watchers, as plain sockets: what is measured is the service, not five hundred HTTP clients."""

    def __init__(self, url: str, person: Person, project: str, count: int) -> None:
        self._address = urlsplit(url)
        self._person = person
        self._project = f"/api/v1/projects/{project}"
        self._selector = selectors.DefaultSelector()
        self._sockets = [self._connect() for _ in range(count)]

    def _connect(self) -> socket.socket:
        made = socket.create_connection((self._address.hostname or "", self._address.port or 80))
        made.sendall(
            f"GET {self._project}/events HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Cookie: sojourn-login={self._person.cookie}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        self._selector.register(made, selectors.EVENT_READ)
        return made

    def __enter__(self) -> Self:
        # Every stream begins with one event: a page may be older than its connection.
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._sockets:
            each.close()
        self._selector.close()

    def told(self, events: int) -> tuple[float, float]:
        """Median seconds from a change until the first and until the last watcher has it."""
        firsts, lasts = [], []
        for number in range(events):
            token = self._person.filled()["csrf_token"]
            began = time.perf_counter()
            answer = self._person.patch(
                self._project,
                json={"description": f"Change {number}."},
                headers={"X-CSRF-Token": str(token)},
            )
            answer.raise_for_status()
            first, last = self._wait()
            firsts.append(first - began)
            lasts.append(last - began)
        return median(firsts), median(lasts)

    def _wait(self) -> tuple[float, float]:
        """When the first and the last of all watchers got an event."""
        missing, first = set(self._sockets), 0.0
        heard: dict[socket.socket, bytes] = {}
        deadline = time.perf_counter() + _SECONDS
        while missing:
            assert time.perf_counter() < deadline, f"{len(missing)} watchers were told nothing"
            for key, _ in self._selector.select(1):
                watcher = key.fileobj
                assert isinstance(watcher, socket.socket)
                heard[watcher] = heard.get(watcher, b"") + watcher.recv(65536)
                if _CHANGED in heard[watcher] and watcher in missing:
                    missing.discard(watcher)
                    first = first or time.perf_counter()
        return first, time.perf_counter()
