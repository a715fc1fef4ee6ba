"""The JSON of refunds."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.objects import Refund
from harness.simulator.stripe.wire.render import Json, renders


@renders(
    Refund,
    "refund",
    expandable=(
        "balance_transaction",
        "charge",
        "failure_balance_transaction",
        "payment_intent",
        "source_transfer_reversal",
        "transfer_reversal",
    ),
)
def refund(it: Refund, account: StripeAccount) -> Json:
    """A refund; fields of a failure or of waiting are there only then."""
    del account
    body: Json = {
        "id": it.id,
        "object": "refund",
        "amount": it.amount,
        "balance_transaction": it.balance_transaction,
        "charge": it.charge,
        "created": it.created,
        "currency": it.currency,
        "destination_details": _destination(it),
    }
    if it.failure_balance_transaction is not None:
        body["failure_balance_transaction"] = it.failure_balance_transaction
        body["failure_reason"] = it.failure_reason
    if it.instructions_email is not None:
        body["instructions_email"] = it.instructions_email
    body["metadata"] = it.metadata or {}
    body["payment_intent"] = it.payment_intent
    if it.pending_reason is not None:
        body["pending_reason"] = it.pending_reason
    body["reason"] = it.reason
    body["receipt_number"] = it.receipt_number
    body["source_transfer_reversal"] = None
    body["status"] = it.status
    body["transfer_reversal"] = None
    return body


def _destination(it: Refund) -> Json:
    if it.destination != "card":
        return {"type": it.destination, it.destination: {}}
    if it.status == "pending":
        return {"card": {"type": "pending"}, "type": "card"}
    if it.reference is None:
        return {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        }
    return {
        "card": {
            "reference": it.reference,
            "reference_status": "available",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
        "type": "card",
    }
