"""Operations of customers."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe import errors
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import customers
from harness.simulator.stripe.state.formats import check_email
from harness.simulator.stripe.state.kinds import CUSTOMERS, PAYMENT_METHODS
from harness.simulator.stripe.state.objects import Customer, PaymentMethod
from harness.simulator.stripe.wire.customers import deleted


@operation("POST /v1/customers")
def create(call: Call) -> Customer:
    """Make a customer."""
    check_email(call.params, "email")
    return customers.create(call.account, call.params)


@operation("GET /v1/customers")
def listed(call: Call) -> Listing:
    """All, or those of an email address."""
    email = call.params.get("email")
    if email is None:
        return call.listing(CUSTOMERS)
    return call.listing(CUSTOMERS, index="email", keys=(email,))


@operation("GET /v1/customers/{customer}")
def retrieve(call: Call, customer: str) -> Any:
    """One; a deleted one says so."""
    table = call.account.of(CUSTOMERS)
    found = table.get(customer)
    if found is None and table.knows(customer):
        return deleted(customer)
    return call.account.get(CUSTOMERS, customer)


@operation("POST /v1/customers/{customer}")
def update(call: Call, customer: str) -> Customer:
    """Change one."""
    check_email(call.params, "email")
    return customers.update(call.account, call.account.get(CUSTOMERS, customer), call.params)


@operation("DELETE /v1/customers/{customer}")
def delete(call: Call, customer: str) -> dict[str, Any]:
    """Delete one."""
    customers.delete(call.account, call.account.get(CUSTOMERS, customer))
    return deleted(customer)


@operation("GET /v1/customers/{customer}/payment_methods")
def payment_methods(call: Call, customer: str) -> Listing:
    """The payment methods of a customer."""
    call.account.get(CUSTOMERS, customer)
    type_, redisplay = call.params.get("type"), call.params.get("allow_redisplay")
    return call.listing(
        PAYMENT_METHODS,
        index="customer",
        keys=(customer,),
        keep=lambda it: type_ in {None, it.type} and redisplay in {None, it.allow_redisplay},
    )


@operation("GET /v1/customers/{customer}/payment_methods/{payment_method}")
def payment_method(call: Call, customer: str, payment_method: str) -> PaymentMethod:
    """One payment method of a customer; what is not the customer's is refused in other words (recorded)."""
    call.account.get(CUSTOMERS, customer, "customer")
    found = call.account.get(PAYMENT_METHODS, payment_method, "payment_method")
    if found.customer != customer:
        raise errors.StripeError("Invalid request", status=404, param="customer")
    return found
