"""Refunds: how much may go back, when it settles, and how it fails later. Stripe, "Refund and cancel payments"."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount, timer
from harness.simulator.stripe.state import early_fraud_warnings
from harness.simulator.stripe.state.amounts import shown
from harness.simulator.stripe.state.balance import book
from harness.simulator.stripe.state.kinds import CHARGES, DISPUTES, PAYMENT_INTENTS, REFUNDS
from harness.simulator.stripe.state.merge import metadata
from harness.simulator.stripe.state.objects import Charge, Refund

CANCELABLE_SECONDS = 30 * 60
"""How long a refund that has not settled can be called back in test mode (Stripe, "Testing")."""


def charge_to_refund(account: StripeAccount, charge_id: str | None, intent_id: str | None) -> Charge:
    """The charge that a refund is for, by its own id or by that of its payment intent."""
    if charge_id is None and intent_id is None:
        raise errors.invalid(
            "One of the following params should be provided for this request: payment_intent or charge.", stored=False
        )
    if intent_id is None:
        return account.get(CHARGES, charge_id or "")
    intent = account.get(PAYMENT_INTENTS, intent_id, "payment_intent")
    charge = account.of(CHARGES).get(intent.latest_charge or "")
    if charge_id is not None and (charge is None or charge.id != charge_id):
        other = account.get(CHARGES, charge_id)
        if other.payment_intent != intent_id:
            raise errors.invalid("The charge that was passed does not belong to the payment_intent.", param="charge")
        charge = other
    if charge is None or charge.status == "failed":
        raise errors.invalid(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")
    return charge


def create(account: StripeAccount, charge: Charge, params: dict[str, Any]) -> Refund:
    """Give money back.

    ``params``: ``amount`` (minor units; all that is left by default), ``reason``, ``metadata``, ``instructions_email``.

    Raises:
        StripeError: 400 where nothing (or not that much) can be refunded.
    """
    amount = _refundable(account, charge, params.get("amount"))
    now = account.now()
    card = charge.paid_with.card
    kind = card.refund if card is not None else "immediate"
    refund_id = account.new_id(REFUNDS)
    txn = book(
        account,
        refund_id,
        -amount,
        charge.currency,
        "refund" if card is not None else "payment_refund",
        "refund",
        description=f"REFUND FOR CHARGE ({charge.description})" if charge.description else "REFUND FOR CHARGE",
    )
    it = account.of(REFUNDS).add(
        Refund(
            id=refund_id,
            created=now,
            amount=amount,
            currency=charge.currency,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            status="pending" if kind == "pending" else "succeeded",
            reason=params.get("reason"),
            metadata=metadata(None, params.get("metadata")),
            balance_transaction=txn.id,
            pending_reason="processing" if kind == "pending" else None,
            instructions_email=params.get("instructions_email"),
            destination=charge.paid_with.type,
        )
    )
    refunded = charge.amount_refunded + amount
    changes: dict[str, Any] = {"amount_refunded": refunded, "refunded": refunded == charge.amount}
    if it.reason == "fraudulent":
        changes["fraud_details"] = {**(charge.fraud_details or {}), "user_report": "fraudulent"}
    after = account.of(CHARGES).put(replace(charge, **changes))
    account.emit("refund.created", it)
    previous = {"amount_refunded": charge.amount_refunded, "refunded": charge.refunded}
    account.emit("charge.refunded", after, {key: value for key, value in previous.items() if value != changes[key]})
    if after.refunded:
        early_fraud_warnings.charge_settled(account, after.id)
    later = account.clock.now()
    if kind == "immediate":
        account.set_timer(later + account.settings.refund_reference_seconds, "refund.reference", it.id)
    else:
        name = "refund.settle" if kind == "pending" else "refund.fail"
        account.set_timer(later + account.settings.refund_settle_seconds, name, it.id)
    return it


def update(account: StripeAccount, it: Refund, given: Any) -> Refund:
    """Change the metadata."""
    after = replace(it, metadata=metadata(it.metadata, given))
    return _changed(account, it, after, metadata=it.metadata or {})


def cancel(account: StripeAccount, it: Refund) -> Refund:
    """Call back a refund that has not settled; the money returns to the balance."""
    if it.status not in {"pending", "requires_action"} or account.now() - it.created > CANCELABLE_SECONDS:
        raise errors.invalid("Canceling this refund is unsupported.")
    account.timers.cancel("refund.settle", it.id)
    return _returned(account, it, status="canceled", reason="merchant_request", event="refund.updated")


def fail(account: StripeAccount, refund_id: str, reason: str = "expired_or_canceled_card") -> Refund:
    """The card's bank sent the money back."""
    it = account.get(REFUNDS, refund_id)
    if it.status in {"failed", "canceled"}:
        return it
    return _returned(account, it, status="failed", reason=reason, event="refund.failed")


