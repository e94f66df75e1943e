"""What a list costs when there is a hundred times as much of it.

One project with 100 sessions and one with 10,000, each with runs of whoever looks, asked for in turn: the
page as a browser asks for it, the list as a program does. The statements are counted by a test,
`tests/api/test_statements.py`.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx

from benchmarks.report import Figure, median
from benchmarks.rows import Size, fill
from tests.served import Served

RATIO = 1.3
"""A page shows as many rows either way; the rest is an index that is two levels deeper, and one count."""

SMALL, LARGE = Size("Small", 100), Size("Large", 10_000)
_WARM_UP = 5
_PAIRS = 60


def measure(folder: Path) -> list[Figure]:
    """Asks for the small and the large project in turn."""
    with Served(folder) as sojourn:
        asyncio.run(fill(sojourn.data.database_url, sojourn.state().people[0], SMALL, LARGE))
        with sojourn.browser() as browser, sojourn.client() as client:
            page = _compare(browser, "/projects/{}")
            listing = _compare(client, "/api/v1/projects/{}/sessions")
    return [*_figures("project page", *page), *_figures("session list", *listing)]


def _compare(client: httpx.Client, path: str) -> tuple[list[float], list[float]]:
    small: list[float] = []
    large: list[float] = []
    for pair in range(_WARM_UP + _PAIRS):
        for size, times in ((SMALL, small), (LARGE, large)):
            began = time.perf_counter()
            client.get(path.format(size.slug)).raise_for_status()
            if pair >= _WARM_UP:
                times.append(time.perf_counter() - began)
    return small, large


def _figures(what: str, small: list[float], large: list[float]) -> list[Figure]:
    return [
        Figure(f"{what}, {SMALL.sessions} sessions, median", 1000 * median(small), "ms"),
        Figure(f"{what}, {LARGE.sessions} sessions, median", 1000 * median(large), "ms"),
        Figure(f"{what}, ratio of the medians", median(large) / median(small), "×", RATIO),
    ]
