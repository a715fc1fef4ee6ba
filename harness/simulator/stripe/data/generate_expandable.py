"""Writes ``expandable.json``: which fields of which object ``expand`` may name, from the official SDK's types.

    python -m harness.simulator.stripe.data.generate_expandable

A field is expandable when its value is an object, a reference to one, or a list of them. The file holds, for each
object that the simulator emits, field -> target: the name of an object, ``[]`` and a name for a list object, ``*`` for
one of several, or a nested map for an object without a name of its own.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

import stripe
import typing_extensions
from stripe._list_object import ListObject
from stripe._object_classes import OBJECT_CLASSES

OBJECTS = """
    account balance balance_transaction charge checkout.session customer dispute event file item payment_intent
    payment_method price product radar.early_fraud_warning refund setup_attempt setup_intent token webhook_endpoint
""".split()  # noqa: SIM905 - a table reads better than a list
EARLIER: dict[str, dict[str, str]] = {"customer": {"sources": "[]*", "subscriptions": "[]*", "tax_ids": "[]*"}}
"""Fields that are there only when they are asked for and that the types leave open."""


def main() -> None:
    """Write the file."""
    written = {name: _fields(_class(name)) | EARLIER.get(name, {}) for name in OBJECTS}
    path = Path(__file__).with_name("expandable.json")
    path.write_text(json.dumps(written, sort_keys=True, separators=(",", ":")) + "\n")
    sys.stdout.write(f"{len(written)} objects\n")


def _class(name: str) -> type:
    module, qualified = OBJECT_CLASSES[name]
    return typing.cast("type", getattr(importlib.import_module(module), qualified))


def _fields(cls: type) -> dict[str, Any]:
    own = {name: hint for name, hint in vars(cls).get("__annotations__", {}).items() if not name.startswith("_")}
    holder = type("Holder", (), {"__annotations__": own})
    hints = typing_extensions.get_type_hints(holder, globalns=_names(cls.__module__), localns=dict(vars(cls)))
    targets = {name: _target(hint) for name, hint in sorted(hints.items())}
    return {name: target for name, target in targets.items() if target is not None}


@functools.cache
def _names(module_name: str) -> dict[str, Any]:
    """What a module of the SDK knows, with what it imports for type checkers only."""
    module = importlib.import_module(module_name)
    found = dict(vars(module))
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        source = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if isinstance(node, ast.ImportFrom) and source.startswith("stripe") and "params" not in source:
            for alias in node.names:
                found[alias.asname or alias.name] = getattr(importlib.import_module(source), alias.name, Any)
    return found


def _target(hint: Any) -> Any:
    origin, arguments = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        targets = [target for one in arguments if one is not type(None) and (target := _target(one)) is not None]
        return targets[0] if len(targets) == 1 else "*" if targets else None
    if origin is list:
        return _target(arguments[0])
    if getattr(origin, "__name__", "") == "UntypedStripeObject":
        return "*" if _target(arguments[0]) is not None else None
    if origin is ListObject:
        target = _target(arguments[0])
        return f"[]{target if isinstance(target, str) else '*'}"
    if not isinstance(hint, type) or not issubclass(hint, stripe.StripeObject):
        return None
    name = getattr(hint, "OBJECT_NAME", None)
    if isinstance(name, str):
        return name
    return _fields(hint) if "." in hint.__qualname__ else None


if __name__ == "__main__":
    main()
