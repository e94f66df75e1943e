"""Sends calls and waits for their answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar

import httpx
from httpx_sse import connect_sse

from sojourn.client import transport
from sojourn.client.call import Call, Model, Pages, Stream
from sojourn.client.errors import NotRunning

Calls = TypeVar("Calls")
P = ParamSpec("P")
T = TypeVar("T")


class Namespace(Generic[Calls]):
    """Some calls, and what sends them."""

    def __init__(self, http: httpx.Client, calls: Calls) -> None:
        self._http = http
        self._calls = calls

    def _send(self, call: Call[T]) -> T:
        attempt = 0
        while True:
            try:
                return transport.read(call, self._http.request(**transport.request(call)))
            except (httpx.TransportError, NotRunning) as error:
                pause = transport.pause_after(error, call, attempt, self._http.base_url)
            time.sleep(pause)
            attempt += 1

    def _items(self, pages: Pages[Model]) -> Iterator[Model]:
        cursor = None
        while True:
            items, cursor = self._send(pages.page(cursor))
            yield from items
            if cursor is None:
                return

    def _events(self, stream: Stream[T]) -> Iterator[T]:
        with connect_sse(self._http, **transport.connection(stream)) as source:
            if not source.response.is_success:
                source.response.read()
                transport.check(source.response)
            for sent in source.iter_sse():
                event = stream.read(sent)
                if event is not None:
                    yield event


def sent(
    build: Callable[Concatenate[Calls, P], Call[T]],
) -> Callable[Concatenate[Namespace[Calls], P], T]:
    """The method that sends what `build` builds."""

    @wraps(build)
    def method(self: Namespace[Calls], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._send(build(self._calls, *args, **kwargs))

    return method


def listed(
    build: Callable[Concatenate[Calls, P], Pages[Model]],
) -> Callable[Concatenate[Namespace[Calls], P], Iterator[Model]]:
    """The method that iterates over what `build` lists, fetching pages as they are needed."""

    @wraps(build)
    def method(self: Namespace[Calls], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[Model]:
        return self._items(build(self._calls, *args, **kwargs))

    return method
