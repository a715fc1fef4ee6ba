"""Which events matter, what each makes us ask about, and when one is tried again: pure rules, no I/O."""

from __future__ import annotations

import random

HANDLED = frozenset(
    {
        "payment_intent.created",
        "payment_intent.requires_action",
        "payment_intent.processing",
        "payment_intent.amount_capturable_updated",
        "payment_intent.partially_funded",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "payment_intent.canceled",
        "charge.pending",
        "charge.succeeded",
        "charge.failed",
        "charge.captured",
        "charge.expired",
        "charge.refunded",
        "charge.updated",
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "radar.early_fraud_warning.created",
        "radar.early_fraud_warning.updated",
        "CHECKOUT.ORDER.APPROVED",
        "CHECKOUT.ORDER.COMPLETED",
        "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
        "PAYMENT.AUTHORIZATION.CREATED",
        "PAYMENT.AUTHORIZATION.VOIDED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.PENDING",
        "PAYMENT.CAPTURE.DENIED",
        "PAYMENT.CAPTURE.DECLINED",
        "PAYMENT.CAPTURE.REFUNDED",
        "PAYMENT.CAPTURE.REVERSED",
        "PAYMENT.REFUND.PENDING",
        "PAYMENT.REFUND.FAILED",
        "CUSTOMER.DISPUTE.CREATED",
        "CUSTOMER.DISPUTE.UPDATED",
        "CUSTOMER.DISPUTE.RESOLVED",
        "payment.created",
        "payment.updated",
        "dispute.created",
        "dispute.state.updated",
    }
)
"""Types that the shop acts on; any other is acknowledged and kept as ``ignored``."""

UNLOCATED_ATTEMPTS = 6
"""Attempts for an event about something that we cannot find: it may be early, but not by minutes."""
UNEXPECTED_ATTEMPTS = 5
"""Attempts for an event whose handling fails in a way that nobody foresaw."""
_LONGEST_SECONDS = 300.0


def about(event_type: str) -> str | None:
    """What has to be asked for beside the payment itself."""
    if event_type == "PAYMENT.CAPTURE.REVERSED" or event_type.startswith("CUSTOMER.DISPUTE."):
        return "everything"  # PayPal pays a lost dispute back from the capture, so the two come together
    if event_type == "PAYMENT.CAPTURE.REFUNDED" or event_type.startswith("PAYMENT.REFUND."):
        return "refund"
    if event_type.startswith(("charge.dispute.", "dispute.")):
        return "dispute"
    if event_type.startswith("refund.") or event_type in {"charge.refund.updated", "charge.refunded"}:
        return "refund"
    return None


def delay(attempts: int, first_seconds: float) -> float:
    """Seconds until the next attempt: doubling, with a fifth of jitter, at most five minutes."""
    seconds: float = min(first_seconds * 2 ** min(attempts - 1, 16), _LONGEST_SECONDS)
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - jitter is no secret
