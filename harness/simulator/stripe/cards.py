"""Stripe's test cards: every documented number and alias, with what the card does when it is used.

The table is data (``data/cards.toml``). Sources: Stripe, "Testing"; Stripe, "Decline codes".
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Literal

from harness.simulator.stripe import errors

Authentication = Literal[
    "none", "not_supported", "optional", "required", "always", "unless_set_up", "set_up", "frictionless"
]
"""When the issuer asks for 3-D Secure.

``none``: supported, not enrolled. ``optional``: only when the merchant asks. ``required``: on session, by Radar's rule.
``always``: every payment, also after setup. ``unless_set_up``: every on-session payment, and off session until the card
was set up. ``set_up``: on session; off session it passes. ``frictionless``: authenticated without a challenge.
"""


@dataclass(frozen=True, slots=True)
class Decline:
    """An issuer's refusal, in the fields of Stripe's error object."""

    code: str
    message: str
    decline_code: str | None = None
    param: str | None = None
    advice_code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None

    def error(self, **objects: Any) -> errors.StripeError:
        """The 402 of this refusal; ``objects`` (``payment_intent``, ``charge``, ...) travel in the error."""
        extra = {
            name: value
            for name, value in (
                ("advice_code", self.advice_code),
                ("network_advice_code", self.network_advice_code),
                ("network_decline_code", self.network_decline_code),
            )
            if value is not None
        }
        return errors.StripeError(
            self.message,
            status=402,
            type=errors.CARD,
            code=self.code,
            decline_code=self.decline_code,
            param=self.param,
            extra=extra | objects,
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What a card's holder will claim: ``case_type`` chargeback, inquiry or compliance; ``count`` disputes a charge.

    ``protected``: no dispute once the payment was authenticated.
    """

    reason: str
    network_reason_code: str
    case_type: str = "chargeback"
    protected: bool = False
    count: int = 1
    compelling_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A test card. ``networks`` are in the order of preference; ``decline`` is what a charge meets.

    ``attaches``: whether it can be saved to a customer. ``blocked``: Radar refuses, nothing reaches the network.
    Checks are the issuer's answers to a CVC, postal code and first address line that were given.
    ``refund``: how its refunds go. ``authentication_fails``: the 3-D Secure lookup ends in a processing error.
    """

    number: str
    brand: str
    country: str = "US"
    funding: str = "credit"
    networks: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    decline: Decline | None = None
    attaches: bool = True
    blocked: bool = False
    risk: Literal["normal", "elevated", "highest"] = "normal"
    cvc_check: Literal["pass", "fail"] = "pass"
    postal_code_check: Literal["pass", "fail", "unavailable"] = "pass"
    line1_check: Literal["pass", "fail", "unavailable"] = "pass"
    authentication: Authentication = "none"
    authentication_fails: bool = False
    dispute: Claim | None = None
    early_fraud_warning: bool = False
    refund: Literal["immediate", "pending", "fails"] = "immediate"
    bypasses_pending: bool = False

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]

    @property
    def declines_cvc(self) -> bool:
        """Whether the refusal is about the CVC: it only comes when one was given."""
        return self.decline is not None and self.decline.code == "incorrect_cvc"

    @property
    def alias(self) -> str:
        """``pm_card_...`` of the card, or its number where Stripe gives it no alias."""
        return f"pm_card_{self.aliases[0]}" if self.aliases else self.number


def lookup(text: str) -> Card | None:
    """The card that a ``pm_card_*`` or ``tok_*`` alias or a number means; blanks do not count."""
    for prefix in ("pm_card_", "tok_"):
        if text.startswith(prefix):
            return _table().aliases.get(text[len(prefix) :])
    return by_number(text)


def by_number(number: str) -> Card | None:
    """The card that has a number."""
    return _table().numbers.get(number.replace(" ", "").replace("-", ""))


def decline(name: str) -> Decline:
    """A refusal by its name in the table (``insufficient_funds``, ``authentication_required``, ...)."""
    return _table().declines[name]


def all_cards() -> tuple[Card, ...]:
    """Every card, in the order of the table."""
    return _table().cards


def enter(
    number: str, exp_month: int | str, exp_year: int | str, cvc: str | None, *, now: float, live: bool = False
) -> Card:
    """The card of details that somebody typed. A two-digit year is of this century, or of the last one from 70 on.

    Raises:
        StripeError: 402 ``card_error`` with code ``invalid_number``, ``incorrect_number``, ``invalid_expiry_month``,
            ``invalid_expiry_year``, ``invalid_cvc``; ``test_mode_live_card`` for a number that is no test card,
            ``live_mode_test_card`` for a test card in live mode.
    """
    digits = number.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and SHORTEST <= len(digits) <= LONGEST):
        raise _entry_error("invalid_number", "The card number is not a valid credit card number.", "number")
    if not luhn(digits):
        raise _entry_error("incorrect_number", "Your card number is incorrect.", "number")
    _check_expiry(exp_month, exp_year, datetime.fromtimestamp(now, UTC))
    card = by_number(digits)
    brand = card.brand if card else brand_of(digits)
    if cvc and not (cvc.isascii() and cvc.isdigit() and len(cvc) in CVC_LENGTHS.get(brand, (3,))):
        raise _entry_error("invalid_cvc", "Your card's security code is invalid.", "cvc")
    if card is None:
        raise decline("test_mode_live_card").error()
    if live:
        raise decline("live_mode_test_card").error()
    return card


def full_year(year: int | str) -> int:
    """A year of four digits from what was typed."""
    number = int(year)
    if number >= CENTURY:
        return number
    return number + (1900 if number >= LAST_CENTURY_FROM else 2000)


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit)
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2  # noqa: PLR2004 - the Luhn formula
        total += value
    return total % 10 == 0


def brand_of(digits: str) -> str:
    """The brand that a number's first digits belong to, as Stripe names it."""
    for prefixes, brand in _PREFIXES:
        if digits.startswith(prefixes):
            return brand
    return "unknown"


