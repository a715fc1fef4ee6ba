"""Storing events: one statement, and so one transaction, inserts the event and enqueues its work, or does neither.

``UNIQUE (provider, account, event_id)`` makes a delivery that comes again (or at the same moment) a no-op. Where the
provider gives each transmission an id, that is unique as well: one that comes with another event is a replay. The queue
is PgQueuer's table in the same database; writing its row in the same statement is what makes 'stored' and 'will be
handled' one fact.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

import asyncpg
from sqlalchemy import select, text, update

from reference_impl import database
from reference_impl.gateways.truth import EventNotice
from reference_impl.webhooks.table import WebhookEvent

RECEIVED, WAITING, DONE, IGNORED, FAILED = "received", "waiting", "done", "ignored", "failed"
ENTRYPOINT = "webhook"

INSERT = f"""
WITH fresh AS (
    INSERT INTO webhook_event (
        provider, account, event_id, type, object_id, parent_id, livemode, api_version, created_at_provider,
        body_sha256, source, status, next_attempt_at, handled_at, transmission_id
    )
    VALUES (
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now() + interval '30 seconds',
        CASE WHEN $12 = '{IGNORED}' THEN now() END, $13
    )
    ON CONFLICT DO NOTHING
    RETURNING id, status
), queued AS (
    INSERT INTO pgqueuer (priority, entrypoint, payload, status)
    SELECT 0, '{ENTRYPOINT}', convert_to(id::text, 'UTF8'), 'queued' FROM fresh WHERE status = '{RECEIVED}'
)
SELECT id FROM fresh
"""  # noqa: S608 - built from constants of this module
"""Inserts an event and, only when it is new, its job."""

_ENQUEUE = text(f"""
INSERT INTO pgqueuer (priority, entrypoint, payload, status, dedupe_key)
VALUES (0, '{ENTRYPOINT}', convert_to(CAST(:id AS text), 'UTF8'), 'queued', :key)
ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
""")  # noqa: S608 - built from constants of this module


RING = """
SELECT pg_notify('ch_pgqueuer', json_build_object(
    'channel', 'ch_pgqueuer', 'operation', 'insert', 'sent_at', now(),
    'table', 'pgqueuer', 'type', 'table_changed_event'
)::text)
"""
"""Wakes the workers, in the words in which PgQueuer's own trigger would."""
_RING_SECONDS = 0.01
_bells: set[asyncio.Task[None]] = set()


# These run for every event, and so on plain connections. They commit without waiting for the disk: a note that is lost
# with the machine only makes the event be handled again.
_FINISH = """
UPDATE webhook_event SET status = $2, handled_at = now(), attempts = attempts + 1, last_error = $3
WHERE id = $1 AND set_config('synchronous_commit', 'off', true) IS NOT NULL
"""
_POSTPONE = """
UPDATE webhook_event SET status = 'waiting', attempts = attempts + 1, last_error = $2, next_attempt_at = now() + $3
WHERE id = $1 AND set_config('synchronous_commit', 'off', true) IS NOT NULL
"""
_GET = """
SELECT id, provider, account, event_id, type, object_id, parent_id, livemode, api_version, created_at_provider,
    status, attempts
FROM webhook_event WHERE id = $1
"""


_STORED = "SELECT 1 FROM webhook_event WHERE provider = $1 AND account = $2 AND event_id = $3"


class Replayed(Exception):  # noqa: N818 - reads as what it is
    """A transmission that was of another event: somebody made another body for a signature that they had seen."""


class Connection(Protocol):
    """What storing needs of asyncpg: a pool, or a connection of one."""

    async def fetchval(self, query: str, *arguments: Any) -> Any:
        """First column of the first row."""

    async def execute(self, query: str, *arguments: Any) -> Any:
        """Run a statement."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event as it was delivered, or found by reconciliation: its envelope and what became of the body."""

    provider: str
    account: str
    notice: EventNotice
    body_sha256: bytes
    status: str
    source: str = "delivery"
    transmission_id: str | None = None


