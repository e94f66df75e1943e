"""Connections to the program and requests to the hub."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from spawner.gate.connections import BadMessageError, LostError
from spawner.gate.messages import head
from spawner.gate.servers import ServerConnection

_MOST_IDLE = 32
_MOST_ANSWER_BYTES = 1024 * 1024


class UnreachableError(Exception):
    """Nobody answers there, or not as HTTP wants it."""


class Pool:
    """Connections to one port or Unix socket of this machine, used again while they are good."""

    def __init__(self, port: int, socket: str = "") -> None:
        self._port = port
        self._socket = socket
        self._idle: list[ServerConnection] = []

    def take(self) -> ServerConnection | None:
        """A connection that was used before; None: there is none now."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_idle:
                return connection
            connection.close()
        return None

    async def connect(self) -> ServerConnection:
        """A new connection.

        Raises:
            UnreachableError: nobody listens.
        """
        loop = asyncio.get_running_loop()
        try:
            if self._socket:
                _, connection = await loop.create_unix_connection(self._made, self._socket)
            else:
                _, connection = await loop.create_connection(self._made, "127.0.0.1", self._port)
        except OSError as error:
            place = self._socket or f"port {self._port}"
            raise UnreachableError(f"Nobody listens on {place}.") from error
        return connection

    def give_back(self, connection: ServerConnection) -> None:
        """Keep a connection for the next request, if it is good for one."""
        if connection.is_idle and len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def _made(self) -> ServerConnection:
        return ServerConnection(self._forget)

    def _forget(self, connection: ServerConnection) -> None:
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)


@dataclass(frozen=True)
class Answered:
    """A whole response.

    Attributes:
        headers: by lower-case name.
    """

    status: int
    headers: dict[str, str]
    body: bytes


async def call(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    socket: str = "",
    seconds: float,
) -> Answered:
    """One request on a connection of its own, with its whole response; by a Unix socket where one is named.

    Raises:
        UnreachableError: no response within `seconds`, or none that can be read.
    """
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    fields = {
        "Host": parts.netloc,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **(headers or {}),
    }
    request = head(
        f"{method} {target} HTTP/1.1".encode(),
        [(name.encode(), value.encode("latin-1")) for name, value in fields.items()],
    )
    try:
        async with asyncio.timeout(seconds), _connection(url, socket) as connection:
            connection.expect(bodiless=False)
            connection.write(request + body)
            return await _answered(connection)
    except (OSError, LostError, BadMessageError, ValueError) as error:
        raise UnreachableError(f"{method} {parts.netloc}{parts.path} failed: {error}") from error


@contextlib.asynccontextmanager
async def _connection(url: str, socket: str) -> AsyncIterator[ServerConnection]:
    parts = urlsplit(url)
    secured = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secured else 80)
    loop = asyncio.get_running_loop()
    if socket:
        _, connection = await loop.create_unix_connection(ServerConnection, socket)
    else:
        _, connection = await loop.create_connection(
            ServerConnection, parts.hostname or "", port, ssl=secured
        )
    try:
        yield connection
    finally:
        connection.abort()


async def _answered(connection: ServerConnection) -> Answered:
    while (response := await connection.response()).is_interim:
        await connection.chunk()
    body = bytearray()
    while chunk := await connection.chunk():
        body += chunk
        if len(body) > _MOST_ANSWER_BYTES:
            raise ValueError("the answer is too long")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Answered(response.status, headers, bytes(body))
