"""The small part of JSON path that results need: ``a.b``, ``a[0]``, ``a[-1]``, ``a[*].b``, ``a[?kind=paid].at``.

A star or a filter makes a list of what is found; elsewhere an absent part is ``None``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_PART = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+|\*|\?[\w.]+=[^\]]*)\]")


class PathError(ValueError):
    """A text that is not a JSON path."""


@lru_cache(maxsize=1024)
def parse(path: str) -> tuple[str, ...]:
    """Parts of a path; raises ``PathError`` with what is expected."""
    rest = path.removeprefix("$").removeprefix(".")
    parts: list[str] = []
    while rest:
        match = _PART.match(rest)
        if not match:
            raise PathError(f"{path!r} is not a path such as 'payment.id', 'lines[0].sku' or 'effects[?kind=mail]'")
        parts.append(match[1] if match[1] is not None else f"[{match[2]}]")
        rest = rest[match.end() :]
    return tuple(parts)


def find(document: Any, path: str) -> Any:
    """What the path leads to in a JSON document; ``None`` where there is nothing."""
    return _walk(document, parse(path))


def _walk(value: Any, parts: tuple[str, ...]) -> Any:
    for position, part in enumerate(parts):
        if not part.startswith("["):
            value = value.get(part) if isinstance(value, dict) else None
            continue
        if not isinstance(value, list):
            return None
        inside = part[1:-1]
        if inside == "*" or inside.startswith("?"):
            chosen = value if inside == "*" else [item for item in value if _fits(item, inside[1:])]
            rest = parts[position + 1 :]
            return [_walk(item, rest) for item in chosen]
        index = int(inside)
        value = value[index] if -len(value) <= index < len(value) else None
    return value


def _fits(item: Any, condition: str) -> bool:
    path, _, wanted = condition.partition("=")
    return str(_walk(item, parse(path))) == wanted
