"""Writes ``parameters.json`` and ``routes.json`` from the official SDK; run by hand when the SDK moves.

    python -m harness.simulator.stripe.data.generate_parameters [--lengths SPEC.json]

Types come from the TypedDicts of ``stripe.params``, paths from the service classes that use them. The SDK says nothing
about lengths: they come from an OpenAPI document of Stripe's when one is given, else all text is held to 5,000
characters.

A schema is a table of nodes that refer to each other by number: ``["s", longest]`` text, ``["i"]``, ``["b"]``,
``["f"]``, ``["d"]`` (decimal text), ``["e", value...]`` closed set, ``["l", node]``, ``["m", node]`` map,
``["o", {field: node}, [required...]]``, ``["u", node...]`` any of, ``["?", node]`` or the empty string.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import sys
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import stripe
import typing_extensions

HERE = Path(__file__).parent
SDK = Path(stripe.__file__).parent

SIMULATED = (
    "/v1/account", "/v1/accounts/{account}", "/v1/balance", "/v1/balance_transactions", "/v1/charges",
    "/v1/checkout/sessions", "/v1/customers", "/v1/disputes", "/v1/events", "/v1/files", "/v1/payment_intents",
    "/v1/payment_methods", "/v1/prices", "/v1/products", "/v1/radar/early_fraud_warnings", "/v1/refunds",
    "/v1/setup_attempts", "/v1/setup_intents", "/v1/tokens", "/v1/webhook_endpoints",
)  # fmt: skip
"""Paths whose operations are checked, with everything below them."""

LEFT_OUT = (
    "/search", "/cash_balance", "/funding_instructions", "/sources", "/subscriptions", "/tax_ids", "/bank_accounts",
    "/balance_transactions/{", "/discount", "/features", "/apply_customer_balance", "/increment_authorization",
    "/verify_microdeposits", "/amount_details_line_items", "/external_accounts", "/persons", "/capabilities",
    "/login_links", "/reject", "/unreject", "/people",
)  # fmt: skip
"""Operations below them that the simulator does not have."""

UNIONS: tuple[Any, ...] = (typing.Union, types.UnionType)
OPTION_TYPES: dict[str, Any] = {"StripeContext": str, "Mapping": Mapping}
"""What the request options that every TypedDict inherits refer to."""

OPEN = {"api_version"}
"""Enumerations of the SDK that real Stripe reads as free text, or that the route itself judges in better words."""

CARD: dict[str, Any] = {"number": str, "exp_month": int, "exp_year": int, "cvc": str, "token": str}
EARLIER: dict[str, dict[str, Any]] = {
    "POST /v1/payment_intents": {"payment_method_types": list[str]},
    "POST /v1/payment_intents/{intent}": {"payment_method_types": list[str]},
    "POST /v1/payment_intents/{intent}/confirm": {"payment_method_types": list[str]},
    "POST /v1/setup_intents": {"payment_method_types": list[str]},
    "POST /v1/setup_intents/{intent}": {"payment_method_types": list[str]},
    "POST /v1/checkout/sessions": {"payment_method_types": list[str]},
}
"""Parameters of earlier API versions, which clients of other languages still send."""

EARLIER_VALUES = {"ui_mode": ("hosted", "embedded", "custom")}

CONFIRM: dict[str, Any] = {
    "client_secret": str,
    "expected_payment_method_type": str,
    "client_attribution_metadata": dict[str, str],
    "radar_options": dict[str, str],
    "use_stripe_sdk": bool,
}
"""What Stripe.js adds when it confirms."""

BROWSER: dict[str, Any] = dict.fromkeys(
    ("guid", "muid", "sid", "pasted_fields", "payment_user_agent", "referrer", "time_on_page"), str
)
EMPTIABLE = {
    f"POST /v1/customers{suffix}": ("coupon", "description", "email", "name", "phone") for suffix in ("", "/{customer}")
}
"""Plain text in the SDK's types that Stripe lets a client unset (stripe-node, pull request 1834)."""


