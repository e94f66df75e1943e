"""Brings the database to the present schema when the service starts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from sessions_api.kit.db import Database

LOCK = 7_363_013
"""Any number: replicas that start together migrate one after the other."""


def config() -> Config:
    """Alembic's configuration: the scripts lie in the package, or beside it in a checkout."""
    here = Path(__file__).parent
    scripts = here / "alembic"
    made = Config()
    made.set_main_option("script_location", str(scripts if scripts.is_dir() else here.parent / "alembic"))
    return made


async def upgrade(database: Database) -> None:
    """Runs the migrations that the database has not seen."""
    async with database.engine.connect() as connection:
        if not database.sqlite:
            await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        try:
            await connection.run_sync(_upgrade)
            await connection.commit()
        finally:
            if not database.sqlite:
                await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})


def _upgrade(connection: Connection) -> None:
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")
