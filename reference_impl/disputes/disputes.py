"""Taking in what the provider says about disputes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl.disputes import rules
from reference_impl.disputes.rules import Standing
from reference_impl.disputes.table import Dispute
from reference_impl.effects import outbox
from reference_impl.gateways import truth
from reference_impl.ledger import posting
from reference_impl.ledger import rules as books
from reference_impl.orders import warnings
from reference_impl.orders.table import Order
from reference_impl.payments import locating
from reference_impl.payments.table import Payment

NONE = Standing(open=False, lost=False, disputed=0, lost_amount=0)


async def take(
    session: AsyncSession, order: Order, payment: Payment, told: Sequence[truth.Dispute], cause: str
) -> bool:
    """Bring the disputes of a locked payment in line with what the provider lists; whether anything was new."""
    news = False
    for one in told:
        news |= await _take_one(session, order, payment, one, cause)
    await session.flush()
    now = await standing(session, payment.id)
    payment.disputed_minor = now.disputed
    payment.lost_minor = now.lost_amount
    return news


async def standing(session: AsyncSession, payment_id: str) -> Standing:
    """What the disputes of a payment come to."""
    rows = await session.execute(select(Dispute.state, Dispute.amount_minor).where(Dispute.payment_id == payment_id))
    return rules.standing(rows)


async def of_payment(session: AsyncSession, payment_id: str) -> list[Dispute]:
    """Disputes of a payment, oldest first."""
    rows = await session.scalars(
        select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.created_at, Dispute.provider_id)
    )
    return list(rows)


async def _take_one(session: AsyncSession, order: Order, payment: Payment, one: truth.Dispute, cause: str) -> bool:
    dispute = await session.get(Dispute, one.id)
    news = dispute is None
    if dispute is None:
        dispute = Dispute(provider_id=one.id, payment_id=payment.id, order_id=order.id, state="")
        session.add(dispute)
        await locating.remember(session, payment, "dispute", one.id)
        kind = "inquiry" if rules.is_inquiry(one.status) else "chargeback"
        await outbox.request(session, order.id, "mail", f"dispute:{one.id}:mail", template=kind)
    if dispute.state != one.status:
        warnings.moved(session, "dispute", one.id, dispute.state or None, one.status, cause)
        dispute.state = one.status
        news = True
    dispute.reason = one.reason
    dispute.amount_minor = one.amount
    dispute.currency = one.currency
    dispute.fee_minor = sum(movement.fee for movement in one.movements)
    dispute.evidence_due_by = datetime.fromtimestamp(one.due_by, UTC) if one.due_by else None
    dispute.submissions = one.submissions
    if rules.is_inquiry(one.status):
        await warnings.warn(
            session, order.id, "inquiry", one.id, f"A bank asks about the payment ({one.id}); answer it."
        )
    for movement in one.movements:
        # The shopper's side of the movement has the dispute's amount; the statement's side may be in another currency.
        # A fee alone moves nothing on the shopper's side.
        amount = one.amount if movement.amount > 0 else -one.amount if movement.amount else 0
        lines = books.disputed(movement, amount, one.currency)
        news |= await posting.post(session, "movement", movement.id, lines, order_id=order.id, payment_id=payment.id)
    return news
