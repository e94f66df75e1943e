"""Connections that requests come from."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

import httptools

from spawner.gate.connections import BadMessageError, Connection
from spawner.gate.messages import Headers, Pair, Request


class ClientConnection(Connection):
    """A connection that requests come from.

    Attributes:
        deadline: when, on the loop's clock, the next head has to be complete.
        peer: address of the other side.
    """

    head_seconds = 15.0
    idle_seconds = 200.0
    """Longer than a proxy in front keeps one (Traefik: 90 s): it could send on one that just ended."""

    def __init__(
        self, made: Callable[[ClientConnection], None], lost: Callable[[ClientConnection], None]
    ) -> None:
        super().__init__()
        self._parser = httptools.HttpRequestParser(self)
        self._made = made
        self._lost = lost
        self._target = b""
        self.deadline = math.inf
        self.peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect the first request."""
        super().connection_made(transport)
        self.peer = str((transport.get_extra_info("peername") or ("unknown",))[0])
        self.deadline = asyncio.get_running_loop().time() + self.head_seconds
        self._made(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who made it."""
        super().connection_lost(exc)
        self._lost(self)

    def on_message_begin(self) -> None:
        """Give the head its time."""
        super().on_message_begin()
        self._target = b""
        self.deadline = asyncio.get_running_loop().time() + self.head_seconds

    def on_url(self, part: bytes) -> None:
        """Collect the target."""
        self._head_bytes += len(part)
        self._target += part

    def on_headers_complete(self) -> None:
        """Offer the head; it may take as long as it likes from here."""
        self.deadline = math.inf
        super().on_headers_complete()

    def _new_head(self, pairs: list[Pair]) -> Request:
        parser = cast("httptools.HttpRequestParser", self._parser)
        version = parser.get_http_version()
        if version not in {"1.1", "1.0"}:
            raise BadMessageError("The gate speaks HTTP/1.1.", HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
        request = Request(
            parser.get_method(),
            self._target,
            Headers(pairs),
            is_http_11=version == "1.1",
            keep_alive=parser.should_keep_alive(),
            upgrade=parser.should_upgrade(),
        )
        _check(request)
        return request

    async def request(self) -> Request:
        """The head of the next request; what is left of the one before has to be taken first.

        Raises:
            LostError: there is none any more.
            BadMessageError: it is not one.
        """
        if not self._came and not self._is_mid_head and math.isinf(self.deadline):
            self.deadline = asyncio.get_running_loop().time() + self.idle_seconds
        head: Request = await self._next()
        return head

    def overdue(self) -> None:
        """The head took too long, or did not come."""
        if self._is_mid_head:
            self._fail(BadMessageError("The head of the request took too long.", HTTPStatus.REQUEST_TIMEOUT))
        else:
            self.close()


def _check(request: Request) -> None:
    """Refuses what llhttp lets pass and other programs may read differently (RFC 9112, 3.2, 6.1 and 6.3)."""
    encodings = request.headers.all(b"transfer-encoding")
    if encodings and ([each.lower() for each in encodings] != [b"chunked"] or not request.is_http_11):
        raise BadMessageError("The only transfer encoding is chunked.", HTTPStatus.NOT_IMPLEMENTED)
    if encodings and request.headers.all(b"content-length"):
        raise BadMessageError("A request has one length.")
    if len(request.headers.all(b"host")) != 1 and (request.is_http_11 or request.headers.all(b"host")):
        raise BadMessageError("A request names one host.")
    if request.upgrade and request.length != 0:
        raise BadMessageError("A request that changes the protocol has no body.")
    if request.method == b"CONNECT":
        raise BadMessageError("The gate is no forward proxy.", HTTPStatus.METHOD_NOT_ALLOWED)
