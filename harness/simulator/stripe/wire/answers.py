"""The answers of simulated Stripe as bytes: objects, lists, refusals, and what browsers are told.

An answer that shows stored objects carries its recipe (the objects, which never change), so that whoever keeps answers
keeps a reference instead of the bytes.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from harness.simulator.kernel.messages import Answer
from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.errors import StripeError
from harness.simulator.stripe.routes.registry import Listing
from harness.simulator.stripe.wire.render import depends_on_time, dump, expand, render, rendered_list

JSON = (b"content-type", b"application/json")

CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, PUT, PATCH, POST, DELETE"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, Idempotency-Key, Stripe-Version, Stripe-Account, X-Stripe-Client-User-Agent",
    ),
    (
        b"access-control-expose-headers",
        b"Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required",
    ),
]


def answered(result: Any, account: StripeAccount, paths: list[str] | None) -> Answer:
    """The answer of what an operation returned, with the references that ``expand`` asked for."""
    recipe = None if paths or isinstance(result, dict) or depends_on_time(result) else result
    body = result if isinstance(result, dict) else _body(result, account)
    if paths:
        body = expand(body, paths, account)
    return Answer(200, dump(body), [JSON], recipe=recipe)


def rendered_again(recipe: Any, account: StripeAccount) -> bytes:
    """The bytes that a recipe stands for."""
    return dump(_body(recipe, account))


def refusal(error: StripeError, request_id: str = "", account: StripeAccount | None = None) -> Answer:
    """The answer of an error; objects that travel in it are rendered."""
    body = error.body()
    if account is not None:
        body = {name: render(value, account) if isinstance(value, Struct) else value for name, value in body.items()}
    if "request_log_url" in body and body["request_log_url"] is None:
        del body["request_log_url"]
    elif request_id and account is not None:
        mode = "" if account.livemode else "test/"
        body["request_log_url"] = f"https://dashboard.stripe.com/{account.id}/{mode}workbench/logs?object={request_id}"
    headers = [JSON, *((n.lower().encode(), v.encode("latin-1")) for n, v in error.headers.items())]
    return Answer(error.status, dump({"error": dict(sorted(body.items()))}), headers, stored=error.stored)


def injected(status: int) -> dict[str, Any]:
    """The body of an error that a fault asks for, as Stripe words that status."""
    return {"error": _fault_error(status)}


def _body(result: Any, account: StripeAccount) -> dict[str, Any]:
    if isinstance(result, Listing):
        return rendered_list(result.page.items, account, result.url, has_more=result.page.has_more)
    return render(result, account)


def _fault_error(status: int) -> dict[str, Any]:
    if status == 429:  # noqa: PLR2004 - HTTP
        return {"code": "rate_limit", "message": "Request rate limit exceeded.", "type": errors.INVALID_REQUEST}
    if status == 409:  # noqa: PLR2004 - HTTP
        return {
            "code": "idempotency_key_in_use",
            "message": "There is currently another in-progress request using this Idempotent Key. Please try again "
            "later.",
            "type": errors.IDEMPOTENCY,
        }
    if status >= 500:  # noqa: PLR2004 - HTTP
        return {
            "message": "An unknown error occurred while processing the request.",
            "type": errors.API,
        }
    return {"message": f"The request failed with status {status}.", "type": errors.INVALID_REQUEST}
