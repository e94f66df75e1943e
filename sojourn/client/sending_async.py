"""Sends calls for asyncio: the shape of `sojourn.client.sending`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar

import httpx
from httpx_sse import aconnect_sse

from sojourn.client import transport
from sojourn.client.call import Call, Model, Pages, Stream
from sojourn.client.errors import NotRunning

Calls = TypeVar("Calls")
P = ParamSpec("P")
T = TypeVar("T")


class Namespace(Generic[Calls]):
    """Some calls, and what sends them."""

    def __init__(self, http: httpx.AsyncClient, calls: Calls) -> None:
        self._http = http
        self._calls = calls

    async def _send(self, call: Call[T]) -> T:
        attempt = 0
        while True:
            try:
                return transport.read(call, await self._http.request(**transport.request(call)))
            except (httpx.TransportError, NotRunning) as error:
                pause = transport.pause_after(error, call, attempt, self._http.base_url)
            await asyncio.sleep(pause)
            attempt += 1

    async def _items(self, pages: Pages[Model]) -> AsyncIterator[Model]:
        cursor = None
        while True:
            items, cursor = await self._send(pages.page(cursor))
            for item in items:
                yield item
            if cursor is None:
                return

    async def _events(self, stream: Stream[T]) -> AsyncIterator[T]:
        async with aconnect_sse(self._http, **transport.connection(stream)) as source:
            if not source.response.is_success:
                await source.response.aread()
                transport.check(source.response)
            async for sent in source.aiter_sse():
                event = stream.read(sent)
                if event is not None:
                    yield event


def sent(
    build: Callable[Concatenate[Calls, P], Call[T]],
) -> Callable[Concatenate[Namespace[Calls], P], Awaitable[T]]:
    """The method that sends what `build` builds."""

    @wraps(build)
    async def method(self: Namespace[Calls], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._send(build(self._calls, *args, **kwargs))

    return method


def listed(
    build: Callable[Concatenate[Calls, P], Pages[Model]],
) -> Callable[Concatenate[Namespace[Calls], P], AsyncIterator[Model]]:
    """The method that iterates over what `build` lists, fetching pages as they are needed."""

    @wraps(build)
    def method(self: Namespace[Calls], /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Model]:
        return self._items(build(self._calls, *args, **kwargs))

    return method
