"""Bringing a database up to date: our own tables and triggers, and the queue's, under Alembic."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from reference_impl.settings import Settings

_LOCK = 7_034_561_188_215  # any number of our own: two migrations at once wait for each other


def upgrade(settings: Settings) -> None:
    """Apply every migration that misses; does nothing where none does."""
    asyncio.run(upgrade_async(settings))


async def upgrade_async(settings: Settings) -> None:
    """As ``upgrade``, inside a running loop."""
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    from reference_impl import database

    os.environ.setdefault("PGQUEUER_DURABILITY", "balanced")  # jobs are durable, the queue's statistics need not be

    async def creator() -> Any:
        return await database.connect(
            settings.database_url, timeout=settings.database_timeout_seconds, application="reference-migrate"
        )

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=creator, poolclass=NullPool, hide_parameters=True
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def configuration(connection: Any = None) -> Any:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Any) -> None:
    from alembic import command

    command.upgrade(configuration(connection), "head")
