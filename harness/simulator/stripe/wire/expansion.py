"""Whether ``expand`` may name a path, decided before a call is executed. Stripe, "Expanding responses".

A path that cannot be expanded refuses the whole call: nothing is created. The tree of fields is data
(``data/expandable.json``, generated from the official SDK's types). Wordings as observed in test mode: the path up to
the part that is wrong, no code, no parameter.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import msgspec

from harness.simulator.stripe import errors

MAX_DEPTH = 4
"""Parts of a path, the ``data`` of a list included."""
_NOUNS = {
    "account": "account",
    "balance": "balance",
    "dispute": "dispute",
    "early_fraud_warnings": "radar.early_fraud_warning",
    "line_items": "item",
    "refund": "charge",  # POST /v1/charges/{charge}/refund answers with the charge
    "sessions": "checkout.session",
}


def check(operation: str, paths: Any) -> None:
    """Refuse what cannot be expanded in the answer of an operation such as ``GET /v1/charges/{charge}``.

    Raises:
        StripeError: 400.
    """
    root, is_list = _answer_of(operation)
    for path in paths:
        if not isinstance(path, str):
            raise errors.not_an_array("expand")
        parts = path.split(".")
        if len(parts) > MAX_DEPTH:
            raise errors.invalid(
                f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}", stored=False
            )
        if root is not None:
            _walk(root, parts, is_list=is_list)


def _walk(root: str, parts: list[str], *, is_list: bool) -> None:
    here: Any = f"[]{root}" if is_list else root
    for index, part in enumerate(parts):
        if isinstance(here, str) and here.startswith("[]"):
            if part != "data":
                hint = ".".join((*parts[:index], "data", part))
                raise _refusal(parts[: index + 1], hint)
            here = here[2:]
            continue
        if here == "*":
            return
        fields = here if isinstance(here, dict) else _tree().get(here)
        if fields is None:
            return  # an object that is not simulated: nothing of it can be there
        here = fields.get(part)
        if here is None:
            raise _refusal(parts[: index + 1])


def _refusal(parts: list[str], hint: str | None = None) -> errors.StripeError:
    advice = f" You may want to try expanding '{hint}' instead." if hint else ""
    return errors.invalid(f"This property cannot be expanded ({'.'.join(parts)}).{advice}", stored=False)


@functools.cache
def _answer_of(operation: str) -> tuple[str | None, bool]:
    """The name of the object that an operation answers with, and whether it is a list of them."""
    method, _, path = operation.partition(" ")
    parts = path.split("/")[2:]
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        name = _NOUNS.get(part) or (part.removesuffix("s") if part.removesuffix("s") in _tree() else None)
        if name is not None:
            is_list = method == "GET" and index == len(parts) - 1 and part.endswith("s")
            return (None if method == "DELETE" else name), is_list
    return None, False


@functools.cache
def _tree() -> dict[str, dict[str, Any]]:
    text = resources.files("harness.simulator.stripe").joinpath("data/expandable.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, dict[str, Any]])
