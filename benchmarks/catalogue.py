"""What a search in the catalogue costs when there are a hundred times as many environments.

Two catalogues of one kind, of 100 environments and of 10,000, in databases of their own, are asked the same
in turn, over HTTP without a network: searches for words that many environments have, that few have and that
none has, for several words, the list without words and its filters. On SQLite, and on PostgreSQL where its
programs are installed. The statements are counted by a test, `tests/api/test_statements.py`.

Three words find one of a hundred environments and a page full of ten thousand; to write twenty environments
instead of one takes its time, however they are found. So the bound is for searches that are answered with as
many from both catalogues; of the others the ratios are shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import httpx

from benchmarks.catalogue_rows import PERSON, fill
from benchmarks.report import Figure, median, percentile
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.main import create_app
from sessions_api.people.dependencies import current_viewer
from sessions_api.people.viewer import Viewer
from sessions_api.settings import Settings
from tests.postgres import Postgres, programs

RATIO = 1.3
SMALL, LARGE = 100, 10_000
LIMIT = 20

QUERIES: dict[str, dict[str, Any]] = {
    "no words": {},
    "a word that most have": {"search": "python"},
    "a package that most have": {"search": "numpy"},
    "two letters": {"search": "py"},
    "a name": {"search": "harbour 17"},
    "two words that many have": {"search": "python geo"},
    "two words that most have": {"search": "numpy pandas"},
    "three words": {"search": "numpy tides ann"},
    "a word that few have": {"search": "package-2718"},
    "a word that none has": {"search": "zzz"},
    "two that none has together": {"search": "python zzz"},
    "a keyword": {"keyword": "geo"},
    "a keyword that few have": {"keyword": "rare"},
    "favourites": {"favourite": True},
    "one's own": {"mine": True},
}
Times = dict[str, tuple[list[float], list[float]]]

_WARM_UP = 3
_ROUNDS = 40


def measure(folder: Path) -> list[Figure]:
    """Asks both catalogues in turn, on each database."""
    figures: list[Figure] = []
    for kind, small, large in _databases(folder):
        times, alike = asyncio.run(_compare(small, large))
        figures += _figures(kind, times, alike)
    return figures


def _databases(folder: Path) -> Iterator[tuple[str, str, str]]:
    small, large = (f"sqlite+aiosqlite:///{folder / f'{size}.db'}" for size in (SMALL, LARGE))
    yield "SQLite", small, large
    binaries = programs()
    if binaries is not None:
        with ExitStack() as stack:
            server = stack.enter_context(Postgres(binaries))
            yield "PostgreSQL", server.new_database(), server.new_database()


async def _compare(*urls: str) -> tuple[Times, set[str]]:
    """Seconds of each search in both catalogues, and those searches that both answer with as many."""
    databases = [Database(url, Bus()) for url in urls]
    try:
        for database, size in zip(databases, (SMALL, LARGE), strict=True):
            await fill(database, size)
        clients = [_client(database) for database in databases]
        times: Times = {name: ([], []) for name in QUERIES}
        alike = set(QUERIES)
        rounds = [name for name in QUERIES for _ in range(_WARM_UP)]
        measured = [name for name in QUERIES for _ in range(_ROUNDS)]
        Random(1).shuffle(measured)  # noqa: S311 - an order, not a secret
        for turn, name in enumerate(rounds + measured):
            lengths = set()
            for client, found in zip(clients, times[name], strict=True):
                began = time.perf_counter()
                answer = await client.get("/environments", params={"limit": LIMIT, **QUERIES[name]})
                seconds = time.perf_counter() - began
                answer.raise_for_status()
                lengths.add(len(answer.json()["items"]))
                if turn >= len(rounds):
                    found.append(seconds)
            if len(lengths) > 1:
                alike.discard(name)
    finally:
        for database in databases:
            await database.close()
    return times, alike


def _client(database: Database) -> httpx.AsyncClient:
    settings = {
        "database_url": "",
        "public_url": "http://sojourn.test",
        "hub_api_url": "http://hub.test",
        **dict.fromkeys(("hub_token", "spawner_token", "cookie_secret"), "t"),
    }
    app = create_app(Settings.model_validate(settings))
    app.state.database = database
    app.dependency_overrides[current_viewer] = lambda: Viewer(PERSON)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sojourn.test/api/v1")


def _figures(kind: str, times: Times, alike: set[str]) -> list[Figure]:
    small, large = ([each for name in alike for each in times[name][place]] for place in (0, 1))
    shown = {name: "" if name in alike else " (more are found)" for name in times}
    return [
        *(
            Figure(
                f"{kind}, {name}{shown[name]}, ratio of the medians", median(found[1]) / median(found[0]), "×"
            )
            for name, found in times.items()
        ),
        Figure(f"{kind}, {SMALL} environments, 95 of 100 requests", 1000 * percentile(small, 95), "ms"),
        Figure(f"{kind}, {LARGE} environments, 95 of 100 requests", 1000 * percentile(large, 95), "ms"),
        Figure(f"{kind}, ratio", percentile(large, 95) / percentile(small, 95), "×", RATIO),
    ]
