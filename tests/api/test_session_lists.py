"""Lists of sessions cost the same number of SQL statements however many sessions there are."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, insert, select

from sessions_api.environments.tables import Environment, EnvironmentVersion
from sessions_api.kit import clock
from sessions_api.kit.db import Database
from sessions_api.kit.ids import new_id
from sessions_api.projects.tables import Project
from sessions_api.sessions.tables import Session
from tests.api.conftest import Client


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    yield heard
    event.remove(database.engine.sync_engine, "before_cursor_execute", hear)


async def _fill(database: Database, numbers: range) -> None:
    async with database.write() as db:
        project = await db.scalar(select(Project))
        environment = await db.scalar(select(Environment))
        version = await db.scalar(select(EnvironmentVersion))
        assert project
        assert environment
        assert version
        same = {
            "project_id": project.id,
            "environment_id": version.environment_id,
            "version_id": version.id,
            "description": "",
            "variables": {},
            "is_default": False,
            "created_by": "ann",
            "created_at": clock.now(),
            "updated_at": clock.now(),
            "revision": 1,
        }
        rows = [same | {"id": new_id(), "slug": f"s-{n:05}", "name": f"S {n:05}"} for n in numbers]
        await db.execute(insert(Session), rows)


async def test_the_list_of_sessions_takes_as_many_statements_with_10000_as_with_10(
    ann: Client, project: str, database: Database
) -> None:
    await _fill(database, range(10))
    with _statements(database) as few:
        await ann.get(f"{project}/sessions")
    await _fill(database, range(10, 10_000))
    with _statements(database) as many:
        page = (await ann.get(f"{project}/sessions")).json()

    assert (len(page["items"]), page["items"][0]["slug"]) == (100, "s-00000")
    assert len(many) == len(few)


async def test_pages_follow_each_other_to_the_end(ann: Client, project: str, database: Database) -> None:
    await _fill(database, range(250))

    slugs: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ann.get(f"{project}/sessions", params=cursor)).json()
        slugs += [item["slug"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert slugs == [f"s-{number:05}" for number in range(250)]
