"""Lists cost the same number of SQL statements, however much there is to list."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event, select

from benchmarks.catalogue_rows import write_environments
from benchmarks.rows import Size, write_project
from sessions_api.audit import service as audit
from sessions_api.audit.verbs import Verb
from sessions_api.environments import seeding
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.main import create_app
from sessions_api.people.dependencies import current_viewer, page_viewer
from sessions_api.people.viewer import Viewer
from sessions_api.projects import service as projects
from sessions_api.resources import seeding as resource_seeding
from sessions_api.resources import service as resources
from sessions_api.resources.offers import Offer
from sessions_api.resources.pools import Pool
from sessions_api.runs.tables import Run
from sessions_api.sessions.tables import Session
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
def statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def _asked(database: Database, client: httpx.AsyncClient, path: str) -> tuple[list[str], str]:
    with statements(database) as said:
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
        await seeding.seed(
            db,
            [recipe(f"environment-{number}", f"Environment {number}") for number in range(MORE_THAN_A_PAGE)],
        )


async def _in_classes(database: Database) -> None:
    """Makes half of all sessions of one class, half of another."""
    offers = [Offer(slug=slug, name=slug, cpus=1, memoryGib=1) for slug in ("small", "large")]
    async with database.write() as db:
        await resource_seeding.seed(db, offers)
        classes = await resources.offered(db, ANN)
        for number, session in enumerate(await db.scalars(select(Session))):
            session.resource_class_id = classes[number % 2].id


async def _all_asked(
    database: Database, client: httpx.AsyncClient, paths: Iterable[str]
) -> dict[str, tuple[list[str], str]]:
    return {path: await _asked(database, client, path) for path in paths}


def _differences(little: Iterable[list[str]], much: Mapping[str, list[str]]) -> list[str]:
    """What a person needs to see of the paths that took another number of statements."""
    return [
        "\n".join([path, "few:", *few, "many:", *many])
        for few, (path, many) in zip(little, much.items(), strict=True)
        if len(few) != len(many)
    ]


IN_CLASSES = {
    "/api/v1/projects/bench/sessions": "/api/v1/projects/large/sessions",
    "/projects/bench": "/projects/large",
    "/projects/bench/history": "/projects/large/history",
}


@pytest.mark.slow
async def test_classes_of_sessions_are_read_at_once(database: Database, whole: httpx.AsyncClient) -> None:
    await _little(database)
    await _in_classes(database)
    few = await _all_asked(database, whole, IN_CLASSES)
    await _much(database)
    await _in_classes(database)
    many = await _all_asked(database, whole, IN_CLASSES.values())

    said = {path: statements for path, (statements, _) in many.items()}
    assert not _differences((statements for statements, _ in few.values()), said)
    for path, statements in said.items():
        assert sum("FROM resource_classes" in statement for statement in statements) <= 1, path


LISTS = [
    ("/api/v1/projects/bench/sessions", "/api/v1/projects/large/sessions", "session-00099"),
    ("/projects/bench", "/projects/large", "session-00099"),
    ("/api/v1/projects", "/api/v1/projects", "project-21"),
    ("/projects", "/projects", "project-21"),
    ("/api/v1/runs", "/api/v1/runs", "project-71"),
    ("/projects/bench/history", "/projects/large/history", "Session 00020"),
    ("/api/v1/environments", "/api/v1/environments", "environment-79"),
    ("/environments", "/environments", "environment-79"),
    ("/api/v1/environments?search=jupyterlab", "/api/v1/environments?search=jupyterlab", "environment-79"),
    (
        "/api/v1/environments?search=minimal+numpy",
        "/api/v1/environments?search=environment+numpy",
        "environment-79",
    ),
    ("/environments?q=jupyterlab", "/environments?q=jupyterlab", "environment-79"),
    ("/projects/bench/sessions/add", "/projects/large/sessions/add", "environment-118"),
    ("/projects/bench/sessions/add?q=numpy", "/projects/large/sessions/add?q=numpy", "environment-10"),
]
"""Where little is listed, where much is, and what is on the first page of much."""


async def test_lists_need_as_many_statements_for_little_as_for_much(
    database: Database, whole: httpx.AsyncClient
) -> None:
    await _little(database)
    few = await _all_asked(database, whole, [little for little, _, _ in LISTS])
    await _much(database)
    many = await _all_asked(database, whole, [much for _, much, _ in LISTS])

    for _, path, shown in LISTS:
        assert shown in many[path][1], path
    said = {path: statements for path, (statements, _) in many.items()}
    assert not _differences((statements for statements, _ in few.values()), said)


LOGS = ("/api/v1/projects/bench/audit", "/projects/bench/activity")


async def _written(database: Database, entries: int) -> None:
    async with database.write() as db:
        found = await projects.access(db, ANN, "bench")
        for number in range(entries):
            audit.record(db, ANN, Verb.MEMBER_ADD, f"person-{number}", project=found.project)


async def test_the_log_of_a_project_takes_as_many_statements_for_little_as_for_much(
    database: Database, whole: httpx.AsyncClient
) -> None:
    await _little(database)
    await _written(database, 1)
    few = await _all_asked(database, whole, LOGS)
    await _written(database, MORE_THAN_A_PAGE)
    many = await _all_asked(database, whole, LOGS)

    said = {path: statements for path, (statements, _) in many.items()}
    assert not _differences((statements for statements, _ in few.values()), said)
    assert all("person-119" in text.replace("<wbr>", "") for _, text in many.values())


MANY = 1000
PAGE_BYTES = 120_000
"""What a page of offers may weigh, before it is compressed."""


@pytest.mark.slow
async def test_a_session_is_added_from_a_thousand_environments_as_from_two(
    database: Database, whole: httpx.AsyncClient
) -> None:
    paths = ["/projects/bench/sessions/add", "/projects/bench/sessions/add?q=jupyterlab"]
    await _little(database)
    few = await _all_asked(database, whole, paths)
    async with database.write() as db:
        await write_environments(db, MANY)
    many = await _all_asked(database, whole, paths)

    said = {path: statements for path, (statements, _) in many.items()}
    assert not _differences((statements for statements, _ in few.values()), said)
    for path, (_, text) in many.items():
        following = re.search(r'href="([^"]+cursor=[^"]+)" rel="next"', text)
        assert following is not None, path
        _, second = await _asked(database, whole, html.unescape(following[1]))
        assert len(text) < PAGE_BYTES
        assert _offered(second), path
        assert not set(_offered(second)) & set(_offered(text)), path


@pytest.mark.slow
async def test_an_empty_project_offers_the_default_environments_and_a_search_for_the_others(
    database: Database, whole: httpx.AsyncClient
) -> None:
    async with database.write() as db:
        await write_project(db, ANN.name, Size("Empty", 0))
    few, _ = await _asked(database, whole, "/projects/empty")
    async with database.write() as db:
        await write_environments(db, MANY)
    many, text = await _asked(database, whole, "/projects/empty")

    assert len(many) == len(few)
    assert _offered(text) == ["minimal", "python"]
    assert 'role="search" method="get" action="/projects/empty/sessions/add"' in text
    assert 'href="/projects/empty/sessions/add/image"' in text


def _offered(text: str) -> list[str]:
    return re.findall(r'name="environment" value="([^"]+)"', text)


ADMINS = (
    "/api/v1/admin/runs",
    "/api/v1/admin/failed-runs",
    "/api/v1/admin/failures",
    "/api/v1/admin/queue",
    "/api/v1/admin/nodes",
    "/api/v1/admin/resource-classes",
    "/api/v1/admin/resource-pools",
    "/admin",
    "/admin/failures",
    "/admin/queue",
    "/admin/use",
    "/admin/resources",
)


async def _offer(database: Database, amount: int) -> None:
    """Lets there be so many classes, each in a pool of its own."""
    slugs = [f"class-{number}" for number in range(amount)]
    classes = [
        Offer.model_validate({"slug": slug, "name": slug, "cpus": 1, "memoryGib": 1}) for slug in slugs
    ]
    pools = [Pool.model_validate({"slug": slug, "name": slug, "classes": [slug]}) for slug in slugs]
    async with database.write() as db:
        await resource_seeding.seed(db, classes, pools)


async def _set_runs(database: Database) -> None:
    """Lets every third run of all be running, one waiting, one failed."""
    now = clock.now()
    async with database.write() as db:
        for number, run in enumerate(await db.scalars(select(Run).order_by(Run.id))):
            run.cpus, run.node = 1.0, f"node-{number:04}"
            run.phase = ("running", "queued", "failed")[number % 3]
            run.waits_since = now if run.phase == "queued" else None
            run.position = number if run.phase == "queued" else None
            run.failed_at = now if run.phase == "failed" else None
            run.failed_code = f"reason_{number % 7}" if run.phase == "failed" else None


async def test_administrators_lists_take_as_many_statements_for_little_as_for_much(
    database: Database, whole: httpx.AsyncClient
) -> None:
    app = whole._transport.app  # type: ignore[attr-defined]
    admin = replace(ANN, admin=True)
    app.dependency_overrides = dict.fromkeys((current_viewer, page_viewer), lambda: admin)
    async with database.write() as db:
        await write_project(db, ANN.name, Size("Bench", 6))
    await _set_runs(database)
    await _offer(database, 2)
    few = await _all_asked(database, whole, ADMINS)
    async with database.write() as db:
        await write_project(db, ANN.name, Size("Large", 3 * MORE_THAN_A_PAGE))
    await _set_runs(database)
    await _offer(database, 90)
    many = await _all_asked(database, whole, ADMINS)

    said = {path: statements for path, (statements, _) in many.items()}
    assert not _differences((statements for statements, _ in few.values()), said)
    for path in ("/admin", "/admin/failures", "/admin/queue", "/admin/use"):
        assert re.search(r'href="[^"]+cursor=[^"]+" rel="next"', many[path][1]), path
