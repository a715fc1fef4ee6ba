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


def fields(account: StripeAccount, token_id: str, param: str) -> dict[str, Any] | None:
    """What a payment method takes over from a token, which is used up by it; None for a token without a card."""
    token = redeem(account, token_id, param)
    if token.card is None:
        return None
    taken: dict[str, Any] = {
        "card": token.card,
        "exp_month": token.exp_month,
        "exp_year": token.exp_year,
        "cvc_given": token.cvc_given,
        "cvc_check": "unchecked" if token.cvc_given else None,
    }
    typed: dict[str, Any] = {"name": token.name} if token.name else {}
    if token.address:
        typed["address"] = {"postal_code" if key == "zip" else key: value for key, value in token.address.items()}
        taken["postal_check"] = "unchecked" if token.address.get("zip") else None
        taken["line1_check"] = "unchecked" if token.address.get("line1") else None
    if typed:
        taken["billing_details"] = typed
    return taken


def _stored(account: StripeAccount, token: Token) -> Token:
    return account.of(TOKENS).add(token)
