"""The program behind the gate: connections to it, and whether it is up."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from spawner.gate.calls import Pool, UnreachableError, call
from spawner.gate.settings import Settings

_REFUSED_PAUSE_SECONDS = 0.03
"""Between two looks at a port that nobody listens on: that costs next to nothing."""

_ANSWERED_PAUSE_SECONDS = 0.25
_ANSWER_SECONDS = 5.0


class App:
    """One program.

    Attributes:
        is_up: whether it answered its ready path below 500 once.
    """

    def __init__(self, settings: Settings) -> None:
        port = f":{settings.app_port}" if settings.app_port else ""
        self._url = f"http://127.0.0.1{port}{settings.app_root}{settings.ready_path}"
        self._socket = settings.app_socket
        self.pool = Pool(settings.app_port, settings.app_socket)
        self.is_up = False

    async def wait_until_up(self) -> None:
        """Returns when it is up."""
        while not self.is_up:
            try:
                answer = await call("GET", self._url, socket=self._socket, seconds=_ANSWER_SECONDS)
            except UnreachableError:
                await asyncio.sleep(_REFUSED_PAUSE_SECONDS)
                continue
            self.is_up = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
            if not self.is_up:
                await asyncio.sleep(_ANSWERED_PAUSE_SECONDS)
