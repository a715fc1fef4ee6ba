"""Calling a payment off: the provider decides who was first, the shopper who paid or the one who cancelled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from reference_impl import database, gateways, keys
from reference_impl.errors import Conflict
from reference_impl.gateways.errors import OutcomeUnknown, Refused
from reference_impl.orders import orders
from reference_impl.orders.rules import OrderState
from reference_impl.orders.table import Order
from reference_impl.payments import approval, calls, rules, sync
from reference_impl.payments.table import Payment, ProviderCall

_SHOPPER = frozenset({OrderState.UNPAID})
_STAFF = frozenset({OrderState.UNPAID, OrderState.AUTHORISED})


async def cancel_order(order_id: str, token: str | None) -> Order:
    """Cancel an order and its payment; ``token`` is the shopper's, ``None`` for staff, who may also release a hold.

    Raises ``Conflict`` for an order that was paid, also when it was paid while it was being cancelled. While the
    provider has not said, the order stays as it is and the janitor goes on.
    """
    payment_id = await _payment_to_close(order_id, token)
    if payment_id is not None:
        await _hear_latest(payment_id)
    async with database.transaction() as session:
        order = await orders.locked(session, order_id)
        if order.state != OrderState.CANCELLED:
            _refuse_unless_cancellable(order, _STAFF if token is None else _SHOPPER)
            order.cancel_requested_at = order.cancel_requested_at or datetime.now(UTC)
            payment = await session.scalar(select(Payment).where(Payment.order_id == order_id, Payment.open))
            payment_id = payment.id if payment else None
            await sync.settle_order(session, order, "cancelled")
    if payment_id is not None:
        await close(payment_id, "cancelled")
    async with database.transaction() as session:
        order = await orders.found(session, order_id)
    if order.state not in {OrderState.CANCELLED, OrderState.UNPAID, OrderState.AUTHORISED}:
        raise Conflict("paid_meanwhile", "The order was paid before it could be cancelled; refund it instead.")
    return order


async def close(payment_id: str, cause: str) -> bool:
    """Close an open payment at the provider; whether it is known to be closed now (paid, or cancelled)."""
    payment = (await sync.look(payment_id)).payment
    if gateways.get(payment.provider).takes_on_our_word and rules.is_early(rules.PaymentState(payment.state)):
        return await approval.call_off(payment_id, cause)
    if payment.intent_id is None and payment.session_id is None:
        # Nobody knows whether the provider has it. Ask under the key that would have made it, then cancel what is
        # there.
        await calls.make(keys.for_payment(payment.order_id, payment.number))
        payment = (await sync.look(payment_id)).payment
    if payment.open and (payment.intent_id or payment.session_id):
        params = what_to_cancel(payment)
        key = keys.for_cancel(payment.id, params["intent_id"] or params["session_id"])
        async with database.transaction() as session:
            params["cause"] = cause
            await calls.write(session, key, "cancel", subject_id=payment.id, payment_id=payment.id, params=params)
        await calls.make(key)
        payment = (await sync.look(payment_id)).payment
    return not payment.open


def what_to_cancel(payment: Payment) -> dict[str, Any]:
    """The hosted page while the shopper could still pay on it (its intent is not ours to cancel), else the intent."""
    if payment.session_id and rules.is_early(rules.PaymentState(payment.state)):
        return {"intent_id": None, "session_id": payment.session_id, "charge_id": None}
    return {"intent_id": payment.intent_id, "session_id": None, "charge_id": payment.charge_id}


async def _payment_to_close(order_id: str, token: str | None) -> str | None:
    async with database.transaction() as session:
        order = await orders.found(session, order_id)
        if token is not None:
            orders.authorise(order, token)
        return await session.scalar(select(Payment.id).where(Payment.order_id == order_id, Payment.open))


async def _hear_latest(payment_id: str) -> None:
    """The shopper may have paid without our having heard of it."""
    try:
        await sync.hear(payment_id, "cancel asked for")
    except OutcomeUnknown:
        return  # the cancel call itself will be refused if the payment was made


def _refuse_unless_cancellable(order: Order, allowed: frozenset[OrderState]) -> None:
    if order.state not in allowed:
        raise Conflict(
            "not_cancellable", f"The order is {order.state}, so it cannot be cancelled; a paid order is refunded."
        )


async def _make(call: ProviderCall, key: str) -> bool:
    await gateways.get(call.provider).cancel(call.params, key)
    return True


async def _find(call: ProviderCall) -> Any:
    await sync.synchronise(call.payment_id, "cancelled")
    return (await sync.look(call.payment_id)).payment.state == rules.PaymentState.CANCELLED or None


async def _done(call: ProviderCall, _cancelled: Any) -> None:
    await sync.synchronise(call.payment_id, call.params["cause"])


async def _refused(call: ProviderCall, _error: Refused) -> bool:
    """Refused because it is cancelled already, or because it was paid: the truth tells."""
    await sync.synchronise(call.payment_id, call.params["cause"])
    return (await sync.look(call.payment_id)).payment.state == rules.PaymentState.CANCELLED


calls.register("cancel", calls.Kind(make=_make, find=_find, done=_done, refused=_refused))
