"""Braces in a profile: ``"{order_id}"`` names a value, ``"{email?}"`` one that may be absent, ``"{{"`` is a brace.

A text that is one name alone becomes the value itself, with its type (a list stays a list); a name inside a text
becomes its string. An absent optional value removes the key or item it stands in, whatever stands beside it.

    TemplateError
     +-- MissingValueError      a name that is not optional has no value
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_NAME = re.compile(r"\{\{|\}\}|\{([A-Za-z_][\w.]*)(\?)?\}")
_ALONE = re.compile(r"\{([A-Za-z_][\w.]*)(\?)?\}\Z")


class TemplateError(Exception):
    """A template that cannot be filled."""


class MissingValueError(TemplateError):
    """A name that is not optional has no value."""

    def __init__(self, name: str) -> None:
        super().__init__(f"nothing is known under the name {{{name}}}")
        self.name = name


class _Absent:
    """What an absent optional value is filled with."""


ABSENT: Final = _Absent()
Look = Callable[[str], Any]
"""Finds a dotted name; answers ``ABSENT`` where there is none."""


def names(template: Any) -> Iterator[str]:
    """Every name in a text, a list or a table, in order."""
    if isinstance(template, str):
        yield from (match[1] for match in _NAME.finditer(template) if match[1])
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from names(key)
            yield from names(value)
    elif isinstance(template, list):
        for value in template:
            yield from names(value)


def fill(template: Any, look: Look) -> Any:
    """The template with its names replaced; raises ``MissingValueError``."""
    if isinstance(template, str):
        return _fill_text(template, look)
    if isinstance(template, Mapping):
        filled = ((_text(key, look), fill(value, look)) for key, value in template.items())
        return {key: value for key, value in filled if value is not ABSENT}
    if isinstance(template, list):
        return [value for value in (fill(item, look) for item in template) if value is not ABSENT]
    return template


def text(template: str, look: Look) -> str:
    """A template as text, whatever its values are."""
    return _text(template, look)


def within(values: Mapping[str, Any]) -> Look:
    """Look dotted names up in nested tables."""

    def look(name: str) -> Any:
        found: Any = values
        for part in name.split("."):
            if not isinstance(found, Mapping) or part not in found:
                return ABSENT
            found = found[part]
        return ABSENT if found is None else found

    return look


def _fill_text(template: str, look: Look) -> Any:
    if any(match[2] and look(match[1]) is ABSENT for match in _NAME.finditer(template)):
        return ABSENT
    alone = _ALONE.match(template)
    if not alone:
        return _text(template, look)
    value = look(alone[1])
    if value is ABSENT:
        raise MissingValueError(alone[1])
    return value


def _text(template: str, look: Look) -> str:
    def one(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0][0]
        value = look(match[1])
        if value is ABSENT:
            if match[2]:
                return ""
            raise MissingValueError(match[1])
        return str(value)

    return _NAME.sub(one, template)
