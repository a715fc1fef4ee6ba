"""What an attacker writes into a forged event: a real object as the attacker would like it to be, or one made up.

Pure. Stripe's objects are here, PayPal's in ``paypal_forging``, Square's in ``square_forging``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from harness.courier import paypal_forging, square_forging
from harness.courier.names import type_of
from harness.domain.verdicts import HarnessError

Object = Mapping[str, Any]


def forged_object(
    words: str, payment: Object, charge: Object | None = None, *, provider: str = "stripe"
) -> dict[str, Any]:
    """The object that an event in plain words would be about, had it happened to this payment.

    ``payment`` is a Stripe PaymentIntent, or an order of PayPal or Square; ``charge`` is the payment's charge (PayPal:
    its capture, Square: its payment), where it has one.
    """
    if provider == "paypal":
        return paypal_forging.forged_object(words, payment, charge)
    if provider == "square":
        return square_forging.forged_object(words, payment, charge)
    type_ = type_of(words)
    make = _MAKERS.get(words) or next((maker for prefix, maker in _BY_TYPE if type_.startswith(prefix)), None)
    if make is None:
        raise HarnessError(f"nothing is known of what a {words!r} event is about; add it to harness/courier/forging.py")
    return {**make(payment, charge or _charge(payment, None)), "livemode": False}


def made_up_payment(
    reference: str, amount: int, currency: str, metadata: Mapping[str, str] | None = None, *, provider: str = "stripe"
) -> dict[str, Any]:
    """A payment that the provider has never seen, naming a reference of the merchant's; ``amount`` in minor units."""
    if provider == "paypal":
        return paypal_forging.made_up_order(reference, amount, currency)
    if provider == "square":
        return square_forging.made_up_order(reference, amount, currency)
    return {
        "id": f"pi_{secrets.token_hex(12)}",
        "object": "payment_intent",
        "amount": amount,
        "amount_received": 0,
        "amount_capturable": 0,
        "currency": currency,
        "status": "requires_payment_method",
        "capture_method": "automatic",
        "created": 0,
        "description": reference,
        "latest_charge": None,
        "metadata": dict(metadata or {"order_id": reference, "order": reference}),
    }


def _succeeded(payment: Object, charge: Object) -> Object:
    return {**payment, "status": "succeeded", "amount_received": payment["amount"], "latest_charge": charge["id"]}


def _failed(payment: Object, _: Object) -> Object:
    error = {"type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "message": "Declined."}
    return {**payment, "status": "requires_payment_method", "last_payment_error": error}


def _cancelled(payment: Object, _: Object) -> Object:
    return {**payment, "status": "canceled", "canceled_at": payment.get("created"), "cancellation_reason": "abandoned"}


def _held(payment: Object, charge: Object) -> Object:
    capturable = {"amount_capturable": payment["amount"], "latest_charge": charge["id"]}
    return {**payment, "status": "requires_capture", **capturable}


def _charge(payment: Object, _: Object | None) -> Object:
    amount = payment["amount"]
    return {
        "id": f"ch_{secrets.token_hex(12)}",
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "captured": True,
        "currency": payment["currency"],
        "disputed": False,
        "metadata": payment.get("metadata") or {},
        "paid": True,
        "payment_intent": payment["id"],
        "refunded": False,
        "status": "succeeded",
    }


def _charged(_: Object, charge: Object) -> Object:
    return charge


def _charge_refunded(_: Object, charge: Object) -> Object:
    return {**charge, "amount_refunded": charge["amount"], "refunded": True}


def _refund(status: str) -> Callable[[Object, Object], Object]:
    def make(payment: Object, charge: Object) -> Object:
        return {
            "id": f"re_{secrets.token_hex(12)}",
            "object": "refund",
            "amount": payment["amount"],
            "charge": charge["id"],
            "currency": payment["currency"],
            "metadata": {},
            "payment_intent": payment["id"],
            "reason": None,
            "status": status,
        }

    return make


def _dispute(status: str) -> Callable[[Object, Object], Object]:
    def make(payment: Object, charge: Object) -> Object:
        return {
            "id": f"du_{secrets.token_hex(12)}",
            "object": "dispute",
            "amount": payment["amount"],
            "balance_transactions": [],
            "charge": charge["id"],
            "currency": payment["currency"],
            "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
            "is_charge_refundable": False,
            "metadata": {},
            "payment_intent": payment["id"],
            "reason": "fraudulent",
            "status": status,
        }

    return make


def _warning(payment: Object, charge: Object) -> Object:
    return {
        "id": f"issfr_{secrets.token_hex(12)}",
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": charge["id"],
        "fraud_type": "made_with_stolen_card",
        "payment_intent": payment["id"],
    }


def _page(status: str, payment_status: str) -> Callable[[Object, Object], Object]:
    def make(payment: Object, _: Object) -> Object:
        inside = payment.get("checkout_session") or {}
        return {
            "id": f"cs_test_{secrets.token_hex(24)}",
            "object": "checkout.session",
            "amount_total": payment["amount"],
            "currency": payment["currency"],
            "metadata": payment.get("metadata") or {},
            "mode": "payment",
            "payment_intent": payment["id"],
            **inside,
            "status": status,
            "payment_status": payment_status,
        }

    return make


_MAKERS: Mapping[str, Callable[[Object, Object], Object]] = {
    "dispute won": _dispute("won"),
    "dispute lost": _dispute("lost"),
    "refund failed": _refund("failed"),
    "payment refunded": _charge_refunded,
    "checkout completed": _page("complete", "unpaid"),
    "checkout payment succeeded": _page("complete", "paid"),
    "checkout expired": _page("expired", "unpaid"),
}
_BY_TYPE: tuple[tuple[str, Callable[[Object, Object], Object]], ...] = (
    ("payment_intent.succeeded", _succeeded),
    ("payment_intent.payment_failed", _failed),
    ("payment_intent.canceled", _cancelled),
    ("payment_intent.amount_capturable_updated", _held),
    ("payment_intent.", lambda payment, _: payment),
    ("charge.refunded", _charge_refunded),
    ("charge.dispute.", _dispute("needs_response")),
    ("charge.", _charged),
    ("refund.", _refund("succeeded")),
    ("radar.early_fraud_warning.", _warning),
    ("checkout.session.", _page("complete", "unpaid")),
)
