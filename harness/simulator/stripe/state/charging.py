"""One attempt to charge a payment method: what Radar and the issuer say, the charge that records it, what follows.

Stripe, "Declines", "Radar risk evaluation"; order of events as recorded in test mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import cards
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.cards import Decline
from harness.simulator.stripe.state.balance import book, charge_fee
from harness.simulator.stripe.state.kinds import CHARGES, PAYMENT_METHODS
from harness.simulator.stripe.state.objects import Charge, PaymentIntent, PaymentMethod
from harness.simulator.stripe.state.payment_methods import checked

HOLD_SECONDS = 7 * 86400
"""How long an authorisation holds (Visa in test mode, recorded)."""

ChargeHook = Callable[[StripeAccount, Charge], None]
after_charge: list[ChargeHook] = []
"""What else happens once money was taken, between ``charge.succeeded`` and ``payment_intent.succeeded``: disputes."""


def _authorised(level: str, score: int, kind: str = "authorized") -> dict[str, Any]:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": "elevated_risk_level" if kind == "manual_review" else None,
        "risk_level": level,
        "risk_score": score,
        "seller_message": "Stripe evaluated this payment as having elevated risk, and placed it in your manual review "
        "queue."
        if kind == "manual_review"
        else "Payment complete.",
        "type": kind,
    }


AUTHORISED = {
    "normal": _authorised("normal", 12),
    "elevated": _authorised("elevated", 68),
    "highest": _authorised("highest", 88),
}
IN_REVIEW = _authorised("elevated", 68, "manual_review")
SELLER_MESSAGES = {
    "insufficient_funds": "The bank returned the decline code `insufficient_funds`.",
    "generic_decline": "The bank did not return any further details with this decline.",
}


def refusal(account: StripeAccount, method: PaymentMethod) -> Decline | None:
    """Why a card cannot be charged now; None where it can."""
    card = method.card
    if card is None:
        return None
    if account.livemode:
        return cards.decline("live_mode_test_card")
    settings = account.settings
    if card.risk == "highest" and not card.attaches:
        return card.decline  # always blocked
    if card.risk == "highest":
        return card.decline if settings.radar_blocks_highest_risk else None
    if card.decline is not None:
        if card.decline.code == "incorrect_cvc" and not method.cvc_given:
            return None
        return card.decline
    if card.cvc_check == "fail" and method.cvc_given and settings.radar_declines_failed_cvc:
        return cards.decline("incorrect_cvc")
    if card.postal_code_check == "fail" and method.postal_check and settings.radar_declines_failed_postal_code:
        return cards.decline("incorrect_zip")
    return None


def failed(
    account: StripeAccount,
    intent: PaymentIntent,
    method: PaymentMethod,
    why: Decline,
    three_d_secure: dict[str, Any] | None,
) -> Charge:
    """The charge of an attempt that was refused, with its event."""
    card = method.card
    blocked = card is not None and card.blocked and why is card.decline
    method = _keep_checks(account, method)
    outcome = {
        "advice_code": why.advice_code,
        "network_advice_code": why.network_advice_code,
        "network_decline_code": why.network_decline_code,
        "network_status": "not_sent_to_network" if blocked else "declined_by_network",
        "reason": "highest_risk_level" if blocked else why.decline_code or why.code,
        "risk_level": card.risk if card is not None else "not_assessed",
        "risk_score": 92 if blocked else 24,
        "seller_message": "Stripe blocked this payment as too risky."
        if blocked
        else SELLER_MESSAGES.get(
            why.decline_code or "", f"The bank returned the decline code `{why.decline_code or why.code}`."
        ),
        "type": "blocked" if blocked else "issuer_declined",
    }
    charge = account.of(CHARGES).add(
        Charge(
            **_common(account, intent, method),
            status="failed",
            outcome=outcome,
            failure_code=why.code,
            failure_message=why.message,
            three_d_secure=three_d_secure,
        )
    )
    account.emit("charge.failed", charge)
    return charge


def authorise(
    account: StripeAccount,
    intent: PaymentIntent,
    method: PaymentMethod,
    *,
    capture: bool,
    three_d_secure: dict[str, Any] | None,
) -> Charge:
    """The charge of an attempt that succeeded: authorised, and captured unless that comes later. With its events."""
    card = method.card
    method = _keep_checks(account, method)
    risk = card.risk if card is not None else "normal"
    review = risk == "elevated" and account.settings.radar_reviews_elevated_risk
    common = _common(account, intent, method)
    charge_id, amount = common["id"], intent.amount
    fields: dict[str, Any] = {}
    if capture:
        fields["captured"] = True
        fields["amount_captured"] = amount
        if not account.settings.balance_transaction_seconds:
            fields["balance_transaction"] = _book_capture(account, charge_id, intent, method, amount)
    else:
        fields["capture_before"] = common["created"] + HOLD_SECONDS
    charge = Charge(
        **common,
        status="succeeded",
        outcome=IN_REVIEW if review else AUTHORISED[risk],
        authorization_code=account.ids.text(6).upper() if card is not None else None,
        three_d_secure=three_d_secure,
        **fields,
    )
    account.of(CHARGES).add(charge)
    account.emit("charge.succeeded", charge)
    if capture and "balance_transaction" not in fields:
        account.set_timer(
            account.clock.now() + account.settings.balance_transaction_seconds, "charge.booked", charge_id
        )
    return _followed(account, charge) if capture else charge


def pending(account: StripeAccount, intent: PaymentIntent, method: PaymentMethod) -> Charge:
    """The charge of a debit that the bank has not answered yet, with its event. Its id begins with ``py_``."""
    common = _common(account, intent, method)
    common["id"] = f"py_{common['id'].partition('_')[2]}"
    charge = account.of(CHARGES).add(
        Charge(
            **common,
            status="pending",
            outcome={**AUTHORISED["normal"], "risk_level": "not_assessed", "risk_score": None},
            captured=True,
            amount_captured=intent.amount,
        )
    )
    account.emit("charge.pending", charge)
    return charge


def arrived(account: StripeAccount, intent: PaymentIntent, charge: Charge) -> Charge:
    """The bank has paid a pending charge."""
    txn = _book_capture(account, charge.id, intent, charge.paid_with, charge.amount)
    after = account.of(CHARGES).put(replace(charge, status="succeeded", balance_transaction=txn))
    account.emit("charge.succeeded", after)
    return after


def returned(account: StripeAccount, charge: Charge, code: str, message: str) -> Charge:
    """The bank has refused a pending charge."""
    after = account.of(CHARGES).put(
        replace(charge, status="failed", amount_captured=0, captured=False, failure_code=code, failure_message=message)
    )
    account.emit("charge.failed", after)
    return after


def capture(account: StripeAccount, intent: PaymentIntent, charge: Charge, amount: int) -> Charge:
    """Take the money of an authorisation (all or part; the rest is released), with its event."""
    txn = _book_capture(account, charge.id, intent, charge.paid_with, amount)
    after = account.of(CHARGES).put(
        replace(
            charge,
            captured=True,
            amount_captured=amount,
            amount_refunded=charge.amount - amount,
            balance_transaction=txn,
            capture_before=None,
        )
    )
    account.emit("charge.captured", after)
    return _followed(account, after)


def release(account: StripeAccount, charge: Charge, *, lapsed: bool = False) -> Charge:
    """Let go of an authorisation, because it was cancelled or has lapsed, with its event."""
    after = account.of(CHARGES).put(replace(charge, amount_refunded=charge.amount, refunded=True, expired=lapsed))
    if lapsed:
        account.emit("charge.expired", after)
    else:
        account.emit("charge.refunded", after, {"amount_refunded": charge.amount_refunded, "refunded": charge.refunded})
    return after


def book_late(account: StripeAccount, charge_id: str) -> None:
    """The balance transaction of an automatic capture has landed."""
    from harness.simulator.stripe.state.kinds import PAYMENT_INTENTS

    charge = account.get(CHARGES, charge_id)
    intent = account.get(PAYMENT_INTENTS, charge.payment_intent or "")
    txn = _book_capture(account, charge.id, intent, charge.paid_with, charge.amount_captured)
    after = account.of(CHARGES).put(replace(charge, balance_transaction=txn))
    account.emit("charge.updated", after, {"balance_transaction": None})


def _followed(account: StripeAccount, charge: Charge) -> Charge:
    """What a card does once its money was taken: disputes, early fraud warnings."""
    card = charge.paid_with.card
    if card is None or (card.dispute is None and not card.early_fraud_warning):
        return charge
    for hook in after_charge:
        hook(account, charge)
    return account.get(CHARGES, charge.id)


def _book_capture(
    account: StripeAccount, charge_id: str, intent: PaymentIntent, method: PaymentMethod, amount: int
) -> str:
    currency = intent.currency
    return book(
        account,
        charge_id,
        amount,
        currency,
        "charge" if method.card is not None else "payment",
        "charge",
        fee=charge_fee(account, amount, currency),
        at_once=method.card is not None and method.card.bypasses_pending,
        description=intent.description,
    ).id


def _common(account: StripeAccount, intent: PaymentIntent, method: PaymentMethod) -> dict[str, Any]:
    return {
        "id": account.new_id(CHARGES),
        "created": account.now(),
        "amount": intent.amount,
        "currency": intent.currency,
        "payment_intent": intent.id,
        "payment_method": method.id,
        "paid_with": method,
        "customer": intent.customer,
        "description": intent.description,
        "metadata": intent.metadata,
        "receipt_email": intent.receipt_email,
        "shipping": intent.shipping,
        "statement_descriptor": intent.statement_descriptor,
        "statement_descriptor_suffix": intent.statement_descriptor_suffix,
        "transfer_group": intent.transfer_group,
    }


def _keep_checks(account: StripeAccount, method: PaymentMethod) -> PaymentMethod:
    after = checked(method)
    if after is not method:
        account.of(PAYMENT_METHODS).put(after)
    return after
