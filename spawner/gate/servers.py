"""Connections that requests are sent on."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import httptools

from spawner.gate.connections import BadMessageError, Connection, Parser
from spawner.gate.messages import Headers, Pair, Response


class ServerConnection(Connection):
    """A connection that requests are sent on."""

    def __init__(self, lost: Callable[[ServerConnection], None] | None = None) -> None:
        super().__init__()
        self._parser = httptools.HttpResponseParser(self)
        self._lost = lost
        self._reason = b""
        self._is_bodiless = False
        self._until_end = False
        self._is_awaited = False

    def expect(self, *, bodiless: bool) -> None:
        """A request was sent; the response to a HEAD is `bodiless` whatever its fields say."""
        self._is_bodiless = bodiless
        self._is_awaited = True

    def on_status(self, part: bytes) -> None:
        """Collect the reason phrase."""
        self._reason += part

    def on_message_begin(self) -> None:
        """Make ready for a head; one that nobody asked for spoils the connection."""
        super().on_message_begin()
        self._reason = b""
        if not self._is_awaited:
            self._fail(BadMessageError("A response came without a request."))

    def _new_head(self, pairs: list[Pair]) -> Response:
        parser = cast("httptools.HttpResponseParser", self._parser)
        response = Response(
            parser.get_status_code(), self._reason, Headers(pairs), keep_alive=parser.should_keep_alive()
        )
        encodings = response.headers.all(b"transfer-encoding")
        if encodings and [each.lower() for each in encodings] != [b"chunked"]:
            raise BadMessageError("The only transfer encoding is chunked.")
        self._until_end = response.length is None and not encodings
        self._is_awaited = response.is_interim
        return response

    def on_headers_complete(self) -> None:
        """Offer the head, and for a response to HEAD the end: no body follows."""
        super().on_headers_complete()
        if self._is_bodiless and not self._is_awaited:
            super().on_message_complete()

    def on_body(self, data: bytes) -> None:
        """Offer a part of the body."""
        if self._is_bodiless:
            self._fail(BadMessageError("A response without a body has one."))
        else:
            super().on_body(data)

    def on_message_complete(self) -> None:
        """Offer the end of the body, unless that was done."""
        if not self._is_bodiless or self._is_awaited:
            super().on_message_complete()

    def _parse(self, parser: Parser, data: bytes) -> None:
        super()._parse(parser, data)
        if self._is_bodiless and not self._is_awaited and self._parser is not None:
            # llhttp does not know the request, and would wait for the body.
            self._in_body = False
            self._parser = httptools.HttpResponseParser(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """A body without a length ends here."""
        if self._in_body and self._until_end and exc is None:
            super().on_message_complete()
        super().connection_lost(exc)
        if self._lost is not None:
            self._lost(self)

    @property
    def is_idle(self) -> bool:
        """Whether another request can be sent on it."""
        is_busy = self._came or self._in_body or self._is_awaited
        return not (is_busy or self._failure or self.transport.is_closing())

    async def response(self) -> Response:
        """The head of the next response.

        Raises:
            LostError: the other side left without one.
            BadMessageError: it is not one.
        """
        head: Response = await self._next()
        return head
