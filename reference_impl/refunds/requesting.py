"""Refunds that staff asks for: decided under a lock, written down, then made under the key of the request."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, gateways, ids, keys
from reference_impl.disputes import disputes
from reference_impl.effects import outbox
from reference_impl.errors import Conflict, Invalid
from reference_impl.gateways import truth
from reference_impl.gateways.errors import Refused
from reference_impl.orders import orders, warnings
from reference_impl.payments import calls, sync
from reference_impl.payments.calls import Outcome
from reference_impl.payments.table import Payment, ProviderCall
from reference_impl.refunds import refunds, rules
from reference_impl.refunds.table import Refund


async def refund(
    order_id: str, amount: int | None, currency: str | None, reason: str | None, key: str | None
) -> tuple[Refund, Outcome]:
    """Refund all that is left of an order, or ``amount`` minor units of it; the refund, and what became of the call.

    The same ``key`` with the same wish is the same refund; with another wish it is a conflict.
    """
    if reason is not None and reason not in rules.REASONS:
        raise Invalid("invalid_reason", f"The reason is one of {', '.join(rules.REASONS)}.")
    key_hash = ids.digest(f"refund:{order_id}:{key}") if key else None
    request_hash = ids.digest(msgspec.json.encode([amount, currency, reason]).decode())
    if key_hash is None or not await _asked_before(key_hash):
        await refresh(order_id)
    refund_id = await decide(order_id, amount, currency, reason, key_hash, request_hash)
    outcome = await calls.make(keys.for_refund(refund_id))
    async with database.statement() as session:
        return await session.get_one(Refund, refund_id), outcome


async def refresh(order_id: str) -> None:
    """Ask the provider how the payment stands: refunds and disputes that no event told us of yet count too."""
    async with database.statement() as session:
        order = await orders.found(session, order_id)
        payment = await captured_payment(session, order.id)
    if payment is not None:
        await sync.synchronise(payment.id, "refund asked for", about="everything")


async def decide(
    order_id: str,
    amount: int | None,
    currency: str | None,
    reason: str | None,
    key_hash: str | None,
    request_hash: str,
) -> str:
    """Write a refund and its call down, or find the one that the key stands for; its id."""
    async with database.transaction() as session:
        order = await orders.locked(session, order_id)
        if key_hash and (known := await session.scalar(select(Refund).where(Refund.key_hash == key_hash))):
            if known.request_hash != request_hash:
                raise Conflict(
                    "idempotency_key_reused", "That Idempotency-Key was used for another refund; send a new key."
                )
            return known.id
        payment = await captured_payment(session, order.id, lock=True)
        wanted = rules.amount_to_refund(await position(session, payment, order.currency), amount, currency)
        assert payment is not None
        made = Refund(
            id=ids.new("rf"),
            payment_id=payment.id,
            order_id=order.id,
            origin="staff",
            amount_minor=wanted,
            currency=payment.currency,
            reason=reason,
            state=rules.RefundState.UNKNOWN,
            key_hash=key_hash,
            request_hash=request_hash,
        )
        session.add(made)
        warnings.moved(session, "refund", made.id, None, made.state, "staff")
        params = {
            "intent_id": payment.intent_id,
            "amount": wanted,
            "refund_id": made.id,
            "order_id": order.id,
            "reason": reason,
        }
        await session.flush()
        await calls.write(
            session, keys.for_refund(made.id), "refund", subject_id=made.id, payment_id=payment.id, params=params
        )
        payment.version += 1
        return made.id


async def captured_payment(session: AsyncSession, order_id: str, *, lock: bool = False) -> Payment | None:
    """The payment of an order that took money, else its newest."""
    found = (
        select(Payment)
        .where(Payment.order_id == order_id)
        .order_by(Payment.captured_minor.desc(), Payment.number.desc())
    )
    return await session.scalar((found.with_for_update() if lock else found).limit(1))


async def position(session: AsyncSession, payment: Payment | None, currency: str) -> rules.Position:
    """Where a payment stands."""
    if payment is None:
        return rules.Position(currency, captured=0, refunds=(), lost=0, open_chargeback=False)
    made = await refunds.of_payment(session, payment.id)
    standing = await disputes.standing(session, payment.id)
    listed = gateways.get(payment.provider).refunds_lost_disputes
    return rules.Position(
        currency=payment.currency,
        captured=payment.captured_minor,
        refunds=[(one.state, one.amount_minor) for one in made],
        lost=0 if listed else standing.lost_amount,
        open_chargeback=standing.open,
    )


async def _asked_before(key_hash: str) -> bool:
    async with database.statement() as session:
        return await session.scalar(select(Refund.id).where(Refund.key_hash == key_hash)) is not None


async def _make(call: ProviderCall, key: str) -> truth.Refund:
    return await gateways.get(call.provider).create_refund(call.params, key)


async def _find(call: ProviderCall) -> truth.Refund | None:
    return await gateways.get(call.provider).find_refund(call.params["intent_id"], call.subject_id)


async def _done(call: ProviderCall, made: truth.Refund) -> None:
    """The provider has the refund: take it in like any other news of it."""
    async with database.transaction() as session:
        order = await orders.locked(session, call.params["order_id"])
        payment = await session.get_one(Payment, call.payment_id, with_for_update=True)
        await refunds.take(session, order, payment, [made], "refund made")
        await sync.settle_order(session, order, "refund made")
        payment.version += 1
    await outbox.deliver(call.params["order_id"])


async def _refused(call: ProviderCall, error: Refused) -> bool:
    """The provider refused: the refund failed, and its amount is free again."""
    async with database.transaction() as session:
        await orders.locked(session, call.params["order_id"])
        payment = await session.get_one(Payment, call.payment_id, with_for_update=True)
        refund = await session.get_one(Refund, call.subject_id, with_for_update=True)
        if refund.provider_id is not None:
            return True
        warnings.moved(session, "refund", refund.id, refund.state, rules.RefundState.FAILED, error.code or "refused")
        refund.state = rules.RefundState.FAILED
        payment.version += 1
    return False


calls.register("refund", calls.Kind(make=_make, find=_find, done=_done, refused=_refused))