def _returned(account: StripeAccount, it: Refund, *, status: str, reason: str, event: str) -> Refund:
    txn = book(
        account,
        it.id,
        it.amount,
        it.currency,
        "refund_failure",
        "refund_failure",
        at_once=True,
        description=f"REFUND FAILURE ({it.id})",
    )
    after = account.of(REFUNDS).put(
        replace(it, status=status, failure_reason=reason, failure_balance_transaction=txn.id, pending_reason=None)
    )
    charge = account.get(CHARGES, it.charge)
    account.of(CHARGES).put(replace(charge, amount_refunded=charge.amount_refunded - it.amount, refunded=False))
    previous = {
        "failure_balance_transaction": None,
        "failure_reason": None,
        "status": it.status,
    }
    account.emit(event, after, previous if event == "refund.updated" else None)
    account.emit("charge.refund.updated", after, previous)
    return after


def _changed(account: StripeAccount, before: Refund, after: Refund, **previous: Any) -> Refund:
    del before
    account.of(REFUNDS).put(after)
    account.emit("refund.updated", after, previous)
    account.emit("charge.refund.updated", after, previous)
    return after


def _refundable(account: StripeAccount, charge: Charge, amount: int | None) -> int:
    if charge.status == "failed":
        raise errors.invalid(
            f"This PaymentIntent ({charge.payment_intent}) does not have a successful charge to refund."
        )
    if charge.refunded:
        raise errors.invalid(
            f"Charge {charge.id} has already been refunded.", code="charge_already_refunded", param=None
        )
    if not charge.captured:
        raise errors.invalid(
            f"You must cancel the PaymentIntent ({charge.payment_intent}) of this charge instead: it is uncaptured, so "
            "there is nothing to refund yet."
        )
    for dispute in account.of(DISPUTES).by("charge", charge.id):
        if not dispute.is_charge_refundable:
            raise errors.invalid(
                f"Charge {charge.id} has been charged back; cannot issue a refund.", code="charge_disputed"
            )
    left = charge.amount - charge.amount_refunded
    if amount is None:
        return left
    if amount < 1:
        raise errors.StripeError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount",
            stored=False,
        )
    if amount > left:
        raise errors.invalid(
            f"Refund amount ({shown(amount, charge.currency).partition(' ')[0]}) is greater than unrefunded amount on "
            f"charge ({shown(left, charge.currency).partition(' ')[0]})",
            param="amount",
        )
    return amount


@timer("refund.reference")
def _reference(account: StripeAccount, refund_id: str) -> None:
    it = account.get(REFUNDS, refund_id)
    if it.status == "succeeded" and it.reference is None:
        after = replace(it, reference=account.ids.text(16).upper())
        details = {"card": {"reference": None, "reference_status": "pending"}}
        _changed(account, it, after, destination_details=details)


@timer("refund.settle")
def _settle(account: StripeAccount, refund_id: str) -> None:
    it = account.get(REFUNDS, refund_id)
    if it.status == "pending":
        _changed(account, it, replace(it, status="succeeded", pending_reason=None), status="pending")


@timer("refund.fail")
def _fail(account: StripeAccount, refund_id: str) -> None:
    fail(account, refund_id)
