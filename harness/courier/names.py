"""Names of events in plain words, and what each provider calls them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from harness.domain.verdicts import HarnessError, NotApplicable

NAMES: Mapping[str, str] = {
    "payment started": "payment_intent.created",
    "payment succeeded": "payment_intent.succeeded",
    "payment failed": "payment_intent.payment_failed",
    "payment cancelled": "payment_intent.canceled",
    "payment processing": "payment_intent.processing",
    "payment authorised": "payment_intent.amount_capturable_updated",
    "bank's check asked for": "payment_intent.requires_action",
    "charge made": "charge.succeeded",
    "charge pending": "charge.pending",
    "charge failed": "charge.failed",
    "charge captured": "charge.captured",
    "charge updated": "charge.updated",
    "charge expired": "charge.expired",
    "payment refunded": "charge.refunded",
    "refund started": "refund.created",
    "refund updated": "refund.updated",
    "refund failed": "refund.failed",
    "dispute opened": "charge.dispute.created",
    "dispute updated": "charge.dispute.updated",
    "dispute funds withdrawn": "charge.dispute.funds_withdrawn",
    "dispute funds reinstated": "charge.dispute.funds_reinstated",
    "dispute closed": "charge.dispute.closed",
    "dispute won": "charge.dispute.closed",
    "dispute lost": "charge.dispute.closed",
    "fraud warning": "radar.early_fraud_warning.created",
    "checkout completed": "checkout.session.completed",
    "checkout expired": "checkout.session.expired",
    "checkout payment succeeded": "checkout.session.async_payment_succeeded",
    "checkout payment failed": "checkout.session.async_payment_failed",
}
"""Plain words for what Stripe calls by a type."""

PAYPAL_NAMES: Mapping[str, str] = {
    "payment approved": "CHECKOUT.ORDER.APPROVED",
    "approval reversed": "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "checkout approved": "CHECKOUT.ORDER.APPROVED",
    "order completed": "CHECKOUT.ORDER.COMPLETED",
    "checkout expired": "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "payment succeeded": "PAYMENT.CAPTURE.COMPLETED",
    "payment failed": "PAYMENT.CAPTURE.DECLINED",
    "payment denied": "PAYMENT.CAPTURE.DENIED",
    "payment processing": "PAYMENT.CAPTURE.PENDING",
    "payment reversed": "PAYMENT.CAPTURE.REVERSED",
    "payment authorised": "PAYMENT.AUTHORIZATION.CREATED",
    "payment cancelled": "PAYMENT.AUTHORIZATION.VOIDED",
    "charge made": "PAYMENT.CAPTURE.COMPLETED",
    "charge captured": "PAYMENT.CAPTURE.COMPLETED",
    "charge pending": "PAYMENT.CAPTURE.PENDING",
    "charge failed": "PAYMENT.CAPTURE.DECLINED",
    "charge expired": "PAYMENT.AUTHORIZATION.VOIDED",
    "payment refunded": "PAYMENT.CAPTURE.REFUNDED",
    "refund pending": "PAYMENT.REFUND.PENDING",
    "refund updated": "PAYMENT.CAPTURE.REFUNDED",
    "refund failed": "PAYMENT.REFUND.FAILED",
    "dispute opened": "CUSTOMER.DISPUTE.CREATED",
    "dispute updated": "CUSTOMER.DISPUTE.UPDATED",
    "dispute closed": "CUSTOMER.DISPUTE.RESOLVED",
    "dispute won": "CUSTOMER.DISPUTE.RESOLVED",
    "dispute lost": "CUSTOMER.DISPUTE.RESOLVED",
    "subscription created": "BILLING.SUBSCRIPTION.CREATED",
    "subscription activated": "BILLING.SUBSCRIPTION.ACTIVATED",
    "subscription updated": "BILLING.SUBSCRIPTION.UPDATED",
    "subscription reactivated": "BILLING.SUBSCRIPTION.RE-ACTIVATED",
    "subscription suspended": "BILLING.SUBSCRIPTION.SUSPENDED",
    "subscription cancelled": "BILLING.SUBSCRIPTION.CANCELLED",
    "subscription expired": "BILLING.SUBSCRIPTION.EXPIRED",
    "subscription payment failed": "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
    "subscription payment succeeded": "PAYMENT.SALE.COMPLETED",
    "saved card added": "VAULT.PAYMENT-TOKEN.CREATED",
    "saved card removed": "VAULT.PAYMENT-TOKEN.DELETED",
}
"""Plain words for what PayPal calls by a type; recurring money arrives as sales."""

SQUARE_NAMES: Mapping[str, str] = {
    "payment started": "order.created",
    "payment succeeded": "payment.updated",
    "payment failed": "payment.updated",
    "payment cancelled": "payment.updated",
    "payment processing": "payment.created",
    "payment authorised": "payment.created",
    "payment updated": "payment.updated",
    "payment refunded": "payment.updated",
    "payment fee told": "payment.updated",
    "charge made": "payment.created",
    "charge captured": "payment.updated",
    "charge failed": "payment.updated",
    "charge pending": "payment.created",
    "charge expired": "payment.updated",
    "order updated": "order.updated",
    "refund started": "refund.created",
    "refund pending": "refund.created",
    "refund updated": "refund.updated",
    "refund failed": "refund.updated",
    "dispute opened": "dispute.created",
    "dispute updated": "dispute.state.updated",
    "dispute closed": "dispute.state.updated",
    "dispute won": "dispute.state.updated",
    "dispute lost": "dispute.state.updated",
    "dispute evidence added": "dispute.evidence.created",
}
"""Plain words for what Square calls by a type.

