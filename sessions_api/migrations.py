"""Brings the database to the present schema when the service starts.

`python -m sessions_api.migrations` does only that: in a cluster before the service starts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import aiosqlite
import asyncpg
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from sessions_api.kit.db import Database, DatabaseAwayError
from sessions_api.kit.events import Bus
from sessions_api.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

LOCK = 7_363_013
"""Any number: replicas that start together migrate one after the other."""

_DATABASE_SECONDS = 120.0
_DATABASE_PAUSE = 1.0


def _folder() -> Path:
    """Where the scripts are: in the package, or beside it in a checkout."""
    here = Path(__file__).parent
    packaged = here / "alembic"
    return packaged if packaged.is_dir() else here.parent / "alembic"


def config() -> Config:
    """Alembic's configuration."""
    from alembic.config import Config  # noqa: PLC0415 - see `upgrade`

    made = Config()
    made.set_main_option("script_location", str(_folder()))
    return made


def newest() -> str:
    """The revision of the last migration: their files are named by it, and numbered."""
    return max(path.name for path in (_folder() / "versions").glob("*.py")).partition("_")[0]


async def upgrade(database: Database) -> None:
    """Runs the migrations that the database has not seen.

    Mostly there are none: then Alembic and all migrations, a tenth of the service's start, are not loaded.
    Tables of a later version are left as they are: they take what this one writes (`operations.md`), and it
    may be started again while Sojourn is upgraded, or be what Helm went back to.
    """
    async with database.engine.connect() as connection:
        found = await connection.run_sync(_revision)
    if found is not None and found >= newest():
        if found > newest():
            log.warning("the tables are of a later version: %s, and this one knows %s", found, newest())
        return
    async with database.unhurried() as connection:
        if database.sqlite:
            await _let_go_of_references(connection)
        else:
            await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        try:
            await connection.run_sync(_upgrade)
            await connection.commit()
        finally:
            if database.sqlite:
                await connection.invalidate()
            else:
                await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})


async def _let_go_of_references(connection: AsyncConnection) -> None:
    """SQLite changes a table by making it anew: dropping the old one must not delete what refers to it.

    Said to the driver: a statement of SQLAlchemy's begins a transaction, and in one the pragma does nothing.
    """
    raw = await connection.get_raw_connection()
    await cast("aiosqlite.Connection", raw.driver_connection).execute("PRAGMA foreign_keys=OFF")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see `upgrade`

    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")


async def _main() -> None:
    """Migrates the database that the environment names."""
    database = Database(Settings().database_url, Bus())
    await _wait_for(database)
    await upgrade(database)
    await database.close()


async def _wait_for(database: Database) -> None:
    """Returns when the database takes connections: it may be starting with the service."""
    end = time.monotonic() + _DATABASE_SECONDS
    while True:
        try:
            async with database.engine.connect():
                return
        except (OSError, asyncpg.CannotConnectNowError, DBAPIError, DatabaseAwayError):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(_DATABASE_PAUSE)


if __name__ == "__main__":
    asyncio.run(_main())
