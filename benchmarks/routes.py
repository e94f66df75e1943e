"""How long the hub waits until a session that has just become ready can be reached at its address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from time import perf_counter

import aiohttp

from benchmarks.report import Figure, median, percentile
from sojourn.laptop.data import DataFolder
from tests.laptop.proxied import ROUTE, Session, Traefik

SECONDS = 0.05
"""Little beside what starting a session takes; upstream's own waiting is 0.9 s."""

OTHERS = 20
ROUTES = 100
PAUSE_SECONDS = 0.05


def measure(folder: Path) -> list[Figure]:
    """Adds and deletes routes beside those of other sessions, one at a time."""
    data = DataFolder(folder)
    data.prepare()
    proxy = Traefik(data)
    try:
        added, deleted = asyncio.run(_add_and_delete(proxy))
    finally:
        proxy.close()
    return [
        Figure("until a new route carries a request, median", 1000 * median(added), "ms", 1000 * SECONDS),
        Figure("the same, 95 of 100", 1000 * percentile(added, 95), "ms"),
        Figure("until a deleted route is gone, median", 1000 * median(deleted), "ms", 1000 * SECONDS),
    ]


async def _add_and_delete(proxy: Traefik) -> tuple[list[float], list[float]]:
    session, routes = Session(), proxy.routes()
    await session.start()
    await asyncio.gather(*(routes.add_route(f"/user/{n}/s/", session.url, {}) for n in range(OTHERS)))
    added, deleted = [], []
    async with aiohttp.ClientSession() as client:
        for _ in range(ROUTES):
            added.append(await _seconds(_add(proxy, client, routes.add_route(ROUTE, session.url, {}))))
            deleted.append(await _seconds(routes.delete_route(ROUTE)))
            await asyncio.sleep(PAUSE_SECONDS)
    await session.runner.cleanup()
    return added, deleted


async def _add(proxy: Traefik, client: aiohttp.ClientSession, adding: Awaitable[None]) -> None:
    await adding
    async with client.get(f"{proxy.url}{ROUTE}lab") as answer:
        answer.raise_for_status()


async def _seconds(what: Awaitable[None]) -> float:
    began = perf_counter()
    await what
    return perf_counter() - began
