"""Installations in simulated time, one with SQLite and one with two replicas and PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.postgres import Postgres, fresh_postgres_url, postgres
from tests.truth.installation import Installation, simulated

__all__ = ["fresh_postgres_url", "postgres"]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """What is broken on purpose is told at length; a failed test is told enough by what it found."""
    caplog.set_level(logging.CRITICAL)


def running(folder: Path, url: str, replicas: int) -> Iterator[Installation]:
    """An installation that runs until the test ends."""
    with simulated() as loop:
        installation = Installation(loop, folder, url, replicas)
        loop.do(installation.start())
        yield installation
        loop.do(installation.end())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """One replica with SQLite, then two with PostgreSQL."""
    if request.param == "sqlite":
        yield from running(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'sojourn.db'}", 1)
    else:
        yield from running(tmp_path, request.getfixturevalue("fresh_postgres_url"), 2)


@pytest.fixture
def fresh(fresh_postgres_url: str, tmp_path: Path) -> Iterator[Installation]:
    """Two replicas with PostgreSQL, which nobody used before."""
    yield from running(tmp_path, fresh_postgres_url, 2)


@pytest.fixture(scope="session")
def shared(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Two replicas with PostgreSQL; making them takes longer than most tests."""
    yield from running(tmp_path_factory.mktemp("shared"), postgres.new_database(), 2)


@pytest.fixture
def replicated(shared: Installation) -> Iterator[Installation]:
    """The same, with a hub that knows nothing and clocks that are right."""
    shared.hub.forget_everything()
    yield shared
    for replica in shared.replicas:
        replica.clock.by = timedelta()
