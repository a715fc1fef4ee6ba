"""Square's own OpenAPI file as the judge of shapes, where it is at hand.

It is not part of the repository: it is looked for under ``SQUARE_SPECIFICATION`` (repository
square/connect-api-specification, ``api.json``) or beside the checkout.
"""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import referencing

PLACES = (
    os.environ.get("SQUARE_SPECIFICATION", ""),
    str(Path(__file__).resolve().parents[4] / "shared" / "specs" / "square-2025-08-20.json"),
)
NO_ENUM = {
    "VERSION_MISMATCH": "used by endpoints, missing among the file's error codes",
    "UNLINKED_REFUND_NOT_ALLOWED": "the file has no code for a seller who may not refund without a payment",
    "NOT_IMPLEMENTED": "said of what is not simulated",
}
"""Error codes that the file does not list, and why they are sent all the same."""


@functools.cache
def document() -> dict[str, Any] | None:
    """The file; None where it is not at hand."""
    place = next((Path(place) for place in PLACES if place and Path(place).is_file()), None)
    if place is None:
        return None
    found: dict[str, Any] = json.loads(place.read_text())
    schemas = found["components"]["schemas"]
    schemas["ErrorCode"]["enum"] += list(NO_ENUM)
    # It demands a member that it does not describe, and that none of its own examples has.
    schemas["RiskEvaluation"].pop("required", None)
    # Its own examples of payment links have this kind of fulfilment, its list of kinds does not.
    schemas["FulfillmentType"]["enum"].append("DIGITAL")
    return found


def differences(response: httpx.Response) -> list[str]:
    """What is wrong with an answer by the file; empty where nothing is, or where it is not at hand.

    Refusals are judged by the schema of the good answer, which has ``errors`` among its members.
    """
    found = document()
    path, method = response.request.url.path, response.request.method
    if found is None or not path.startswith("/v2/"):
        return []
    template = _template(path)
    if template is None:
        return [] if response.status_code in {404, 501} else [f"{method} {path} is not in the file"]
    operation = found["paths"][template].get(method.lower())
    if operation is None:
        return [] if response.status_code == 405 else [f"{method} {template} is not in the file"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator(
        json.loads(json.dumps(schema).replace('"#/', '"urn:square#/')), registry=_registry()
    )
    body = json.loads(response.content)
    return [
        f"{method} {template} {response.status_code} {'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
        for e in validator.iter_errors(body)
    ] + _unknown(schema, body, template)


def _unknown(schema: dict[str, Any], body: dict[str, Any], template: str) -> list[str]:
    """Members at the top that the file does not know; a decline carries the payment that failed."""
    found = document()
    assert found is not None
    name = schema.get("$ref", "").rpartition("/")[2]
    known = found["components"]["schemas"].get(name, {}).get("properties", {})
    return [f"{template}: {member} is not in the file" for member in body if known and member not in known]


@functools.cache
def _registry() -> Any:
    resource = referencing.Resource(document(), referencing.jsonschema.DRAFT202012)
    return referencing.Registry().with_resource("urn:square", resource)


@functools.cache
def _template(path: str) -> str | None:
    found = document()
    assert found is not None
    fitting = [template for template in found["paths"] if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)]
    return min(fitting, key=lambda template: template.count("{"), default=None)
