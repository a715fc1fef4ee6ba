"""PayPal's own OpenAPI files as the judge of shapes, where they are at hand.

They are not part of the repository: they are looked for under ``PAYPAL_SPECIFICATIONS`` or beside the checkout.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import referencing

PLACES = (
    os.environ.get("PAYPAL_SPECIFICATIONS", ""),
    str(Path(__file__).resolve().parents[4] / "shared" / "specs" / "paypal-2024-02"),
)


@functools.cache
def folder() -> Path | None:
    """Where the files are; None where they are not at hand."""
    return next((Path(place) for place in PLACES if place and Path(place).is_dir()), None)


WHY_NOT = "PayPal's OpenAPI files are not at hand: set PAYPAL_SPECIFICATIONS to the folder that holds them"


def problems(name: str, method: str, path: str, answer: httpx.Response) -> list[str]:
    """What is wrong with an answer by a file; empty where nothing is, or where the files are not at hand.

    Args:
        name: of the file, such as ``notifications_webhooks_v1``.
        method: of HTTP.
        path: as the file writes it, with names in braces.
        answer: what came.
    """
    if folder() is None:
        return []
    responses = _document(name)["paths"][path][method.lower()]["responses"]
    described = responses.get(str(answer.status_code), responses.get("default"))
    if described is None:
        return [f"{method} {path} never answers {answer.status_code}"]
    if "$ref" in described:
        described = _document(name)["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return [] if not answer.content else ["an answer that the file says is empty has a body"]
    registry = referencing.Registry().with_resource(
        "urn:paypal", referencing.Resource(_document(name), referencing.jsonschema.DRAFT202012)
    )
    schema = json.loads(json.dumps(schema).replace('"#/', '"urn:paypal#/'))
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(_full(answer.json()))]


def conforms(name: str, method: str, path: str, answer: httpx.Response) -> None:
    """Assert that an answer is as the file says."""
    found = problems(name, method, path, answer)
    assert not found, f"{answer.status_code} {answer.text[:200]}: {found}"


def _full(value: Any) -> Any:
    """Without empty lists: the files want one item at least where PayPal itself sends none."""
    if isinstance(value, dict):
        return {key: _full(one) for key, one in value.items() if one != []}
    return [_full(one) for one in value] if isinstance(value, list) else value


@functools.cache
def _document(name: str) -> dict[str, Any]:
    found = folder()
    assert found is not None
    document: dict[str, Any] = json.loads((found / f"{name}.json").read_text())
    return document
