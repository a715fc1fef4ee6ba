"""Operations of payment methods."""

from __future__ import annotations

from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import bank_debits, payment_methods
from harness.simulator.stripe.state.customers import customer_of
from harness.simulator.stripe.state.kinds import PAYMENT_METHODS
from harness.simulator.stripe.state.objects import PaymentMethod
from harness.simulator.stripe.wire import payment_methods as wire

__all__ = ["bank_debits", "wire"]


@operation("POST /v1/payment_methods", publishable=True)
def create(call: Call) -> PaymentMethod:
    """Make one; a secret key may not send card numbers unless the account was opened for that."""
    allowed = call.publishable or call.account.settings.raw_card_data
    return payment_methods.create(call.account, call.params, raw_allowed=allowed)


@operation("GET /v1/payment_methods")
def listed(call: Call) -> Listing:
    """Those of a customer; without one the list is empty (recorded in test mode)."""
    customer = call.params.get("customer")
    if customer is not None:
        customer_of(call.account, customer)
    type_, redisplay = call.params.get("type"), call.params.get("allow_redisplay")
    return call.listing(
        PAYMENT_METHODS,
        index="customer",
        keys=(customer or "",),
        keep=lambda it: type_ in {None, it.type} and redisplay in {None, it.allow_redisplay},
    )


@operation("GET /v1/payment_methods/{payment_method}")
def retrieve(call: Call, payment_method: str) -> PaymentMethod:
    """One; an alias answers with a fresh one of its card."""
    return payment_methods.find(call.account, payment_method, status=404)


@operation("POST /v1/payment_methods/{payment_method}")
def update(call: Call, payment_method: str) -> PaymentMethod:
    """Change one that is attached."""
    it = payment_methods.find(call.account, payment_method, status=404)
    return payment_methods.update(call.account, it, call.params)


@operation("POST /v1/payment_methods/{payment_method}/attach")
def attach(call: Call, payment_method: str) -> PaymentMethod:
    """Save one to a customer."""
    customer = call.params["customer"]
    customer_of(call.account, customer)
    it = payment_methods.find(call.account, payment_method, status=404)
    return payment_methods.attach(call.account, it, customer)


@operation("POST /v1/payment_methods/{payment_method}/detach")
def detach(call: Call, payment_method: str) -> PaymentMethod:
    """Take one away from its customer."""
    it = payment_methods.find(call.account, payment_method, status=404)
    return payment_methods.detach(call.account, it)
