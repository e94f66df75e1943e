"""API processes that share a database and a stand-in for the hub, with a pool for ten sessions at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.pages.conftest import Site, ready
from tests.pages.hub import StandInHub
from tests.postgres import fresh_postgres_url, postgres
from tests.served import until

__all__ = ["fresh_postgres_url", "postgres"]

MOST = 10
EVERYBODY = [f"person-{number:03}" for number in range(100)]
CLASSES = """
- {slug: shared, name: Shared, cpus: 1, memoryGib: 1, default: true}
- {slug: limited, name: Limited, cpus: 1, memoryGib: 1}
- {slug: together, name: Together, cpus: 1, memoryGib: 1}
"""
POOLS = f"""
- {{slug: shared, name: Shared, classes: [shared], quota: {{sessions: {MOST}}}}}
- {{slug: limited, name: Limited, classes: [limited], perPerson: {{cpus: {MOST}}}}}
- {{slug: together, name: Together, classes: [together], perProject: {{memoryGib: {MOST}}}}}
"""


class Installation:
    """The API's processes, one with SQLite and two with PostgreSQL, and the hub they start servers at."""

    def __init__(self, folder: Path, hub: StandInHub, replicas: int, **settings: str) -> None:
        (folder / "classes.yaml").write_text(CLASSES)
        (folder / "pools.yaml").write_text(POOLS)
        self.hub = hub
        self.sites = [
            Site(
                folder,
                hub,
                RESOURCE_CLASSES_FILE=str(folder / "classes.yaml"),
                RESOURCE_POOLS_FILE=str(folder / "pools.yaml"),
                **settings,
            )
            for _ in range(replicas)
        ]

    def start(self) -> None:
        """Starts all processes."""
        for site in self.sites:
            site.start()

    def restart(self) -> None:
        """Kills all processes at once, and starts them again."""
        for site in self.sites:
            site.kill()
        self.start()

    def ask(self, person: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """What a person is answered by the first process."""
        return self.all_at_once([(person, method, path)], body)[0]

    def all_at_once(self, asked: Sequence[tuple[str, str, str]], body: Any = None) -> list[httpx.Response]:
        """The answers to people's requests, sent at the same moment, to one process after the other."""

        async def ask() -> list[httpx.Response]:
            limits = httpx.Limits(max_connections=None)
            async with httpx.AsyncClient(trust_env=False, timeout=110, limits=limits) as http:
                return await asyncio.gather(
                    *(
                        http.request(
                            method,
                            f"{self.sites[number % len(self.sites)].url}/api/v1{path}",
                            json=body,
                            headers={"Authorization": f"token token-of-{person}"},
                        )
                        for number, (person, method, path) in enumerate(asked)
                    )
                )

        return asyncio.run(ask())

    def session(self, person: str, name: str, resource_class: str) -> str:
        """A public project's session of a class; what its addresses begin with."""
        made = self.ask(person, "POST", "/projects", {"name": name, "visibility": "public"})
        assert made.status_code == 201, made.text
        project = f"/projects/{made.json()['slug']}"
        body = {"environment": "minimal", "resource_class": resource_class}
        added = self.ask(person, "POST", f"{project}/sessions", body)
        assert added.status_code == 201, added.text
        return f"{project}/sessions/{added.json()['slug']}"

    def run(self, person: str, run: str) -> dict[str, Any]:
        """A run as it is now."""
        answer = self.ask(person, "GET", f"/runs/{run}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def stop(self, run: dict[str, Any], session: str) -> None:
        """Lets a launch get ready, then stops it and waits until its server is gone."""
        person, site = run["person"], self.sites[0]
        site.report(run["id"], ready(site.address(run["id"])))
        assert self.ask(person, "POST", f"{session}/stop").status_code == 202
        until(lambda: run["id"] not in self.hub.runs or None, f"the end of {run['id']}")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """One process with SQLite, then two with PostgreSQL."""
    with StandInHub() as hub:
        if request.param == "sqlite":
            made = Installation(tmp_path, hub, 1)
        else:
            made = Installation(tmp_path, hub, 2, DATABASE_URL=request.getfixturevalue("fresh_postgres_url"))
        made.start()
        yield made
        for site in made.sites:
            site.stop()
