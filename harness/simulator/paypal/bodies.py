"""Bodies of calls: JSON, or nothing at all."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import orjson

from harness.simulator.kernel.messages import Request
from harness.simulator.paypal.errors import PayPalError, detail

_TAKES_NONE = frozenset({"GET", "HEAD", "DELETE"})


def decode(request: Request) -> Any:
    """The JSON body: an object or a list; {} where none came.

    Raises:
        PayPalError: 415 for another content type, 400 ``MALFORMED_REQUEST_JSON``.
    """
    if request.method in _TAKES_NONE:
        return {}
    content_type = request.header(b"content-type")
    if content_type is None:
        if request.body:
            raise PayPalError(415)
    elif not _is_json(content_type):
        raise PayPalError(415)
    if not request.body.strip():
        return {}
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, (dict, list)):
        raise PayPalError(400, [detail("MALFORMED_REQUEST_JSON", "/", location="body")])
    return body


def journaled(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """Query and parameters of a call; never raises. A list is shown under ``patch``."""
    query = {name: values[-1] for name, values in parse_qs(request.query.decode("latin-1")).items()}
    if not request.body:
        return query, {}
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        content_type = request.header(b"content-type") or ""
        if "x-www-form-urlencoded" not in content_type:
            return query, {}
        return query, {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
    return query, body if isinstance(body, dict) else {"patch": body}


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
