"""Operations of charges. They are read and annotated here; money moves through payment intents and refunds."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.stripe import app_hooks, errors
from harness.simulator.stripe.parameters import check
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import disputes
from harness.simulator.stripe.state import refunds as state
from harness.simulator.stripe.state.amounts import shown
from harness.simulator.stripe.state.customers import customer_of
from harness.simulator.stripe.state.kinds import CHARGES, DISPUTES, PAYMENT_INTENTS, PAYMENT_METHODS, REFUNDS
from harness.simulator.stripe.state.merge import merged, metadata, text
from harness.simulator.stripe.state.objects import Charge, Dispute, Refund
from harness.simulator.stripe.wire import charges as wire

if TYPE_CHECKING:
    from harness.simulator.stripe.app import StripeApp

__all__ = ["wire"]

_RECEIPT = re.compile(r"/receipts/(\w+)/(\w+)")


@operation("POST /v1/charges")
def create(call: Call) -> Charge:
    """Closed to accounts of today (recorded): payments are made with payment intents."""
    params = call.params
    if params.get("source") or params.get("card"):
        raise errors.invalid(
            "Creating charges with sources or card tokens is not available to this account. Create a PaymentIntent "
            "instead; see https://docs.stripe.com/payments/payment-intents."
        )
    customer = params.get("customer")
    if not customer:
        raise errors.StripeError("Must provide source or customer.", code="parameter_missing")
    customer_of(call.account, customer)
    saved = call.account.of(PAYMENT_METHODS).by("customer", customer)
    raise errors.StripeError(
        f"Cannot charge the customer {customer} because it does not have a linked source of payment"
        + (", but does have a Payment Method attached; create a PaymentIntent to charge it." if saved else "."),
        status=402,
        type=errors.CARD,
        code="missing",
    )


@operation("GET /v1/charges")
def listed(call: Call) -> Listing:
    """All, those of a customer, or those of a payment intent."""
    intent, customer, group = (call.params.get(name) for name in ("payment_intent", "customer", "transfer_group"))
    if intent is not None:
        call.account.get(PAYMENT_INTENTS, intent, "payment_intent", status=400)
        return call.listing(CHARGES, index="payment_intent", keys=(intent,))
    if customer is not None:
        customer_of(call.account, customer)
        return call.listing(CHARGES, index="customer", keys=(customer,))
    if group is not None:
        return call.listing(CHARGES, keep=lambda it: it.transfer_group == group)
    return call.listing(CHARGES)


@operation("GET /v1/charges/{charge}")
def retrieve(call: Call, charge: str) -> Charge:
    """One."""
    return call.account.get(CHARGES, charge)


@operation("GET /v1/charges/{charge}/refunds")
def refunds(call: Call, charge: str) -> Listing:
    """The refunds of one."""
    call.account.get(CHARGES, charge)
    return call.listing(REFUNDS, index="charge", keys=(charge,))


@operation("GET /v1/charges/{charge}/refunds/{refund}")
def refund(call: Call, charge: str, refund: str) -> Refund:
    """One refund of one."""
    call.account.get(CHARGES, charge)
    found = call.account.get(REFUNDS, refund, "refund")
    if found.charge != charge:
        raise errors.resource_missing("refund", refund, "refund")
    return found


@operation("POST /v1/charges/{charge}")
def update(call: Call, charge: str) -> Charge:
    """Annotate one."""
    account, params = call.account, call.params
    it = account.get(CHARGES, charge)
    changes: dict[str, Any] = {
        name: text(params[name]) for name in ("description", "receipt_email", "transfer_group") if name in params
    }
    if "metadata" in params:
        changes["metadata"] = metadata(it.metadata, params["metadata"])
    if "shipping" in params:
        changes["shipping"] = merged(None, params["shipping"])
    if "fraud_details" in params:
        changes["fraud_details"] = {
            name: value for name, value in (merged(it.fraud_details, params["fraud_details"]) or {}).items() if value
        } or None
    if "customer" in params:
        if it.customer is not None and it.customer != params["customer"]:
            raise errors.invalid("You cannot change the customer of a charge that has one already.", param="customer")
        customer_of(account, params["customer"])
        changes["customer"] = params["customer"]
    after = account.of(CHARGES).put(replace(it, **changes))
    previous = {name: getattr(it, name) for name in changes if getattr(it, name) != getattr(after, name)}
    for name in ("metadata", "fraud_details"):
        if name in previous:
            previous[name] = previous[name] or {}
    account.emit("charge.updated", after, previous)
    return after


@operation("POST /v1/charges/{charge}/capture")
def capture(call: Call, charge: str) -> Charge:
    """Refused: every charge here belongs to a payment intent."""
    it = call.account.get(CHARGES, charge)
    if it.captured:
        raise errors.invalid(f"Charge {charge} has already been captured.", code="charge_already_captured")
    raise errors.invalid(
        f"This uncaptured Charge was created by a PaymentIntent ({it.payment_intent}). You must capture the "
        "PaymentIntent instead; see https://docs.stripe.com/api/payment_intents/capture."
    )


_REFUND = ("amount", "metadata", "payment_intent", "reason", "instructions_email")


@operation("POST /v1/charges/{charge}/refund", loose=_REFUND)
def refund_and_show_charge(call: Call, charge: str) -> Charge:
    """The oldest way to refund; answers with the charge."""
    _refund(call, charge)
    return call.account.get(CHARGES, charge)


@operation("POST /v1/charges/{charge}/refunds", loose=_REFUND)
def refund_of(call: Call, charge: str) -> Refund:
    """An older way to refund."""
    return _refund(call, charge)


def _refund(call: Call, charge: str) -> Refund:
    params = check("POST /v1/refunds", {**call.params, "charge": charge})
    return state.create(call.account, call.account.get(CHARGES, charge), params)


@operation("GET /v1/charges/{charge}/dispute")
def dispute(call: Call, charge: str) -> Dispute:
    """The dispute of one."""
    return _dispute(call, charge)


@operation("POST /v1/charges/{charge}/dispute", loose=("evidence", "metadata", "submit"))
def answer_dispute(call: Call, charge: str) -> Dispute:
    """An older way to submit evidence."""
    return disputes.submit(call.account, _dispute(call, charge), check("POST /v1/disputes/{dispute}", call.params))


@operation("POST /v1/charges/{charge}/dispute/close")
def close_dispute(call: Call, charge: str) -> Dispute:
    """An older way to accept."""
    return disputes.close(call.account, _dispute(call, charge))


def _dispute(call: Call, charge: str) -> Dispute:
    call.account.get(CHARGES, charge, "charge")
    found = call.account.of(DISPUTES).by("charge", charge)
    if not found:
        raise errors.StripeError(f"No dispute for charge: {charge}", status=404)
    return found[-1]


@app_hooks.page
def receipt(provider: StripeApp, request: Request) -> Answer | None:
    """The page behind ``receipt_url``."""
    match = _RECEIPT.fullmatch(request.path)
    account = provider.by_token(match[1]) if match else None
    charge = account.of(CHARGES).get(match[2]) if match and account else None
    if charge is None:
        return None
    lines = [
        f"Amount paid: {shown(charge.amount_captured or charge.amount, charge.currency)}",
        f"Refunded: {shown(charge.amount_refunded, charge.currency)}" if charge.amount_refunded else "",
        charge.description or "",
    ]
    body = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>Receipt</title><h1>Receipt</h1>{body}</html>"
    return Answer(200, page.encode(), [(b"content-type", b"text/html; charset=utf-8")])
