"""The worker's loops: PgQueuer hands out the jobs of the inbox, the janitor and reconciliation run beside it.

Any number of workers may run, on any machine that reaches the database. A job whose worker died is handed out again
once its lease (``WORKER_LEASE_SECONDS``) has run out; that may also happen to a worker that was merely slow, and is
harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from reference_impl import database, logs, reconciliation
from reference_impl.gateways.errors import OutcomeUnknown
from reference_impl.payments import calls
from reference_impl.reconciliation import janitor
from reference_impl.settings import Settings
from reference_impl.webhooks import inbox, worker

_POLL_SECONDS = 1.0
_RECONNECT_SECONDS = 0.5
_log = logs.get("worker")


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Work until ``stop`` is set; a database that goes away is waited for."""
    calls.retry_every(settings.janitor_interval_seconds)
    loops = [
        asyncio.create_task(_jobs(settings, stop)),
        asyncio.create_task(_every(settings.janitor_interval_seconds, stop, lambda: janitor.sweep(settings))),
    ]
    if settings.reconcile_interval_seconds:
        loops.append(
            asyncio.create_task(_every(settings.reconcile_interval_seconds, stop, lambda: _reconcile(settings)))
        )
    await asyncio.gather(*loops)


async def _jobs(settings: Settings, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await _drain(settings, stop)
        except Exception as error:  # noqa: BLE001 - whatever it was, work has to go on
            if stop.is_set():
                return
            _log.error("queue.interrupted", error=type(error).__name__, away=database.is_away(error))
            await _pause(_RECONNECT_SECONDS, stop)


async def _drain(settings: Settings, stop: asyncio.Event) -> None:
    from pgqueuer.core.qm import QueueManager
    from pgqueuer.domain.errors import RetryRequested
    from pgqueuer.domain.models import Job
    from pgqueuer.queries import Queries

    pool = database.pool()
    await pool.fetchval("SELECT 1")  # a database that is not there is noticed here, not inside the queue
    manager = QueueManager(Queries.from_asyncpg_pool(pool))

    @manager.entrypoint(inbox.ENTRYPOINT, accepts_context=False)
    async def handle(job: Job) -> None:
        try:
            seconds = await worker.work(settings, int(job.payload or b"0"))
        except Exception as error:  # noqa: BLE001 - whatever it was, work has to go on
            _log.error("job.interrupted", error=type(error).__name__, job=job.id)
            seconds = _RECONNECT_SECONDS
        if seconds is not None:
            raise RetryRequested(timedelta(seconds=seconds)) from None

    async def end() -> None:
        await stop.wait()
        manager.shutdown.set()

    ending = asyncio.create_task(end())
    try:
        await manager.run(
            dequeue_timeout=timedelta(seconds=_POLL_SECONDS),
            batch_size=max(settings.worker_concurrency // 2, 1),
            max_concurrent_tasks=max(settings.worker_concurrency, 2),
            heartbeat_timeout=timedelta(seconds=settings.worker_lease_seconds),
            shutdown_on_listener_failure=True,
            log_aggregation_interval=timedelta(0),
        )
    finally:
        ending.cancel()


async def _every(seconds: float, stop: asyncio.Event, do: Callable[[], Awaitable[object]]) -> None:
    while not stop.is_set():
        await _pause(seconds, stop)
        if stop.is_set():
            return
        try:
            await do()
        except Exception as error:  # noqa: BLE001 - whatever it was, work has to go on
            _log.error("round.failed", error=type(error).__name__, message=str(error)[:200])


async def _reconcile(settings: Settings) -> None:
    try:
        report = await reconciliation.reconcile(settings)
    except OutcomeUnknown as error:
        _log.warning("reconciliation.provider_away", error=str(error))
        return
    if report.drift:
        _log.warning("reconciliation.finished", drift=len(report.drift), checked=report.checked)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
