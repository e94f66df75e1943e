"""A stand-in for JupyterHub that keeps its promises: the real spawner, before sessions that are pretended.

It is an ASGI application with the answers of the hub's handlers (JupyterHub 6.1, `apihandlers/users.py`) and
what its restart does (`JupyterHub.init_spawners`). The spawner's part is `spawner.mixin` itself, so what the
API hears of a launch is what it hears in earnest. What a person's program would do is `facts`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from spawner.api import SojournApi
from spawner.failures import LaunchFailedError
from spawner.launch import Ending, Launch
from spawner.mixin import Address, Session, SessionSpawnerMixin
from spawner.reasons import RETRY, Reason
from spawner.reporter import Reporter
from spawner.reports import Reports
from spawner.saved import SavedRun
from spawner.spec import STARTING, LaunchSpec
from tests.truth.facts import GRACE, Facts
from tests.truth.listener import Listener

Key = tuple[str, str]
TOKEN = "token-of-the-spawner"
_TOKEN_OF = "token-of-"
INTERRUPTION = 1.0
"""Seconds that the hub gives a launch to end that it interrupts."""

CRASHED = Reason(code="session_killed", sentence="JupyterLab was ended by SIGKILL.", remedies=(RETRY,))
BROKEN = Reason(code="session_crashed", sentence="JupyterLab ended with exit code 1.", remedies=(RETRY,))


class Reported(SojournApi):
    """The spawner's way to the service, which remembers what it was told."""

    def __init__(self, url: str, facts: Facts) -> None:
        super().__init__(url, TOKEN)
        self._facts = facts

    async def deliver(self, run: str, reports: Reports) -> None:
        await super().deliver(run, reports)
        self._facts.delivered.append((run, reports))


class PretendedSpawner(SessionSpawnerMixin):
    """The spawner, whose sessions are entries in `facts`."""

    facts: Facts
    goes_on: Callable[[], Any]
    base_url = ""
    kept: dict[str, Any]
    works: dict[Key, str]

    @property
    def server(self) -> Any:
        return SimpleNamespace(base_url=self.base_url)

    def save_state(self) -> None:
        self.kept.clear()
        self.kept.update(self.get_state())

    def _new_session(self, spec: LaunchSpec, api: SojournApi) -> Session:  # noqa: ARG002 - ours remembers
        return super()._new_session(spec, Reported(self.sojourn_url, self.facts))

    async def bring_up(self, launch: Launch, session: Session) -> Address:
        async with launch.stage(STARTING):
            await self.goes_on()
            await asyncio.sleep(0.2)
            process = self.facts.begin(session.saved)
            self.works[self.user.name, self.name] = session.saved.work
            await asyncio.sleep(self.facts.seconds)
            await self.goes_on()
            if session.saved.run in self.facts.doomed:
                process.end(1)
            if process.status is not None:
                raise LaunchFailedError(BROKEN)
            process.answers = True
        return "127.0.0.1", 1

    async def session_end(self, saved: SavedRun, reporter: Reporter) -> Ending:  # noqa: ARG002 - it says nothing
        process = self.facts.of(saved)
        if process is not None:
            await process.ended.wait()
            await self.goes_on()
        return Ending(CRASHED)

    async def session_status(self, saved: SavedRun) -> int | None:
        process = self.facts.of(saved)
        return 0 if process is None else process.status

    async def end_session(self, saved: SavedRun) -> None:
        for process in self.facts.running(saved.run):
            await asyncio.sleep(GRACE)
            process.end(-15)


@dataclass(eq=False)
class Server:
    """What the hub remembers of a server.

    Attributes:
        options: of its last start.
        kept: the spawner's state, in the hub's database.
        active: whether the database says that it runs or is being started.
    """

    person: str
    name: str
    options: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict)
    active: bool = False
    spawner: PretendedSpawner | None = None
    launching: asyncio.Task[None] | None = None
    stopping: asyncio.Task[None] | None = None