def main() -> None:
    """Write both files and say what went in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--lengths", type=Path, help="an OpenAPI document of Stripe's, for the longest text of each field"
    )
    options = parser.parse_args()
    found = dict(operations())
    spec = json.loads(options.lengths.read_text()) if options.lengths else {}
    table = Table()
    written = {
        name: table.object(params, name, Lengths.of(spec, name))
        for name, params in sorted(found.items())
        if simulated(name)
    }
    out = {"api_version": stripe.api_version, "operations": written, "nodes": table.nodes}
    (HERE / "parameters.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
    (HERE / "routes.json").write_text(json.dumps(sorted(found), indent=0) + "\n")
    sys.stdout.write(f"{len(written)} operations, {len(table.nodes)} nodes, {len(found)} routes\n")


def simulated(operation: str) -> bool:
    """Whether an operation's parameters are kept."""
    path = operation.partition(" ")[2]
    under = any(path == root or path.startswith(root + "/") for root in SIMULATED)
    left_out = any(part in path for part in LEFT_OUT) or operation == "DELETE /v1/accounts/{account}"
    return under and not left_out and not path.endswith("{customer}/balance_transactions")


def operations() -> typing.Iterator[tuple[str, type | None]]:
    """Every ``METHOD /path`` that the SDK's services call, with the TypedDict of its parameters."""
    for file in sorted(SDK.rglob("*_service.py")):
        tree = ast.parse(file.read_text())
        modules = {
            alias.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if not (isinstance(call.func, ast.Attribute) and call.func.attr == "_request"):
                    continue
                method, path = (_constant(argument) for argument in call.args[:2])
                yield f"{method.upper()} {path}", _params_of(function, modules)


def _constant(node: ast.expr) -> str:
    """A text, written plainly or as ``"...".format(...)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return str(ast.literal_eval(node))


def _params_of(function: ast.FunctionDef, modules: dict[str, str]) -> type | None:
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            text = ast.unparse(argument.annotation).replace('"', "'")
            name = text.split("'")[1] if "'" in text else text
            if name in modules:
                return typing.cast("type", getattr(importlib.import_module(modules[name]), name))
    return None


class Lengths:
    """The longest text of each field, by walking an OpenAPI schema beside the SDK's types."""

    def __init__(self, schema: dict[str, Any] | None) -> None:
        self.schema = schema or {}

    @classmethod
    def of(cls, spec: dict[str, Any], operation: str) -> Lengths:
        """Those of an operation's body."""
        method, _, path = operation.partition(" ")
        found: Any = spec.get("paths", {}).get(path, {}).get(method.lower(), {})
        content: dict[str, Any] = found.get("requestBody", {}).get("content", {})
        return cls(next((body["schema"] for body in content.values()), None))

    def child(self, name: str) -> Lengths:
        """Those of a field."""
        for option in self._options():
            if name in option.get("properties", {}):
                return Lengths(option["properties"][name])
        return Lengths(None)

    def item(self) -> Lengths:
        """Those of an array's or map's members."""
        for option in self._options():
            found = option.get("items") or option.get("additionalProperties")
            if isinstance(found, dict):
                return Lengths(found)
        return Lengths(None)

    def longest(self) -> int:
        """Characters that a text may have."""
        lengths = [option["maxLength"] for option in self._options() if "maxLength" in option]
        return max(lengths, default=5000)

    def _options(self) -> list[dict[str, Any]]:
        return typing.cast("list[dict[str, Any]]", self.schema.get("anyOf", [self.schema]))


class Table:
    """Nodes without duplicates."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self._known: dict[str, int] = {}

    def add(self, node: list[Any]) -> int:
        """Number of a node."""
        key = json.dumps(node, sort_keys=True)
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return self._known[key]

    def object(self, params: type | None, where: str, lengths: Lengths) -> int:
        """Node of a TypedDict; ``where`` is the operation at the top and the bracket path below it."""
        fields: dict[str, int] = {}
        required: list[str] = []
        if params is not None:
            hints = typing_extensions.get_type_hints(params, localns=OPTION_TYPES, include_extras=True)
            for name, hint in sorted(hints.items()):
                if name in stripe.RequestOptions.__annotations__:
                    continue
                optional = getattr(hint, "__origin__", None) is typing_extensions.NotRequired
                inner = typing_extensions.get_args(hint)[0] if optional else hint
                node = self.type(inner, name, lengths.child(name))
                fields[name] = self.add(["?", node]) if name in EMPTIABLE.get(where, ()) else node
                if not optional:
                    required.append(name)
        self._browser_fields(fields, where)
        return self.add(["o", fields, required])

    def _browser_fields(self, fields: dict[str, int], where: str) -> None:
        """What Stripe.js and older clients send beside the documented parameters."""
        if where in {"payment_method_data", "POST /v1/payment_methods", "POST /v1/tokens"}:
            fields |= {name: self.type(hint, name, Lengths(None)) for name, hint in BROWSER.items()}
        if where == "payment_method_data":
            card = {name: self.type(hint, name, Lengths(None)) for name, hint in CARD.items()}
            fields["card"] = self.add(["o", card, []])
            fields["payment_method"] = self.add(["s", 5000])
            if "type" in fields:  # the SDK's types leave out the one that only browsers send
                kind, *types = self.nodes[fields["type"]]
                fields["type"] = self.add([kind, *sorted({*types, "card"})])
        extra = EARLIER.get(where, {}) | (CONFIRM if where.endswith("/confirm") else {})
        for name, hint in extra.items():
            if name not in fields:
                fields[name] = self.type(hint, name, Lengths(None))
        if where.startswith("POST /v1/"):
            fields.setdefault("expand", self.add(["l", self.add(["s", 5000])]))

    def type(self, hint: Any, name: str, lengths: Lengths) -> int:
        """Node of an annotation."""
        origin, arguments = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
        if origin in UNIONS:
            return self._union(arguments, name, lengths)
        if origin is typing.Literal:
            return self._union((hint,), name, lengths)
        if origin is list:
            return self.add(["l", self.type(arguments[0], name, lengths.item())])
        if origin is dict:
            return self.add(["m", self.type(arguments[1], name, lengths.item())])
        plain: dict[Any, list[Any]] = {
            str: ["s", lengths.longest()],
            int: ["i"],
            bool: ["b"],
            float: ["f"],
            Decimal: ["d"],
        }
        if hint in plain:
            return self.add(plain[hint])
        if typing_extensions.is_typeddict(hint):
            return self.object(hint, name, lengths)
        if hint is Any or hint is object:
            return self.add(["a"])
        raise TypeError(f"no node for {hint!r} at {name}: teach Table.type about it")

    def _union(self, arguments: tuple[Any, ...], name: str, lengths: Lengths) -> int:
        values: list[str] = []
        others: list[Any] = []
        for argument in arguments:
            if typing_extensions.get_origin(argument) is typing.Literal:
                values += typing_extensions.get_args(argument)
            elif "UntypedStripeObject" not in str(argument) and argument is not type(None):
                others.append(argument)
        empty = "" in values
        closed = [value for value in values if value]
        if closed and str in others and name not in OPEN:
            others.remove(str)  # the SDK's enumerations are open only so that old clients survive new values
        elif closed and str in others:
            closed = []
        nodes = [self.type(other, name, lengths) for other in others]
        if closed:
            nodes.append(self.add(["e", *closed, *EARLIER_VALUES.get(name, ())]))
        node = nodes[0] if len(nodes) == 1 else self.add(["u", *nodes]) if nodes else self.add(["e", ""])
        return self.add(["?", node]) if empty and nodes else node


if __name__ == "__main__":
    main()
