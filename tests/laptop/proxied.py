"""The proxy's process alone, and a server that stands for a session behind it."""

from __future__ import annotations

import asyncio
import signal
import subprocess

from aiohttp import web

from sojourn.laptop import ports, traefik
from sojourn.laptop.data import DataFolder
from sojourn.laptop.proxy import LaptopProxy
from tests.laptop.stack import free_port

ROUTE = "/user/ada/s/"


class Traefik:
    """The process, as the supervisor would start it."""

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self.ports = ports.choose(free_port(), None)
        self.url = f"http://127.0.0.1:{self.ports.public}"
        traefik.prepare(data, self.ports)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(traefik.command(self.data))

    def restart_after_kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = self._start()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def routes(self) -> LaptopProxy:
        """The hub's side, as a hub that has just started would make it."""
        return LaptopProxy(
            should_start=False,
            public_url=self.url,
            traefik_entrypoint=traefik.PUBLIC,
            routes_file=str(traefik.routes_file(self.data)),
            internal_url=f"http://127.0.0.1:{self.ports.proxy}",
        )


class Session:
    """A server that stands for a session; its stream of events goes on when it is let."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        application = web.Application()
        application.router.add_get(f"{ROUTE}events", self._events)
        application.router.add_get(f"{ROUTE}echo", self._echo)
        application.router.add_get("/{tail:.*}", self._path)
        self.runner = web.AppRunner(application)
        self.url = ""

    async def start(self) -> None:
        port = free_port()
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}"

    async def _events(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"data: first\n\n")
        await self.go_on.wait()
        await answer.write(b"data: second\n\n")
        return answer

    async def _echo(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data.upper())
        return socket

    async def _path(self, request: web.Request) -> web.Response:
        return web.Response(text=request.raw_path)
