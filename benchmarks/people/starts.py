"""What Sojourn adds to a start where the program costs nothing: many people press *Start session* at once.

It has no bound: a service that keeps sessions does more than a hub that keeps none. What people wait for,
with pods and programs in it, is compared by `benchmarks.kubernetes`.

Two real JupyterHubs whose servers are there at once (`benchmarks.people.hub_config`). One is asked by
Sojourn, from the press of the button until everybody's session runs; the other is asked directly at its API,
until all servers are ready. They take turns. Sojourn keeps its rows in PostgreSQL where that is installed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from benchmarks.report import Figure, median
from tests.pages.conftest import TOKEN, Site
from tests.postgres import Postgres, programs
from tests.served import until
from tests.spawner.hub import HUB_TOKEN, Hub

PEOPLE, _ROUNDS, _PAUSE = 40, 5, 0.1
_REST = 3.0
"""Seconds after which Sojourn has nothing left to do of the stops, which would slow the other down."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Every session answers."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@dataclass
class _Address:
    """Where a hub is, known only once there is one."""

    url: str


class _Hub(Hub):
    config_file = Path(__file__).with_name("hub_config.py")


def measure(folder: Path) -> list[Figure]:
    """Lets everybody start, at the one and at the other in turn."""
    names = [f"person-{number:02}" for number in range(PEOPLE)]
    with ExitStack() as stack:
        port = stack.enter_context(_answering())
        at = _Address("")
        binaries = programs()
        url = stack.enter_context(Postgres(binaries)).new_database() if binaries else None
        settings = {"HUB_TOKEN": HUB_TOKEN} | ({"DATABASE_URL": url} if url else {})
        site = Site(folder, at, **settings)  # type: ignore[arg-type]
        stock = stack.enter_context(_hub(folder, "stock", site.url, port))
        ours = stack.enter_context(_hub(folder, "ours", site.url, port))
        at.url = str(ours.http.base_url).rstrip("/")
        for name in names:
            for hub in (stock, ours):
                hub.http.post(f"/users/{name}").raise_for_status()
        stack.enter_context(site)
        press = stack.enter_context(_people(site, names))
        times: dict[str, list[float]] = {"stock": [], "ours": []}
        for _ in range(_ROUNDS + 1):
            times["stock"].append(_seconds(stock, lambda: asyncio.run(_ask(stock, "POST", names))))
            asyncio.run(_ask(stock, "DELETE", names))
            times["ours"].append(_seconds(ours, lambda: asyncio.run(press("start", 202))))
            asyncio.run(press("stop", 202))
            until(lambda: not _servers(ours) or None, "all sessions are stopped")
            time.sleep(_REST)
    own, sojourn = (median(found[1:]) for found in times.values())
    return [
        Figure(f"{PEOPLE} starts at once, the hub's own, median", 1000 * own, "ms"),
        Figure(f"{PEOPLE} starts at once, Sojourn's, median", 1000 * sojourn, "ms"),
        Figure("the same, against the hub's own", sojourn / own, "×"),
    ]


@contextmanager
def _answering() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def _hub(folder: Path, kind: str, api: str, port: int) -> Iterator[Hub]:
    (folder / kind).mkdir()
    variables = {
        "BENCH_SPAWNER": kind,
        "BENCH_PORT": str(port),
        "TEST_API_URL": api,
        "SOJOURN_SPAWNER_TOKEN": TOKEN,
    }
    hub = _Hub(folder / kind, _Address(api), folder, **variables)  # type: ignore[arg-type]
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


Press = Callable[[str, int], Any]


@contextmanager
def _people(site: Site, names: list[str]) -> Iterator[Press]:
    """A public project with one session, and everybody logged in; what presses a button for all at once."""
    with ExitStack() as stack:
        people = [stack.enter_context(site.person(name)) for name in names]
        project = people[0].project("Bench")
        people[0].session(project)
        token = people[0].filled()["csrf_token"]
        for name in names[1:]:
            body = {"person": name, "role": "editor"}
            headers = {"X-CSRF-Token": str(token)}
            people[0].post(f"/api/v1{project}/members", json=body, headers=headers).raise_for_status()
        tokens = [str(person.filled()["csrf_token"]) for person in people]

        async def press(verb: str, status: int) -> None:
            async with httpx.AsyncClient(base_url=site.url, trust_env=False, timeout=120) as client:

                async def one(number: int) -> None:
                    answer = await client.post(
                        f"/api/v1{project}/sessions/minimal/{verb}",
                        headers={
                            "Cookie": f"sojourn-login={people[number].cookie}",
                            "X-CSRF-Token": tokens[number],
                        },
                    )
                    assert answer.status_code == status, answer.text

                await asyncio.gather(*(one(number) for number in range(len(people))))

        yield press


async def _ask(hub: Hub, method: str, names: list[str]) -> None:
    headers = dict(hub.http.headers)
    async with httpx.AsyncClient(
        base_url=hub.http.base_url, headers=headers, trust_env=False, timeout=120
    ) as client:
        answers = await asyncio.gather(
            *(client.request(method, f"/users/{name}/servers/bench") for name in names)
        )
    assert all(answer.is_success for answer in answers), [answer.text for answer in answers]


def _seconds(hub: Hub, begin: Callable[[], None]) -> float:
    """Seconds until every person has a server that is ready."""
    began = time.perf_counter()
    begin()
    until(lambda: _ready(hub) == PEOPLE or None, "all sessions run", pause=_PAUSE)
    return time.perf_counter() - began


def _servers(hub: Hub) -> list[dict[str, Any]]:
    found = hub.http.get("/users", params={"state": "active", "limit": 200}).raise_for_status().json()
    return [server for user in found for server in user["servers"].values()]


def _ready(hub: Hub) -> int:
    return sum(server["ready"] for server in _servers(hub))
