"""Card tokens: details that a browser exchanged for an id, good for one use. Source: Stripe API reference, "Tokens"."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.stripe import cards, errors
from harness.simulator.stripe.account import StripeAccount, table
from harness.simulator.stripe.cards import Card

_ADDRESS = ("city", "country", "line1", "line2", "state", "zip")


class Token(Struct, frozen=True, gc=False, kw_only=True):
    """A token. Holds which test card it stands for; the number and the CVC that were typed are not kept."""

    id: str
    created: int
    type: str
    card: Card | None = None
    card_id: str | None = None
    exp_month: int = 0
    exp_year: int = 0
    cvc_given: bool = False
    name: str | None = None
    address: dict[str, str] | None = None
    used: bool = False


TOKENS = table("token", Token, prefix="tok_", noun="token")
CARD_TOKENS = ("card", "cvc_update")


def create(account: StripeAccount, params: dict[str, Any], *, raw_allowed: bool) -> Token:
    """Exchange card details for a token.

    Raises:
        StripeError: 402 for details that cannot be right, or for raw details from a secret key without the setting.
    """
    if "cvc_update" in params:
        return _stored(account, Token(id=account.new_id(TOKENS), created=account.now(), type="cvc_update"))
    given = params.get("card")
    others = [name for name in ("account", "bank_account", "person", "pii") if name in params]
    if others:
        raise errors.invalid(
            f"Tokens of a {others[0]} are not simulated; see docs/simulator/stripe.md.", param=others[0], stored=False
        )
    if given is None:
        raise errors.invalid(
            "You must supply either a card, customer, bank account, or PII object to create a token.", stored=False
        )
    if not isinstance(given, dict):
        raise errors.invalid("Invalid object", param="card", stored=False)
    if not raw_allowed:
        raise errors.raw_card_data()
    cvc = given.get("cvc")
    card = cards.enter(
        given["number"], given["exp_month"], given["exp_year"], cvc, now=account.clock.now(), live=account.livemode
    )
    address = {name: given[f"address_{name}"] for name in _ADDRESS if given.get(f"address_{name}")}
    return _stored(
        account,
        Token(
            id=account.new_id(TOKENS),
            created=account.now(),
            type="card",
            card=card,
            card_id=f"card_1{account.ids.text(23)}",
            exp_month=int(given["exp_month"]),
            exp_year=cards.full_year(given["exp_year"]),
            cvc_given=bool(cvc),
            name=given.get("name"),
            address=address or None,
        ),
    )


def redeem(account: StripeAccount, token_id: str, param: str) -> Token:
    """Use a token up.

    Raises:
        StripeError: 400, no such token or used already.
    """
    token = account.get(TOKENS, token_id, param, status=400)
    if token.used:
        raise errors.invalid(
            f"You cannot use a Stripe token more than once: {token_id}.", param=param, code="token_already_used"
        )
    return account.of(TOKENS).put(replace(token, used=True))


def billing_details(token: Token) -> dict[str, Any] | None:
    """What was typed beside the card, as the billing details of a payment method."""
    details: dict[str, Any] = {}
    if token.name:
        details["name"] = token.name
    if token.address:
        details["address"] = {"postal_code" if name == "zip" else name: value for name, value in token.address.items()}
    return details or None


def _stored(account: StripeAccount, token: Token) -> Token:
    return account.of(TOKENS).add(token)
