"""Which function answers which call, page, control call and timer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.routing import Routes
from harness.simulator.square.errors import SquareError

if TYPE_CHECKING:
    from harness.simulator.square.account import SquareAccount
    from harness.simulator.square.app import SquareApp

JSON = (b"content-type", b"application/json")


class Call:
    """One API call that is being executed."""

    __slots__ = ("_query", "account", "ids", "operation", "params", "request", "version")

    operation: Operation
    ids: list[str]

    def __init__(self, account: SquareAccount, request: Request, version: str) -> None:
        self.account = account
        self.request = request
        self.version = version
        """``Square-Version`` of the call, or the application's default."""
        self.params: dict[str, Any] = {}
        """The JSON body; {} where none came."""
        self._query: dict[str, str] | None = None

    @property
    def query(self) -> dict[str, str]:
        """Parameters of the query; the last one where one is repeated."""
        if self._query is None:
            parsed = parse_qs(self.request.query.decode("latin-1"), keep_blank_values=True)
            self._query = {name: values[-1] for name, values in parsed.items()}
        return self._query

    def answer(self, body: dict[str, Any] | None = None, *, status: int = 200) -> Answer:
        """An answer in JSON; nothing is sent as an empty object, as Square does."""
        return Answer(status, orjson.dumps(body or {}), [JSON])


Handler = Callable[..., Answer]
Page = Callable[["SquareApp", Request], Answer | None]
ControlCall = Callable[["SquareAccount", str, str, dict[str, Any]], dict[str, Any] | None]
TimerHandler = Callable[..., None]


class Operation:
    """One operation of the API."""

    __slots__ = ("handler", "key", "lenient", "name", "raw")

    def __init__(self, name: str, handler: Handler, *, key: int | None, lenient: bool, raw: bool) -> None:
        self.name = name
        self.handler = handler
        self.key = key
        self.lenient = lenient
        self.raw = raw


_routes: Routes[Operation] = Routes()
pages: list[Page] = []
controls: list[ControlCall] = []
timers: dict[str, TimerHandler] = {}


def operation(
    name: str, *, key: int | None = None, lenient: bool = False, raw: bool = False
) -> Callable[[Handler], Handler]:
    """Register a function for an operation such as ``POST /v2/payments/{id}/complete``.

    Args:
        name: method and path; parts in braces are ids.
        key: longest ``idempotency_key`` in the body; None: the operation takes none.
        lenient: a key that comes again with another request is answered by the operation itself, not refused.
        raw: the body is something else than JSON; its key is not looked for.
    """

    def register(handler: Handler) -> Handler:
        method, path = name.split(" ")
        _routes.add(method, path, Operation(name, handler, key=key, lenient=lenient, raw=raw))
        return handler

    return register


def page(handler: Page) -> Page:
    """Register what answers without a token; it answers None for what is not its own."""
    pages.append(handler)
    return handler


def control(handler: ControlCall) -> ControlCall:
    """Register control calls: (account, method, path after ``/_sim/``, arguments) -> answer, or None if not its own.

    ``LookupError`` becomes 404, ``ValueError`` and ``SquareError`` 400.
    """
    controls.append(handler)
    return handler


def timer(name: str) -> Callable[[TimerHandler], TimerHandler]:
    """Register what happens when a timer of this name is due: (account, *arguments)."""

    def register(handler: TimerHandler) -> TimerHandler:
        timers[name] = handler
        return handler

    return register


def find(method: str, path: str) -> tuple[Operation, list[str]] | None:
    """The operation that a call means, with the ids of its path; None where there is no such path.

    Raises:
        SquareError: 405 where the path has other methods.
    """
    found = _routes.find(method, path)
    if found is None:
        return None
    if found[0] is None:
        raise SquareError(405)
    return found[0], found[1]
