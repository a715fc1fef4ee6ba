"""The janitor: finishes what was begun and left.

It runs in every worker, and does nothing that two of them could do twice.
"""

from __future__ import annotations

from sqlalchemy import exists, select

from reference_impl import database, gateways, logs
from reference_impl.effects import outbox
from reference_impl.effects.table import Effect
from reference_impl.gateways.errors import GatewayError
from reference_impl.payments import approval, calls, sync
from reference_impl.payments.rules import PaymentState
from reference_impl.payments.table import Payment, ProviderCall
from reference_impl.settings import Settings
from reference_impl.webhooks import inbox

_log = logs.get("janitor")


async def sweep(settings: Settings) -> int:
    """One round: calls whose outcome is unknown, effects that were not performed, events whose job was lost.

    How many.
    """
    done = 0
    for key in await calls.due():
        outcome = await calls.make(key)
        done += outcome.state != calls.PENDING
    done += await take_approved()
    done += await deliver_stuck()
    done += await inbox.enqueue_forgotten(max(settings.worker_lease_seconds * 2, 5.0))
    return done


async def take_approved() -> int:
    """Take payments that were seen approved by somebody who died before taking them; how many changed."""
    providers = [name for name in gateways.names() if gateways.get(name).takes_on_our_word]
    if not providers:
        return 0
    decided = exists().where(
        ProviderCall.payment_id == Payment.id, ProviderCall.kind == approval.KIND, ProviderCall.state != calls.REFUSED
    )
    waiting = (
        select(Payment.id)
        .where(Payment.provider.in_(providers), Payment.open, Payment.state == PaymentState.PROCESSING, ~decided)
        .limit(50)
    )
    async with database.statement() as session:
        payments = list(await session.scalars(waiting))
    done = 0
    for payment_id in payments:
        try:
            done += (await sync.synchronise(payment_id, "janitor")).changed
        except GatewayError as error:
            _log.warning("approval.not_taken", payment=payment_id, code=error.code)
    return done


async def deliver_stuck() -> int:
    """Perform effects whose process died before it could; one order that fails does not hold up the others."""
    async with database.statement() as session:
        orders = list(
            await session.scalars(select(Effect.order_id).where(Effect.done_at.is_(None)).distinct().limit(100))
        )
    done = 0
    for order_id in orders:
        try:
            done += await outbox.deliver(order_id)
        except Exception as error:
            if database.is_away(error):
                raise
            _log.exception("effect.failed", order=order_id)
    return done
