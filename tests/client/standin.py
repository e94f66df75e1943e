"""An API that answers as a test wants, in the place of the network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx

AT = "2026-11-21T10:00:00+00:00"

PROJECT: dict[str, Any] = {
    "id": "01",
    "slug": "bar-one",
    "name": "Bar one",
    "description": "",
    "visibility": "private",
    "role": "owner",
    "created_by": "ann",
    "created_at": AT,
    "updated_at": AT,
}

RUN: dict[str, Any] = {
    "id": "run-1",
    "project": "bar-one",
    "session": "python",
    "person": "ann",
    "attempt": 1,
    "phase": "launching",
    "wish": "run",
    "status": "launching",
    "url": None,
    "page": "/runs/run-1",
    "events": "/api/v1/runs/run-1/events",
    "reason": None,
    "created_at": AT,
    "launched_at": AT,
    "ready_at": None,
    "ended_at": None,
    "stages": [],
}

Step = Callable[[httpx.Request], httpx.Response] | httpx.Response | Exception


class Script(httpx.MockTransport):
    """Answers one request after the other, and keeps what was asked."""

    def __init__(self, *steps: Step) -> None:
        self.requests: list[httpx.Request] = []
        self._steps = iter(steps)
        super().__init__(self._next)

    def _next(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = next(self._steps)
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(request)


def problem(status: int, code: str, detail: str, **more: Any) -> httpx.Response:
    body = {"type": "about:blank", "title": "", "status": status, "code": code, "detail": detail, **more}
    return httpx.Response(
        status, content=json.dumps(body), headers={"Content-Type": "application/problem+json"}
    )


def stream(*events: tuple[int, str, dict[str, Any]], breaks: bool = False) -> httpx.Response:
    """Server-sent events; a stream that breaks does so after the last of them."""

    def parts() -> Iterator[bytes]:
        for number, kind, data in events:
            text = json.dumps({"at": AT, "attempt": 1, **data}) if data else ""
            yield f"id: {number}\nevent: {kind}\ndata: {text}\n\n".encode()
        if breaks:
            raise httpx.ReadError("the connection broke")

    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=_Parts(parts()))


class _Parts(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts

    async def __aiter__(self) -> Any:
        for part in self._parts:
            yield part
