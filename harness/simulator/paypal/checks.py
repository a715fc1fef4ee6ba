"""Checks a JSON body against rules: what is well-formed is kept, what PayPal does not know is left out.

Every problem of a body is collected, with its JSON pointer; the answer is one 400. A number where text is expected is
read as text, as PayPal does; null counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from harness.simulator.paypal.errors import Detail, PayPalError, detail

Rule = Callable[[Any, str, list[Detail]], Any]
"""(value, pointer, problems) -> the value as it is kept."""


def checked(rule: Rule, body: Any) -> Any:
    """The body as it is kept.

    Raises:
        PayPalError: 400 with all that is wrong.
    """
    problems: list[Detail] = []
    if not isinstance(body, dict):
        raise PayPalError(400, [detail("MALFORMED_REQUEST_JSON", "/")])
    kept = rule(body, "", problems)
    if problems:
        raise PayPalError(400, problems)
    return kept


def text(least: int = 0, most: int = 0, pattern: str | None = None, *, secret: bool = False) -> Rule:
    """Text of a length and a form; ``secret`` is never repeated in a refusal."""
    form = re.compile(pattern) if pattern else None

    def rule(value: Any, pointer: str, problems: list[Detail]) -> Any:
        if type(value) is not str:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                problems.append(detail("INVALID_PARAMETER_SYNTAX", pointer))
                return value
            value = str(value)
        shown = None if secret else value
        if len(value) < least or (most and len(value) > most):
            problems.append(detail("INVALID_STRING_LENGTH", pointer, shown))
        elif form is not None and form.fullmatch(value) is None:
            problems.append(detail("INVALID_PARAMETER_SYNTAX", pointer, shown))
        return value

    return rule


def choice(*known: str) -> Rule:
    """One of some words."""
    words = frozenset(known)

    def rule(value: Any, pointer: str, problems: list[Detail]) -> Any:
        if not isinstance(value, str) or value not in words:
            problems.append(detail("INVALID_PARAMETER_VALUE", pointer, value if isinstance(value, str) else None))
        return value

    return rule


def boolean(value: Any, pointer: str, problems: list[Detail]) -> Any:
    """True or false; their names count."""
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        problems.append(detail("INVALID_PARAMETER_SYNTAX", pointer))
    return value


def loose(value: Any, pointer: str, problems: list[Detail]) -> Any:
    """Anything."""
    del pointer, problems
    return value


def array(item: Rule, most: int = 0, least: int = 0) -> Rule:
    """A list."""

    def rule(value: Any, pointer: str, problems: list[Detail]) -> Any:
        if not isinstance(value, list):
            problems.append(detail("INVALID_PARAMETER_SYNTAX", pointer))
            return value
        if len(value) < least:
            problems.append(detail("INVALID_ARRAY_MIN_ITEMS", pointer))
        if most and len(value) > most:
            problems.append(detail("INVALID_ARRAY_MAX_ITEMS", pointer))
            return value
        return [item(one, f"{pointer}/{place}", problems) for place, one in enumerate(value)]

    return rule


def obj(fields: dict[str, Rule], *required: str) -> Rule:
    """An object."""
    table = tuple((name, f"/{name}", rule, name in required) for name, rule in fields.items())

    def rule(value: Any, pointer: str, problems: list[Detail]) -> Any:
        if not isinstance(value, dict):
            problems.append(detail("INVALID_PARAMETER_SYNTAX", pointer))
            return value
        kept = {}
        for name, step, check, needed in table:
            one = value.get(name)
            if one is None:
                if needed:
                    problems.append(detail("MISSING_REQUIRED_PARAMETER", pointer + step))
            else:
                kept[name] = check(one, pointer + step, problems)
        return kept

    return rule


MONEY = obj(
    {
        "currency_code": text(3, 3, "[A-Za-z]{3}"),
        "value": text(1, 32, r"-?[0-9]+|-?[0-9]*\.[0-9]+"),
    },
    "currency_code",
    "value",
)
