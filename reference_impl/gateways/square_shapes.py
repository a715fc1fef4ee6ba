"""Square's orders, payments, refunds and disputes, as plain data, turned into our own words; and ours into Square's.

No I/O. A Square order is our payment (``truth.Intent``), its payments are the attempts to pay it. The order's own
state says nothing about money: that of a payment link stays OPEN after it was paid.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from reference_impl.gateways import truth
from reference_impl.gateways.errors import OutcomeUnknown
from reference_impl.gateways.square_client import LONGEST_KEY
from reference_impl.gateways.truth import IntentStatus, RefundStatus

_REFUND_STATUS = {
    "COMPLETED": RefundStatus.SUCCEEDED,
    "REJECTED": RefundStatus.FAILED,
    "FAILED": RefundStatus.FAILED,
}
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
_OURS = re.compile(r"\brf_[0-9A-Za-z]+\b")
_NAME = 512


def key_of(key: str) -> str:
    """Our idempotency key in at most 45 characters; the same one always becomes the same."""
    if len(key) <= LONGEST_KEY:
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:LONGEST_KEY]


# what we ask for


def order_params(params: Mapping[str, Any], location: str) -> dict[str, Any]:
    """An order with our amounts and our references."""
    currency = str(params["currency"]).upper()
    return {
        "location_id": location,
        "reference_id": params["metadata"]["payment_id"],
        "metadata": dict(params["metadata"]),
        "line_items": [
            {
                "name": line["name"][:_NAME],
                "quantity": str(line["quantity"]),
                "base_price_money": {"amount": line["unit"], "currency": currency},
            }
            for line in params["lines"]
        ],
    }


def money(amount: int, currency: str) -> dict[str, Any]:
    """Minor units as Square writes an amount."""
    return {"amount": amount, "currency": currency.upper()}


# what Square says


def minor(amount: Mapping[str, Any] | None) -> int:
    """Minor units of an amount; raises ``OutcomeUnknown`` for one that is none."""
    if not amount:
        return 0
    found = amount.get("amount", 0)
    if isinstance(found, bool) or not isinstance(found, int):
        raise OutcomeUnknown("Square's answer has an amount that is none", code="unreadable")
    return found


def intent(order: Mapping[str, Any], payments: Sequence[Mapping[str, Any]], *, live: bool) -> truth.Intent:
    """An order as a payment; ``payments``: the attempts to pay it, in any order."""
    attempts = sorted(payments, key=lambda one: str(one.get("created_at")))
    status, over = _status(order, attempts)
    shown = charge(attempts, order.get("id"))
    metadata = order.get("metadata") or {}
    declined = status is IntentStatus.DECLINED
    return truth.Intent(
        id=_text(order, "id"),
        status=status,
        amount=minor(order.get("total_money")),
        amount_received=shown.amount_captured if shown and shown.captured else 0,
        currency=str((order.get("total_money") or {}).get("currency", "")).lower(),
        livemode=live,
        metadata={str(name): str(value) for name, value in metadata.items()},
        decline=decline(attempts[-1]) if declined else None,
        charge=shown,
        created=moment(order.get("created_at")),
        over=over,
        updated=moment(order.get("updated_at")),
        objects=tuple(_text(one, "id") for one in attempts),
    )


def _status(order: Mapping[str, Any], attempts: Sequence[Mapping[str, Any]]) -> tuple[IntentStatus, bool]:
    """How far a payment is, and whether no other attempt can be made on it."""
    states = {one.get("status") for one in attempts}
    for state, status in (
        ("COMPLETED", IntentStatus.PAID),
        ("APPROVED", IntentStatus.AUTHORISED),
        ("PENDING", IntentStatus.PROCESSING),
    ):
        if state in states:
            return status, True
    if order.get("state") == "CANCELED" or "CANCELED" in states:
        return IntentStatus.CANCELLED, True
    return (IntentStatus.DECLINED if "FAILED" in states else IntentStatus.CREATED), False


def decline(payment: Mapping[str, Any]) -> str:
    """Why an attempt failed: Square's code."""
    errors = (payment.get("card_details") or payment.get("bank_account_details") or {}).get("errors") or [{}]
    return str(errors[0].get("code") or "GENERIC_DECLINE")


