"""Operations of charges. They are read and annotated here; money moves through payment intents and refunds."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.stripe import app_hooks, errors
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state.amounts import shown
from harness.simulator.stripe.state.customers import customer_of
from harness.simulator.stripe.state.kinds import CHARGES, PAYMENT_INTENTS, REFUNDS
from harness.simulator.stripe.state.merge import merged, metadata, text
from harness.simulator.stripe.state.objects import Charge, Refund
from harness.simulator.stripe.wire import charges as wire

if TYPE_CHECKING:
    from harness.simulator.stripe.app import StripeApp

__all__ = ["wire"]

_RECEIPT = re.compile(r"/receipts/(\w+)/(\w+)")


@operation("POST /v1/charges")
def create(call: Call) -> Charge:
    """Closed to accounts of today (recorded): payments are made with payment intents."""
    del call
    raise errors.invalid(
        "Creating charges directly is not available to this account. Create a PaymentIntent instead; see "
        "https://docs.stripe.com/payments/payment-intents."
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
        f"This charge was created by the PaymentIntent {it.payment_intent}, so it must be captured through it; use "
        f"POST /v1/payment_intents/{it.payment_intent}/capture."
    )


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
