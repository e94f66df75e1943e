"""The gate itself: takes connections, and serves the requests of each one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from spawner.gate import pages
from spawner.gate.access import REMEMBERED_SECONDS, Access
from spawner.gate.activity import Activity
from spawner.gate.app import App
from spawner.gate.calls import UnreachableError
from spawner.gate.clients import ClientConnection
from spawner.gate.connections import BadMessageError, LostError
from spawner.gate.entry import Admitted, Entry
from spawner.gate.exchange import Exchange, GarbledError
from spawner.gate.hub import Hub, HubAwayError
from spawner.gate.messages import Answer, Request
from spawner.gate.settings import Settings
from spawner.gate.translation import Translation

MOST_CONNECTIONS = 1000
_SWEEP_SECONDS = 1.0

log = logging.getLogger(__name__)


class Gate:
    """Everything that one gate keeps in memory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hub = Hub(settings)
        self._app = App(settings)
        self._access = Access(self._hub, settings.scopes)
        self._activity = Activity()
        self._translation = Translation(settings)
        self._entry = Entry(
            settings, hub=self._hub, app=self._app, access=self._access, translation=self._translation
        )
        self._serving: dict[ClientConnection, asyncio.Task[None]] = {}
        self._busy: set[ClientConnection] = set()
        self._is_ending = False

    def connection(self) -> ClientConnection:
        """For a client that connects."""
        return ClientConnection(self._made, self._lost)

    def _made(self, client: ClientConnection) -> None:
        if len(self._serving) >= MOST_CONNECTIONS:
            client.abort()
        else:
            self._serving[client] = asyncio.create_task(self._serve(client))

    def _lost(self, client: ClientConnection) -> None:
        if (task := self._serving.pop(client, None)) is not None:
            task.cancel()

    async def background(self) -> None:
        """What goes on besides requests; never returns."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hub.greet())
            tasks.create_task(self._app.wait_until_up())
            tasks.create_task(self._sweep())
            if self._settings.activity_url and self._settings.activity_seconds:
                tasks.create_task(self._activity.report(self._hub, self._settings.activity_seconds))

    async def _sweep(self) -> None:
        """Ends connections that keep the gate waiting for a head."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = loop.time()
            for client in [client for client in self._serving if client.deadline < now]:
                client.overdue()

    async def end(self, seconds: float) -> None:
        """Lets requests that were begun finish, at most for so many seconds, and ends everything else."""
        self._is_ending = True
        for client in [one for one in self._serving if one not in self._busy or one.is_spliced]:
            client.close()
        if tasks := list(self._serving.values()):
            await asyncio.wait(tasks, timeout=seconds)
        for client in list(self._serving):
            client.abort()

    async def _serve(self, client: ClientConnection) -> None:
        try:
            while not self._is_ending:
                request = await client.request()
                self._busy.add(client)
                if not await self._take(client, request):
                    client.linger()
                    return
                self._busy.discard(client)
            client.close()
        except BadMessageError as error:
            client.write(Answer(error.status, f"{error}\n").sent(None, keep_alive=False))
            client.linger()
        except LostError:
            client.abort()
        finally:
            self._busy.discard(client)

    async def _take(self, client: ClientConnection, request: Request) -> bool:
        """Answers one request; whether the connection can be used again.

        Raises:
            BadMessageError, LostError: as `Exchange.run`.
        """
        if request.length == 0:
            await client.chunk()
        try:
            answer = await self._passed_on(client, request)
            if isinstance(answer, bool):
                return answer
        except HubAwayError as error:
            log.warning("The hub does not answer: %s", error)
            answer = pages.hub_away()
        except UnreachableError:
            answer = pages.app_down()
        except GarbledError as error:
            log.warning("The program answered what is not valid HTTP: %s", error)
            answer = pages.app_garbled()
        # What is left of a body would be read as the next request.
        keep_alive = request.keep_alive and request.length == 0
        client.write(answer.sent(request, keep_alive=keep_alive))
        self._log(request, answer.status)
        return keep_alive

    async def _passed_on(self, client: ClientConnection, request: Request) -> Answer | bool:
        """The gate's own answer; if the program answered, whether the connection can be used again."""
        decided = await self._entry.decide(request, client.peer)
        if isinstance(decided, Answer):
            return decided
        exchange = Exchange(
            client,
            request,
            decided.head,
            pool=self._app.pool,
            translation=self._translation,
            activity=self._activity,
        )
        keep_alive = await exchange.run(self._rechecking(client, decided))
        self._log(request, exchange.status)
        return keep_alive

    def _rechecking(self, client: ClientConnection, admitted: Admitted) -> Callable[[], None]:
        """Ends a WebSocket that is in use once whoever opened it may not any more.

        One that is not used is left alone: asking about it would be use of the hub that nobody makes.
        """
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        task: asyncio.Task[None] | None = None

        async def recheck() -> None:
            try:
                verdict = await self._access.verdict(admitted.token, admitted.login)
            except HubAwayError:
                return
            if not verdict.may_enter:
                client.abort()

        def see() -> None:
            nonlocal checked_at, task
            now = loop.time()
            if now - checked_at > REMEMBERED_SECONDS:
                checked_at = now
                task = asyncio.create_task(recheck())

        return see

    def _log(self, request: Request, status: int) -> None:
        if self._settings.logs_requests:
            path = request.target.partition(b"?")[0].decode("latin-1")
            log.info("%s %s %d", request.method.decode(), path, status)