SHORTEST, LONGEST = 12, 19
CVC_LENGTHS = {"amex": (3, 4)}
CENTURY, LAST_CENTURY_FROM = 100, 70
YEARS_AHEAD = 50

_PREFIXES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("34", "37"), "amex"),
    (("30", "36", "38", "39"), "diners"),
    (("35",), "jcb"),
    (("62", "81"), "unionpay"),
    (("6011", "644", "645", "646", "647", "648", "649", "65"), "discover"),
    (("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27"), "mastercard"),
    (("4",), "visa"),
)


def _check_expiry(month: int | str, year: int | str, now: datetime) -> None:
    months = _whole(month)
    if months is None or not 1 <= months <= 12:  # noqa: PLR2004 - months of a year
        raise _entry_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    years = _whole(year)
    if years is None or not now.year <= full_year(years) <= now.year + YEARS_AHEAD:
        raise _entry_error("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if full_year(years) == now.year and months < now.month:
        raise _entry_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")


def _whole(text: int | str) -> int | None:
    shown = str(text).strip()
    return int(shown) if shown.isascii() and shown.isdigit() else None


def _entry_error(code: str, message: str, param: str) -> errors.StripeError:
    return errors.StripeError(message, status=402, type=errors.CARD, code=code, param=param)


@dataclass(frozen=True, slots=True)
class _Table:
    cards: tuple[Card, ...]
    numbers: dict[str, Card]
    aliases: dict[str, Card]
    declines: dict[str, Decline]


@functools.cache
def _table() -> _Table:
    data = tomllib.loads(resources.files(__package__).joinpath("data/cards.toml").read_text())
    declines = {name: Decline(**fields) for name, fields in data["declines"].items()}
    claims = {name: Claim(**fields) for name, fields in data["disputes"].items()}
    cards = [_card(row, declines, claims) for row in data["cards"]]
    for alias, number in data["countries"].items():
        funding = "debit" if alias.endswith("_debit") else "credit"
        cards.append(
            Card(
                number,
                brand_of(number),
                country=alias[:2].upper(),
                funding=funding,
                networks=(brand_of(number),),
                aliases=(alias,),
            )
        )
    numbers: dict[str, Card] = {}
    aliases: dict[str, Card] = {}
    for card in cards:
        numbers.setdefault(card.number, card)
        aliases.update(dict.fromkeys(card.aliases, card))
    return _Table(tuple(cards), numbers, aliases, declines)


def _card(row: dict[str, Any], declines: dict[str, Decline], claims: dict[str, Claim]) -> Card:
    fields = dict(row)
    brand = brand_of(row["number"])
    refusal = declines[fields.pop("decline")] if "decline" in fields else None
    claim = claims[fields.pop("dispute")] if "dispute" in fields else None
    networks = tuple(fields.pop("networks", (brand,)))
    aliases = tuple(fields.pop("aliases", ()))
    card = Card(brand=brand, networks=networks, aliases=aliases, decline=refusal, dispute=claim, **fields)
    if refusal and "attaches" not in row:
        return replace(card, attaches=False)
    return card
