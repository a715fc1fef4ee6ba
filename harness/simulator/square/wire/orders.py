"""Orders and payment links as Square sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.simulator.square.formats import timestamp
from harness.simulator.square.state.objects import (
    COMPLETED,
    FAILED,
    ORDERS,
    PAYMENTS,
    REFUNDS,
    REJECTED,
    Link,
    Order,
    Payment,
    Refund,
)

if TYPE_CHECKING:
    from harness.simulator.square.account import SquareAccount


def money(amount: int, currency: str) -> dict[str, Any]:
    """As it is sent."""
    return {"amount": amount, "currency": currency}


def order(account: SquareAccount, one: Order) -> dict[str, Any]:
    """An order with its tenders and refunds."""
    currency = one.currency
    payments = [account.of(PAYMENTS).get(id_) for id_ in one.payments]
    tenders = [_tender(one, payment) for payment in payments if payment is not None]
    paid = sum(payment.total for payment in payments if payment is not None)
    shown: dict[str, Any] = {"id": one.id, "location_id": one.location}
    if one.reference is not None:
        shown["reference_id"] = one.reference
    if one.customer is not None:
        shown["customer_id"] = one.customer
    shown |= one.document
    shown |= {
        "created_at": timestamp(one.created),
        "updated_at": timestamp(one.updated),
        "state": one.state,
        "version": one.version,
    }
    if one.closed is not None:
        shown["closed_at"] = timestamp(one.closed)
    total = one.total + one.tip
    sums = {
        "total_money": total,
        "total_tax_money": one.tax,
        "total_discount_money": one.discount,
        "total_tip_money": one.tip,
        "total_service_charge_money": one.service,
    }
    shown |= {name: money(amount, currency) for name, amount in sums.items()}
    returned = [refund for payment in payments if payment is not None for refund in _refunds(account, payment)]
    back = sum(refund.amount for refund in returned if refund.status not in {FAILED, REJECTED})
    shown["net_amounts"] = {
        "total_money": money(total - back, currency),
        "tax_money": money(one.tax, currency),
        "discount_money": money(one.discount, currency),
        "tip_money": money(one.tip, currency),
        "service_charge_money": money(one.service, currency),
    }
    shown["net_amount_due_money"] = money(max(0, total - paid), currency)
    shown.setdefault("source", {"name": account.application_id})
    if tenders:
        shown["tenders"] = tenders
    if returned:
        shown["refunds"] = [_refund(account, refund) for refund in returned]
    return shown


def short(one: Order) -> dict[str, Any]:
    """What an event tells of an order: nothing that it costs."""
    shown = {
        "created_at": timestamp(one.created),
        "location_id": one.location,
        "order_id": one.id,
        "state": one.state,
        "version": one.version,
    }
    return shown if one.version == 1 else {**shown, "updated_at": timestamp(one.updated)}


def link(account: SquareAccount, one: Link) -> dict[str, Any]:
    """A payment link."""
    shown: dict[str, Any] = {"id": one.id, "version": one.version, **one.document, "order_id": one.order}
    shown["url"] = f"{account.base_url}/pay/{one.code}"
    shown["long_url"] = f"{account.base_url}/pay/{one.code}?src=sheet"
    shown["created_at"] = timestamp(one.created)
    if one.version > 1:
        shown["updated_at"] = timestamp(one.updated)
    return shown


def due(account: SquareAccount, one: Order) -> int:
    """What is still to be paid, in minor units."""
    payments = (account.of(PAYMENTS).get(id_) for id_ in one.payments)
    return one.total + one.tip - sum(payment.total for payment in payments if payment is not None)


def _tender(one: Order, payment: Payment) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": payment.id,
        "location_id": payment.location,
        "transaction_id": one.id,
        "created_at": timestamp(payment.created),
        "amount_money": money(payment.total, payment.currency),
        "type": {"CARD": "CARD", "CASH": "CASH", "BANK_ACCOUNT": "BANK_ACCOUNT"}.get(payment.source, "OTHER"),
        "payment_id": payment.id,
    }
    if payment.tip:
        shown["tip_money"] = money(payment.tip, payment.currency)
    if payment.fee is not None:
        shown["processing_fee_money"] = money(payment.fee, payment.currency)
    if payment.customer is not None:
        shown["customer_id"] = payment.customer
    if payment.card is not None:
        from harness.simulator.square.wire.cards import card

        status = "CAPTURED" if payment.status == COMPLETED else "AUTHORIZED"
        shown["card_details"] = {"status": status, "card": card(payment.card), "entry_method": payment.entry}
    return shown


def _refunds(account: SquareAccount, payment: Payment) -> list[Refund]:
    return account.of(REFUNDS).by("payment", payment.id)


def _refund(account: SquareAccount, one: Refund) -> dict[str, Any]:
    """A refund as an order shows it; its states are those of tenders."""
    status = {"COMPLETED": "APPROVED"}.get(one.status, one.status)
    back = account.of(ORDERS).get(one.order)
    shown = {
        "id": one.id.partition("_")[2],
        "location_id": one.location,
        "transaction_id": back.id if back is not None else one.order,
        "tender_id": one.payment,
        "created_at": timestamp(one.created),
        "amount_money": money(one.amount, one.currency),
        "status": status,
    }
    return shown if one.reason is None else {**shown, "reason": one.reason}
