"""What PayPal's orders, captures, refunds and disputes say, in the words that the house has for every provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from harness.domain.money import Money, exponent
from harness.providers.base import ChargeTruth, DisputeTruth, PaymentTruth, RefundTruth

_TAKEN = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
_CHARGES = {"COMPLETED": "succeeded", "PARTIALLY_REFUNDED": "succeeded", "REFUNDED": "succeeded", "PENDING": "pending"}
_REFUNDS = {"COMPLETED": "succeeded", "PENDING": "pending", "FAILED": "failed", "CANCELLED": "canceled"}
_HELD = frozenset({"CREATED", "PENDING"})


def amount_of(value: Mapping[str, Any]) -> Money:
    """PayPal's ``{"currency_code": "EUR", "value": "49.99"}``."""
    currency = str(value["currency_code"]).lower()
    return Money(int(Decimal(str(value["value"])).scaleb(exponent(currency))), currency)


def written(amount: Money) -> dict[str, str]:
    """An amount as PayPal takes it."""
    number, code = str(amount).split()
    return {"currency_code": code, "value": number}


def payments_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Captures, authorizations and refunds of an order with one purchase unit."""
    units = raw.get("purchase_units") or [{}]
    return units[0].get("payments") or {}


def payment_truth(raw: Mapping[str, Any]) -> PaymentTruth:
    """An order as a payment."""
    unit = raw["purchase_units"][0]
    asked = amount_of(unit["amount"])
    zero = Money(0, asked.currency)
    payments = payments_of(raw)
    captures, holds = payments.get("captures") or [], payments.get("authorizations") or []
    captured = sum((amount_of(one["amount"]) for one in captures if one["status"] in _TAKEN), zero)
    held = sum((amount_of(one["amount"]) for one in holds if one["status"] in _HELD), zero)
    declined = next(
        (one for one in reversed([*holds, *captures]) if one["status"] in {"DECLINED", "DENIED", "FAILED"}), None
    )
    known = {
        name: str(unit[name]) for name in ("custom_id", "invoice_id", "reference_id", "description") if unit.get(name)
    }
    return PaymentTruth(
        str(raw["id"]),
        str(raw["status"]),
        _state(raw, captures, holds),
        asked,
        captured,
        held,
        _decline(declined),
        known,
        raw,
    )


def _state(raw: Mapping[str, Any], captures: Sequence[Mapping[str, Any]], holds: Sequence[Mapping[str, Any]]) -> str:
    """Open, requires_action, processing, authorised, paid or cancelled."""
    taken, held = {one["status"] for one in captures}, {one["status"] for one in holds}
    if taken & _TAKEN:
        return "paid"
    if "PENDING" in taken:
        return "processing"
    if held & _HELD:
        return "authorised"
    if raw["status"] == "VOIDED" or held & {"VOIDED"}:
        return "cancelled"
    if raw["status"] == "PAYER_ACTION_REQUIRED" and "card" in (raw.get("payment_source") or {}):
        return "requires_action"
    return "open"


def _decline(payment: Mapping[str, Any] | None) -> str | None:
    if payment is None:
        return None
    response = payment.get("processor_response") or {}
    return (
        response.get("response_code") or (payment.get("status_details") or {}).get("reason") or str(payment["status"])
    )


def lapsed(payment_id: str, made: Mapping[str, Any]) -> PaymentTruth:
    """An order that PayPal has forgotten, from what it was made of: nobody paid it in time."""
    unit = made["purchase_units"][0]
    asked = amount_of(unit["amount"])
    zero = Money(0, asked.currency)
    return PaymentTruth(payment_id, "EXPIRED", "cancelled", asked, zero, zero, raw={"id": payment_id})


def charge_truth(raw: Mapping[str, Any], order: str) -> ChargeTruth:
    """A capture or an authorization as an attempt to charge; a hold that was not captured took nothing."""
    amount = amount_of(raw["amount"])
    zero = Money(0, amount.currency)
    status = _CHARGES.get(str(raw["status"]), "failed")
    is_hold = "expiration_time" in raw or raw["status"] in {"CREATED", "VOIDED", "CAPTURED", "PARTIALLY_CAPTURED"}
    if is_hold:
        status = "failed" if raw["status"] == "DENIED" else "succeeded"
    captured = amount if raw["status"] in _TAKEN and not is_hold else zero
    return ChargeTruth(str(raw["id"]), status, amount, captured, zero, False, order, raw)


def refund_truth(raw: Mapping[str, Any], order: str) -> RefundTruth:
    """A refund."""
    return RefundTruth(
        str(raw["id"]),
        _REFUNDS.get(str(raw["status"]), str(raw["status"]).lower()),
        amount_of(raw["amount"]),
        order,
        raw,
    )


def dispute_truth(raw: Mapping[str, Any], charge: str, order: str) -> DisputeTruth:
    """A dispute, with its state in the house's words."""
    due = raw.get("seller_response_due_date")
    return DisputeTruth(
        str(raw["dispute_id"]),
        dispute_status(raw),
        str(raw.get("reason", "")),
        amount_of(raw["dispute_amount"]),
        charge,
        order,
        int(datetime.fromisoformat(str(due)).timestamp()) if due else None,
        raw,
    )


def dispute_status(raw: Mapping[str, Any]) -> str:
    """A dispute's state in the words that the house uses for every provider's."""
    inquiry = raw.get("dispute_life_cycle_stage") == "INQUIRY"
    if raw.get("status") == "RESOLVED":
        outcome = str((raw.get("dispute_outcome") or {}).get("outcome_code", ""))
        if outcome in {"RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER", "DENIED"}:
            return "warning_closed" if inquiry else "won"
        return "lost"
    waiting = "under_review" if raw.get("status") == "UNDER_REVIEW" else "needs_response"
    return f"warning_{waiting}" if inquiry else waiting
