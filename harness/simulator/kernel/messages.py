"""A request as it reached a simulated provider, and the answer to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Headers = list[tuple[bytes, bytes]]


class Request:
    """One call; header names are lower case, the body is complete."""

    __slots__ = ("_by_name", "body", "call", "credentials", "headers", "method", "params", "path", "query", "transport")

    def __init__(self, method: str, path: str, query: bytes, headers: Headers, body: bytes, transport: Any) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.transport = transport
        self.params: dict[str, Any] | None = None
        """Decoded by the provider, once."""
        self.credentials: str | None = None
        """Found by the provider, once."""
        self.call: Any = None
        """What the provider knows of the call between its layers."""
        self._by_name: dict[bytes, bytes] | None = None

    def header(self, name: bytes) -> str | None:
        """The header of a (lower case) name; the last one where it is repeated."""
        by_name = self._by_name
        if by_name is None:
            by_name = self._by_name = dict(self.headers)
        value = by_name.get(name)
        return None if value is None else value.decode("latin-1").strip()

    def settle(self) -> None:
        """Let go of what only the execution needed."""
        self.transport = None
        self.params = None
        self.call = None
        self._by_name = None


class Answer:
    """An answer. ``recipe`` is an immutable object from which the provider can make the same body again.

    What keeps answers (idempotency, journal) keeps the recipe instead of the body where there is one.
    ``replay`` is what an idempotency key keeps in its place, at a provider whose replays are not the same bytes.
    ``later``: what has to be waited for before there is an answer; it gives the answer in this one's place. The call
    itself was executed by then, so that others go on meanwhile.
    """

    __slots__ = ("body", "headers", "later", "recipe", "replay", "status", "stored")

    def __init__(
        self,
        status: int,
        body: bytes,
        headers: Headers | None = None,
        *,
        recipe: object = None,
        replay: object = None,
        stored: bool = True,
        later: Callable[[], Awaitable[Answer]] | None = None,
    ) -> None:
        """``stored``: whether an idempotency key keeps this answer."""
        self.later = later
        self.status = status
        self.body = body
        self.headers: Headers = [] if headers is None else headers
        self.recipe = recipe
        self.replay = replay
        self.stored = stored
