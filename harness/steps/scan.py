"""Looking for what must not be there: canaries of a scenario and secrets, in every usual encoding.

A canary is a card number that exists nowhere else (it passes the Luhn check, in a range of test cards, and is on no
list), so that a hit is certain. A security code is too short to be unique, so it counts only beside a word that says
what it is.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from harness.record.model import ScanHit

CARD_NUMBER, SECURITY_CODE, SECRET, PAYMENT_SECRET = "card number", "security code", "secret", "payment secret"
TEST_NUMBERS = (
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "4000000000000002",
    "4000000000009995",
    "4000002500003155",
)
"""Published test numbers that have no business in a shop either (Stripe, "Test cards")."""
_CODE_WORDS = rb"(?:cvc|cvv|cvn|csc|security.{0,3}code)\W{0,8}"
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Card:
    """A canary: a card that nobody has."""

    number: str
    code: str
    month: int = 12
    year: int = 2039


def canary(draw: random.Random) -> Card:
    """A new card number that passes the Luhn check and is on no list of test cards."""
    while True:
        digits = "400000" + "".join(str(draw.randrange(10)) for _ in range(9))
        number = next(digits + str(last) for last in range(10) if luhn(digits + str(last)))
        if number not in TEST_NUMBERS:
            return Card(number, f"{draw.randrange(1000, 10000)}")


def luhn(number: str) -> bool:
    """Whether a card number's check digit is right (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digits of a product are added up
    return total % 10 == 0


@dataclass(slots=True)
class Search:
    """What is looked for: exact values by kind, in plain, spaced, URL- and base64-encoded form."""

    wanted: dict[str, set[str]] = field(default_factory=dict)
    _order: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, *values: str) -> None:
        """Look for these values as well."""
        for value in values:
            if value and value not in self.wanted.setdefault(kind, set()):
                self.wanted[kind].add(value)
                self._order.append((kind, value))

    def hits(self, place: str, data: bytes, kinds: Iterable[str] | None = None) -> Iterator[ScanHit]:
        """What is found in some bytes; each value at most once."""
        allowed = set(kinds) if kinds is not None else None
        for kind, value in self._order:
            if allowed is not None and kind not in allowed:
                continue
            found = _pattern(kind, value).search(data)
            if found:
                line = data.count(b"\n", 0, found.start()) + 1
                yield ScanHit(kind, masked(value), f"{place}, line {line}" if line > 1 else place)


def masked(value: str) -> str:
    """A value as it may be shown: its last four characters at most, and not more than a third of it."""
    shown = min(_SHOWN, len(value) // 3)
    return "*" * (len(value) - shown) + value[len(value) - shown :]


@lru_cache(maxsize=512)  # made when it is needed: most scenarios search nothing, and all look for the same secrets
def _pattern(kind: str, value: str) -> re.Pattern[bytes]:
    if kind == SECURITY_CODE:
        return re.compile(_CODE_WORDS + re.escape(value.encode()) + rb"(?!\d)", re.IGNORECASE)
    forms = {re.escape(value.encode()), re.escape(quote(value, safe="").encode())}
    encoded = set(_base64_forms(value.encode()))
    if kind == CARD_NUMBER:
        encoded |= set(_base64_forms(_grouped(value, " ").encode()))
        forms = {rb"(?<!\d)" + _spaced(value) + rb"(?!\d)"}
    return re.compile(b"|".join(sorted(forms | encoded)))


def _spaced(number: str) -> bytes:
    """The digits with separators between them: blanks, dashes, dots, or their URL encodings."""
    return rb"(?:[ \-.+_]|%20|%2D|&nbsp;)?".join(re.escape(digit.encode()) for digit in number)


def _grouped(number: str, separator: str) -> str:
    return separator.join(number[start : start + 4] for start in range(0, len(number), 4))


def _base64_forms(value: bytes) -> Iterator[bytes]:
    """What base64 makes of the value wherever it begins in the text.

    The part that does not depend on its neighbours.
    """
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + value)
        start = (0, 2, 3)[shift]
        end = len(encoded) - (0 if (shift + len(value)) % 3 == 0 else 4)
        stable = encoded[start:end].rstrip(b"=")
        if len(stable) >= 8:  # noqa: PLR2004 - shorter would be found by chance
            yield re.escape(stable)
            yield re.escape(stable.replace(b"+", b"-").replace(b"/", b"_"))


def addresses(document: object) -> Iterator[str]:
    """Every text in a JSON document that is an address."""
    if isinstance(document, str):
        if document.startswith(("http://", "https://")):
            yield document
    elif isinstance(document, Mapping):
        for value in document.values():
            yield from addresses(value)
    elif isinstance(document, list):
        for value in document:
            yield from addresses(value)
