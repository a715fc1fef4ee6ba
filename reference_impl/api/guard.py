"""What stands before every endpoint.

Size limit, refusal of card data, security headers, one redacted line of access log.

A card number has no business here: shoppers type it into the provider's fields. What arrives with one in it is
refused before anything parses, stores or logs it, whichever field, header or part of the address it is in.
"""

from __future__ import annotations

import re
import time
from typing import Any

import msgspec

from reference_impl import logs, redaction
from reference_impl.webhooks.door import Receive, Scope, Send

MAX_BODY = 64 * 1024
_ESCAPED_DIGIT = re.compile(r"\\u00(3\d)")
_CHECKED_HEADERS = (b"idempotency-key", b"authorization", b"user-agent", b"referer", b"cookie", b"x-request-id")

SECURITY_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_log = logs.get("api")


class Guard:
    """ASGI middleware around the API."""

    def __init__(self, app: Any, *, https: bool) -> None:
        self.app = app
        self.headers = [*SECURITY_HEADERS, *([_HSTS] if https else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def guarded_send(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", []), *self.headers]}
            await send(message)

        body = await read_body(scope, receive)
        refusal = refuse(scope, body)
        try:
            if refusal is not None:
                await _answer(guarded_send, *refusal)
            else:
                await self.app(scope, _replay(body or b""), guarded_send)
        finally:
            route = getattr(scope.get("route"), "path", None) or "(none)"
            spent = round((time.perf_counter() - started) * 1000, 1)
            _log.info("request", method=scope["method"], route=route, status=status, ms=spent)


async def read_body(scope: Scope, receive: Receive) -> bytes | None:
    """The body, ``None`` where it is larger than any request of this API or did not arrive in full."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > MAX_BODY):
            return None
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return body


def refuse(scope: Scope, body: bytes | None) -> tuple[int, str, str] | None:
    """Why a request is not let in: status, code and sentence; ``None`` lets it in."""
    if body is None:
        return 413, "too_large", "The request is larger than any that this API takes."
    if holds_card_data(scope, body):
        _log.warning("card_data.refused", method=scope["method"])
        return 400, "card_data", "Card data does not belong here; it is typed into the payment provider's fields only."
    return None


def holds_card_data(scope: Scope, body: bytes) -> bool:
    """Whether a card number stands in the address, in a header that something might one day keep, or in the body."""
    raw = scope.get("raw_path", b"") + b" " + scope.get("query_string", b"")
    address = f"{raw.decode('latin-1')} {scope['path']}"
    headers = "\n".join(value.decode("latin-1") for name, value in scope["headers"] if name in _CHECKED_HEADERS)
    text = _ESCAPED_DIGIT.sub(lambda match: chr(int(match.group(1), 16)), body.decode("utf-8", "replace"))
    return any(redaction.holds_card_number(part) for part in (address, headers, text))


def _replay(body: bytes) -> Receive:
    """The body that was read, for whoever reads it next."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


async def _answer(send: Send, status: int, code: str, message: str) -> None:
    content = msgspec.json.encode({"error": {"code": code, "message": message}})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
