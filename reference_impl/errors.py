"""What an API call can be refused with; each carries one sentence for the person who reads it and the next move.

ApiError                status, code, message
 +-- NotFound           404   no such thing, or not yours (the two look alike on purpose)
 +-- Unauthorised       401
 +-- Invalid            422   the request cannot be meant
 +-- Conflict           409   the request is fine, the state of things is not
 +-- Unavailable        503   try again: nothing was decided
"""

from __future__ import annotations


class ApiError(Exception):
    """A refusal that the caller is told about."""

    status = 400

    def __init__(
        self, code: str, message: str, *, status: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or type(self).status
        self.headers = headers or {}


class NotFound(ApiError):  # noqa: N818 - reads as what it is
    """No such thing, or not the caller's."""

    status = 404

    def __init__(self, message: str = "There is no such order here.", code: str = "not_found") -> None:
        super().__init__(code, message)


class Unauthorised(ApiError):  # noqa: N818 - reads as what it is
    """The token is missing or wrong."""

    status = 401

    def __init__(self, message: str) -> None:
        super().__init__("unauthorised", message, headers={"WWW-Authenticate": "Bearer"})


class Invalid(ApiError):  # noqa: N818 - reads as what it is
    """The request cannot be meant."""

    status = 422


class Conflict(ApiError):  # noqa: N818 - reads as what it is
    """The request is fine, the state of things is not."""

    status = 409


class Unavailable(ApiError):  # noqa: N818 - reads as what it is
    """Nothing was decided; the same request may be sent again."""

    status = 503

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, headers={"Retry-After": "2"})
