"""How updates change maps: named fields are replaced, an empty value unsets. Stripe, "Metadata"."""

from __future__ import annotations

from typing import Any


def metadata(old: dict[str, Any] | None, given: Any) -> dict[str, Any] | None:
    """Metadata after an update: keys merge, an empty value removes its key, an empty map removes all."""
    if given is None:
        return old
    if given == "":
        return None
    out = dict(old) if old else {}
    for key, value in given.items():
        if value == "":
            out.pop(key, None)
        else:
            out[key] = value
    return out or None


def merged(old: dict[str, Any] | None, given: Any) -> dict[str, Any] | None:
    """A nested map after an update: fields merge at every level, an empty value becomes null."""
    if given == "" or given is None:
        return None
    out = dict(old) if old else {}
    for key, value in given.items():
        if value == "":
            out[key] = None
        elif isinstance(value, dict):
            before = out.get(key)
            out[key] = merged(before if isinstance(before, dict) else None, value)
        else:
            out[key] = value
    return out


def text(value: Any) -> Any:
    """A scalar of an update: the empty text unsets."""
    return None if value == "" else value
