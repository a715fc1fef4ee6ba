"""Capturing a hold: once, at most what was held; what is captured already is no failure."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, gateways, ids, keys, money
from reference_impl.errors import Conflict, Invalid
from reference_impl.gateways.errors import Refused
from reference_impl.gateways.truth import Intent
from reference_impl.orders import orders, warnings
from reference_impl.orders.table import Order
from reference_impl.payments import calls, rules, sync
from reference_impl.payments.calls import Outcome
from reference_impl.payments.rules import PaymentState
from reference_impl.payments.table import Capture, Payment, ProviderCall

PENDING, SUCCEEDED, FAILED = "pending", "succeeded", "failed"


async def capture(order_id: str, amount: int | None, currency: str | None) -> Outcome:
    """Capture an authorised payment, or ``amount`` minor units of it; the rest of the hold is released.

    Raises ``Conflict`` for a payment that cannot be captured, ``Invalid`` for an impossible amount.
    """
    payment = await _payment(order_id)
    if payment.open and (payment.intent_id or payment.session_id):
        await sync.synchronise(payment.id, "capture asked for")
    key = await decide(order_id, amount, currency)
    return await calls.make(key) if key else Outcome(calls.DONE)


async def decide(order_id: str, amount: int | None, currency: str | None) -> str | None:
    """Write a capture and its call down; the call's key, or ``None`` where the goal is reached already."""
    async with database.transaction() as session:
        order = await orders.locked(session, order_id)
        payment = await _newest(session, order)
        wanted = amount_to_capture(payment, amount, currency)
        if wanted is None:
            return None
        number = await _number(session, payment.id)
        standing = await session.scalar(
            select(Capture).where(Capture.payment_id == payment.id, Capture.state != FAILED).with_for_update()
        )
        if standing is not None:
            if amount is not None and standing.amount_minor != amount:
                raise Conflict("capture_under_way", "Another amount is being captured already.")
            return keys.for_capture(payment.id, number)
        made = Capture(id=ids.new("cap"), payment_id=payment.id, amount_minor=wanted, state=PENDING)
        session.add(made)
        warnings.moved(session, "capture", made.id, None, PENDING, "staff")
        key = keys.for_capture(payment.id, number)
        params = {"intent_id": payment.intent_id, "amount": wanted, "charge_id": payment.charge_id}
        await session.flush()
        await calls.write(session, key, "capture", subject_id=made.id, payment_id=payment.id, params=params)
        return key


def amount_to_capture(payment: Payment, amount: int | None, currency: str | None) -> int | None:
    """The amount of a capture; ``None`` when just that was captured before."""
    if currency is not None and currency.lower() != payment.currency:
        raise Invalid("wrong_currency", f"The payment is in {payment.currency.upper()}; only that can be captured.")
    if amount is not None and (trouble := money.problem(amount, payment.currency, partial=True)):
        raise Invalid("invalid_amount", trouble)
    if payment.state == PaymentState.PAID:
        if amount is None or amount == payment.captured_minor:
            return None
        raise Conflict("already_captured", "The payment was captured already, with another amount.")
    if payment.state == PaymentState.CANCELLED:
        raise Conflict("authorisation_gone", "The hold was released or has lapsed, so nothing can be captured.")
    if payment.state != PaymentState.AUTHORISED:
        raise Conflict("not_authorised", "No money is held for this order, so nothing can be captured.")
    if payment.held:
        raise Conflict("payment_held", "The payment does not fit the order; look at its warnings first.")
    wanted = payment.authorised_minor if amount is None else amount
    if wanted > payment.authorised_minor:
        held = money.formatted(payment.authorised_minor, payment.currency)
        raise Conflict("capture_exceeds_authorisation", f"Only {held} is held; no more than that can be captured.")
    return wanted


async def _payment(order_id: str) -> Payment:
    async with database.transaction() as session:
        return await _newest(session, await orders.found(session, order_id))


async def _newest(session: AsyncSession, order: Order) -> Payment:
    payments = list(await session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.number)))
    payment = sync.deciding(payments)
    if payment is None:
        raise Conflict("not_authorised", "No payment was started for this order, so nothing can be captured.")
    return await session.get_one(Payment, payment.id, with_for_update=True, populate_existing=True)


async def _number(session: AsyncSession, payment_id: str) -> int:
    failed = select(func.count()).select_from(Capture).where(Capture.payment_id == payment_id, Capture.state == FAILED)
    return 1 + (await session.scalar(failed) or 0)


async def _make(call: ProviderCall, key: str) -> Intent:
    return await gateways.get(call.provider).capture(call.params, key)


async def _find(call: ProviderCall) -> Any:
    """After a stored failure: was it captured all the same?"""
    await sync.synchronise(call.payment_id, "capture settled")
    return (await sync.look(call.payment_id)).payment.state == PaymentState.PAID or None


async def _done(call: ProviderCall, _captured: Any) -> None:
    await sync.synchronise(call.payment_id, "captured")
    await _close(call, SUCCEEDED, "captured")


async def _refused(call: ProviderCall, error: Refused) -> bool:
    """Refused because it is captured already (then the goal holds), or because the hold is gone."""
    await sync.synchronise(call.payment_id, "capture refused")
    payment = (await sync.look(call.payment_id)).payment
    held = payment.state == rules.PaymentState.PAID and payment.captured_minor == call.params["amount"]
    await _close(call, SUCCEEDED if held else FAILED, error.code or "refused")
    return held


async def _close(call: ProviderCall, state: str, cause: str) -> None:
    async with database.transaction() as session:
        made = await session.get_one(Capture, call.subject_id, with_for_update=True)
        if made.state == PENDING:
            warnings.moved(session, "capture", made.id, made.state, state, cause)
            made.state = state


calls.register("capture", calls.Kind(make=_make, find=_find, done=_done, refused=_refused))
