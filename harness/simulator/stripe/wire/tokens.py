"""The JSON of tokens."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.tokens import Token
from harness.simulator.stripe.wire.payment_methods import fingerprint
from harness.simulator.stripe.wire.render import Json, renders

BRANDS = {
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "MasterCard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
"""Card objects spell brands otherwise than payment methods do."""


@renders(Token, "token")
def token(it: Token, account: StripeAccount) -> Json:
    """A token, with its card where it has one."""
    body: Json = {"id": it.id, "object": "token"}
    if it.card is not None:
        body["card"] = _card(it, account)
    body |= {
        "client_ip": None,
        "created": it.created,
        "livemode": account.livemode,
        "type": it.type,
        "used": it.used,
    }
    return body


def _card(it: Token, account: StripeAccount) -> Json:
    card, address = it.card, it.address or {}
    assert card is not None
    return {
        "id": it.card_id,
        "object": "card",
        "address_city": address.get("city"),
        "address_country": address.get("country"),
        "address_line1": address.get("line1"),
        "address_line1_check": "unchecked" if address.get("line1") else None,
        "address_line2": address.get("line2"),
        "address_state": address.get("state"),
        "address_zip": address.get("zip"),
        "address_zip_check": "unchecked" if address.get("zip") else None,
        "brand": BRANDS.get(card.brand, "Unknown"),
        "country": card.country,
        "cvc_check": "unchecked" if it.cvc_given else None,
        "dynamic_last4": None,
        "exp_month": it.exp_month,
        "exp_year": it.exp_year,
        "fingerprint": fingerprint(card, account.key),
        "funding": card.funding,
        "last4": card.last4,
        "metadata": {},
        "name": it.name,
        "networks": {"preferred": None},
        "regulated_status": "unregulated",
        "tokenization_method": None,
    }
