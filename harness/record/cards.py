"""Card numbers in text: found by brand, length and Luhn, masked to their first six and last four digits.

Plain, in the groups in which they are printed on cards (with one separator throughout), with those separators or with
every digit percent-encoded, in JSON, forms and URLs. What only looks like one is left alone: parts of hashes, of
UUIDs, of decimal fractions, of longer numbers; timestamps fail by their first digit.

Brands and lengths: ISO/IEC 7812-1 issuer ranges as the networks publish them.
"""

from __future__ import annotations

import re

_BRANDS: tuple[tuple[int, int, frozenset[int]], ...] = tuple(
    (low, high, frozenset(lengths))
    for low, high, lengths in [
        # first six digits from, to, number of digits
        (400000, 499999, (13, 16, 19)),  # Visa
        (510000, 559999, (16,)),  # Mastercard
        (222100, 272099, (16,)),  # Mastercard
        (340000, 349999, (15,)),  # American Express
        (370000, 379999, (15,)),  # American Express
        (300000, 305999, (14, 16)),  # Diners Club
        (309500, 309599, (14, 16)),  # Diners Club
        (360000, 369999, (14, 16, 19)),  # Diners Club
        (380000, 399999, (14, 16, 19)),  # Diners Club
        (601100, 601199, (16, 19)),  # Discover
        (644000, 659999, (16, 19)),  # Discover
        (352800, 358999, (16, 17, 18, 19)),  # JCB
        (620000, 629999, (16, 17, 18, 19)),  # UnionPay
        (810000, 817199, (16, 17, 18, 19)),  # UnionPay
        (220000, 220499, (16, 17, 18, 19)),  # Mir
        (500000, 509999, (13, 14, 15, 16, 17, 18, 19)),  # Maestro, Elo
        (560000, 589999, (13, 14, 15, 16, 17, 18, 19)),  # Maestro
        (630000, 639999, (13, 14, 15, 16, 17, 18, 19)),  # Maestro
        (670000, 679999, (13, 14, 15, 16, 17, 18, 19)),  # Maestro
    ]
)

SHORTEST = 13
"""Digits of the shortest card number."""

# Before a number: an escape that ends in a letter or a digit, or nothing that would make it part of something longer.
_BEFORE = r"(?:%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[nrtbf]|(?<![0-9A-Za-z*])(?<!\d\.))"
_AFTER = r"(?![0-9A-Za-z*])(?!\.\d)"
_PLAIN = r"\d{13,19}"
_GAP = r"(?P<gap>%20|\\u00a0|[ .+\-\u00a0])"
_FOURS = r"\d{4}(?P=gap)\d{4}(?P=gap)(?:\d{4}(?P=gap)\d{3}|\d{4}|\d{2})"
_GROUPS = rf"(?<!\d-)\d{{4}}{_GAP}(?:{_FOURS}|\d{{6}}(?P=gap)\d{{4,5}})(?!-\d)"  # not inside a UUID
_NUMBER = re.compile(rf"(?P<before>{_BEFORE})(?P<number>{_GROUPS}|{_PLAIN}){_AFTER}", re.ASCII)
_ENCODED = re.compile(r"(?:%3[0-9]){13,19}(?!%3[0-9])")

_SHAPE = str.maketrans({**dict.fromkeys("123456789", "0"), **dict.fromkeys(".+-\u00a0", " ")})
_HINTS = ("0" * 13, "0000 0000 0000", "0000 000000 0000", "0000%00", "0000\\u", "%00%00%00%00%00%00%00%00")


def is_card_number(digits: str) -> bool:
    """Whether a text of digits alone has a brand's range and length and satisfies Luhn."""
    first = int(digits[:6])
    if not any(low <= first <= high and len(digits) in lengths for low, high, lengths in _BRANDS):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004 - Luhn: the digits of the doubled digit are added
    return total % 10 == 0


def mask(text: str) -> str:
    """A text with every card number in it masked; the same text where there is none."""
    shape = text.translate(_SHAPE)
    if not any(hint in shape for hint in _HINTS):
        return text
    return _ENCODED.sub(_masked_encoded, _NUMBER.sub(_masked, text))


def _masked(match: re.Match[str]) -> str:
    number, gap = match["number"], match["gap"]
    digits = number.replace(gap, "") if gap else number
    if not is_card_number(digits):
        return match[0]
    masked = digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
    if gap:
        groups, at = [], 0
        for group in number.split(gap):
            groups.append(masked[at : at + len(group)])
            at += len(group)
        masked = gap.join(groups)
    return match["before"] + masked


def _masked_encoded(match: re.Match[str]) -> str:
    digits = match[0].replace("%3", "")
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:] if is_card_number(digits) else match[0]
