"""Traefik with our routes: what passes through it, and what outlives it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from sojourn.laptop import ports, traefik
from sojourn.laptop.data import DataFolder
from sojourn.laptop.proxy import LaptopProxy
from tests.laptop.stack import free_port

ROUTE = "/user/ada/s/"


class Traefik:
    """The proxy's process alone, as the supervisor would start it."""

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

    def routes(self) -> LaptopProxy:
        """The hub's side, as a hub that has just started would make it."""
        return LaptopProxy(
            should_start=False,
            public_url=self.url,
            traefik_entrypoint=traefik.PUBLIC,
            routes_file=str(traefik.routes_file(self.data)),
            internal_url=f"http://127.0.0.1:{self.ports.proxy}",
        )


@pytest.fixture
def proxy(data: DataFolder) -> Iterator[Traefik]:
    proxy = Traefik(data)
    yield proxy
    proxy.process.kill()
    proxy.process.wait()


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


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    session = Session()
    await session.start()
    yield session
    await session.runner.cleanup()


async def test_a_route_is_in_force_when_it_was_added_and_gone_when_it_was_deleted(
    proxy: Traefik, session: Session
) -> None:
    routes = proxy.routes()
    async with aiohttp.ClientSession() as client:
        for _ in range(10):
            await routes.add_route(ROUTE, session.url, {"user": "ada"})
            assert (await client.get(f"{proxy.url}{ROUTE}x")).status == 200
            await routes.delete_route(ROUTE)
            assert (await client.get(f"{proxy.url}{ROUTE}x")).status == 404


async def test_many_routes_can_be_added_at_once(proxy: Traefik, session: Session) -> None:
    routes = proxy.routes()
    paths = [f"{ROUTE}{number}/" for number in range(50)]
    await asyncio.gather(*(routes.add_route(path, session.url, {}) for path in paths))
    async with aiohttp.ClientSession() as client:
        assert [(await client.get(proxy.url + path)).status for path in paths] == [200] * 50


async def test_events_pass_one_by_one(proxy: Traefik, session: Session) -> None:
    await proxy.routes().add_route(ROUTE, session.url, {})
    async with aiohttp.ClientSession() as client, client.get(f"{proxy.url}{ROUTE}events") as stream:
        assert await stream.content.readline() == b"data: first\n"
        session.go_on.set()
        assert b"data: second\n" in await stream.content.read()


async def test_an_open_web_socket_outlives_changes_of_other_routes(proxy: Traefik, session: Session) -> None:
    routes = proxy.routes()
    await routes.add_route(ROUTE, session.url, {})
    async with aiohttp.ClientSession() as client, client.ws_connect(f"{proxy.url}{ROUTE}echo") as socket:
        await routes.add_route("/user/eve/s/", session.url, {})
        await routes.delete_route("/user/eve/s/")
        await socket.send_str("still here")
        assert await socket.receive_str() == "STILL HERE"


@pytest.mark.parametrize("tail", ["a%2Fb", "a%20b", "a%25b", "a%5Cb", "a%23b", "a%3Fb=1", "%C3%A9"])
async def test_a_path_arrives_as_it_was_sent(proxy: Traefik, session: Session, tail: str) -> None:
    await proxy.routes().add_route(ROUTE, session.url, {})
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.ports.public)
    writer.write(f"GET {ROUTE}{tail} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.endswith(f"{ROUTE}{tail}".encode())


async def test_routes_outlive_a_kill_of_the_proxy_and_another_hub(proxy: Traefik, session: Session) -> None:
    await proxy.routes().add_route(ROUTE, session.url, {"user": "ada"})
    proxy.restart_after_kill()
    routes = proxy.routes()
    known = await routes.get_all_routes()
    assert known[ROUTE] == {"routespec": ROUTE, "target": session.url, "data": {"user": "ada"}}
    async with aiohttp.ClientSession() as client:
        assert (await client.get(f"{proxy.url}{ROUTE}x")).status == 200


async def test_a_proxy_without_routes_of_its_own_lets_nobody_see_how_it_is_set_up(proxy: Traefik) -> None:
    await proxy.routes().get_all_routes()
    async with aiohttp.ClientSession() as client:
        for port in (proxy.ports.public, proxy.ports.proxy):
            for path in ("/api/rawdata", "/dashboard/", "/ping"):
                assert (await client.get(f"http://127.0.0.1:{port}{path}")).status == 404


async def test_broken_routes_are_made_anew(data: DataFolder, tmp_path: Path) -> None:
    routes = traefik.routes_file(data)
    routes.parent.mkdir()
    routes.write_text("{")
    proxy = Traefik(data)
    try:
        assert await proxy.routes().get_all_routes() == {}
    finally:
        proxy.process.kill()
        proxy.process.wait()
