"""The database: one engine, transactions for reading and for writing, and the types our tables use.

SQLite and PostgreSQL run the same code. Writers of SQLite take the lock when they begin, and this process
lets them in one after the other, so that a transaction never fails for having read before it wrote.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import JSON, DateTime, Dialect, MetaData, TypeDecorator, event, inspect, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.util import identity_key
from sqlalchemy.pool import NullPool

from sessions_api.kit.events import Bus
from sessions_api.kit.notices import ANSWER, Notices

LOCKED = 3.0
"""Seconds that a write waits for another program that writes to the same file of SQLite."""
TURN = 30.0
"""Seconds that it waits before that for the other writes of this process."""

_TOPICS = "sojourn_topics"
_WRITING = "sojourn_writing"

_open: ContextVar[AsyncSession | None] = ContextVar("open", default=None)
"""The transaction that was begun last where this runs; it may be over."""

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


Row = TypeVar("Row", bound=Base)


class DatabaseAwayError(Exception):
    """The database does not answer: what was to be written may be written all the same."""


class DatabaseLockedError(DatabaseAwayError):
    """Others write to the file of SQLite for long: nothing changed."""


class SecondConnectionError(Exception):
    """A transaction was to begin within one that is open.

    As many requests as there are connections would each hold one and wait for another, and none would get it.
    """


def is_away(error: BaseException) -> bool:
    """Whether a failed statement or connection means that the database is not there now."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, DatabaseAwayError)


def is_locked(error: BaseException) -> bool:
    """Whether a failed statement or transaction means that others write to the file of SQLite."""
    if isinstance(error, DBAPIError):
        return "database is locked" in str(error.orig)
    return isinstance(error, DatabaseLockedError)


async def of_ids(session: AsyncSession, table: type[Row], ids: Collection[str]) -> dict[str, Row]:
    """Rows by id; those that the transaction has read already are not read again."""
    known = session.sync_session.identity_map
    found: dict[str, Row] = {}
    for each in ids:
        row = known.get(identity_key(table, each))
        if row is not None and not inspect(row).expired:
            found[each] = row
    if missing := set(ids) - found.keys():
        key = inspect(table).primary_key[0]
        read = await session.scalars(select(table).where(key.in_(missing)))
        found |= {identity_key(instance=row)[1][0]: row for row in read}
    return found


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
            self.engine = create_async_engine(self.url, connect_args={"timeout": LOCKED})
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            self.engine = create_async_engine(
                self.url,
                pool_pre_ping=True,
                pool_size=10,
                max_overflow=20,
                connect_args={"timeout": ANSWER, "command_timeout": ANSWER},
            )
            event.listen(self.engine.sync_engine, "handle_error", _give_up)
        self.notices = None if self.sqlite else Notices(self.url, bus)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that changes nothing.

        Raises:
            SecondConnectionError: one is open here.
        """
        _check_none_is_open()
        async with self._sessions() as session:
            await _connect(session)
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that is kept when the block ends well, then wakes whom `notify` named.

        Raises:
            SecondConnectionError: one is open here.
        """
        _check_none_is_open()
        async with AsyncExitStack() as stack:
            if self.sqlite:
                await stack.enter_async_context(self._turn())
            session = await stack.enter_async_context(self._sessions())
            await _connect(session, execution_options={_WRITING: True})
            yield session
            topics: set[str] = session.info.pop(_TOPICS, set())
            if self.notices is not None and topics:
                await self.notices.send(session, topics)
            await session.commit()
        self.bus.publish(*topics)

    @asynccontextmanager
    async def unhurried(self) -> AsyncIterator[AsyncConnection]:
        """A connection of its own whose statements may take as long as they do, for migrations."""
        if self.sqlite:
            async with self.engine.connect() as connection:
                yield connection
            return
        engine = create_async_engine(self.url, poolclass=NullPool, connect_args={"timeout": ANSWER})
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """This process's turn to write.

        Raises:
            DatabaseLockedError: it does not come, because those before it wait for another program.
        """
        try:
            async with asyncio.timeout(TURN):
                await self._writer.acquire()
        except TimeoutError as error:
            raise DatabaseLockedError("others wait to write") from error
        try:
            yield
        finally:
            self._writer.release()

    async def close(self) -> None:
        """Lets go of all connections."""
        await self.engine.dispose()


async def _connect(session: AsyncSession, **options: Any) -> None:
    """Begins the transaction.

    Raises:
        DatabaseAwayError: there is no connection to be had.
        DatabaseLockedError: another program writes to the file.
    """
    try:
        async with asyncio.timeout(ANSWER):
            await session.connection(**options)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError) as error:
        kind = DatabaseLockedError if "database is locked" in str(error) else DatabaseAwayError
        raise kind(f"{type(error).__name__}: {error}") from error
    _open.set(session)


def _check_none_is_open() -> None:
    session = _open.get()
    if session is not None and session.in_transaction():
        raise SecondConnectionError("A transaction is open here: do this in it, or when it is over.")


def _give_up(context: ExceptionContext) -> None:
    """A connection that does not answer is let go of: to undo what was begun would take as long again.

    Raises:
        DatabaseAwayError: that is so.
    """
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True
        raise DatabaseAwayError(f"no answer within {ANSWER:g} s")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write, not the first read): we say it ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
