"""From state to JSON: a registry of renderers, expansion of references, lists.

Key order is Stripe's: ``id``, ``object``, then alphabetical; bodies are indented by two blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from harness.simulator.stripe.account import BY_PREFIX, StripeAccount

Json = dict[str, Any]
Renderer = Callable[[Any, StripeAccount], Json]

_renderers: dict[type, Renderer] = {}
_expandable: dict[str, frozenset[str]] = {}
_timely: set[type] = set()
_includers: dict[tuple[str, str], Callable[[Json, StripeAccount], Any]] = {}


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
    """Replace references by their objects; the paths were checked, what is not there stays as it is."""
    for path in paths:
        _expand(body, path.split("."), account)
    return body


def _expand(at: Any, parts: list[str], account: StripeAccount) -> None:
    if not parts:
        return
    if isinstance(at, list):
        for item in at:
            _expand(item, parts, account)
    elif isinstance(at, dict):
        name, field = at.get("object"), parts[0]
        includer = _includers.get((str(name), field))
        if includer is not None and not isinstance(at.get(field), dict):
            at[field] = includer(at, account)
        _expand_field(at, field, parts[1:], account, references=_expandable.get(str(name), frozenset()))


def _expand_field(at: Json, field: str, rest: list[str], account: StripeAccount, *, references: frozenset[str]) -> None:
    inner = at.get(field)
    if field in references:
        at[field] = inner = _fetch(inner, account)
    elif isinstance(inner, dict) and "object" not in inner:
        inner = at[field] = dict(inner)  # the original may be a snapshot that others share
        if rest and f"{field}.{rest[0]}" in references:
            inner[rest[0]] = _fetch(inner.get(rest[0]), account)
    elif isinstance(inner, dict):
        inner = at[field] = dict(inner)
    _expand(inner, rest, account)


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
