"""What pays: a token of the browser, a card on file, cash, a bank account, or one of the sandbox's fixed sources.

Source: Square, "Sandbox payments", "Take payments".
"""

from __future__ import annotations

from typing import Any

from harness.simulator.square.account import SquareAccount
from harness.simulator.square.errors import SquareError, error, invalid
from harness.simulator.square.state import cards
from harness.simulator.square.state.objects import CARD, CARDS, Card


class Source:
    """What pays: kind, card, how it was entered, what happens to it."""

    __slots__ = ("card", "decline", "entry", "fails", "kind")

    def __init__(
        self,
        kind: str,
        card: Card | None = None,
        *,
        decline: str | None = None,
        entry: str = "KEYED",
        fails: str | None = None,
    ) -> None:
        self.kind = kind
        self.card = card
        self.decline = decline
        self.entry = entry
        self.fails = fails


def of(account: SquareAccount, body: dict[str, Any]) -> Source:
    """What a payment's ``source_id`` stands for; a token is used up by it.

    Raises:
        SquareError: 400 or 404 for what cannot pay.
    """
    id_ = body["source_id"]
    fixed = cards.source(id_)
    if fixed is not None:
        if fixed.get("refuse"):
            category = account.settings.token_used_category
            words = cards.detail(fixed["refuse"])
            raise SquareError(400, [error(fixed["refuse"], words, "source_id", category=category)])
        card = cards.sample(account, fixed["brand"], fixed.get("decline")) if "brand" in fixed else None
        entry = "ON_FILE" if fixed.get("filed") else "KEYED"
        return Source(fixed["kind"], card, decline=fixed.get("decline"), entry=entry, fails=fixed.get("fails"))
    if id_.startswith("ccof:"):
        filed = account.of(CARDS).get(id_)
        if filed is None or not filed.enabled:
            raise invalid("NOT_FOUND", f"Card with ID `{id_}` not found.", "source_id", status=404)
        if body.get("customer_id") is None:
            detail = "A card on file needs the customer_id that it belongs to."
            raise invalid("MISSING_REQUIRED_PARAMETER", detail, "customer_id")
        if body["customer_id"] != filed.customer:
            raise invalid("NOT_FOUND", f"Card with ID `{id_}` not found.", "source_id", status=404)
        return Source(CARD, filed.card, decline=filed.card.decline, entry="ON_FILE")
    if not id_.startswith(("cnon:", "bnon:", "wnon:")):
        raise invalid("INVALID_CARD_DATA", "Invalid source id.", "source_id")
    token = cards.spend(account, id_)
    decline = token.card.decline
    if decline is None and cards.challenged(token.card, account) and not token.verified:
        decline = "CARD_DECLINED_VERIFICATION_REQUIRED" if body.get("verification_token") is None else None
    return Source(CARD, token.card, decline=decline)
