"""One request passed on to the program, and its response back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from http import HTTPStatus

from spawner.gate.activity import Activity
from spawner.gate.calls import Pool, UnreachableError
from spawner.gate.clients import ClientConnection
from spawner.gate.connections import BadMessageError, LostError
from spawner.gate.frames import Frames
from spawner.gate.messages import Request, Response
from spawner.gate.servers import ServerConnection
from spawner.gate.translation import Translation, framing

_MOST_COMMENT_BYTES = 256


class GarbledError(Exception):
    """The program's response is not valid HTTP; nothing of it was sent on."""


class Exchange:
    """Passes one request on.

    Args:
        head: of the request, as the program gets it.
        status: of the response, once it is known.
    """

    def __init__(
        self,
        client: ClientConnection,
        request: Request,
        head: bytes,
        *,
        pool: Pool,
        translation: Translation,
        activity: Activity,
    ) -> None:
        self._client = client
        self._request = request
        self._head = head
        self._pool = pool
        self._translation = translation
        self._activity = activity
        self.status = 0

    async def run(self, see: Callable[[], None] | None = None) -> bool:
        """Whether the client's connection can be used again; `see` is called when a WebSocket carries data.

        Raises:
            UnreachableError: nobody listens, or the program hung up without a word; nothing was sent.
            GarbledError: the program answered in no HTTP; nothing was sent.
            BadMessageError: the body of the request is broken; nothing was sent.
            LostError: one side left in the middle.
        """
        self._activity.saw()
        server = self._pool.take() if self._is_repeatable else None
        if server is not None:
            try:
                return await self._on(server, see)
            except LostError:
                # A program may end an idle connection at any time; nothing was sent to the client yet.
                if self._is_too_late:
                    raise
        try:
            return await self._on(await self._pool.connect(), see)
        except LostError as error:
            if self._is_too_late:
                raise
            raise UnreachableError("The program hung up.") from error

    @property
    def _is_too_late(self) -> bool:
        """Whether the client got something, or is gone."""
        return bool(self.status) or self._client.is_lost

    @property
    def _is_repeatable(self) -> bool:
        return self._request.is_safe and self._request.length == 0 and not self._request.upgrade

    async def _on(self, server: ServerConnection, see: Callable[[], None] | None) -> bool:
        upload = None
        is_good = False
        try:
            server.expect(bodiless=self._request.method == b"HEAD")
            server.write(self._head)
            if self._request.length != 0:
                upload = asyncio.create_task(self._upload(server))
            response = await self._response(server, upload)
            if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
                await self._splice(server, response, see)
                return False
            keep_alive = await self._download(server, response, upload)
            is_good = response.keep_alive and (upload is None or upload.done())
            return keep_alive
        finally:
            if upload is not None:
                upload.cancel()
                with contextlib.suppress(asyncio.CancelledError, LostError, BadMessageError):
                    await upload
            if is_good:
                self._pool.give_back(server)
            elif not server.transport.is_closing():
                server.abort()

    async def _response(self, server: ServerConnection, upload: asyncio.Task[None] | None) -> Response:
        """The response's head; what the program says before it is handed on at once."""
        try:
            while (response := await server.response()).is_interim:
                await server.chunk()
                if self._request.is_http_11:
                    self._client.write(self._translation.to_person(self._request, response, framing=[]))
        except LostError:
            if upload is not None and upload.done() and (error := upload.exception()):
                raise error from None
            raise
        except BadMessageError as error:
            raise GarbledError(str(error)) from error
        if response.status == HTTPStatus.SWITCHING_PROTOCOLS and not self._request.is_websocket:
            raise GarbledError("The program changed the protocol without being asked.")
        return response

    async def _upload(self, server: ServerConnection) -> None:
        """Sends the request's body on, as it comes."""
        try:
            while chunk := await self._client.chunk():
                self._activity.saw()
                server.write(
                    chunk if self._request.length is not None else b"%x\r\n%b\r\n" % (len(chunk), chunk)
                )
                await server.drained()
            if self._request.length is None:
                server.write(b"0\r\n\r\n")
        except BadMessageError:
            server.abort()
            raise

    async def _download(
        self, server: ServerConnection, response: Response, upload: asyncio.Task[None] | None
    ) -> bool:
        """Sends the response on, as it comes; whether both sides said all they had to."""
        how = framing(self._request, response)
        in_chunks = (b"Transfer-Encoding", b"chunked") in how
        keep_alive = self._request.keep_alive and (upload is None or upload.done())
        if not keep_alive:
            how.append((b"Connection", b"close"))
        try:
            pending = self._translation.to_person(self._request, response, framing=how)
        except ValueError as error:
            raise GarbledError(str(error)) from error
        self.status = response.status
        is_events = response.headers.text(b"content-type").startswith("text/event-stream")
        while True:
            if not server.has_more and pending:
                self._client.write(pending)
                pending = b""
                await self._client.drained()
            if not (chunk := await self._chunk(server)):
                break
            if not (is_events and _is_comment(chunk)):
                self._activity.saw()
            pending += b"%x\r\n%b\r\n" % (len(chunk), chunk) if in_chunks else chunk
        self._client.write(pending + b"0\r\n\r\n" if in_chunks else pending)
        await self._client.drained()
        return keep_alive

    async def _chunk(self, server: ServerConnection) -> bytes:
        try:
            return await server.chunk()
        except BadMessageError as error:
            raise LostError("The program's response broke off.") from error

    async def _splice(
        self, server: ServerConnection, response: Response, see: Callable[[], None] | None
    ) -> None:
        """Joins both connections until one of them ends."""
        self.status = response.status
        await server.chunk()
        self._client.write(self._translation.to_person(self._request, response, framing=[]))

        def watch(frames: Frames) -> Callable[[bytes], None]:
            def watched(data: bytes) -> None:
                if frames.carry_data(data):
                    self._activity.saw()
                    if see is not None:
                        see()

            return watched

        server.splice(self._client, watch(Frames()))
        self._client.splice(server, watch(Frames()))
        await server.ended()


def _is_comment(chunk: bytes) -> bool:
    """Whether a part of an event stream only keeps the connection open."""
    return len(chunk) <= _MOST_COMMENT_BYTES and all(
        not line or line.startswith(b":") for line in chunk.splitlines()
    )
