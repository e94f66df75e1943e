"""Finds out when a session answers, within milliseconds of the fact."""

from __future__ import annotations

import asyncio
import contextlib

PROBE_SECONDS = 0.03
"""Pause between two looks. A refused connection costs microseconds, so looking often is cheap."""

_ANSWER_SECONDS = 5.0
_SERVER_ERROR = 500


async def until_it_answers(host: str, port: int, path: str) -> None:
    """Returns when `http://HOST:PORT/PATH` gives any answer that is not a server error.

    That is what JupyterHub asks for too (`wait_for_http_server`), so its own look succeeds at once.
    """
    while not await _answers(host, port, path):  # noqa: ASYNC110 - the outside world has no event
        await asyncio.sleep(PROBE_SECONDS)


async def _answers(host: str, port: int, path: str) -> bool:
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                # HTTP/1.0: the server closes the connection by itself (RFC 1945).
                writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
                status_line = await reader.readline()
            finally:
                writer.close()
        _version, status, *_ = status_line.decode("latin-1").split(" ")
        return int(status) < _SERVER_ERROR
    return False
