"""Lists cost the same number of SQL statements, however much there is to list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event

from benchmarks.rows import Size, write_project
from sessions_api.environments import service as environments
from sessions_api.kit.db import Database
from sessions_api.main import create_app
from sessions_api.people.dependencies import current_viewer, page_viewer
from sessions_api.people.viewer import Viewer
from tests.api.conftest import recipe

ANN = Viewer("ann", csrf="token")
MORE_THAN_A_PAGE = 120


@pytest.fixture
async def whole(database: Database, app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Ann's client of the whole service, pages and JSON, in which nothing goes on in the background."""
    service = create_app(app.state.settings)
    service.state.database = database
    service.state.bus = database.bus
    service.dependency_overrides[current_viewer] = lambda: ANN
    service.dependency_overrides[page_viewer] = lambda: ANN
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service), base_url="http://sojourn.test"
    ) as client:
        yield client


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def _asked(database: Database, client: httpx.AsyncClient, path: str) -> tuple[list[str], str]:
    with _statements(database) as said:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return said, answer.text


async def _little(database: Database) -> None:
    async with database.write() as db:
        await write_project(db, ANN.name, Size("Bench", 2))


async def _much(database: Database) -> None:
    async with database.write() as db:
        await write_project(db, ANN.name, Size("Large", MORE_THAN_A_PAGE))
        for number in range(MORE_THAN_A_PAGE):
            await write_project(db, ANN.name, Size(f"Project {number}", 1))
        await environments.seed(
            db,
            [recipe(f"environment-{number}", f"Environment {number}") for number in range(MORE_THAN_A_PAGE)],
        )


@pytest.mark.parametrize(
    ("little", "much", "shown"),
    [
        ("/api/v1/projects/bench/sessions", "/api/v1/projects/large/sessions", "session-00099"),
        ("/projects/bench", "/projects/large", "session-00099"),
        ("/api/v1/projects", "/api/v1/projects", "project-21"),
        ("/projects", "/projects", "project-21"),
        ("/api/v1/runs", "/api/v1/runs", "project-71"),
        ("/projects/bench/history", "/projects/large/history", "Session 00020"),
        ("/api/v1/environments", "/api/v1/environments", "environment-79"),
        ("/environments", "/environments", "environment-79"),
    ],
)
async def test_a_list_needs_as_many_statements_for_little_as_for_much(
    database: Database, whole: httpx.AsyncClient, little: str, much: str, shown: str
) -> None:
    await _little(database)
    few, _ = await _asked(database, whole, little)
    await _much(database)
    many, text = await _asked(database, whole, much)
    assert shown in text
    assert len(many) == len(few), "\n".join(["few:", *few, "many:", *many])
