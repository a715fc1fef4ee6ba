"""PayPal's refusals: name, message, issues; how they are raised and what their body is.

Sources: PayPal, "API responses" (names and messages by status); the error schemas of its OpenAPI files.

    PayPalError            any refusal; carries the status, the name and the details
    └── OAuthError         refusals of tokens: {"error", "error_description"}
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.simulator.paypal.issues import describe

INFORMATION = "https://developer.paypal.com/api/rest/reference/orders/v2/errors/"
NAMES = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    401: (
        "AUTHENTICATION_FAILURE",
        "Authentication failed due to missing authorization header, or invalid authentication credentials.",
    ),
    403: ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    405: ("METHOD_NOT_SUPPORTED", "The server does not implement the requested HTTP method."),
    406: ("MEDIA_TYPE_NOT_ACCEPTABLE", "The server does not implement the media type that would be acceptable."),
    409: ("RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."),
    413: ("REQUEST_ENTITY_TOO_LARGE", "The request body is too large."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error has occurred."),
    501: ("NOT_IMPLEMENTED", "The server does not support the functionality needed to fulfill the request."),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable."),
}
"""Name and message by status."""

Detail = dict[str, Any]


class PayPalError(Exception):
    """A refusal in PayPal's shape.

    Attributes:
        status: of HTTP.
        details: what was wrong where; empty where PayPal sends none.
        links: in addition to the information link.
    """

    def __init__(
        self,
        status: int,
        details: Iterable[Detail] = (),
        *,
        name: str | None = None,
        message: str | None = None,
        links: Iterable[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        known = NAMES.get(status, NAMES[500] if status >= 500 else NAMES[400])  # noqa: PLR2004 - HTTP
        self.status = status
        self.name = name or known[0]
        self.message = message or known[1]
        self.details = list(details)
        self.links = list(links)
        self.headers = headers or {}
        super().__init__(f"{self.name}: {', '.join(d['issue'] for d in self.details) or self.message}")

    def body(self, debug_id: str) -> dict[str, Any]:
        """As it is sent."""
        body: dict[str, Any] = {"name": self.name, "message": self.message, "debug_id": debug_id}
        if self.details:
            body["details"] = self.details
        first = self.details[0]["issue"] if self.details else self.name
        body["links"] = [
            {"href": f"{INFORMATION}#error-{first}", "rel": "information_link", "method": "GET"},
            *self.links,
        ]
        return body


class OAuthError(PayPalError):
    """A refusal of a token or of a client, in OAuth's shape."""

    def __init__(self, error: str, description: str, status: int = 401) -> None:
        super().__init__(status)
        self.error = error
        self.description = description

    def body(self, debug_id: str) -> dict[str, Any]:
        """As it is sent."""
        del debug_id
        return {"error": self.error, "error_description": self.description}


def detail(
    issue: str,
    field: str | None = None,
    value: Any = None,
    *,
    location: str | None = "body",
    description: str | None = None,
) -> Detail:
    """One issue. ``field`` is a JSON pointer for the body, a name for path and query; ``value`` what was sent."""
    made: Detail = {}
    if field is not None:
        made["field"] = field
        if value is not None:
            made["value"] = value if isinstance(value, str) else str(value)
        if location is not None:
            made["location"] = location
    made["issue"] = issue
    made["description"] = description or describe(issue)
    return made


def invalid(issue: str, field: str | None = None, value: Any = None, *, location: str = "body") -> PayPalError:
    """400 with one issue."""
    return PayPalError(400, [detail(issue, field, value, location=location)])


def unprocessable(
    issue: str, field: str | None = None, value: Any = None, *, links: Iterable[dict[str, str]] = ()
) -> PayPalError:
    """422 with one issue."""
    return PayPalError(422, [detail(issue, field, value)], links=links)


def not_found(field: str = "id", value: str | None = None, issue: str = "INVALID_RESOURCE_ID") -> PayPalError:
    """404: there is no such thing on this account."""
    return PayPalError(404, [detail(issue, field, value, location="path")])


def forbidden(issue: str = "PERMISSION_DENIED") -> PayPalError:
    """403."""
    return PayPalError(403, [detail(issue)])


def in_progress() -> PayPalError:
    """409: the first call under this request id has not been answered yet."""
    return PayPalError(409, [detail("PREVIOUS_REQUEST_IN_PROGRESS")])
