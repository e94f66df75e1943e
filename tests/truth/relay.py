"""Stands between the service and PostgreSQL, and can cut every connection, answer nothing or be slow."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path

from sqlalchemy.engine import URL, make_url

_SOCKET = ".s.PGSQL.5432"
_CHUNK = 65536


class Relay:
    """One for each process of the service: what it cuts is that process's connections.

    Attributes:
        seconds: how long everything that passes is held up.
    """

    def __init__(self, url: str) -> None:
        real = make_url(url)
        folder = tempfile.mkdtemp(prefix="relay-")
        self._real = str(Path(str(real.query["host"])) / _SOCKET)
        self._here = Path(folder) / _SOCKET
        self.url: URL = real.set(query={"host": folder})
        self.seconds = 0.0
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_whole(self) -> bool:
        """Whether what is asked is answered at once."""
        return self._server is not None and self._open.is_set() and not self.seconds

    async def come(self) -> None:
        """Takes connections from now on."""
        self._here.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._connected, self._here)

    async def go(self) -> None:
        """Breaks all connections, and takes none."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._here.unlink(missing_ok=True)
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        self._open.set()
        await asyncio.sleep(0)

    def hang(self) -> None:
        """Lets nothing pass."""
        self._open.clear()

    def go_on(self) -> None:
        """Lets pass what was held up, and everything after."""
        self._open.set()

    def close(self) -> None:
        """Takes the folder away."""
        self._here.unlink(missing_ok=True)
        self._here.parent.rmdir()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            from_real, to_real = await asyncio.open_unix_connection(self._real)
            self._writers.add(to_real)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pass(reader, to_real))
                    group.create_task(self._pass(from_real, writer))
            finally:
                self._writers.discard(to_real)
                to_real.transport.abort()
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK):
            await self._open.wait()
            if self.seconds:
                await asyncio.sleep(self.seconds)
            writer.write(chunk)
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        writer.transport.abort()
