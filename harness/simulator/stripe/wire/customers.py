"""The JSON of customers."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.objects import Customer
from harness.simulator.stripe.wire.render import Json, renders


@renders(
    Customer,
    "customer",
    expandable=("default_source", "test_clock", "invoice_settings.default_payment_method"),
)
def customer(it: Customer, account: StripeAccount) -> Json:
    """A customer."""
    settings = it.invoice_settings or {}
    return {
        "id": it.id,
        "object": "customer",
        "address": it.address,
        "balance": it.balance,
        "created": it.created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": it.description,
        "discount": None,
        "email": it.email,
        "invoice_prefix": it.invoice_prefix,
        "invoice_settings": {
            "custom_fields": settings.get("custom_fields"),
            "default_payment_method": it.default_payment_method,
            "footer": settings.get("footer"),
            "rendering_options": settings.get("rendering_options"),
        },
        "livemode": account.livemode,
        "metadata": it.metadata or {},
        "name": it.name,
        "next_invoice_sequence": it.next_invoice_sequence,
        "phone": it.phone,
        "preferred_locales": list(it.preferred_locales),
        "shipping": it.shipping,
        "tax_exempt": it.tax_exempt,
        "test_clock": None,
    }


def deleted(id: str) -> Json:  # noqa: A002 - the API's name
    """What is left of a deleted customer."""
    return {"id": id, "object": "customer", "deleted": True}
