"""Handling an event: find its payment, ask the provider, bring the payment in line.

Exactly once in effect, at least once in work.

The event only says that something may have happened; what happened is asked of the provider. An event that cannot be
handled yet (its payment is not known, the provider is away) waits and is tried again; one that cannot be handled at
all becomes a dead letter that staff sees (``GET /operator/events``). Dying at any point is safe: the event is still
unfinished, and doing it again changes nothing that was done.
"""

from __future__ import annotations

import time

from sqlalchemy import func, select

from reference_impl import database, gateways, logs, redaction
from reference_impl.gateways.errors import NotFound, OutcomeUnknown
from reference_impl.gateways.truth import EventNotice
from reference_impl.orders import warnings
from reference_impl.payments import cancel, locating, sync
from reference_impl.payments.rules import PaymentState
from reference_impl.payments.table import Payment
from reference_impl.settings import Settings
from reference_impl.webhooks import inbox, rules
from reference_impl.webhooks.table import WebhookEvent

_log = logs.get("worker")


async def work(settings: Settings, number: int) -> float | None:
    """Handle the event of a job; seconds until it has to be tried again, ``None`` when it is finished."""
    event = await inbox.get(number)
    if event is None or event.status not in {inbox.RECEIVED, inbox.WAITING}:
        return None
    attempts = event.attempts + 1
    try:
        note = await handle(settings, event)
    except (locating.Unlocated, NotFound) as error:
        return await _again_or_never(settings, event, attempts, rules.UNLOCATED_ATTEMPTS, error)
    except OutcomeUnknown as error:
        return await _again_or_never(settings, event, attempts, settings.event_max_attempts, error)
    except Exception as error:
        if database.is_away(error):
            raise
        _log.exception("event.failed", event_id=event.event_id, type=event.type, attempts=attempts)
        return await _again_or_never(settings, event, attempts, rules.UNEXPECTED_ATTEMPTS, error)
    await inbox.finish(number, inbox.DONE, note=note)
    return None


async def handle(settings: Settings, event: inbox.Event) -> str | None:
    """Do what an event calls for; a note for staff where there is something to say."""
    known_since = time.monotonic()
    notice = _notice(event)
    if event.type.startswith("radar.early_fraud_warning."):
        return await fraud_warning(event.provider, notice)
    try:
        payment_id = await locating.payment_of(event.provider, notice)
    except locating.Stray as stray:
        return f"{stray} was not made by the shop; staff was warned"
    await sync.synchronise(payment_id, event.type, about=rules.about(event.type), known_since=known_since)
    if event.type == "payment_intent.payment_failed":
        await stop_card_testing(settings, payment_id)
    return None


async def fraud_warning(provider: str, notice: EventNotice) -> str | None:
    """A card issuer suspects fraud: staff is warned, the order stays as it is."""
    warning = await gateways.get(provider).fraud_warning(notice.object_id)
    payment_id = await locating.payment_of(provider, notice)
    async with database.transaction() as session:
        payment = await session.get_one(Payment, payment_id)
        await warnings.warn(
            session,
            payment.order_id,
            "early_fraud_warning",
            warning.id,
            f"The card's issuer suspects fraud ({warning.kind}); a refund now avoids a chargeback.",
        )
    return None


async def stop_card_testing(settings: Settings, payment_id: str) -> None:
    """Close a payment on which too many cards were declined: somebody tries stolen numbers on it."""
    async with database.transaction() as session:
        payment = await session.get_one(Payment, payment_id)
        declines = await session.scalar(
            select(func.count())
            .select_from(WebhookEvent)
            .where(WebhookEvent.object_id == payment.intent_id, WebhookEvent.type == "payment_intent.payment_failed")
        )
        if (declines or 0) < settings.max_declines_per_order or payment.state != PaymentState.FAILED:
            return
        await warnings.warn(
            session,
            payment.order_id,
            "card_testing",
            payment.id,
            f"{declines} cards were declined; the payment was closed.",
        )
    await cancel.close(payment_id, "too many declines")


async def _again_or_never(
    settings: Settings, event: inbox.Event, attempts: int, most: int, error: Exception
) -> float | None:
    words = f"{type(error).__name__}: {error}" if not isinstance(error, locating.Unlocated) else str(error)
    reason = redaction.clean_text(words)[:300]
    if attempts >= most:
        _log.error("event.dead", event_id=event.event_id, type=event.type, attempts=attempts, reason=reason)
        await inbox.finish(event.id, inbox.FAILED, note=reason)
        return None
    seconds = rules.delay(attempts, settings.event_retry_seconds)
    await inbox.postpone(event.id, seconds, reason)
    return seconds


def _notice(event: inbox.Event) -> EventNotice:
    return EventNotice(
        id=event.event_id,
        type=event.type,
        created=int(event.created_at_provider.timestamp()),
        livemode=event.livemode,
        account=event.account or None,
        api_version=event.api_version,
        object_id=event.object_id,
        # A field of a body of another API version is not trusted to mean what it means in ours.
        parent_id=event.parent_id if event.api_version == gateways.get(event.provider).api_version else None,
    )