class StandInHub(Listener):
    """The hub as a program that can be killed. Its servers and the facts outlive it."""

    def __init__(self, api_url: Callable[[], str]) -> None:
        super().__init__()
        self.facts = Facts()
        self.servers: dict[Key, Server] = {}
        self.works: dict[Key, str] = {}
        self.groups: dict[str, list[str]] = {}
        self._api_url = api_url

    async def start(self) -> None:
        """Comes up; adopts what it finds running, as `init_spawners` does."""
        self.born()
        await self.within(self._adopt())
        await self.listen(self._app())

    async def kill(self) -> None:
        """`kill -9`; programs that have not answered yet end with it."""
        await super().kill()
        for process in self.facts.running():
            if not process.answers:
                process.end(-9)
        for server in self.servers.values():
            server.spawner = server.launching = server.stopping = None

    def forget_everything(self) -> None:
        """Leaves nothing of what an earlier example made."""
        for process in self.facts.running():
            process.end(-9)
        self.servers.clear()
        self.works.clear()
        self.facts.forget()

    async def _adopt(self) -> None:
        for server in self.servers.values():
            if not server.active:
                continue
            spawner = self._spawner(server)
            spawner.load_state(dict(server.kept))
            if await spawner.poll() is None:
                spawner.add_poll_callback(self._ended, server, spawner)
            else:
                self._forget(server)

    def _spawner(self, server: Server) -> PretendedSpawner:
        spawner = PretendedSpawner(
            user=SimpleNamespace(name=server.person, settings={}),
            sojourn_url=self._api_url(),
            sojourn_token=TOKEN,
        )
        spawner.orm_spawner = SimpleNamespace(name=server.name, server=None)
        spawner.facts, spawner.goes_on, spawner.kept = self.facts, self.goes_on, server.kept
        spawner.works = self.works
        spawner.base_url = f"/user/{server.person}/{server.name}/"
        spawner.user_options = server.options
        server.spawner = spawner
        return spawner

    def _forget(self, server: Server) -> None:
        if server.spawner is not None:
            server.spawner.clear_state()
        server.spawner, server.active = None, False
        server.kept.clear()

    async def _ended(self, server: Server, spawner: PretendedSpawner) -> None:
        """What the hub does when it finds that a server is gone."""
        if server.spawner is spawner and server.stopping is None:
            self._forget(server)

    def _app(self) -> Starlette:
        path = "/hub/api/users/{person}/servers/{name}"
        return Starlette(
            routes=[
                Route("/hub/api/user", self._who),
                Route("/hub/api/users", self._users),
                Route("/hub/api/users/{person}", self._person),
                Route(path, self._start, methods=["POST"]),
                Route(path, self._stop, methods=["DELETE"]),
            ]
        )

    async def _who(self, request: Request) -> Response:
        token = request.headers.get("Authorization", "").removeprefix("token ")
        return self._model(token.removeprefix(_TOKEN_OF))

    async def _person(self, request: Request) -> Response:
        return self._model(request.path_params["person"])

    def _model(self, person: str) -> Response:
        return JSONResponse(
            {
                "name": person,
                "groups": self.groups.get(person, []),
                "admin": False,
                "kind": "user",
                "scopes": ["access:services!service=sojourn"],
            }
        )

    async def _users(self, _request: Request) -> Response:
        people: dict[str, dict[str, Any]] = {}
        for server in self.servers.values():
            if server.active and server.spawner is not None:
                pending = server.spawner.pending
                people.setdefault(server.person, {})[server.name] = {
                    "name": server.name,
                    "ready": pending is None,
                    "pending": pending,
                    "user_options": server.options,
                }
        items = [{"name": person, "servers": servers} for person, servers in people.items()]
        return JSONResponse({"items": items, "_pagination": {}})

    def _find(self, request: Request) -> tuple[Key, Server | None]:
        key = (request.path_params["person"], request.path_params["name"])
        return key, self.servers.get(key)

    async def _start(self, request: Request) -> Response:
        key, server = self._find(request)
        body = await request.json()
        if server is None:
            server = self.servers[key] = Server(*key, options={})
        spawner = server.spawner
        if spawner is not None and spawner.pending == "spawn":
            return Response(status_code=202)
        if spawner is not None and spawner.pending:
            return _refusal(400, f"{key[1]} is pending {spawner.pending}")
        if spawner is not None and await spawner.poll_and_notify() is None:
            return _refusal(400, f"{key[1]} is already running")
        server.options, server.active = body["user_options"], True
        spawner = self._spawner(server)
        spawner._spawn_pending = True
        server.launching = asyncio.create_task(self._launch(server, spawner), context=self.context)
        return Response(status_code=202)

    async def _launch(self, server: Server, spawner: PretendedSpawner) -> None:
        try:
            await spawner.start()
        except Exception:  # noqa: BLE001 - whatever it was, the spawner has told the API
            spawner._spawn_pending = False
            self._forget(server)
        except asyncio.CancelledError:
            spawner._spawn_pending = False
            raise
        else:
            spawner._spawn_pending = False
            spawner.add_poll_callback(self._ended, server, spawner)

    async def _stop(self, request: Request) -> Response:
        key, server = self._find(request)
        remove = (await request.json()).get("remove", False)
        if server is None:
            return _refusal(404, f"{key[0]} has no server named '{key[1]}'")
        spawner = server.spawner
        if server.stopping is not None:
            if remove:
                asyncio.create_task(self._remove(key, server.stopping), context=self.context)  # noqa: RUF006
            return Response(status_code=202)
        if spawner is not None and spawner.pending == "spawn":
            assert server.launching is not None
            server.launching.cancel()
            await asyncio.sleep(INTERRUPTION)
            self._end(server, spawner)
        elif spawner is not None and await spawner.poll_and_notify() is None:
            self._end(server, spawner)
        if remove:
            if server.stopping is None:
                await self._remove(key, None)
            else:
                asyncio.create_task(self._remove(key, server.stopping), context=self.context)  # noqa: RUF006
        return Response(status_code=202 if server.stopping is not None else 204)

    def _end(self, server: Server, spawner: PretendedSpawner) -> None:
        async def end() -> None:
            spawner._stop_pending = True
            await spawner.stop()
            spawner._stop_pending = False
            server.stopping = None
            self._forget(server)

        if server.spawner is spawner and server.stopping is None:
            server.stopping = asyncio.create_task(end(), context=self.context)

    async def _remove(self, key: Key, stopping: asyncio.Task[None] | None) -> None:
        if stopping is not None:
            with contextlib.suppress(Exception):
                await asyncio.shield(stopping)
        self.servers.pop(key, None)
        work = self.works.pop(key, None)
        if work is not None:
            self.facts.works.discard(work)


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"status": status, "message": message}, status)
