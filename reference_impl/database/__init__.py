"""The database: one engine for each process, one transaction at a time, PostgreSQL only.

``transaction()`` is the only way to write. A row that two requests could change is locked before it is read
(``SELECT ... FOR UPDATE``), always in the same order: order, then payment, then what hangs on it.

Statements of every request and every event are built once, with bound parameters (``_OF_ORDER`` and the like beside the
functions that use them): building one and its cache key costs more processor time than PostgreSQL needs to answer it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
from sqlalchemy import MetaData, Table, event
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from reference_impl.settings import Settings

_SERVER_SETTINGS = {"lock_timeout": "5000", "idle_in_transaction_session_timeout": "60000", "jit": "off"}

AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError, TimeoutError)
"""What asyncpg raises when the database is not there (SQLAlchemy wraps these in ``DBAPIError``)."""


class Base(DeclarativeBase):
    """Base of every table; constraint names follow one rule so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class _State:
    """The engine of this process."""

    engine: AsyncEngine | None = None
    sessions: async_sessionmaker[AsyncSession] | None = None
    readers: async_sessionmaker[AsyncSession] | None = None
    pool: asyncpg.Pool[Any] | None = None


def plain_url(url: str) -> str:
    """The address as asyncpg and libpq read it."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def connect(url: str, *, timeout: float, application: str = "reference") -> asyncpg.Connection[Any]:  # noqa: ASYNC109 - asyncpg's own limit, which also covers the handshake
    """One plain connection, with the time limits that every connection of ours has."""
    return await asyncpg.connect(
        plain_url(url),
        timeout=timeout,
        command_timeout=timeout * 4,
        server_settings={**_SERVER_SETTINGS, "application_name": application},
    )


def open_engine(settings: Settings, *, application: str) -> AsyncEngine:
    """Make the engine of this process; connections are opened when they are first needed."""

    async def creator() -> asyncpg.Connection[Any]:
        return await connect(settings.database_url, timeout=settings.database_timeout_seconds, application=application)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=creator,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=settings.database_timeout_seconds,
        hide_parameters=True,  # an error message must not carry what stood in the row
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    _State.engine = engine
    _State.readers = async_sessionmaker(
        engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False, autoflush=False
    )
    _State.sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
    return engine


async def open_pool(settings: Settings, *, application: str, durable: bool) -> asyncpg.Pool[Any]:
    """Make the pool of plain connections of this process, for the inbox and the queue.

    None is opened before it is needed. ``durable``: a commit waits until it is on disk, as the door's must; what a
    worker notes in its queue need not, it only says which work is done already.
    """
    _State.pool = await asyncpg.create_pool(
        plain_url(settings.database_url),
        min_size=0,
        max_size=settings.database_pool_size,
        timeout=settings.database_timeout_seconds,
        command_timeout=settings.database_timeout_seconds * 4,
        max_inactive_connection_lifetime=60.0,
        reset=_leave_as_it_is,
        server_settings={
            **_SERVER_SETTINGS,
            "application_name": application,
            "synchronous_commit": "on" if durable else "off",
        },
    )
    return _State.pool


async def _leave_as_it_is(_connection: object) -> None:
    """What runs on these connections leaves nothing behind; the usual reset would be one more round trip for each."""


def pool() -> asyncpg.Pool[Any]:
    """The pool of plain connections of this process."""
    if _State.pool is None:
        raise RuntimeError("the pool of this process was not opened; call database.open_pool first")
    return _State.pool


async def close() -> None:
    """Close every connection of this process."""
    if _State.pool is not None:
        _State.pool.terminate()
    if _State.engine is not None:
        await _State.engine.dispose()
    _State.engine = _State.sessions = _State.readers = _State.pool = None


def addition(model: type[Base]) -> Insert:
    """A statement that adds a row (its values are the statement's parameters) unless it is there already."""
    return insert(cast("Table", model.__table__)).on_conflict_do_nothing()


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """One transaction: committed at the end of the block, rolled back when it raises."""
    if _State.sessions is None:
        raise RuntimeError("the database of this process was not opened; call database.open_engine first")
    async with _State.sessions() as session, session.begin():
        yield session


@asynccontextmanager
async def statement() -> AsyncIterator[AsyncSession]:
    """Single statements, each its own transaction: for reading, and for a change that is one statement.

    One round trip instead of three.
    """
    if _State.readers is None:
        raise RuntimeError("the database of this process was not opened; call database.open_engine first")
    async with _State.readers() as session:
        yield session


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """A pooled connection that the server has closed is replaced by a fresh one, without asking the server first."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be reached or does not answer, as opposed to a wrong statement."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(
            seen,
            (
                *AWAY,
                asyncpg.AdminShutdownError,
                asyncpg.CrashShutdownError,
                asyncpg.DeadlockDetectedError,
                asyncpg.LockNotAvailableError,
            ),
        ):
            return True
        if getattr(seen, "connection_invalidated", False) or type(seen).__name__ == "TimeoutError":
            return True
        seen = getattr(seen, "orig", None) or seen.__cause__
    return False