class Event(NamedTuple):
    """An event of the inbox, as far as handling it needs to know."""

    id: int
    provider: str
    account: str
    event_id: str
    type: str
    object_id: str
    parent_id: str | None
    livemode: bool
    api_version: str | None
    created_at_provider: datetime
    status: str
    attempts: int


async def store(connection: Connection, delivery: Delivery) -> int | None:
    """Insert an event and enqueue its work; its number, or ``None`` when it was stored before.

    Raises ``Replayed`` for a transmission that was of another event.
    """
    notice = delivery.notice
    number: int | None = await connection.fetchval(
        INSERT,
        delivery.provider,
        delivery.account,
        notice.id,
        notice.type,
        notice.object_id,
        notice.parent_id,
        notice.livemode,
        notice.api_version,
        datetime.fromtimestamp(notice.created, UTC),
        delivery.body_sha256,
        delivery.source,
        delivery.status,
        delivery.transmission_id,
    )
    if number is None and delivery.transmission_id is not None:
        whose = delivery.provider, delivery.account, notice.id
        if await connection.fetchval(_STORED, *whose) is None:
            raise Replayed(delivery.transmission_id)
    if number is not None and delivery.status == RECEIVED:
        wake_workers(connection)
    return number


def wake_workers(connection: Connection) -> None:
    """Tell the workers that there is work: after a moment, and once for all the events of that moment.

    A bell that nobody hears costs a second: workers also look by themselves.
    """
    if not _bells:
        bell = asyncio.create_task(_ring(connection))
        _bells.add(bell)
        bell.add_done_callback(_bells.discard)


async def _ring(connection: Connection) -> None:
    await asyncio.sleep(_RING_SECONDS)
    _bells.clear()  # what is stored from now on needs another bell
    with contextlib.suppress(*database.AWAY, asyncpg.PostgresError):
        await connection.execute(RING)


async def get(number: int) -> Event | None:
    """An event by its number."""
    row = await database.pool().fetchrow(_GET, number)
    return Event(*row) if row else None


async def finish(number: int, status: str, *, note: str | None = None) -> None:
    """An event needs no more work: done, or a dead letter."""
    await database.pool().execute(_FINISH, number, status, note)


async def postpone(number: int, seconds: float, error: str) -> None:
    """An event is tried again later."""
    await database.pool().execute(_POSTPONE, number, error, timedelta(seconds=seconds))


async def enqueue_forgotten(grace_seconds: float) -> int:
    """Enqueue unfinished events whose time is well past: their job was lost with a database or a worker; how many."""
    now = datetime.now(UTC)
    async with database.transaction() as session:
        numbers = list(
            await session.scalars(
                select(WebhookEvent.id)
                .where(
                    WebhookEvent.status.in_((RECEIVED, WAITING)),
                    WebhookEvent.next_attempt_at < now - timedelta(seconds=grace_seconds),
                )
                .order_by(WebhookEvent.id)
                .limit(500)
                .with_for_update(skip_locked=True)
            )
        )
        for number in numbers:
            await session.execute(_ENQUEUE, {"id": number, "key": f"event:{number}"})
        if numbers:
            later = now + timedelta(seconds=max(grace_seconds * 4, 60.0))
            await session.execute(
                update(WebhookEvent).where(WebhookEvent.id.in_(numbers)).values(next_attempt_at=later)
            )
        return len(numbers)


async def known(provider: str, account: str, event_ids: list[str]) -> set[str]:
    """Which of these events were stored already."""
    async with database.statement() as session:
        return set(
            await session.scalars(
                select(WebhookEvent.event_id).where(
                    WebhookEvent.provider == provider,
                    WebhookEvent.account == account,
                    WebhookEvent.event_id.in_(event_ids),
                )
            )
        )
