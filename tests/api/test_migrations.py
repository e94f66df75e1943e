"""Migrations make exactly the tables that the code uses, on both databases."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection

from sessions_api import migrations
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus


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


async def test_migrations_make_the_tables_of_the_code_on_sqlite(tmp_path: Path) -> None:
    await migrated(f"sqlite+aiosqlite:///{tmp_path}/sojourn.db")


@pytest.mark.postgres
async def test_migrations_make_the_tables_of_the_code_on_postgresql(fresh_postgres_url: str) -> None:
    await migrated(fresh_postgres_url)
