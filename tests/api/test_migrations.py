"""Migrations make the tables that the code uses and no others, and guard what is never changed."""

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from sessions_api import migrations
from sessions_api.audit import service as audit
from sessions_api.audit.filters import Filters
from sessions_api.audit.service import By
from sessions_api.audit.verbs import Verb
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus
from sessions_api.kit.paging import Paging


def check(connection: Connection) -> None:
    config = migrations.config()
    config.attributes["connection"] = connection
    command.check(config)


async def migrated(url: str) -> None:
    database = Database(url, Bus())
    try:
        await migrations.upgrade(database)
        await migrations.upgrade(database)
        async with database.engine.connect() as connection:
            await connection.run_sync(check)
    finally:
        await database.close()


def test_the_newest_migration_is_the_one_that_its_file_is_named_by() -> None:
    assert ScriptDirectory.from_config(migrations.config()).get_heads() == [migrations.newest()]


async def test_migrations_make_the_tables_of_the_code_on_sqlite(tmp_path: Path) -> None:
    await migrated(f"sqlite+aiosqlite:///{tmp_path}/sojourn.db")


@pytest.mark.postgres
async def test_migrations_make_the_tables_of_the_code_on_postgresql(fresh_postgres_url: str) -> None:
    await migrated(fresh_postgres_url)


async def _changes_are_refused(url: str) -> None:
    database = Database(url, Bus())
    try:
        await migrations.upgrade(database)
        async with database.write() as db:
            audit.record(db, By.SYSTEM, Verb.RUN_END, "Exploration")
        for statement in ("UPDATE audit_entries SET name = 'other'", "DELETE FROM audit_entries"):
            with pytest.raises(DBAPIError, match="never changed"):
                async with database.engine.begin() as connection:
                    await connection.execute(text(statement))
        if not database.sqlite:
            with pytest.raises(DBAPIError, match="never changed"):
                async with database.engine.begin() as connection:
                    await connection.execute(text("TRUNCATE audit_entries"))
        async with database.read() as db:
            (kept,) = await audit.page(db, Filters(), Paging())
        assert kept.name == "Exploration"
    finally:
        await database.close()


async def test_sqlite_itself_neither_changes_nor_deletes_what_was_done(tmp_path: Path) -> None:
    await _changes_are_refused(f"sqlite+aiosqlite:///{tmp_path}/sojourn.db")


@pytest.mark.postgres
async def test_postgresql_itself_neither_changes_nor_deletes_what_was_done(fresh_postgres_url: str) -> None:
    await _changes_are_refused(fresh_postgres_url)
