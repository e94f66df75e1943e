"""500 people with 10,000 sessions, 1,000 of them running, against 5 people with 100, of which 10 run.

Two Sojourns as processes of their own, on PostgreSQL where its programs are installed, each with a hub that
has as many servers as runs are live (`benchmarks.people.hub`). They are asked in turn for the same: the page
of a project and its list, and how long a change takes until the last of those who watch has it. The repair
loop runs in this process, over the database and the hub of either, and its statements are counted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
from pydantic import SecretStr
from sqlalchemy import event

from benchmarks.people.hub import CrowdedHub
from benchmarks.people.watching import Crowd
from benchmarks.people.world import World, fill, members, slug
from benchmarks.report import Figure, median, percentile
from sessions_api.hub.client import Hub
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.runs.repair import Repair
from tests.pages.conftest import Person, Site
from tests.postgres import Postgres, programs

SMALL, LARGE = World(100), World(10_000)
RATIO = 1.3
"""A page shows as many rows either way; the rest is indexes that are deeper."""

FEW, MANY = 100, 500
"""Who watches one project."""

MOST_KIB_PER_WATCHER = 100.0
_WARM_UP, _ROUNDS, _EVENTS, _REPAIRS = 10, 80, 12, 12
_KIB, _MIB = 2**10, 2**20


@dataclass
class Installation:
    """One Sojourn."""

    world: World
    site: Site
    hub: CrowdedHub

    @property
    def memory(self) -> int:
        """Bytes that the API has for itself (USS)."""
        return int(psutil.Process(self.site.pid).memory_full_info().uss)


def measure(folder: Path) -> list[Figure]:
    """Asks the small and the large one in turn."""
    with ExitStack() as stack:
        binaries = programs()
        server = stack.enter_context(Postgres(binaries)) if binaries else None
        both = [
            stack.enter_context(_running(folder / name, world, server))
            for name, world in (("small", SMALL), ("large", LARGE))
        ]
        figures = [*_pages(both), _memory_of_sessions(both), *_repair(both)]
        return [*figures, *_watching(both[0])]


@contextmanager
def _running(folder: Path, world: World, server: Postgres | None) -> Iterator[Installation]:
    folder.mkdir()
    url = server.new_database() if server else f"sqlite+aiosqlite:///{folder / 'sojourn.db'}"
    with CrowdedHub() as hub:
        site = Site(folder, hub, DATABASE_URL=url)
        site.start()
        site.kill()
        hub.crowd(asyncio.run(fill(url, world)))
        site.start()
        try:
            yield Installation(world, site, hub)
        finally:
            site.stop()


def _pages(both: Sequence[Installation]) -> list[Figure]:
    """Random people of either ask for their project, in turn."""
    random = Random(1)  # noqa: S311 - an order, not a secret
    times: dict[str, tuple[list[float], list[float]]] = {"project page": ([], []), "session list": ([], [])}
    people: dict[tuple[int, int], Person] = {}
    for turn in range(_WARM_UP + _ROUNDS):
        for place, one in enumerate(both):
            number = random.randrange(min(one.world.projects, 20))
            if (place, number) not in people:
                people[place, number] = one.site.person(members(number)[0])
            person = people[place, number]
            paths = (f"/projects/{slug(number)}", f"/api/v1/projects/{slug(number)}/sessions")
            for path, found in zip(paths, times.values(), strict=True):
                began = time.perf_counter()
                person.get(path).raise_for_status()
                if turn >= _WARM_UP:
                    found[place].append(time.perf_counter() - began)
    for person in people.values():
        person.close()
    return [figure for what, found in times.items() for figure in _compared(what, *found)]


def _compared(what: str, small: list[float], large: list[float]) -> list[Figure]:
    return [
        Figure(f"{what}, {LARGE.people} people, 95 of 100", 1000 * percentile(large, 95), "ms"),
        Figure(f"{what}, ratio of the 95 of 100", percentile(large, 95) / percentile(small, 95), "×", RATIO),
    ]


def _memory_of_sessions(both: Sequence[Installation]) -> Figure:
    small, large = both
    more = (large.memory - small.memory) / _MIB
    thousands = (large.world.sessions - small.world.sessions) / 1000
    return Figure("memory of the API per 1,000 sessions", more / thousands, "MiB", 2.0)


def _repair(both: Sequence[Installation]) -> list[Figure]:
    costs = [asyncio.run(_compare(one)) for one in both]
    (seconds_few, statements_few, _), (seconds_many, statements_many, asked) = costs
    return [
        Figure(f"a comparison with {LARGE.live} live runs, median", 1000 * seconds_many, "ms"),
        Figure(
            f"time per live run, against {SMALL.live}",
            seconds_many / LARGE.live / (seconds_few / SMALL.live),
            "×",
            RATIO,
        ),
        Figure(f"statements with {LARGE.live} live runs", statements_many, "", statements_few),
        Figure("requests to the hub for each 200 people", asked / (LARGE.people / 200), "", 1.2),
    ]


async def _compare(one: Installation) -> tuple[float, int, int]:
    """Median seconds of one comparison, its statements, and what it asked the hub."""
    database, hub = Database(one.site.database, Bus()), Hub(one.hub.url, SecretStr("unused"))
    statements: list[str] = []

    def seen(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    try:
        repair = Repair(database, hub)
        await repair.compare()
        event.listen(database.engine.sync_engine, "before_cursor_execute", seen)
        asked, times = one.hub.asked, []
        for _ in range(_REPAIRS):
            began = time.perf_counter()
            await repair.compare()
            times.append(time.perf_counter() - began)
        return median(times), len(statements) // _REPAIRS, (one.hub.asked - asked) // _REPAIRS
    finally:
        await hub.close()
        await database.close()


def _watching(one: Installation) -> list[Figure]:
    before = one.memory
    with one.site.person(members(0)[0]) as owner:
        with Crowd(one.site.url, owner, slug(0), FEW) as few:
            first_few, last_few = few.told(_EVENTS)
        with Crowd(one.site.url, owner, slug(0), MANY) as many:
            first_many, last_many = many.told(_EVENTS)
            each = (one.memory - before) / MANY / _KIB
    return [
        Figure(f"from a change to the first of {MANY} watchers, median", 1000 * first_many, "ms"),
        Figure(f"from a change to the last of {MANY} watchers, median", 1000 * last_many, "ms"),
        Figure(
            f"time per watcher until the last has it, against {FEW}",
            (last_many - first_many) / MANY / max((last_few - first_few) / FEW, 1e-6),
            "×",
            RATIO,
        ),
        Figure("memory of the API per watcher", each, "KiB", MOST_KIB_PER_WATCHER),
    ]
