"""What can become of a call to a provider.

GatewayError
 +-- Refused           the provider said no, and nothing happened (``code`` in the provider's words)
 |    +-- NotFound     there is no such object
 +-- OutcomeUnknown    no answer that says whether it happened: never treated as a failure, settled by asking again
"""

from __future__ import annotations


class GatewayError(Exception):
    """A call to a provider did not give what it was made for."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Refused(GatewayError):  # noqa: N818 - reads as what it is
    """The provider said no; nothing happened."""


class NotFound(Refused):
    """The provider knows no such object."""


class OutcomeUnknown(GatewayError):  # noqa: N818 - reads as what it is
    """A timeout, a cut connection, a conflict, a rate limit or an error of the provider.

    ``replayed``: the provider answered with the stored outcome of an earlier call under the same key, so repeating
    the key will never tell more.
    """

    def __init__(self, message: str, *, code: str | None = None, replayed: bool = False) -> None:
        super().__init__(message, code=code)
        self.replayed = replayed
