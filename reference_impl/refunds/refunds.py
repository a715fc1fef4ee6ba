"""Taking in what the provider says about refunds: our own, and those that were made outside."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import ids, keys
from reference_impl.effects import outbox
from reference_impl.gateways import truth
from reference_impl.gateways.truth import RefundStatus
from reference_impl.ledger import posting
from reference_impl.ledger import rules as books
from reference_impl.orders import warnings
from reference_impl.orders.table import Order
from reference_impl.payments import calls, locating
from reference_impl.payments.table import Payment
from reference_impl.refunds import rules
from reference_impl.refunds.table import Refund


async def take(session: AsyncSession, order: Order, payment: Payment, told: Sequence[truth.Refund], cause: str) -> bool:
    """Bring the refunds of a locked payment in line with what the provider lists; whether anything was new."""
    known = await of_payment(session, payment.id)
    news = False
    for one in told:
        refund = _ours(known, one)
        if refund is None:
            refund = _external(order, payment, one)
            session.add(refund)
            known.append(refund)
            news = True
        news |= await _take_one(session, payment, refund, one, cause)
    payment.refunded_minor = sum(one.amount_minor for one in known if one.state == rules.RefundState.SUCCEEDED)
    return news


async def of_payment(session: AsyncSession, payment_id: str) -> list[Refund]:
    """Refunds of a payment, oldest first."""
    rows = await session.scalars(
        select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.created_at, Refund.id)
    )
    return list(rows)


def _ours(known: Sequence[Refund], one: truth.Refund) -> Refund | None:
    """The row of a refund: by the provider's id, else by our own id in its metadata (its answer may be late)."""
    for refund in known:
        if refund.provider_id == one.id:
            return refund
    for refund in known:
        if refund.provider_id is None and refund.id == one.metadata.get("refund_id"):
            return refund
    return None


def _external(order: Order, payment: Payment, one: truth.Refund) -> Refund:
    return Refund(
        id=ids.new("rf"),
        payment_id=payment.id,
        order_id=order.id,
        provider_id=one.id,
        origin="provider",
        amount_minor=one.amount,
        currency=one.currency,
        reason=one.reason,
        state=rules.RefundState.PENDING,
    )


async def _take_one(session: AsyncSession, payment: Payment, refund: Refund, one: truth.Refund, cause: str) -> bool:
    news = False
    if refund.provider_id is None:
        refund.provider_id = one.id
        await calls.settle(session, keys.for_refund(refund.id))
        news = True
    await locating.remember(session, payment, "refund", one.id)
    before = rules.RefundState(refund.state)
    after = rules.next_state(before, rules.state_of(one.status))
    if after is not before:
        warnings.moved(session, "refund", refund.id, before, after, cause)
        refund.state = after
        news = True
        if after is rules.RefundState.SUCCEEDED:
            await outbox.request(session, refund.order_id, "mail", f"refund:{refund.id}:mail", template="refund")
        elif after is rules.RefundState.FAILED:
            await warnings.warn(
                session, refund.order_id, "refund_failed", one.id, f"{one.id} failed: the money is still with the shop."
            )
    return await _book(session, payment, refund, one) or news


async def _book(session: AsyncSession, payment: Payment, refund: Refund, one: truth.Refund) -> bool:
    owner = {"order_id": refund.order_id, "payment_id": payment.id}
    news = False
    if one.movement is not None or one.status is RefundStatus.SUCCEEDED:
        news |= await posting.post(session, "refund", one.id, books.refunded(one.amount, one.currency), **owner)
    if one.movement is not None:
        lines = books.settled(one.movement, -one.amount, one.currency)
        news |= await posting.post(session, "movement", one.movement.id, lines, **owner)
    if one.status in {RefundStatus.FAILED, RefundStatus.CANCELLED} and await posting.posted(session, "refund", one.id):
        lines = books.refund_returned(one.amount, one.currency)
        news |= await posting.post(session, "refund_returned", one.id, lines, **owner)
        if one.reversal is not None:
            lines = books.settled(one.reversal, one.amount, one.currency)
            news |= await posting.post(session, "movement", one.reversal.id, lines, **owner)
    return news
