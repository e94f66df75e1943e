"""Carries wake-ups between processes that share a PostgreSQL database (LISTEN and NOTIFY).

A notice says only where to look; the truth is in the tables. So one that gets lost with a connection costs
nothing but time: after each reconnection everybody looks.
"""

import asyncio
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import asyncpg
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncSession

from sessions_api.kit.events import Bus
from sessions_api.kit.ids import new_id

log = logging.getLogger(__name__)

CHANNEL = "sojourn"
CHECK = 15.0
"""Seconds between two looks whether the connection still carries anything."""
ANSWER = 10.0
"""Seconds that PostgreSQL may take to give a connection, or to answer a statement."""
PAUSE = 1.0
"""Seconds before a lost connection is tried again."""
LONGEST = 7000
"""Bytes of one notice; PostgreSQL takes less than 8000."""


class Notices:
    """The notices of one process: what it sends, and what it hears of the others."""

    def __init__(self, url: URL, bus: Bus) -> None:
        self._url = url
        self._bus = bus
        self._sender = new_id()

    async def send(self, session: AsyncSession, topics: Iterable[str]) -> None:
        """Sends with the transaction: others hear of it when it is kept, never when it is rolled back."""
        for payload in _payloads(self._sender, sorted(topics)):
            await session.execute(
                text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload}
            )

    async def listen(self) -> None:
        """Wakes this process's waiters for what others send, until cancelled."""
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                await self._listen_once(address)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.info("not listening to the database: %s", error)
            await asyncio.sleep(PAUSE)

    async def _listen_once(self, address: str) -> None:
        connection = await asyncpg.connect(address, timeout=ANSWER, command_timeout=ANSWER)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        try:
            await connection.add_listener(CHANNEL, self._hear)
            self._bus.wake_all()
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(CHECK):
                        await lost.wait()
                await connection.fetchval("SELECT 1")
        finally:
            connection.terminate()

    def _hear(self, _connection: Any, _process: int, _channel: str, payload: object) -> None:
        notice = json.loads(str(payload))
        if notice["from"] != self._sender:
            self._bus.publish(*notice["topics"])


def _payloads(sender: str, topics: list[str]) -> Iterable[str]:
    """The notice in as many parts as it needs."""
    whole = json.dumps({"from": sender, "topics": topics})
    if len(whole) <= LONGEST or len(topics) == 1:
        yield whole
        return
    half = len(topics) // 2
    yield from _payloads(sender, topics[:half])
    yield from _payloads(sender, topics[half:])
