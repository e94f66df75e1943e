from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Stack


@pytest.fixture(scope="session")
def sojourn_on_postgres(
    minimal_environment: Path, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A running Sojourn whose database is PostgreSQL, shared as `sojourn` is."""
    variables = {"SOJOURN_DATABASE_URL": postgres_url}
    shared = Stack(tmp_path_factory.mktemp("sojourn"), people=("ann", "bob"), variables=variables)
    with shared:
        yield shared
    assert not shared.complaints(), "the logs tell of something broken"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def on_each_database(request: pytest.FixtureRequest) -> Stack:
    """The shared Sojourn, once with SQLite and once with PostgreSQL."""
    found: Stack = request.getfixturevalue("sojourn" if request.param == "sqlite" else "sojourn_on_postgres")
    return found
