"""PayPal's disputes in our own words. No I/O.

PayPal tells where a dispute stands by three fields (stage, status, outcome); the shop knows one word for it. An
``INQUIRY`` is a question between buyer and seller; ``CHARGEBACK`` is PayPal's word for a claim that it decides.
Source: PayPal, "Disputes API".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.gateways import paypal_shapes as shapes
from reference_impl.gateways import truth

_FOR_THE_BUYER = frozenset({"RESOLVED_BUYER_FAVOUR", "ACCEPTED"})
FEE = "DISPUTE_FEE"
_OURS_TO_ANSWER = "WAITING_FOR_SELLER_RESPONSE"


def dispute(data: Mapping[str, Any], intent_id: str | None) -> truth.Dispute:
    """A dispute; ``amount`` is what it is about, or what the buyer got once it is decided."""
    transactions = data.get("disputed_transactions") or [{}]
    outcome = data.get("dispute_outcome") or {}
    status = word(data)
    amount = data.get("dispute_amount")
    if status == "lost" and outcome.get("amount_refunded"):
        amount = outcome["amount_refunded"]
    own = [one for one in data.get("evidences") or [] if one.get("source") in {None, "SUBMITTED_BY_SELLER"}]
    due = shapes.moment(data.get("seller_response_due_date"))
    return truth.Dispute(
        id=data["dispute_id"],
        status=status,
        amount=shapes.minor(amount),
        currency=str((amount or {}).get("currency_code", "")).lower(),
        reason=str(data["reason"]).lower() if data.get("reason") else None,
        intent_id=intent_id,
        charge_id=transactions[0].get("seller_transaction_id"),
        due_by=due or None,
        submissions=len(own),
        movements=_fees(data),
    )


def _fees(data: Mapping[str, Any]) -> tuple[truth.Movement, ...]:
    """What PayPal took for a dispute; the amount itself goes back by a refund of the capture."""
    paid = [
        one["amount"]
        for one in data.get("money_movements") or []
        if one.get("reason") == FEE and one.get("affected_party") == "SELLER" and one.get("amount")
    ]
    if not paid:
        return ()
    fee = sum(shapes.minor(one) for one in paid)
    return (
        truth.Movement(
            id=f"{data['dispute_id']}:fee",
            kind="dispute",
            amount=0,
            fee=fee,
            net=-fee,
            currency=str(paid[0].get("currency_code", "")).lower(),
            source=data["dispute_id"],
            created=shapes.moment(data.get("update_time")),
        ),
    )


def word(data: Mapping[str, Any]) -> str:
    """Where a dispute stands, in the shop's words."""
    question = data.get("dispute_life_cycle_stage") == "INQUIRY"
    if data.get("status") == "RESOLVED":
        if (data.get("dispute_outcome") or {}).get("outcome_code") in _FOR_THE_BUYER:
            return "lost"
        return "warning_closed" if question else "won"
    step = "needs_response" if data.get("status") == _OURS_TO_ANSWER else "under_review"
    return f"warning_{step}" if question else step
