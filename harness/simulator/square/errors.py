"""Square's refusals: ``{"errors": [{category, code, detail, field}]}``, and what may stand beside them.

Sources: Square, "Handling errors"; the error codes of its OpenAPI file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

API, AUTHENTICATION, INVALID, RATE, PAYMENT_METHOD, REFUND = (
    "API_ERROR",
    "AUTHENTICATION_ERROR",
    "INVALID_REQUEST_ERROR",
    "RATE_LIMIT_ERROR",
    "PAYMENT_METHOD_ERROR",
    "REFUND_ERROR",
)
DEFAULTS = {
    400: (INVALID, "BAD_REQUEST", "The request could not be understood."),
    401: (AUTHENTICATION, "UNAUTHORIZED", "This request could not be authorized."),
    403: (AUTHENTICATION, "FORBIDDEN", "You are not permitted to do this."),
    404: (INVALID, "NOT_FOUND", "Resource not found."),
    405: (INVALID, "METHOD_NOT_ALLOWED", "Method not allowed."),
    406: (INVALID, "NOT_ACCEPTABLE", "None of the media types that were asked for can be sent."),
    409: (INVALID, "CONFLICT", "The resource was changed at the same time."),
    413: (INVALID, "REQUEST_ENTITY_TOO_LARGE", "The request body is too large."),
    415: (INVALID, "UNSUPPORTED_MEDIA_TYPE", "The media type of the body is not supported."),
    429: (RATE, "RATE_LIMITED", "Rate limited. Slow down and try again."),
    500: (
        API,
        "INTERNAL_SERVER_ERROR",
        "An internal error has occurred, and the API was unable to service the request.",
    ),
    501: (API, "NOT_IMPLEMENTED", "This endpoint is not implemented."),
    502: (API, "BAD_GATEWAY", "The gateway could not reach the service."),
    503: (API, "SERVICE_UNAVAILABLE", "The service is unavailable."),
    504: (API, "GATEWAY_TIMEOUT", "The service took too long."),
}
"""Category, code and detail by status."""


class SquareError(Exception):
    """A refusal in Square's shape.

    Attributes:
        status: of HTTP.
        errors: what was wrong, the first one deciding.
        beside: further members of the body, such as the payment that failed.
        stored: whether an idempotency key keeps the refusal.
    """

    def __init__(
        self,
        status: int,
        errors: Iterable[dict[str, Any]] = (),
        *,
        beside: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        stored: bool = False,
    ) -> None:
        category, code, detail = DEFAULTS.get(status, DEFAULTS[500 if status >= 500 else 400])  # noqa: PLR2004 - HTTP
        self.status = status
        self.errors = list(errors) or [{"category": category, "code": code, "detail": detail}]
        self.beside = beside or {}
        self.headers = headers or {}
        self.stored = stored
        super().__init__("; ".join(f"{one['code']}: {one.get('detail', '')}" for one in self.errors))

    def body(self) -> dict[str, Any]:
        """As it is sent."""
        return {"errors": self.errors, **self.beside}


def error(code: str, detail: str, field: str | None = None, *, category: str = INVALID) -> dict[str, Any]:
    """One entry of ``errors``."""
    made = {"category": category, "code": code, "detail": detail}
    if field is not None:
        made["field"] = field
    return made


def invalid(code: str, detail: str, field: str | None = None, *, status: int = 400) -> SquareError:
    """One error of the request."""
    return SquareError(status, [error(code, detail, field)])


def not_found(detail: str, field: str | None = None) -> SquareError:
    """404: there is no such thing with this merchant."""
    return invalid("NOT_FOUND", detail, field, status=404)


def stale(field: str, sent: object, latest: object) -> SquareError:
    """400: the version that was sent is not the latest (developer forum 855, 20442)."""
    return invalid("VERSION_MISMATCH", f"Version mismatch: expected {latest}, but {sent} was sent.", field)
