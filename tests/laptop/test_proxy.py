"""Traefik with our routes: what passes through it, and what outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from sojourn.laptop import traefik
from sojourn.laptop.data import DataFolder
from tests.laptop.proxied import ROUTE, Session, Traefik


@pytest.fixture
def proxy(data: DataFolder) -> Iterator[Traefik]:
    proxy = Traefik(data)
    yield proxy
    proxy.close()


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
        proxy.close()
