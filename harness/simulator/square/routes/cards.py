"""Cards on file: create, list, get, disable."""

from __future__ import annotations

from harness.simulator.kernel.messages import Answer
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.checks import Shape, Text, Whole, checked
from harness.simulator.square.errors import PAYMENT_METHOD, SquareError, error, invalid
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import cards
from harness.simulator.square.state.objects import CARDS, PAYMENTS, TOKENS, Card, Payment
from harness.simulator.square.wire import cards as wire

CREATE = {
    "idempotency_key": Text(45, 1, required=True),
    "source_id": Text(16384, 1, required=True),
    "verification_token": Text(),
    "card": Shape(
        {
            "customer_id": Text(),
            "cardholder_name": Text(96),
            "billing_address": Shape({}),
            "reference_id": Text(128),
            "exp_month": Whole(1, 12),
            "exp_year": Whole(),
        },
        required=True,
    ),
}
_PAGE = 25
_SAMPLE_POSTAL_CODE = "94103"
"""Postal code behind the fixed test sources."""


@operation("POST /v2/cards", key=45)
def create(call: Call) -> Answer:
    """Put the card of a token, or of a payment, on file."""
    body = checked(CREATE, call.params)
    account, sent = call.account, body["card"]
    if not sent.get("customer_id"):
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "card.customer_id")
    billing = sent.get("billing_address")
    card, name = _source(call, body["source_id"], (billing or {}).get("postal_code"), body.get("verification_token"))
    made = cards.store(
        account,
        card,
        customer=sent["customer_id"],
        name=sent.get("cardholder_name") or name,
        billing=billing,
        reference=sent.get("reference_id"),
    )
    return call.answer({"card": wire.filed(account, made)})


@operation("GET /v2/cards")
def listed(call: Call) -> Answer:
    """Cards on file, oldest first; those that were disabled only when asked."""
    query = call.query
    everything = query.get("include_disabled", "false").lower() == "true"
    found, cursor = page(
        call.account.of(CARDS),
        cursor=query.get("cursor"),
        limit=_PAGE,
        keep=lambda one: (
            (everything or one.enabled)
            and query.get("customer_id") in {None, "", one.customer}
            and query.get("reference_id") in {None, "", one.reference}
        ),
        ascending=query.get("sort_order", "ASC").upper() != "DESC",
    )
    body = {"cards": [wire.filed(call.account, one) for one in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("GET /v2/cards/{id}")
def read(call: Call, id_: str) -> Answer:
    """One card."""
    return call.answer({"card": wire.filed(call.account, cards.get(call.account, id_))})


@operation("POST /v2/cards/{id}/disable")
def disable(call: Call, id_: str) -> Answer:
    """Take a card off the file."""
    return call.answer({"card": wire.filed(call.account, cards.disable(call.account, cards.get(call.account, id_)))})


def _source(call: Call, id_: str, postal: str | None, verification: str | None) -> tuple[Card, str | None]:
    """The card to be stored and its holder's name.

    Raises:
        SquareError: 400 for a source that is used up, needs verification, or whose postal code is another one.
    """
    account = call.account
    fixed = cards.source(id_)
    if fixed is not None and fixed["kind"] == "CARD":
        if fixed.get("refuse"):
            raise _refused("SOURCE_USED", "The source was used before.")
        if fixed.get("decline"):
            raise _refused(fixed["decline"], cards.detail(fixed["decline"]))
        if postal not in {None, _SAMPLE_POSTAL_CODE}:
            raise _refused("INVALID_CARD_DATA", "The postal code does not match the card.")
        return cards.sample(account, fixed["brand"]), None
    payment = account.of(PAYMENTS).get(id_)
    return _token(account, id_, verification) if payment is None else (_paid_with(payment), None)


def _paid_with(payment: Payment) -> Card:
    """The card of a payment (charge and store)."""
    if payment.card is None or payment.status not in {"COMPLETED", "APPROVED"}:
        raise _refused("INVALID_CARD_DATA", "The card of this payment cannot be stored.")
    if payment.card.unverified:
        raise _verification()
    return payment.card


def _token(account: SquareAccount, id_: str, verification: str | None) -> tuple[Card, str | None]:
    known = account.of(TOKENS).get(id_)
    if known is not None and known.used:
        raise _refused("SOURCE_USED", "The source was used before.")
    if known is not None and account.now() - known.created > account.settings.token_hours * 3_600_000:
        raise _refused("SOURCE_EXPIRED", "The source has expired.")
    token = cards.spend(account, id_)
    if token.card.decline is not None:
        raise _refused(token.card.decline, cards.detail(token.card.decline))
    strong = cards.challenged(token.card, account) and not (token.stores or verification)
    if strong or token.card.unverified:
        raise _verification()
    return token.card, token.name


def _refused(code: str, detail: str) -> SquareError:
    return SquareError(400, [error(code, detail, "source_id")])


def _verification() -> SquareError:
    code = "CARD_DECLINED_VERIFICATION_REQUIRED"
    return SquareError(400, [error(code, cards.detail(code), category=PAYMENT_METHOD)])
