"""What a call says: its parameters, from the query, a form or an upload."""

from __future__ import annotations

from typing import Any

from harness.simulator.kernel.forms import FormError, UploadedFile, parse_form, parse_multipart, parse_query
from harness.simulator.kernel.messages import Request


def decode_params(request: Request) -> dict[str, Any]:
    """The parameters of a call; raises ``FormError`` for a body that cannot be read."""
    query = parse_query(request.query) if request.query else {}
    if request.method in {"GET", "DELETE", "HEAD"}:
        return query
    if is_multipart(request):
        fields, files = parse_multipart(request.body, request.header(b"content-type") or "")
        return {**query, **fields, **files}
    if not request.body:
        return query
    content_type = request.header(b"content-type") or ""
    if content_type.startswith("application/json"):
        raise FormError(
            "Invalid request: this endpoint reads application/x-www-form-urlencoded, and the body was sent as "
            "application/json."
        )
    return {**query, **parse_form(request.body)}


def is_multipart(request: Request) -> bool:
    """Whether the body is an upload."""
    return (request.header(b"content-type") or "").startswith("multipart/form-data")


def journaled(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """Query and body as the journal shows them, an upload by what is known of it; never raises."""
    try:
        query = parse_query(request.query)
    except FormError:
        query = {"_raw": request.query.decode("latin-1")}
    if not request.body:
        return query, {}
    try:
        params = decode_params(request)
    except FormError:
        return query, {"_raw": request.body.decode("utf-8", "replace")}
    return query, {name: _shown(value) for name, value in params.items()}


def _shown(value: Any) -> Any:
    if isinstance(value, UploadedFile):
        return {"filename": value.filename, "content_type": value.content_type, "size": len(value.content)}
    return value
