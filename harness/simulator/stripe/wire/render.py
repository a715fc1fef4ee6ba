"""From state to JSON: a registry of renderers, expansion of references, lists.

Key order is Stripe's: ``id``, ``object``, then alphabetical; bodies are indented by two blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import BY_PREFIX, StripeAccount

Json = dict[str, Any]
Renderer = Callable[[Any, StripeAccount], Json]

_renderers: dict[type, Renderer] = {}
_expandable: dict[str, frozenset[str]] = {}
_timely: set[type] = set()
_includers: dict[tuple[str, str], Callable[[Json, StripeAccount], Any]] = {}
MAX_DEPTH = 4
"""Stripe, "Expanding responses"."""


def renders(
    type_: type, object_name: str, *, expandable: Iterable[str] = (), timely: bool = False
) -> Callable[[Renderer], Renderer]:
    """Register the function that makes the JSON of a struct.

    ``expandable``: fields that hold ids (dotted where nested) which ``expand`` may replace with the object.
    ``timely``: the JSON also depends on what time it is, or on other objects.
    """

    def register(renderer: Renderer) -> Renderer:
        _renderers[type_] = renderer
        _expandable[object_name] = frozenset(expandable)
        if timely:
            _timely.add(type_)
        return renderer

    return register


def includes(object_name: str, field: str) -> Callable[[Callable[[Json, StripeAccount], Any]], Any]:
    """Register a field that is there only when it is asked for by ``expand`` (``charge.refunds``)."""

    def register(includer: Callable[[Json, StripeAccount], Any]) -> Any:
        _includers[object_name, field] = includer
        return includer

    return register


def depends_on_time(subject: Any) -> bool:
    """Whether the same object may look different later."""
    return type(subject) in _timely


def render(subject: Any, account: StripeAccount) -> Json:
    """The JSON object of a state object."""
    return _renderers[type(subject)](subject, account)


def rendered_list(items: Iterable[Any], account: StripeAccount, url: str, *, has_more: bool) -> Json:
    """A list object."""
    return {
        "object": "list",
        "data": [render(item, account) for item in items],
        "has_more": has_more,
        "url": url,
    }


def dump(value: Any) -> bytes:
    """The bytes that go over the wire, for answers and webhooks alike."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


def expand(body: Json, paths: list[str], account: StripeAccount) -> Json:
    """Replace references by their objects.

    Raises:
        StripeError: 400 for a path that cannot be expanded or is deeper than four.
    """
    for path in paths:
        parts = path.split(".")
        if len(parts) - (parts[0] == "data") > MAX_DEPTH:
            raise errors.invalid(
                f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}",
                param="expand",
                stored=False,
            )
        _expand(body, parts, path, account)
    return body


def _expand(at: Any, parts: list[str], path: str, account: StripeAccount) -> None:
    if not parts or at is None:
        return
    if isinstance(at, list):
        for item in at:
            _expand(item, parts, path, account)
        return
    if not isinstance(at, dict):
        raise _bad(path)
    name = at.get("object")
    if name == "list":
        if parts[0] != "data":
            raise errors.invalid(
                f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead.",
                param="expand",
                stored=False,
            )
        _expand(at["data"], parts[1:], path, account)
        return
    _expand_object(at, name, parts, path, account)


def _expand_object(at: Json, name: Any, parts: list[str], path: str, account: StripeAccount) -> None:
    allowed = _expandable.get(name, frozenset())
    field, rest = parts[0], parts[1:]
    includer = _includers.get((name, field))
    if includer is not None:
        if field not in at or not isinstance(at[field], dict):
            at[field] = includer(at, account)
    elif field in allowed:
        at[field] = _fetch(at.get(field), account)
    else:
        nested = f"{field}.{rest[0]}" if rest else ""
        if nested in allowed:
            inner = at.get(field)
            if isinstance(inner, dict):
                inner = at[field] = dict(inner)
                inner[rest[0]] = _fetch(inner.get(rest[0]), account)
                _expand(inner[rest[0]], rest[1:], path, account)
            return
        inner = at.get(field)
        if not rest or (inner is not None and not isinstance(inner, (dict, list))) or field not in at:
            raise _bad(path)
        if isinstance(inner, dict):
            at[field] = dict(inner)  # the original may be a snapshot that others share
    _expand(at[field], rest, path, account)


def _fetch(value: Any, account: StripeAccount) -> Any:
    if isinstance(value, list):
        return [_fetch(item, account) for item in value]
    if not isinstance(value, str):
        return value
    kind = BY_PREFIX.get(value.partition("_")[0])
    found = None if kind is None else account.of(kind).get(value)
    if found is None:
        return {"id": value, "object": kind.name, "deleted": True} if kind and account.of(kind).knows(value) else value
    return render(found, account)


def _bad(path: str) -> errors.StripeError:
    return errors.invalid(f"This property cannot be expanded ({path}).", param="expand", stored=False)
