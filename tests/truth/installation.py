"""A whole Sojourn in simulated time: real replicas, their real database, a stand-in for the hub.

What is pretended is named in `hub`, `facts` and `relay`. What people do goes over HTTP, to any replica that
answers; a connection that breaks is no answer, and the person asks again.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from sessions_api.kit import clock
from sessions_api.main import create_app
from sessions_api.settings import Settings
from spawner import api as spawner_api
from spawner import reporter
from tests.served import REPOSITORY
from tests.truth.hub import TOKEN, StandInHub
from tests.truth.listener import Listener, remember_tasks
from tests.truth.relay import Relay
from tests.truth.virtual_time import CLOCK, VirtualTime, Wrong

LIVE = frozenset({"queued", "launching", "running"})


class Replica(Listener):
    """A process of the service.

    Attributes:
        relay: to its database, where that is PostgreSQL.
        clock: of its computer.
    """

    def __init__(self, settings: dict[str, Any], database_url: str) -> None:
        super().__init__()
        self.relay = None if database_url.startswith("sqlite") else Relay(database_url)
        url = self.relay.url.render_as_string(hide_password=False) if self.relay else database_url
        self.app = create_app(
            Settings.model_validate(settings | {"database_url": url, "public_url": self.url})
        )
        self.clock = Wrong()
        self._life: Any = None
        self._starts = False

    async def start(self) -> None:
        """Comes up as the real process does."""
        if self.relay is not None:
            await self.relay.come()
        self.born((CLOCK, self.clock))
        self._life = self.app.router.lifespan_context(self.app)
        self._starts = True
        await self.within(self._life.__aenter__())
        self._starts = False
        await self.listen(self.app)

    async def kill(self) -> None:
        """`kill -9`."""
        assert self.relay is not None, "what SQLite's threads do cannot be cut off"
        await self.relay.go()
        await super().kill()
        await self.app.state.database.engine.dispose(close=False)

    async def end(self) -> None:
        """Ends in order."""
        await self.within(self._life.__aexit__(None, None, None))
        await super().kill()
        if self.relay is not None:
            await self.relay.go()
            self.relay.close()

    @property
    def is_asking(self) -> bool:
        """Whether its database works on something for it."""
        if self.relay is not None and not self.relay.is_whole:
            return False
        return self._starts or (self.lives and self.app.state.database.engine.pool.checkedout() > 0)


class Installation:
    """Replicas and the hub."""

    def __init__(self, loop: VirtualTime, folder: Path, database_url: str, replicas: int) -> None:
        environments = folder / "environments"
        environments.mkdir()
        (environments / "minimal").symlink_to(REPOSITORY / "environments" / "minimal")
        self.loop = loop
        self.hub = StandInHub(lambda: self._internal)
        settings = {
            "hub_api_url": f"{self.hub.url}/hub/api",
            "hub_token": "token-of-the-service",
            "spawner_token": TOKEN,
            "cookie_secret": "a-secret-for-cookies",
            "environments_dir": environments,
            "laptop": True,
            "tag_check_hours": 0,
        }
        self.replicas = [Replica(settings, database_url) for _ in range(replicas)]
        self._internal = self.replicas[0].url
        self._names = itertools.count(1)
        self._turn = itertools.cycle(range(replicas))
        self._http: httpx.AsyncClient | None = None
        loop.is_asked = lambda: any(replica.is_asking for replica in self.replicas)

    async def start(self) -> None:
        """Starts everything."""
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.AsyncClient(trust_env=False, timeout=40, limits=limits)
        for replica in self.replicas:
            await replica.start()
        await self.hub.start()

    async def end(self) -> None:
        """Ends everything."""
        assert self._http is not None
        await self._http.aclose()
        await self.hub.kill()
        await spawner_api.close_connections()
        for replica in self.replicas:
            await replica.end()

    async def ask(self, person: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """What a replica answers; asked again, maybe another one, until one does.

        An answer that the service cannot now is passed on: whoever asks decides whether to ask again.
        """
        assert self._http is not None
        headers = {"Authorization": f"token token-of-{person}"}
        while True:
            replica = self.replicas[next(self._turn)]
            try:
                return await self._http.request(
                    method, f"{replica.url}/api/v1{path}", json=body, headers=headers
                )
            except httpx.TransportError:
                await asyncio.sleep(0.5)

    async def insist(self, person: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """The first answer that is not that the service cannot now."""
        while True:
            answer = await self.ask(person, method, path, body)
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(0.5)

    async def new_session(self, person: str) -> str:
        """A project of a person's own with a session; the session's path."""
        name = f"Project {next(self._names)}"
        made = await self.insist(person, "POST", "/projects", {"name": name, "visibility": "public"})
        assert made.status_code == 201, made.text
        project = f"/projects/{made.json()['slug']}"
        added = await self.insist(person, "POST", f"{project}/sessions", {"environment": "minimal"})
        assert added.status_code == 201, added.text
        return f"{project}/sessions/{added.json()['slug']}"

    async def run(self, person: str, run: str) -> dict[str, Any]:
        """A run as it is told now."""
        answer = await self.insist(person, "GET", f"/runs/{run}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def latest_runs(self, people: Sequence[str]) -> list[dict[str, Any]]:
        """The newest runs of each person, and the older ones that the hub or a program has something of."""
        found = []
        for person in people:
            answer = await self.insist(person, "GET", "/runs?limit=12")
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
        known = {run["id"] for run in found}
        there = {
            server.options["run"]: server.person for server in self.hub.servers.values() if server.active
        }
        there |= {each.run: each.work.rpartition("/")[2] for each in self.hub.facts.running()}
        return found + [await self.run(person, run) for run, person in there.items() if run not in known]

    async def runs(self, person: str) -> list[dict[str, Any]]:
        """All runs of a person, the newest first."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = await self.insist(person, "GET", f"/runs?limit=200{cursor}")
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    async def history(self, person: str, run: str) -> list[dict[str, Any]]:
        """The `status` events of a run that is over, in their order, as a page would read them."""
        answer = await self.insist(person, "GET", f"/runs/{run}/events")
        found = []
        for block in answer.text.replace("\r\n", "\n").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if fields.get("event") == "status":
                found.append(json.loads(fields["data"]))
        return found

    async def end_server(self, person: str, name: str) -> None:
        """Has a server ended at the hub itself, which knows nothing of why."""
        assert self._http is not None
        url = f"{self.hub.url}/hub/api/users/{person}/servers/{name}"
        answer = await self._http.request("DELETE", url, json={})
        assert answer.status_code in {202, 204, 404}, answer.text

    async def until(
        self, fact: Callable[[], Any], what: str, *, seconds: float = 60.0, pause: float = 0.25
    ) -> float:
        """Waits until something is so; how many seconds that took."""
        began = self.loop.time()
        while not await fact():
            if self.loop.time() - began > seconds:
                raise TimeoutError(f"not within {seconds:g} s: {what}")
            await asyncio.sleep(pause)
        return self.loop.time() - began


@contextmanager
def simulated() -> Iterator[VirtualTime]:
    """A loop whose time everything goes by that asks, while the loop runs, what time it is."""
    loop = VirtualTime((clock, "now"), (reporter, "_now"))
    remember_tasks(loop)
    yield loop
    loop.do(loop.shutdown_asyncgens())
    loop.close()
