"""What an order may be and which state it is in: pure rules, no I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reference_impl import catalogue, money
from reference_impl.errors import Invalid

_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}")
MAX_LINES = 20


class OrderState(StrEnum):
    """State of an order, as the API shows it."""

    UNPAID = "unpaid"
    AUTHORISED = "authorised"
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    LOST = "lost"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wish:
    """A line as a shopper asks for it: no price in it."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with the catalogue's price, in minor units."""

    sku: str
    name: str
    quantity: int
    unit: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that an order's state follows from; amounts in minor units."""

    payment_state: str | None
    payment_open: bool = True
    held: bool = False
    captured: int = 0
    refunded: int = 0
    open_chargeback: bool = False
    lost_chargeback: bool = False
    cancelled: bool = False


def priced(wishes: Sequence[Wish], currency: str, *, max_quantity: int) -> list[PricedLine]:
    """The lines of an order at the catalogue's prices; raises ``Invalid`` for what is not sold like that."""
    if currency not in money.CURRENCIES:
        raise Invalid("unknown_currency", f"The shop sells in {', '.join(c.upper() for c in money.CURRENCIES)}.")
    if not wishes or len(wishes) > MAX_LINES:
        raise Invalid("invalid_lines", f"An order has between 1 and {MAX_LINES} lines.")
    if len({wish.sku for wish in wishes}) != len(wishes):
        raise Invalid("repeated_article", "An article stands in one line only; raise its quantity instead.")
    lines = []
    for wish in wishes:
        unit = catalogue.price(wish.sku, currency)
        if unit is None:
            raise Invalid(
                "unknown_article", "The shop does not sell that article in this currency; see GET /catalogue."
            )
        if not 1 <= wish.quantity <= max_quantity:
            raise Invalid("invalid_quantity", f"The quantity must be a whole number between 1 and {max_quantity}.")
        lines.append(PricedLine(wish.sku, catalogue.goods()[wish.sku].name, wish.quantity, unit))
    return lines


def total(lines: Sequence[PricedLine], currency: str) -> int:
    """Sum of an order in minor units; raises ``Invalid`` where the currency does not allow it."""
    amount = sum(line.unit * line.quantity for line in lines)
    if trouble := money.problem(amount, currency):
        raise Invalid("invalid_total", trouble)
    return amount


def email(text: str | None) -> str | None:
    """An address to send the receipt to; raises ``Invalid`` for what is none."""
    if text is None:
        return None
    if not _EMAIL.fullmatch(text):
        raise Invalid("invalid_email", "That is not an e-mail address.")
    return text


def state(facts: Facts) -> OrderState:
    """State of an order. It follows from the facts alone, so news in any order leads to the same state."""
    if facts.captured and not facts.held:
        return _state_of_paid(facts)
    if facts.cancelled and not facts.payment_open:
        return OrderState.CANCELLED
    if facts.payment_state == "authorised" and not facts.held:
        return OrderState.AUTHORISED
    return OrderState.UNPAID


def _state_of_paid(facts: Facts) -> OrderState:
    if facts.lost_chargeback:
        return OrderState.LOST
    if facts.open_chargeback:
        return OrderState.DISPUTED
    if facts.refunded >= facts.captured:
        return OrderState.REFUNDED
    return OrderState.PART_REFUNDED if facts.refunded else OrderState.PAID
