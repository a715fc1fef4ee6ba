"""What Square's orders, payments, refunds and disputes say, in the words that the house has for every provider.

A Square order is the payment of the house: it is made with the shop's amount and references, and its payments are the
attempts to pay it. The order's own state says nothing of money; that of a payment link stays OPEN after it was paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from harness.domain.money import Money
from harness.providers.base import ChargeTruth, DisputeTruth, PaymentTruth, RefundTruth

Object = Mapping[str, Any]

_CHARGES = {"COMPLETED": "succeeded", "APPROVED": "succeeded", "CANCELED": "succeeded", "PENDING": "pending"}
_REFUNDS = {"COMPLETED": "succeeded", "PENDING": "pending", "REJECTED": "failed", "FAILED": "failed"}
_STATES = (("COMPLETED", "paid"), ("APPROVED", "authorised"), ("PENDING", "processing"), ("CANCELED", "cancelled"))
_DISPUTES = {
    "INQUIRY_EVIDENCE_REQUIRED": "warning_needs_response",
    "INQUIRY_PROCESSING": "warning_under_review",
    "INQUIRY_CLOSED": "warning_closed",
    "EVIDENCE_REQUIRED": "needs_response",
    "PROCESSING": "under_review",
    "WON": "won",
    "LOST": "lost",
    "ACCEPTED": "lost",
}


def amount_of(value: Object) -> Money:
    """Square's ``{"amount": 4999, "currency": "EUR"}``, in minor units."""
    return Money(int(value.get("amount", 0)), str(value["currency"]).lower())


def written(amount: Money) -> dict[str, Any]:
    """An amount as Square takes it."""
    return {"amount": amount.minor, "currency": amount.currency.upper()}


def payment_truth(order: Object, payments: Sequence[Object]) -> PaymentTruth:
    """An order as a payment; ``payments``: every attempt to pay it, oldest first."""
    asked = amount_of(order["total_money"])
    zero = Money(0, asked.currency)

    def together(status: str) -> Money:
        return sum((amount_of(one["total_money"]) for one in payments if one["status"] == status), zero)

    last = payments[-1] if payments else None
    known = {name: str(value) for name, value in (order.get("metadata") or {}).items()}
    if order.get("reference_id"):
        known["reference_id"] = str(order["reference_id"])
    return PaymentTruth(
        str(order["id"]),
        str(last["status"] if last else order["state"]),
        _state(order, payments),
        asked,
        together("COMPLETED"),
        together("APPROVED"),
        decline_of(last) if last is not None and last["status"] == "FAILED" else None,
        known,
        {**order, "payments": list(payments)},
    )


def _state(order: Object, payments: Iterable[Object]) -> str:
    """Open, processing, authorised, paid or cancelled: what the payments say first, then the order."""
    seen = {one["status"] for one in payments}
    for status, state in _STATES:
        if status in seen:
            return state
    return "cancelled" if order.get("state") == "CANCELED" else "open"


def decline_of(payment: Object) -> str:
    """Square's code of why a payment failed."""
    details = payment.get("card_details") or payment.get("bank_account_details") or {}
    errors = details.get("errors") or [{}]
    return str(errors[0].get("code") or "GENERIC_DECLINE")


def charge_truth(payment: Object) -> ChargeTruth:
    """A payment as an attempt to charge; a hold that was not captured took nothing."""
    amount = amount_of(payment["total_money"])
    zero = Money(0, amount.currency)
    refunded = payment.get("refunded_money")
    return ChargeTruth(
        str(payment["id"]),
        _CHARGES.get(str(payment["status"]), "failed"),
        amount,
        amount if payment["status"] == "COMPLETED" else zero,
        amount_of(refunded) if refunded else zero,
        False,
        str(payment["order_id"]) if payment.get("order_id") else None,
        payment,
    )


def refund_truth(refund: Object, order_id: str) -> RefundTruth:
    """A refund."""
    status = str(refund["status"])
    known = _REFUNDS.get(status, status.lower())
    return RefundTruth(str(refund["id"]), known, amount_of(refund["amount_money"]), order_id, refund)


def dispute_truth(dispute: Object, order_id: str) -> DisputeTruth:
    """A dispute, with its state in the house's words."""
    due, state = dispute.get("due_at"), str(dispute["state"])
    return DisputeTruth(
        str(dispute["id"]),
        _DISPUTES.get(state, state.lower()),
        str(dispute.get("reason", "")),
        amount_of(dispute["amount_money"]),
        str((dispute.get("disputed_payment") or {}).get("payment_id", "")),
        order_id,
        int(datetime.fromisoformat(str(due)).timestamp()) if due else None,
        dispute,
    )
