"""Requests against what Square's OpenAPI file says of them: types, lengths, what is required.

A shape is a dictionary from names to what is expected there: ``Text``, ``Whole``, ``Flag``, ``Several``, another shape,
or ``MONEY``. What a shape does not name is left alone, since newer clients send more than an older simulator knows.
The first thing that is wrong is reported, by its path with dots.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.simulator.square.errors import SquareError, invalid


@dataclass(frozen=True, slots=True)
class Text:
    """A string. ``of``: the values it may have."""

    most: int = 65535
    least: int = 0
    required: bool = False
    of: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int | None = None
    most: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    required: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """A list."""

    item: Any = None
    most: int = 10_000
    least: int = 0
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """An object."""

    members: Mapping[str, Any]
    required: bool = False


KEY = Text(most=45, least=1, required=True)
"""An idempotency key that must be there."""
_CURRENCY = re.compile(r"[A-Z]{3}")
MONEY = Shape({"amount": Whole(), "currency": Text()})
MONEY_REQUIRED = Shape(MONEY.members, required=True)


def checked(members: Mapping[str, Any], body: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """The members of a body that are not null, once everything fits.

    Raises:
        SquareError: 400 for the first thing that does not.
    """
    for name, wanted in members.items():
        place = f"{path}{name}"
        value = body.get(name)
        if value is None:
            if wanted is not None and wanted.required:
                raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", place)
            continue
        if wanted is not None:
            _check(wanted, value, place)
    return {name: value for name, value in body.items() if value is not None}


def _check(wanted: Any, value: Any, place: str) -> None:
    _CHECKS[type(wanted)](wanted, value, place)


def _shape(wanted: Shape, value: Any, place: str) -> None:
    if not isinstance(value, dict):
        raise invalid("EXPECTED_OBJECT", "Expected an object.", place)
    checked(wanted.members, value, f"{place}.")
    if wanted.members is MONEY.members:
        _money(value, place)


def _text(wanted: Text, value: Any, place: str) -> None:
    if not isinstance(value, str):
        raise invalid("EXPECTED_STRING", "Expected a string value.", place)
    if len(value) < wanted.least:
        raise invalid("VALUE_TOO_SHORT" if value else "VALUE_EMPTY", "Field must not be blank", place)
    if len(value) > wanted.most:
        raise invalid("VALUE_TOO_LONG", f"Field must not be greater than {wanted.most} in length", place)
    if wanted.of is not None and value not in wanted.of:
        raise invalid("INVALID_ENUM_VALUE", f"`{value}` is not a valid enum value for `{place}`.", place)


def _whole(wanted: Whole, value: Any, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid("EXPECTED_INTEGER", "Expected an integer value.", place)
    if wanted.least is not None and value < wanted.least:
        raise invalid("VALUE_TOO_LOW", f"Field must be greater than or equal to {wanted.least}", place)
    if wanted.most is not None and value > wanted.most:
        raise invalid("VALUE_TOO_HIGH", f"Field must be less than or equal to {wanted.most}", place)


def _flag(wanted: Flag, value: Any, place: str) -> None:
    del wanted
    if not isinstance(value, bool):
        raise invalid("EXPECTED_BOOLEAN", "Expected a boolean value.", place)


def _several(wanted: Several, value: Any, place: str) -> None:
    if not isinstance(value, list):
        raise invalid("EXPECTED_ARRAY", "Expected an array.", place)
    if len(value) < wanted.least:
        raise invalid("ARRAY_LENGTH_TOO_SHORT" if value else "ARRAY_EMPTY", "The array is too short.", place)
    if len(value) > wanted.most:
        raise invalid("ARRAY_LENGTH_TOO_LONG", f"The array must not have more than {wanted.most} entries.", place)
    for number, one in enumerate(value if wanted.item is not None else ()):
        if one is None:
            raise invalid("INVALID_VALUE", "An entry of an array cannot be null.", f"{place}[{number}]")
        _check(wanted.item, one, f"{place}[{number}]")


_CHECKS: dict[type, Callable[[Any, Any, str], None]] = {
    Shape: _shape,
    Text: _text,
    Whole: _whole,
    Flag: _flag,
    Several: _several,
}


def _money(value: dict[str, Any], place: str) -> None:
    if value.get("amount") is None:
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", f"{place}.amount")
    if value.get("currency") is None:
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", f"{place}.currency")
    if not _CURRENCY.fullmatch(value["currency"]):
        detail = f"`{value['currency']}` is not a valid enum value for `{place}.currency`."
        raise invalid("INVALID_ENUM_VALUE", detail, f"{place}.currency")
    if value["amount"] < 0:
        raise invalid("INVALID_VALUE", "The amount of money must not be negative.", f"{place}.amount")


def limit(query: Mapping[str, str], *, most: int, default: int) -> int:
    """How many entries a list may bring.

    Raises:
        SquareError: 400 for no number, or one out of bounds.
    """
    text = query.get("limit")
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise invalid("EXPECTED_INTEGER", "Expected an integer value.", "limit")
    number = int(text)
    if number < 1:
        raise invalid("VALUE_TOO_LOW", "Field must be greater than or equal to 1", "limit")
    return min(number, most)


def refuse_unless(condition: object, error: SquareError) -> None:
    """Raise a refusal where something does not hold."""
    if not condition:
        raise error
