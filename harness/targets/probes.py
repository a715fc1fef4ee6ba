"""Reading a target's state: SQL (read-only) and log files; HTTP probes go through the same client as operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.domain.verdicts import HarnessError, NotObservable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_TEXTUAL = ("text", "character varying", "character", "json", "jsonb", "bytea", "ARRAY", "USER-DEFINED", "uuid", "inet")
_COLUMNS = """
select table_schema, table_name, column_name, data_type from information_schema.columns
where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2, ordinal_position
"""


class Databases:
    """Read-only connections, one engine for each URL, opened when first read (SQLAlchemy loads only then)."""

    def __init__(self) -> None:
        self._engines: dict[str, AsyncEngine] = {}

    async def rows(self, url: str, query: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a query with ``:name`` parameters; raises ``NotObservable`` where the database cannot be reached."""
        from sqlalchemy import text
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            async with self._engine(url).connect() as connection:
                await connection.execution_options(postgresql_readonly=True)
                used = {name: value for name, value in (values or {}).items() if f":{name}" in query}
                found = await connection.execute(text(query), used)
                return [dict(row) for row in found.mappings()]
        except OSError as error:
            raise NotObservable(f"the target's database cannot be reached ({error})") from error
        except DBAPIError as error:
            raise HarnessError(f"the probe's query fails: {error.orig}; correct it in the profile: {query}") from error
        except SQLAlchemyError as error:
            raise HarnessError(
                f"the probe's database cannot be read ({error}); correct its URL in the profile"
            ) from error

    async def texts(self, url: str) -> AsyncIterator[tuple[str, bytes]]:
        """Everything textual that the database holds, column by column: (place, bytes)."""
        tables: dict[tuple[str, str], list[str]] = {}
        for row in await self.rows(url, _COLUMNS):
            if row["data_type"] in _TEXTUAL:
                tables.setdefault((row["table_schema"], row["table_name"]), []).append(row["column_name"])
        for (schema, table), columns in tables.items():
            quoted = ", ".join(_quoted(column) for column in columns)
            found = await self.rows(url, f"select {quoted} from {_quoted(schema)}.{_quoted(table)}")  # noqa: S608 - names come from the catalogue, quoted
            for column in columns:
                values = [_bytes(row[column]) for row in found if row[column] is not None]
                yield f"database column {table}.{column}", b"\n".join(values)

    async def close(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            await engine.dispose()
        self._engines.clear()

    def _engine(self, url: str) -> AsyncEngine:
        from sqlalchemy.ext.asyncio import create_async_engine

        if url not in self._engines:
            driver = url
            for prefix in ("postgresql://", "postgres://"):
                if url.startswith(prefix):
                    driver = "postgresql+asyncpg://" + url.removeprefix(prefix)
            self._engines[url] = create_async_engine(driver, pool_size=2, pool_pre_ping=True)
        return self._engines[url]


def log_text(path: str) -> str:
    """A log file's text; raises ``NotObservable`` where there is none."""
    file = Path(path)
    if not file.is_file():
        raise NotObservable(f"there is no log at {path}")
    return file.read_text("utf-8", "replace")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
