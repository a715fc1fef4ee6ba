"""Customers."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.kinds import CUSTOMERS, PAYMENT_METHODS
from harness.simulator.stripe.state.merge import merged, metadata, text
from harness.simulator.stripe.state.objects import Customer

_SCALARS = ("description", "email", "name", "phone", "business_name", "individual_name")


def customer_of(account: StripeAccount, id: str, param: str = "customer") -> Customer:  # noqa: A002 - the API's name
    """The customer that a parameter names; 400 where there is none (any more)."""
    return account.get(CUSTOMERS, id, param, status=400)


def create(account: StripeAccount, params: dict[str, Any]) -> Customer:
    """Make a customer; a payment method or source that is given is attached (and becomes the default one if asked)."""
    it = Customer(
        id=account.new_id(CUSTOMERS),
        created=account.now(),
        invoice_prefix=account.ids.text(8).upper(),
        **_changes(account, None, params),
    )
    account.of(CUSTOMERS).add(it)
    payment_method = params.get("payment_method")
    if payment_method is not None:
        from harness.simulator.stripe.state import payment_methods

        try:
            payment_methods.attach(account, payment_methods.find(account, payment_method), it.id)
        except errors.StripeError:
            account.of(CUSTOMERS).remove(it.id)
            raise
    account.emit("customer.created", it)
    return it


def update(account: StripeAccount, it: Customer, params: dict[str, Any]) -> Customer:
    """Change a customer."""
    after = replace(it, **_changes(account, it, params))
    account.of(CUSTOMERS).put(after)
    account.emit("customer.updated", after, _previous(it, after))
    return after


def delete(account: StripeAccount, it: Customer) -> None:
    """Delete for good; its payment methods are detached, its id stays a valid cursor."""
    for method in account.of(PAYMENT_METHODS).by("customer", it.id):
        account.of(PAYMENT_METHODS).put(replace(method, customer=None, used_up=True))
    account.of(CUSTOMERS).remove(it.id)
    account.emit("customer.deleted", it)


def _changes(  # noqa: C901 - one branch per parameter
    account: StripeAccount, old: Customer | None, params: dict[str, Any]
) -> dict[str, Any]:
    changes: dict[str, Any] = {name: text(params[name]) for name in _SCALARS if name in params}
    for name in ("address", "shipping"):
        if name in params:
            changes[name] = merged(None, params[name])
    if "metadata" in params:
        changes["metadata"] = metadata(old.metadata if old else None, params["metadata"])
    if "balance" in params:
        changes["balance"] = params["balance"]
    if "tax_exempt" in params:
        changes["tax_exempt"] = params["tax_exempt"] or "none"
    if "preferred_locales" in params:
        changes["preferred_locales"] = tuple(params["preferred_locales"] or ())
    if "invoice_prefix" in params:
        changes["invoice_prefix"] = params["invoice_prefix"]
    if "next_invoice_sequence" in params:
        changes["next_invoice_sequence"] = params["next_invoice_sequence"]
    settings = params.get("invoice_settings")
    if isinstance(settings, dict):
        if "default_payment_method" in settings:
            changes["default_payment_method"] = _default_method(account, old, settings["default_payment_method"])
        rest = {key: value for key, value in settings.items() if key != "default_payment_method"}
        if rest:
            changes["invoice_settings"] = merged(old.invoice_settings if old else None, rest)
    return changes


def _default_method(account: StripeAccount, old: Customer | None, given: str) -> str | None:
    if given == "":
        return None
    method = account.of(PAYMENT_METHODS).get(given)
    param = "invoice_settings[default_payment_method]"
    if method is None:
        raise errors.referenced_missing("PaymentMethod", given, param)
    if old is None or method.customer != old.id:
        raise errors.invalid(
            "The customer does not have a payment method with the ID "
            f"{given}. The payment method must be attached to the customer.",
            param=param,
            code="resource_missing",
        )
    return given


def _previous(before: Customer, after: Customer) -> dict[str, Any]:
    previous: dict[str, Any] = {
        name: getattr(before, name)
        for name in (*_SCALARS, "address", "shipping", "balance", "tax_exempt")
        if getattr(before, name) != getattr(after, name)
    }
    if before.metadata != after.metadata:
        old, new = before.metadata or {}, after.metadata or {}
        previous["metadata"] = {key: old.get(key) for key in {**old, **new} if old.get(key) != new.get(key)}
    if before.default_payment_method != after.default_payment_method:
        previous["invoice_settings"] = {"default_payment_method": before.default_payment_method}
    return previous
