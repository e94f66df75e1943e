"""What the tests share: one running Sojourn, fresh ones where something is killed, a built environment."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spawner.environments import build_default
from tests.git_server import GitServer
from tests.postgres import fresh_postgres_url, postgres, postgres_url
from tests.served import CACHE, REPOSITORY
from tests.stack import Stack

__all__ = ["fresh_postgres_url", "postgres", "postgres_url"]

FreshStack = Callable[..., Stack]


def pytest_configure() -> None:
    """Lets what is started here be interrupted: shells have what runs in their background ignore that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Keeps all that is there by now out of what is searched for garbage: a fifth of the tests' own time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def minimal_environment() -> Path:
    """The minimal environment, built: once, then found in the cache by every later test run."""
    build_default([REPOSITORY / "environments" / "minimal"], CACHE, print)
    return CACHE


@pytest.fixture(scope="session")
def sojourn(minimal_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Sojourn that tests share: each makes projects of its own and kills nothing."""
    shared = Stack(tmp_path_factory.mktemp("sojourn"), people=("ann", "bob"))
    with shared:
        yield shared
        assert shared.end() == 0
        assert not shared.everything(), "Ctrl-C left processes behind"
    assert not shared.complaints(), "the logs tell of something broken"


@pytest.fixture
def fresh_sojourn(minimal_environment: Path, tmp_path: Path) -> Iterator[FreshStack]:
    """Makes Sojourns of a test's own, not started yet, and ends them after it."""
    made: list[Stack] = []

    def make(**options: Any) -> Stack:
        stack = Stack(tmp_path / f"sojourn-{len(made)}", **options)
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.close()


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """Real repositories over HTTP, for the tests that share a Sojourn."""
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server
