"""The JSON of payment methods."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.cards import Card
from harness.simulator.stripe.state.objects import PaymentMethod
from harness.simulator.stripe.wire.render import Json, renders

NO_ADDRESS: Json = {
    "city": None,
    "country": None,
    "line1": None,
    "line2": None,
    "postal_code": None,
    "state": None,
}


@renders(PaymentMethod, "payment_method", expandable=("customer",))
def payment_method(it: PaymentMethod, account: StripeAccount) -> Json:
    """A payment method."""
    body: Json = {
        "id": it.id,
        "object": "payment_method",
        "allow_redisplay": it.allow_redisplay,
        "billing_details": billing(it.billing_details),
    }
    if it.card is not None:
        body["card"] = card(it, account)
    body["created"] = it.created
    body["customer"] = it.customer
    body["customer_account"] = None
    if it.card is None:
        body[it.type] = it.details or {}
    body["livemode"] = account.livemode
    body["metadata"] = it.metadata or {}
    body["type"] = it.type
    return body


def billing(details: dict[str, Any] | None) -> Json:
    """Billing details with every field there."""
    if not details:
        return {"address": NO_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None}
    address = details.get("address")
    return {
        "address": {**NO_ADDRESS, **address} if address else NO_ADDRESS,
        "email": details.get("email"),
        "name": details.get("name"),
        "phone": details.get("phone"),
        "tax_id": details.get("tax_id"),
    }


def card(it: PaymentMethod, account: StripeAccount) -> Json:
    """The card part."""
    of = it.card
    assert of is not None
    return {
        "brand": of.brand,
        "checks": {
            "address_line1_check": it.line1_check,
            "address_postal_code_check": it.postal_check,
            "cvc_check": it.cvc_check,
        },
        "country": of.country,
        "display_brand": it.preferred_network or display_brand(of),
        "exp_month": it.exp_month,
        "exp_year": it.exp_year,
        "fingerprint": fingerprint(of, account.key),
        "funding": of.funding,
        "generated_from": None,
        "last4": of.last4,
        "networks": {"available": list(of.networks), "preferred": it.preferred_network},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": of.authentication != "not_supported"},
        "wallet": None,
    }


def display_brand(of: Card) -> str:
    """The brand to show to the shopper, as Stripe spells it there."""
    return {"amex": "american_express", "diners": "diners_club", "unionpay": "union_pay"}.get(of.brand, of.brand)


@functools.lru_cache(maxsize=4096)
def fingerprint(of: Card, account: str) -> str:
    """The same for the same number within an account, different between accounts."""
    digest = hashlib.blake2b(f"{account}/{of.number}".encode(), digest_size=12).hexdigest()
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = int(digest, 16)
    text = ""
    while len(text) < 16:  # noqa: PLR2004 - length of Stripe's fingerprints
        number, rest = divmod(number, len(letters))
        text += letters[rest]
    return text
