"""`python scripts/migration.py "Say what changes"`: a migration of what a migrated database lacks."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from sessions_api import migrations
from sessions_api.kit.db import Database
from sessions_api.kit.events import Bus


async def write(message: str) -> None:
    """Brings an empty database up to date and writes the difference to `alembic/versions`."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'new.db'}", Bus())
        await migrations.upgrade(database)
        async with database.engine.connect() as connection:
            await connection.run_sync(_write, message)
        await database.close()


def _write(connection: Connection, message: str) -> None:
    config = migrations.config()
    config.attributes["connection"] = connection
    number = int(migrations.newest()) + 1
    command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04}")


asyncio.run(write(sys.argv[1]))
