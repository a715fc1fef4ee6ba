"""Finding what no delivery told us.

Events that the provider lists and we never stored, and calls whose outcome nobody knew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select

from reference_impl import database, gateways, logs
from reference_impl.gateways.errors import NotFound
from reference_impl.gateways.truth import EventNotice
from reference_impl.payments import calls, locating, sync
from reference_impl.payments.table import Payment, ProviderCall
from reference_impl.reconciliation import reading
from reference_impl.settings import Settings
from reference_impl.webhooks import inbox, rules, worker

T = TypeVar("T")
_AT_ONCE = 8
"""So many payments are asked about at the same moment."""
_log = logs.get("reconciliation")


def batched(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Rows in groups of a size."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing in which the shop and the provider did not agree. ``settled``: they do now."""

    kind: str
    object_id: str
    message: str
    order_id: str | None = None
    settled: bool = True


@dataclass(slots=True)
class Report:
    """What reconciliation found, and how many objects it looked at."""

    drift: list[Drift] = field(default_factory=list)
    checked: int = 0


async def settle_unknowns(report: Report) -> None:
    """Make every pending call again, under its own key: done, refused, or still unknown."""
    for key in await calls.pending():
        outcome = await calls.make(key)
        report.checked += 1
        async with database.transaction() as session:
            call = await session.get_one(ProviderCall, key)
        order_id = await order_of(call.payment_id)
        known = outcome.state != calls.PENDING
        message = f"The outcome of a call ({call.kind}) was unknown; it is {outcome.state} now."
        report.drift.append(Drift("unknown_outcome", call.subject_id, message, order_id, settled=known))


async def missed_events(settings: Settings, provider: str, report: Report) -> None:
    """Store the events that were never delivered, and bring what they are about in line.

    They are stored as ``waiting``, without a job: this is where they are handled, so that what they change is reported.
    Should this process die first, the janitor finds them.
    """
    stored: dict[int, EventNotice] = {}
    name = f"{provider}:events"
    async for batch in reading.back_to(name, provider, gateways.get(provider).events()):
        report.checked += len(batch.items)
        known = await inbox.known(provider, settings.account_of(provider), [notice.id for notice in batch.items])
        fresh = [notice for notice in batch.items if notice.id not in known]
        batch.news = bool(fresh)
        for notice in fresh:
            number = await _store(settings, provider, notice)
            if number is not None:
                stored[number] = notice
    await _handle(settings, provider, stored, report)


async def _store(settings: Settings, provider: str, notice: EventNotice) -> int | None:
    account = settings.account_of(provider)
    ours = notice.livemode == settings.live and notice.account in {None, account}
    if notice.type not in rules.HANDLED or not ours:
        return None
    delivery = inbox.Delivery(provider, account, notice, b"", inbox.WAITING, "catch-up")
    return await inbox.store(database.pool(), delivery)


async def _handle(settings: Settings, provider: str, stored: dict[int, EventNotice], report: Report) -> None:
    """One question to the provider for each payment, however many of its events were missed."""
    reported: dict[str, bool] = {}
    for number, notice in sorted(stored.items(), key=lambda item: item[1].created):
        if notice.type.startswith("radar."):
            await worker.work(settings, number)
            continue
        try:
            payment_id = await locating.payment_of(provider, notice)
        except (locating.Unlocated, locating.Stray, NotFound):
            await worker.work(settings, number)
            continue
        if payment_id not in reported:
            reason = f"{notice.type} was never delivered"
            reported[payment_id] = await bring_in_line(payment_id, notice.object_id, reason, report)
        if not reported[payment_id] and rules.about(notice.type):
            # Something else told us of this refund or dispute in time; that its own news was lost is worth knowing.
            message = f"{notice.type} was never delivered; the order was in line all the same."
            report.drift.append(Drift("missed", notice.object_id, message, await order_of(payment_id)))
            reported[payment_id] = True
        await inbox.finish(number, inbox.DONE, note="found by reconciliation")


async def open_payments(provider: str, report: Report, untouched: frozenset[str] = frozenset()) -> None:
    """Ask about every payment that may still take money, where events alone do not tell of it.

    The provider waits for us to take it, or may list no events. ``untouched``: those of which it was just read that
    nobody has begun to pay them.

    What nobody told us of an approval or of its end is found here, even where the provider lists no events.
    """
    gateway = gateways.get(provider)
    if not (gateway.takes_on_our_word or gateway.events_may_be_off):
        return
    async with database.statement() as session:
        waiting = list(
            await session.execute(
                select(Payment.id, Payment.intent_id).where(
                    Payment.provider == provider, Payment.open, Payment.intent_id.is_not(None)
                )
            )
        )
    waiting = [row for row in waiting if row.intent_id not in untouched]
    report.checked += len(waiting)
    why = "what became of this payment was never delivered"
    for some in batched(waiting, _AT_ONCE):
        await asyncio.gather(*(bring_in_line(one, intent_id or one, why, report) for one, intent_id in some))


async def bring_in_line(payment_id: str, object_id: str, reason: str, report: Report) -> bool:
    """Synchronise a payment and report it if that changed anything; whether it did."""
    result = await sync.synchronise(payment_id, "reconciliation", about="everything")
    if result.changed:
        order_id = await order_of(payment_id)
        _log.warning("reconciliation.drift", order=order_id, payment=payment_id, object=object_id, reason=reason)
        report.drift.append(Drift("missed", object_id, f"{reason}; the order was brought in line.", order_id))
    return result.changed


async def order_of(payment_id: str) -> str:
    """The order that a payment belongs to."""
    return (await sync.look(payment_id)).payment.order_id
