"""What must never be written down, and how it is taken out: card numbers, security codes, keys, secrets, tokens.

Pure functions; the log processor, the request guard and the error handlers use the same patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

HIDDEN = "[redacted]"

_SECRET_NAMES = re.compile(
    r"cvc|cvv|cvn|security.?code|card.?number|^number$|^pan$|authorization|signature|secret|password|token|api.?key|cookie|"
    r"exp.?(month|year)",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    r"\b(?:sk|rk|pk)_(?:test|live)_[0-9A-Za-z]+"
    r"|\bwhsec_[0-9A-Za-z+/=_-]+"
    r"|\b[a-z]+_[0-9A-Za-z_]+_secret_[0-9A-Za-z]+"
    r"|\b(?:op|ot)_[0-9A-Za-z_-]{5,}"
    r"|\bA21[0-9A-Za-z_-]{20,}"  # a PayPal access token
    r"|\b(?:security_?code|cvv2?|cvc)\W{1,4}\d{3,4}\b"
    r"|\bBasic\s+[0-9A-Za-z+/=]{8,}"
    r"|\bBearer\s+\S+",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d(?:[ .,_\-\u00a0\t]{0,2}\d){11,60}")
_GROUP = re.compile(r"\d+")
_UUID = r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
_ID = r"(?<![0-9A-Za-z])(?=\d*(?:[A-Za-z]+\d+){2}[A-Za-z])[0-9A-Za-z]{20,}(?![0-9A-Za-z])"
_ID_OR_DIGITS = re.compile(rf"(?P<id>{_UUID}|{_ID})|{_DIGITS.pattern}")
"""One random UUID in a thousand has groups of digits that add up to a card number; clients use them as keys.

So have the random ids of the providers, such as ``evt_2f91e10a004b503152330778``: letters and digits that change at
least four times. Whoever writes a card number beside some words does not write it like that.
"""
_SHORTEST = 12
_BRANDS = re.compile(
    r"4\d{12}(?:\d{3}(?:\d{3})?)?"  # Visa: 13, 16 or 19 digits
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}(?:\d{2})?"  # Diners, 14 or 16 digits
    r"|35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?"  # JCB
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}(?:\d{3})?"  # Discover
    r"|62\d{14,17}"  # UnionPay
    r"|(?:50|5[6-9]|6\d)\d{10,17}"  # Maestro
)


def luhn(digits: str) -> bool:
    """Whether a text of digits carries a right check digit (ISO/IEC 7812)."""
    total = 0
    for index, character in enumerate(reversed(digits)):
        value = int(character) * (1 + index % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the two digits of a doubled one are added
    return total % 10 == 0


def is_card_number(text: str) -> bool:
    """Whether a text is a card number: digits of a card brand's form with a right check digit, separators or not."""
    digits = "".join(_GROUP.findall(text))
    return bool(_BRANDS.fullmatch(digits)) and luhn(digits)


def holds_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in a text, as it is or URL-encoded."""
    if _finds(text):
        return True
    return "%" in text and _finds(unquote_plus(text))


def _finds(text: str) -> bool:
    runs = (match.group() for match in _ID_OR_DIGITS.finditer(text) if not match["id"])
    return any(_card_numbers(run) for run in runs)


def _card_numbers(run: str) -> list[tuple[int, int]]:
    """Where card numbers stand in a run of digits and separators: any neighbouring groups that together are one.

    A group is never cut, so a longer number (a timestamp, a tracking number) is not taken for a card.
    """
    groups = list(_GROUP.finditer(run))
    found = []
    for first, start in enumerate(groups):
        for end in groups[first:]:
            candidate = run[start.start() : end.end()]
            if len(candidate) >= _SHORTEST and is_card_number(candidate):
                found.append((start.start(), end.end()))
                break
    return found


def _blank(match: re.Match[str]) -> str:
    run = match.group()
    if match["id"]:
        return run
    for start, end in reversed(_card_numbers(run)):
        run = run[:start] + HIDDEN + run[end:]
    return run


def clean(value: Any, name: str = "") -> Any:
    """A copy of a value without anything that must not be written down; ``name`` is the key it stood under."""
    if name and _SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bytes):
        return clean_text(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {str(key): clean(entry, str(key)) for key, entry in value.items()}
    if isinstance(value, Iterable):
        return [clean(entry) for entry in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return HIDDEN if is_card_number(str(value)) else value
    return value if value is None or isinstance(value, bool | float) else clean_text(str(value))


def clean_text(text: str) -> str:
    """A text with card numbers, keys, secrets and tokens taken out."""
    text = _SECRETS.sub(HIDDEN, text)
    text = _ID_OR_DIGITS.sub(_blank, text)
    return HIDDEN if "%" in text and _finds(unquote_plus(text)) else text
