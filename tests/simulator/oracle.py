"""The official SDK as the judge of shapes: its generated classes say which fields an object has, of what type.

``problems(body)`` walks a body that the simulator emitted beside the annotations of the class that its ``object``
names, and lists every unknown field, missing field, wrong type and value outside a closed set. Events are judged with
the object that they carry, and their type against the closed list of event types.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import types
import typing
from decimal import Decimal
from typing import Any

import stripe
import typing_extensions
from stripe._object_classes import OBJECT_CLASSES

DELETED = frozenset(("id", "object", "deleted"))
CONTAINER_FIELDS = frozenset(("object", "data", "has_more", "url"))
NEVER_SENT = frozenset(
    (
        # annotated as always there, but on the wire only after `expand` or for other kinds of the object
        ("charge", "refunds"),
    )
)
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def problems(body: Any, at: str = "") -> list[str]:
    """What is wrong with a body; empty when nothing is."""
    if not isinstance(body, dict) or "object" not in body:
        return [f"{at or 'body'}: not an object of Stripe's: {body!r:.80}"]
    name = body["object"]
    if name == "list":
        found = [f"{at}.{field}: a list has no such field" for field in body.keys() - CONTAINER_FIELDS]
        for index, item in enumerate(body["data"]):
            found += problems(item, f"{at}data[{index}]")
        return found
    if name not in OBJECT_CLASSES:
        return [f"{at or 'body'}: unknown object {name!r}"]
    at = at or name
    if body.get("deleted") is True:
        return [f"{at}.{field}: a deleted object has no such field" for field in body.keys() - DELETED]
    found = _fields(body, _class_of(name), at)
    if name == "event":
        found += _event(body, at)
    return found


def event_types() -> frozenset[str]:
    """The closed set of snapshot events."""
    return frozenset(typing.get_args(_hints(stripe.Event)["type"]))


def _event(body: dict[str, Any], at: str) -> list[str]:
    found = [] if body["type"] in event_types() else [f"{at}.type: no event is called {body['type']!r}"]
    subject = body["data"]["object"]
    found += problems(subject, f"{at}({body['type']}).data.object")
    previous = body["data"].get("previous_attributes") or {}
    if isinstance(subject, dict) and subject.get("object") in OBJECT_CLASSES:
        known = _hints(_class_of(subject["object"]))
        found += [
            f"{at}.data.previous_attributes: {subject['object']} has no {name}"
            for name in previous
            if name not in known
        ]
    return found


def _fields(body: dict[str, Any], cls: type, at: str) -> list[str]:
    hints = _hints(cls)
    found = []
    for name, value in body.items():
        if name not in hints:
            found.append(f"{at}.{name}: {cls.__qualname__} has no such field")
        else:
            found += _value(value, hints[name], f"{at}.{name}")
    for name, hint in hints.items():
        if name in body or _optional(hint) or (body.get("object"), name) in NEVER_SENT:
            continue
        found.append(f"{at}.{name}: missing, {cls.__qualname__} always has it")
    return found


def _value(value: Any, hint: Any, at: str) -> list[str]:
    origin, arguments = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
    if hint is Any or hint is object:
        return []
    if origin in {typing.Union, types.UnionType}:
        return _union(value, arguments, at)
    if value is None:
        return [] if hint is type(None) else [f"{at}: null, and {_name(hint)} is never null"]
    if origin is typing.Literal:
        return [] if value in arguments else [f"{at}: {value!r} is not one of {', '.join(map(str, arguments))[:200]}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{at}: {value!r:.60} is not a list"]
        return [line for index, item in enumerate(value) for line in _value(item, arguments[0], f"{at}[{index}]")]
    if inspect.isclass(origin) and origin.__name__ == "ListObject":
        return problems(value, at) if isinstance(value, dict) else [f"{at}: {value!r:.60} is not a list object"]
    if (inspect.isclass(origin) and origin.__name__ == "UntypedStripeObject") or origin is dict:
        if not isinstance(value, dict):
            return [f"{at}: {value!r:.60} is not a map"]
        return [line for key, item in value.items() for line in _value(item, arguments[-1], f"{at}[{key}]")]
    if inspect.isclass(hint) and issubclass(hint, stripe.StripeObject):
        if not isinstance(value, dict):
            return [f"{at}: {value!r:.60} is not a {hint.__qualname__}"]
        return problems(value, at) if hasattr(hint, "OBJECT_NAME") else _fields(value, hint, at)
    return _scalar(value, hint, at)


def _scalar(value: Any, hint: Any, at: str) -> list[str]:
    if hint is Decimal:
        fits = isinstance(value, Decimal) or (isinstance(value, str) and bool(_DECIMAL.fullmatch(value)))
    elif hint is float:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    elif hint is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif hint in {str, bool}:
        fits = isinstance(value, hint)
    elif isinstance(hint, typing.TypeVar):
        fits = True
    else:
        return [f"{at}: the oracle does not know {hint!r}"]
    return [] if fits else [f"{at}: {value!r:.60} is not {_name(hint)}"]


def _union(value: Any, arguments: tuple[Any, ...], at: str) -> list[str]:
    if value is None:
        return [] if type(None) in arguments else [f"{at}: null, and it is never null"]
    options = [argument for argument in arguments if argument is not type(None)]
    closed = [argument for argument in options if typing_extensions.get_origin(argument) is typing.Literal]
    if closed and str in options:
        options.remove(str)  # `Literal[...] | str` is a closed set that old clients survive
    attempts = [_value(value, option, at) for option in options]
    return min(attempts, key=_severity) if attempts else []


def _severity(lines: list[str]) -> tuple[int, int]:
    return len(lines), sum("is not" in line for line in lines)


def _optional(hint: Any) -> bool:
    return typing_extensions.get_origin(hint) in {typing.Union, types.UnionType} and type(
        None
    ) in typing_extensions.get_args(hint)


def _name(hint: Any) -> str:
    return getattr(hint, "__name__", str(hint))


@functools.cache
def _class_of(name: str) -> type:
    module, cls = OBJECT_CLASSES[name]
    return typing.cast("type", getattr(importlib.import_module(module), cls))


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    """Resolved annotations of a class, without what the SDK's own machinery adds."""
    module = inspect.getmodule(cls)
    assert module is not None
    names = {**vars(module), **_typing_imports(module.__name__)}
    own: dict[str, Any] = {}
    for ancestor in reversed(cls.__mro__):
        for name, annotation in vars(ancestor).get("__annotations__", {}).items():
            if ancestor in _MACHINERY or name.startswith("_") or name == "OBJECT_NAME":
                continue
            own[name] = annotation
    holder = type("Holder", (), {"__annotations__": own})
    return typing_extensions.get_type_hints(holder, globalns=names, localns=dict(vars(cls)))


@functools.cache
def _typing_imports(module_name: str) -> dict[str, Any]:
    """What a module of the SDK imports for type checkers only."""
    module = importlib.import_module(module_name)
    found: dict[str, Any] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.startswith("stripe")
            and "params" not in node.module
        ):
            for alias in node.names:
                found[alias.asname or alias.name] = getattr(importlib.import_module(node.module), alias.name)
    return found


_MACHINERY = frozenset(base for base in stripe.PaymentIntent.__mro__ if base is not stripe.PaymentIntent) | frozenset(
    base for base in stripe.Customer.__mro__ if base is not stripe.Customer
)
