"""The database: one engine, transactions for reading and for writing, and the types our tables use.

SQLite and PostgreSQL run the same code. Writers of SQLite take the lock when they begin, and this process
lets them in one after the other, so that a transaction never fails for having read before it wrote.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy import JSON, DateTime, Dialect, MetaData, TypeDecorator, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from sessions_api.kit.events import Bus
from sessions_api.kit.notices import Notices

_TOPICS = "sojourn_topics"
_WRITING = "sojourn_writing"

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Time(TypeDecorator[datetime]):
    """An aware time, kept as UTC (SQLite has no time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware again."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraints have the names that migrations expect."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Time(), dict[str, Any]: Json, list[Any]: Json}


class DatabaseAwayError(Exception):
    """The database takes no connection now: nothing was read and nothing changed."""


def is_away(error: BaseException) -> bool:
    """Whether a failed statement or connection means that the database is not there now, or too busy."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or "database is locked" in str(error.orig)
    return isinstance(error, DatabaseAwayError)


def notify(session: AsyncSession, *topics: str) -> None:
    """Wakes who waits for `topics`, once the transaction is kept; never when it is rolled back."""
    session.info.setdefault(_TOPICS, set()).update(topics)


class Database:
    """The one engine of a process.

    Attributes:
        notices: carries wake-ups to and from other processes; None with SQLite, which has one process.
    """

    def __init__(self, url: str, bus: Bus) -> None:
        self.bus = bus
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite:
            self.engine = create_async_engine(self.url, connect_args={"timeout": 30})
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            self.engine = create_async_engine(self.url, pool_pre_ping=True, pool_size=10, max_overflow=20)
        self.notices = None if self.sqlite else Notices(self.url, bus)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that changes nothing."""
        async with self._sessions() as session:
            await _connect(session)
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that is kept when the block ends well, then wakes whom `notify` named."""
        async with AsyncExitStack() as stack:
            if self.sqlite:
                await stack.enter_async_context(self._writer)
            session = await stack.enter_async_context(self._sessions())
            await _connect(session, execution_options={_WRITING: True})
            yield session
            topics: set[str] = session.info.pop(_TOPICS, set())
            if self.notices is not None and topics:
                await self.notices.send(session, topics)
            await session.commit()
        self.bus.publish(*topics)

    async def close(self) -> None:
        """Lets go of all connections."""
        await self.engine.dispose()


async def _connect(session: AsyncSession, **options: Any) -> None:
    """Begins the transaction.

    Raises:
        DatabaseAwayError: there is no connection to be had.
    """
    try:
        await session.connection(**options)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError) as error:
        raise DatabaseAwayError(f"{type(error).__name__}: {error}") from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write, not the first read): we say it ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
