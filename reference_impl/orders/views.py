"""Orders as shoppers and as staff see them."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database
from reference_impl.api import models
from reference_impl.disputes import disputes
from reference_impl.disputes import rules as dispute_rules
from reference_impl.effects import outbox
from reference_impl.ledger import posting
from reference_impl.orders import orders, warnings
from reference_impl.orders.table import Order, OrderLine, moment
from reference_impl.payments import declines, sync
from reference_impl.payments.rules import PaymentState
from reference_impl.payments.table import Capture, Payment
from reference_impl.refunds.table import Refund

_REFUNDS = select(Refund).where(Refund.order_id == bindparam("of_order")).order_by(Refund.created_at, Refund.id)
_CAPTURES = (
    select(Capture)
    .join(Payment, Payment.id == Capture.payment_id)
    .where(Payment.order_id == bindparam("of_order"))
    .order_by(Capture.created_at)
)


async def for_shopper(order_id: str, token: str) -> models.OrderView:
    """An order, for whoever holds its token; raises ``NotFound`` for anybody else."""
    async with database.statement() as session:
        order = orders.authorise(await orders.found(session, order_id), token)
        lines = await orders.lines_of(session, order.id)
        payment = sync.deciding(await _payments(session, order.id))
        return models.OrderView(**_common(order, lines, payment, for_staff=False))


def new(order: Order, lines: list[OrderLine], token: str) -> models.NewOrderView:
    """An order that was just made, with its token."""
    return models.NewOrderView(**_common(order, lines, None, for_staff=False), token=token)


def unpaid(order: Order, lines: list[OrderLine]) -> models.OrderView:
    """An order that no payment was started for."""
    return models.OrderView(**_common(order, lines, None, for_staff=False))


async def for_staff(
    order_id: str, *, refund: Refund | None = None, message: str | None = None
) -> models.OperatorOrderView:
    """Everything about an order; raises ``NotFound``."""
    async with database.statement() as session:
        order = await orders.found(session, order_id)
        lines = await orders.lines_of(session, order.id)
        payments = await _payments(session, order.id)
        payment = sync.deciding(payments)
        refunds = list(await session.scalars(_REFUNDS, {"of_order": order.id}))
        captures = list(await session.scalars(_CAPTURES, {"of_order": order.id}))
        return models.OperatorOrderView(
            **_common(order, lines, payment, for_staff=True),
            captured=payment.captured_minor if payment else 0,
            refunded=payment.refunded_minor if payment else 0,
            disputed=payment.disputed_minor if payment else 0,
            authorised=payment.authorised_minor if payment else 0,
            held=payment.held if payment else False,
            payments=[of_payment(one, for_staff=True) for one in payments],
            captures=[
                models.CaptureView(id=one.id, amount=one.amount_minor, state=one.state, at=one.created_at.isoformat())
                for one in captures
            ],
            refunds=[of_refund(one) for one in refunds],
            disputes=[view for one in payments for view in await _disputes(session, one.id)],
            ledger=await posting.entries_of(session, order.id),
            effects=[
                models.EffectView(
                    kind=one.kind,
                    key=one.effect_key,
                    at=(one.done_at or one.created_at).isoformat(),
                    done=one.done_at is not None,
                )
                for one in await outbox.of(session, order.id)
            ],
            warnings=[
                models.WarningView(code=one.code, message=one.message, at=one.at.isoformat())
                for one in await warnings.of(session, order.id)
            ],
            refund=of_refund(refund) if refund else None,
            message=message,
        )


def of_payment(payment: Payment, *, for_staff: bool) -> models.PaymentView:
    """A payment; staff sees the true decline code, the shopper the one that is safe to show."""
    decline = None
    if payment.decline_code and payment.state == PaymentState.FAILED:
        code = payment.decline_code
        decline = models.DeclineView(
            code=code if for_staff else declines.shown_code(code), message=declines.message(code)
        )
    return models.PaymentView(
        id=payment.id,
        state=payment.state,
        provider=payment.provider,
        provider_id=payment.intent_id or payment.session_id,
        method=payment.method,
        decline=decline,
    )


def of_refund(refund: Refund) -> models.RefundView:
    """A refund."""
    return models.RefundView(
        id=refund.id,
        provider_id=refund.provider_id,
        amount=refund.amount_minor,
        currency=refund.currency,
        state=refund.state,
        origin=refund.origin,
        reason=refund.reason,
        at=refund.created_at.isoformat(),
    )


def _common(order: Order, lines: list[OrderLine], payment: Payment | None, *, for_staff: bool) -> dict[str, object]:
    return {
        "id": order.id,
        "state": order.state,
        "total": models.MoneyView(amount=order.total_minor, currency=order.currency),
        "lines": [
            models.LineView(sku=line.sku, name=line.name, quantity=line.quantity, unit=line.unit_minor)
            for line in lines
        ],
        "payment": of_payment(payment, for_staff=for_staff) if payment else None,
        "fulfilled": order.fulfilled_at is not None,
    }


async def _payments(session: AsyncSession, order_id: str) -> list[Payment]:
    return list(await session.scalars(sync.OF_ORDER, {"of_order": order_id}))


async def _disputes(session: AsyncSession, payment_id: str) -> list[models.DisputeView]:
    return [
        models.DisputeView(
            provider_id=one.provider_id,
            state=one.state,
            inquiry=dispute_rules.is_inquiry(one.state),
            reason=one.reason,
            amount=one.amount_minor,
            currency=one.currency,
            fee=one.fee_minor,
            evidence_due_by=moment(one.evidence_due_by),
            submissions=one.submissions,
        )
        for one in await disputes.of_payment(session, payment_id)
    ]
