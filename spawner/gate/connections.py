"""One TCP connection that speaks HTTP/1.1: heads and bodies as they come, with back pressure both ways.

The parser is httptools (llhttp, which is Node's): it is strict, and its leniencies stay off.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol, cast

import httptools

from spawner.gate.messages import Pair

MOST_HEAD_BYTES = 64 * 1024
"""Of a start line with all header fields; what Node and most proxies take is less."""

_MOST_WAITING_BYTES = 128 * 1024
_MOST_WAITING_ITEMS = 64
_LINGER_SECONDS = 2.0


class LostError(Exception):
    """The other side is gone before it said all it had to."""


class BadMessageError(Exception):
    """What came is no HTTP message, or none that two programs would read alike.

    Attributes:
        status: what to answer.
    """

    def __init__(self, why: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(why)
        self.status = status


class _End:
    """The end of a body."""


_END = _End()


class Parser(Protocol):
    """What both parsers of httptools have in common."""

    def feed_data(self, data: bytes) -> None:
        """Take bytes, and call what they make."""


class Connection(asyncio.Protocol):
    """Either side of the gate; the parser calls the `on_…` methods.

    Attributes:
        is_lost: whether nothing can be sent or received any more.
        rest: what came after a message that changes the protocol.
    """

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._parser: Parser | None = None
        self._came: deque[Any] = deque()
        self._waiting_bytes = 0
        self._failure: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._is_reading_paused = False
        self._is_writing_paused = False
        self._in_body = False
        self._pairs: list[Pair] = []
        self._head_bytes = 0
        self._fed_bytes = 0
        self._is_mid_head = False
        self._sink: Callable[[bytes], None] | None = None
        self._partner: Connection | None = None
        self.is_lost = False
        self.rest = b""

    def _new_head(self, pairs: list[Pair]) -> Any:
        raise NotImplementedError

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came, or hand it on where the protocol is another by now."""
        if self._sink is not None:
            self._sink(data)
        elif self._failure is None and self._parser is not None:
            self._parse(self._parser, data)

    def _parse(self, parser: Parser, data: bytes) -> None:
        self._fed_bytes += len(data)
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.rest = data[upgrade.args[0] :]
            self._parser = None
            self.transport.pause_reading()
        except httptools.HttpParserError as error:
            self._fail(BadMessageError(str(error)))
        # The parser shows a field when it is complete: of a head that only began, the bytes are counted.
        if self._is_mid_head and self._fed_bytes > MOST_HEAD_BYTES:
            self._fail(_too_large())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Wake everybody who waits for this connection, and part its partner."""
        self.is_lost = True
        self._fail(LostError("The connection ended."))
        self._parser = None
        if self._writer is not None and not self._writer.done():
            self._writer.set_result(None)
        if self._partner is not None:
            self._partner.transport.close()
            self._partner = None

    def pause_writing(self) -> None:
        """The other side reads too slowly."""
        self._is_writing_paused = True
        if self._partner is not None:
            self._partner.transport.pause_reading()

    def resume_writing(self) -> None:
        """The other side has caught up."""
        self._is_writing_paused = False
        if self._partner is not None:
            self._partner.transport.resume_reading()
        if self._writer is not None and not self._writer.done():
            self._writer.set_result(None)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Make ready for a head."""
        self._pairs = []
        self._head_bytes = 0
        self._is_mid_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a field; those that follow a chunked body (trailers) are left out."""
        if not self._in_body:
            self._head_bytes += len(name) + len(value) + 4
            self._pairs.append((name, value))

    def on_headers_complete(self) -> None:
        """Offer the head."""
        self._is_mid_head = False
        self._in_body = True
        if self._failure is not None:
            return
        if self._head_bytes > MOST_HEAD_BYTES:
            self._fail(_too_large())
            return
        try:
            self._offer(self._new_head(self._pairs))
        except BadMessageError as error:
            self._fail(error)

    def on_body(self, data: bytes) -> None:
        """Offer a part of the body."""
        self._waiting_bytes += len(data)
        self._offer(data)

    def on_message_complete(self) -> None:
        """Offer the end of the body."""
        self._in_body = False
        self._fed_bytes = 0
        self._offer(_END)

    def _offer(self, item: Any) -> None:
        if self._failure is not None:
            return
        self._came.append(item)
        if not self._is_reading_paused and (
            self._waiting_bytes > _MOST_WAITING_BYTES or len(self._came) > _MOST_WAITING_ITEMS
        ):
            self._is_reading_paused = True
            self.transport.pause_reading()
        self._wake()

    def _fail(self, failure: Exception) -> None:
        if self._failure is None:
            self._failure = failure
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    # What the gate calls.

    @property
    def has_more(self) -> bool:
        """Whether something came that was not taken yet."""
        return bool(self._came)

    async def _next(self) -> Any:
        while not self._came:
            if self._failure is not None:
                raise self._failure
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        item = self._came.popleft()
        if item.__class__ is bytes:
            self._waiting_bytes -= len(item)
        if self._is_reading_paused and not self._came:
            self._is_reading_paused = False
            if self._parser is not None:
                self.transport.resume_reading()
        return item

    async def chunk(self) -> bytes:
        """The next part of the body; empty at its end.

        Raises:
            LostError: the other side left before the end.
            BadMessageError: the body is broken.
        """
        item = await self._next()
        return b"" if item is _END else item

    def write(self, data: bytes) -> None:
        """Send, or keep until it can be sent."""
        if not self.is_lost:
            self.transport.write(data)

    async def drained(self) -> None:
        """Return when there is room for more.

        Raises:
            LostError: there never will be.
        """
        if self._is_writing_paused and not self.is_lost:
            self._writer = asyncio.get_running_loop().create_future()
            await self._writer
        if self.is_lost:
            raise LostError("The connection ended.")

    @property
    def is_spliced(self) -> bool:
        """Whether bytes are handed on to another connection."""
        return self._partner is not None

    async def ended(self) -> None:
        """Return when nothing comes any more."""
        with contextlib.suppress(LostError, BadMessageError):
            while True:
                await self._next()

    def close(self) -> None:
        """End when all is sent."""
        self.transport.close()

    def abort(self) -> None:
        """End at once, such that the other side notices."""
        self.transport.abort()

    def linger(self) -> None:
        """End when the other side does, or after a moment.

        Closing while a body still comes in would reset the connection, and the answer would be lost with it.
        """
        if self.is_lost:
            return
        self._sink = _ignore
        self.transport.write_eof()
        self.transport.resume_reading()
        asyncio.get_running_loop().call_later(_LINGER_SECONDS, self.transport.close)

    def splice(self, partner: Connection, see: Callable[[bytes], None]) -> None:
        """From now on hand bytes on to `partner` as they come, after `see` saw them; end together with it."""

        def hand_on(data: bytes) -> None:
            see(data)
            partner.write(data)

        self._sink = hand_on
        self._partner = partner
        rest, self.rest = self.rest, b""
        if rest:
            hand_on(rest)
        self.transport.resume_reading()


def _too_large() -> BadMessageError:
    return BadMessageError(
        "The head of the request is too large.", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    )


def _ignore(_: bytes) -> None:
    pass
