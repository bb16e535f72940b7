"""The database: one engine, short transactions, types that mean the same on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, MetaData, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.types import TypeDecorator

_POOL_SIZE = 15
_POOL_OVERFLOW = 5

_BEGIN = "salon_begin"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite, which knows no zones, keeps it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the column: naive moments are a mistake of ours and refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the column: always aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of all tables. Names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """Owns the connections. `begin` for what may write, `read` for what only looks."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            url,
            pool_pre_ping=not url.startswith("sqlite"),
            # Those above `pool_size` are closed when they are given back, and opening one is dear.
            pool_size=_POOL_SIZE,
            max_overflow=_POOL_OVERFLOW,
            # An error's text ends in a log; the values are password hashes, addresses, what people write.
            hide_parameters=True,
        )
        # SQLite lets one write at a time, and whoever waits in it polls with growing pauses, in any order:
        # waiting here instead is fair, hands over at once, and holds no connection meanwhile.
        self._writers_turn: AbstractAsyncContextManager[None] = nullcontext()
        if self._engine.dialect.name == "sqlite":
            _tame_sqlite(self._engine)
            self._writers_turn = asyncio.Lock()
        self._writing = self._engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})

    @property
    def writing_engine(self) -> AsyncEngine:
        """For migrations; services use transactions."""
        return self._writing

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A transaction that may write: commits at the end, rolls back on any exception.

        On SQLite it takes the one write lock at its start, so that what it reads cannot change under it.
        Elsewhere a store locks the rows it decides on (`with_for_update`).
        """
        async with (
            self._writers_turn,
            AsyncSession(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only looks; a writer does not hold it up."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def connections(self) -> tuple[int, int]:
        """Connections in use, and idle ones in the pool."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool):
            return 0, 0
        return pool.checkedout(), pool.checkedin()

    async def close(self) -> None:
        """Close every connection; safe to call twice."""
        await self._engine.dispose()


def _tame_sqlite(engine: AsyncEngine) -> None:
    """WAL, foreign keys, and transactions that begin where SQLAlchemy says they do."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(dbapi_connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # The driver must not open transactions by itself: it would do so too late, at the first write.
        setattr(dbapi_connection, "isolation_level", None)  # noqa: B010 - not part of the protocol type
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            # With WAL, NORMAL loses nothing committed when the process is killed.
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            # KiB. A thousand meetings lie on as many pages, which is more than the 2 MiB of the default.
            "cache_size=-8192",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        options: dict[str, Any] = dict(connection.get_execution_options())
        connection.exec_driver_sql(options.get(_BEGIN, "BEGIN"))