def charge(attempts: Iterable[Mapping[str, Any]], order_id: Any) -> truth.Charge | None:
    """The attempt that counts: the one that took money, else the one that holds it, else the latest."""
    rank = {"COMPLETED": 3, "APPROVED": 2, "CANCELED": 1}
    listed = [one for one in attempts if one.get("status") in rank]
    if not listed:
        return None
    shown = max(listed, key=lambda one: (rank[str(one.get("status"))], str(one.get("created_at"))))
    captured = shown.get("status") == "COMPLETED"
    total = minor(shown.get("total_money"))
    return truth.Charge(
        id=_text(shown, "id"),
        intent_id=str(order_id) if order_id else None,
        succeeded=True,
        captured=captured,
        amount=total,
        amount_captured=total if captured else 0,
        amount_refunded=minor(shown.get("refunded_money")) or len(shown.get("refund_ids") or []),
        currency=str((shown.get("total_money") or {}).get("currency", "")).lower(),
        disputed=False,
        livemode=True,
        movement=_movement(shown) if captured else None,
    )


def _movement(payment: Mapping[str, Any]) -> truth.Movement | None:
    """What a payment did to the balance: ``None`` until Square says what it kept, some seconds later."""
    fees = payment.get("processing_fee")
    if not fees:
        return None
    total, fee = minor(payment.get("total_money")), sum(minor(one.get("amount_money")) for one in fees)
    return truth.Movement(
        id=_text(payment, "id"),
        kind="charge",
        amount=total,
        fee=fee,
        net=total - fee,
        currency=str(payment["total_money"]["currency"]).lower(),
        source=_text(payment, "id"),
        created=moment(payment.get("created_at")),
    )


def refund(data: Mapping[str, Any], intent_id: str | None) -> truth.Refund:
    """A refund; our own id stands in its reason."""
    status = _REFUND_STATUS.get(str(data.get("status")), RefundStatus.PENDING)
    amount = minor(data.get("amount_money"))
    reason = str(data.get("reason") or "")
    ours = _OURS.search(reason)
    fee = sum(minor(one.get("amount_money")) for one in data.get("processing_fee") or [])
    currency = str((data.get("amount_money") or {}).get("currency", "")).lower()
    moved = truth.Movement(
        id=_text(data, "id"),
        kind="refund",
        amount=-amount,
        fee=fee,
        net=-amount - fee,
        currency=currency,
        source=_text(data, "id"),
        created=moment(data.get("updated_at")),
    )
    return truth.Refund(
        id=_text(data, "id"),
        status=status,
        amount=amount,
        currency=currency,
        reason=reason or None,
        intent_id=intent_id,
        charge_id=str(data["payment_id"]) if data.get("payment_id") else None,
        metadata={"refund_id": ours[0]} if ours else {},
        movement=moved if status is RefundStatus.SUCCEEDED else None,
        reversal=None,
    )


def dispute(data: Mapping[str, Any], intent_id: str | None) -> truth.Dispute:
    """A dispute in the shop's words."""
    return truth.Dispute(
        id=_text(data, "id"),
        status=_DISPUTES.get(str(data.get("state")), "under_review"),
        amount=minor(data.get("amount_money")),
        currency=str((data.get("amount_money") or {}).get("currency", "")).lower(),
        reason=str(data["reason"]).lower() if data.get("reason") else None,
        intent_id=intent_id,
        charge_id=(data.get("disputed_payment") or {}).get("payment_id"),
        due_by=moment(data.get("due_at")) or None,
        submissions=int(data.get("state") in {"PROCESSING", "INQUIRY_PROCESSING"}),
        movements=(),
    )


def moment(text: Any) -> int:
    """Epoch seconds of one of Square's times; 0 where there is none that can be read."""
    if not isinstance(text, str):
        return 0
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _text(data: Mapping[str, Any], name: str) -> str:
    found = data.get(name)
    if not isinstance(found, str) or not found:
        raise OutcomeUnknown(f"Square's answer has no {name}", code="unreadable")
    return found