It has one for every change of a payment: which change it was, the object inside tells (``events.fits``).
"""

ALSO: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("square", "payment failed"): ("payment.created",),
    ("square", "charge failed"): ("payment.created",),
    ("square", "payment cancelled"): ("order.updated",),
}
"""Other types that mean the same: a payment of Square's that is declined at once is told as created, and what nobody
has begun to pay is called off as an order."""

NAMES_OF: Mapping[str, Mapping[str, str]] = {"stripe": NAMES, "paypal": PAYPAL_NAMES, "square": SQUARE_NAMES}

INSTEAD: Mapping[tuple[str, str], str] = {
    ("paypal", "payment started"): (
        "PayPal makes no event of an order that nobody has approved; the first one is CHECKOUT.ORDER.APPROVED"
    ),
    ("paypal", "bank's check asked for"): (
        "PayPal makes no event of the bank's check; the order asks for it by PAYER_ACTION_REQUIRED in the answer"
    ),
    ("paypal", "refund started"): (
        "PayPal makes one event of a refund, PAYMENT.CAPTURE.REFUNDED, and PAYMENT.REFUND.PENDING before it if it waits"
    ),
    ("paypal", "dispute funds withdrawn"): (
        "PayPal withholds a disputed amount without an event; money that is lost is told by PAYMENT.CAPTURE.REVERSED"
    ),
    ("paypal", "dispute funds reinstated"): (
        "PayPal releases a withheld amount without an event; that it was won is told by CUSTOMER.DISPUTE.RESOLVED"
    ),
    ("paypal", "fraud warning"): "PayPal passes no early fraud warnings on; an alert is a dispute of channel ALERT",
    ("paypal", "checkout completed"): (
        "PayPal's page ends in an approval, which is no payment; CHECKOUT.ORDER.COMPLETED comes with the capture"
    ),
    ("square", "bank's check asked for"): (
        "Square makes no event of the bank's check; it is made in the card form, before there is a payment"
    ),
    ("square", "dispute funds withdrawn"): (
        "Square withholds a disputed amount without an event; dispute.created is all that is told"
    ),
    ("square", "dispute funds reinstated"): (
        "Square releases a withheld amount without an event; that it was won is told by dispute.state.updated"
    ),
    (
        "square",
        "fraud warning",
    ): "Square passes no early fraud warnings on; the risk of a payment is told in the payment",
    ("square", "checkout completed"): (
        "Square makes no event of its page; payment.updated tells that a payment was made there"
    ),
    ("square", "checkout expired"): "Square's payment links do not expire; the seller takes them back",
    ("square", "payment approved"): "at Square nobody approves beforehand; the token of the card form pays at once",
}
"""Why a provider has no event for plain words, and what it has in its place, in one clause."""

RESOURCES: tuple[tuple[str, str, str | None], ...] = (
    ("CHECKOUT.", "checkout-order", "2.0"),
    ("PAYMENT.CAPTURE.REFUNDED", "refund", "2.0"),
    ("PAYMENT.REFUND.", "refund", "2.0"),
    ("PAYMENT.CAPTURE.", "capture", "2.0"),
    ("PAYMENT.AUTHORIZATION.", "authorization", "2.0"),
    ("PAYMENT.SALE.", "sale", None),
    ("BILLING.SUBSCRIPTION.", "subscription", "2.0"),
    ("BILLING.PLAN.", "plan", "2.0"),
    ("CATALOG.PRODUCT.", "product", "2.0"),
    ("CUSTOMER.DISPUTE.", "dispute", None),
    ("VAULT.PAYMENT-TOKEN.", "payment_token", "3.0"),
)
"""Beginning of a PayPal type, ``resource_type`` and ``resource_version`` of its events; the first that fits counts."""


def type_of(words: str, provider: str = "stripe") -> str:
    """The provider's type for plain words; a type (it has a dot) stands for itself.

    Raises:
        NotApplicable: another provider has such an event, this one does not.
        HarnessError: nobody has; the nearest name is told.
    """
    names = NAMES_OF[provider]
    if words in names:
        return names[words]
    if "." in words and " " not in words:
        return words
    if any(words in table for table in NAMES_OF.values()):
        raise NotApplicable(INSTEAD.get((provider, words)) or f"{provider} has no event for {words!r}")
    close = get_close_matches(words, names, 1, 0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"
    raise HarnessError(f"no event is called {words!r}; {hint}")


def types_of(words: str, provider: str = "stripe") -> frozenset[str]:
    """All types that plain words may mean; raises as ``type_of`` does."""
    return frozenset({type_of(words, provider), *ALSO.get((provider, words), ())})


def resource_of(type_: str) -> tuple[str, str | None]:
    """``resource_type`` and ``resource_version`` of a PayPal event of a type."""
    return next(((kind, version) for start, kind, version in RESOURCES if type_.startswith(start)), ("object", None))
