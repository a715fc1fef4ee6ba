"""Stripe's objects, as plain data, turned into our own words; and our parameters turned into Stripe's. No I/O."""

from __future__ import annotations

from typing import Any

from reference_impl.gateways import truth
from reference_impl.gateways.truth import IntentStatus, RefundStatus

_INTENT_STATUS = {
    "requires_payment_method": IntentStatus.CREATED,
    "requires_confirmation": IntentStatus.CREATED,
    "requires_action": IntentStatus.REQUIRES_ACTION,
    "processing": IntentStatus.PROCESSING,
    "requires_capture": IntentStatus.AUTHORISED,
    "succeeded": IntentStatus.PAID,
    "canceled": IntentStatus.CANCELLED,
}
_REFUND_STATUS = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.CANCELLED,
}


def intent_params(params: dict[str, Any]) -> Any:
    """Parameters of a PaymentIntent.

    Cards only: one list of methods holds for every shopper, with or without a redirect.
    """
    return {
        "amount": params["amount"],
        "currency": params["currency"],
        "payment_method_types": ["card"],
        # Synchronous capture: the balance transaction, and with it the fee, is there at once.
        "capture_method": "manual" if params["capture"] == "manual" else "automatic",
        "description": params["description"],
        "metadata": params["metadata"],
    }


def session_params(params: dict[str, Any]) -> Any:
    """Parameters of a Checkout Session in payment mode; prices are ours, from the order."""
    return {
        "mode": "payment",
        "payment_method_types": ["card"],
        "line_items": [
            {
                "quantity": line["quantity"],
                "price_data": {
                    "currency": params["currency"],
                    "unit_amount": line["unit"],
                    "product_data": {"name": line["name"]},
                },
            }
            for line in params["lines"]
        ],
        "client_reference_id": params["metadata"]["order_id"],
        "metadata": params["metadata"],
        "payment_intent_data": {
            "capture_method": "manual" if params["capture"] == "manual" else "automatic",
            "description": params["description"],
            "metadata": params["metadata"],
        },
        "success_url": params["success_url"],
        "cancel_url": params["cancel_url"],
    }


def refund_params(params: dict[str, Any]) -> Any:
    """Parameters of a refund."""
    made: dict[str, Any] = {
        "payment_intent": params["intent_id"],
        "amount": params["amount"],
        "metadata": {"refund_id": params["refund_id"], "order_id": params["order_id"]},
        "expand": ["balance_transaction", "failure_balance_transaction"],
    }
    if params.get("reason"):
        made["reason"] = params["reason"]
    return made


def intent(data: dict[str, Any]) -> truth.Intent:
    """A PaymentIntent; a declined one is told from a fresh one by its last error."""
    status = _INTENT_STATUS.get(data["status"], IntentStatus.PROCESSING)
    error = data.get("last_payment_error") or {}
    if status is IntentStatus.CREATED and error:
        status = IntentStatus.DECLINED
    latest = data.get("latest_charge")
    return truth.Intent(
        id=data["id"],
        status=status,
        amount=data["amount"],
        amount_received=data.get("amount_received") or 0,
        currency=data["currency"],
        livemode=bool(data["livemode"]),
        metadata=data.get("metadata") or {},
        decline=error.get("decline_code") or error.get("code"),
        charge=charge(latest) if isinstance(latest, dict) else None,
        created=data["created"],
        client_secret=data.get("client_secret"),
    )


def charge(data: dict[str, Any]) -> truth.Charge:
    """A Charge."""
    line = data.get("balance_transaction")
    return truth.Charge(
        id=data["id"],
        intent_id=_id(data.get("payment_intent")),
        succeeded=data["status"] == "succeeded",
        captured=bool(data.get("captured")),
        amount=data["amount"],
        amount_captured=data.get("amount_captured") or 0,
        amount_refunded=data.get("amount_refunded") or 0,
        currency=data["currency"],
        disputed=bool(data.get("disputed")),
        livemode=bool(data.get("livemode")),
        movement=movement(line) if isinstance(line, dict) else None,
    )


def session(data: dict[str, Any]) -> truth.Session:
    """A Checkout Session; complete but unpaid is neither open nor paid: the money is still on its way."""
    return truth.Session(
        id=data["id"],
        open=data.get("status") == "open",
        expired=data.get("status") == "expired",
        paid=data.get("payment_status") == "paid",
        intent_id=_id(data.get("payment_intent")),
        amount=data.get("amount_total") or 0,
        currency=data.get("currency") or "",
        livemode=bool(data.get("livemode")),
        metadata=data.get("metadata") or {},
        url=data.get("url"),
    )


def refund(data: dict[str, Any]) -> truth.Refund:
    """A Refund; ``requires_action`` is pending to us."""
    line, reversal = data.get("balance_transaction"), data.get("failure_balance_transaction")
    return truth.Refund(
        id=data["id"],
        status=_REFUND_STATUS.get(data.get("status") or "", RefundStatus.PENDING),
        amount=data["amount"],
        currency=data["currency"],
        reason=data.get("reason"),
        intent_id=_id(data.get("payment_intent")),
        charge_id=_id(data.get("charge")),
        metadata=data.get("metadata") or {},
        movement=movement(line) if isinstance(line, dict) else None,
        reversal=movement(reversal) if isinstance(reversal, dict) else None,
    )


def dispute(data: dict[str, Any]) -> truth.Dispute:
    """A Dispute with what it moved: nothing while the bank only asks."""
    evidence = data.get("evidence_details") or {}
    return truth.Dispute(
        id=data["id"],
        status=data["status"],
        amount=data["amount"],
        currency=data["currency"],
        reason=data.get("reason"),
        intent_id=_id(data.get("payment_intent")),
        charge_id=_id(data.get("charge")),
        due_by=evidence.get("due_by"),
        submissions=evidence.get("submission_count") or 0,
        movements=tuple(movement(line) for line in data.get("balance_transactions") or []),
    )


def fraud_warning(data: dict[str, Any]) -> truth.FraudWarning:
    """An early fraud warning."""
    return truth.FraudWarning(
        id=data["id"],
        intent_id=_id(data.get("payment_intent")),
        charge_id=_id(data.get("charge")),
        kind=data.get("fraud_type") or "unknown",
    )


def movement(data: dict[str, Any]) -> truth.Movement:
    """A BalanceTransaction."""
    return truth.Movement(
        id=data["id"],
        kind=data.get("reporting_category") or data["type"],
        amount=data["amount"],
        fee=data["fee"],
        net=data["net"],
        currency=data["currency"],
        source=_id(data.get("source")),
        created=data["created"],
    )


def event(data: dict[str, Any]) -> truth.EventNotice | None:
    """The envelope of an Event; ``None`` for one about nothing that has an id."""
    subject = (data.get("data") or {}).get("object") or {}
    if not isinstance(subject.get("id"), str):
        return None
    parent = subject.get("payment_intent")
    return truth.EventNotice(
        id=data["id"],
        type=data["type"],
        created=data["created"],
        livemode=bool(data["livemode"]),
        account=data.get("account"),
        api_version=data.get("api_version"),
        object_id=subject["id"],
        parent_id=parent if isinstance(parent, str) else None,
    )


def _id(value: Any) -> str | None:
    """The id of a field that may be expanded."""
    found: str | None = value["id"] if isinstance(value, dict) else value
    return found
