"""Which function answers which call, page, control call and timer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.routing import Routes
from harness.simulator.paypal.errors import PayPalError

if TYPE_CHECKING:
    from harness.simulator.paypal.account import PayPalAccount
    from harness.simulator.paypal.app import PayPalApp

JSON = (b"content-type", b"application/json")
REPRESENTATION, MINIMAL = "representation", "minimal"


class Call:
    """One API call that is being executed."""

    __slots__ = ("_query", "account", "ids", "operation", "params", "public", "request")

    operation: Operation
    ids: list[str]

    def __init__(self, account: PayPalAccount, request: Request, *, public: bool) -> None:
        self.account = account
        self.request = request
        self.params: Any = {}
        """The JSON body: an object, or the list of a patch; {} where none came."""
        self.public = public
        """Whether the token is a browser's, given out without a secret."""
        self._query: dict[str, str] | None = None

    @property
    def query(self) -> dict[str, str]:
        """Parameters of the query; the last one where one is repeated."""
        if self._query is None:
            parsed = parse_qs(self.request.query.decode("latin-1"), keep_blank_values=True)
            self._query = {name: values[-1] for name, values in parsed.items()}
        return self._query

    @property
    def form(self) -> str:
        """What ``Prefer`` asks for: ``representation`` or ``minimal`` (the default)."""
        prefer = self.request.header(b"prefer")
        return REPRESENTATION if prefer and "representation" in prefer.lower() else MINIMAL

    def answer(self, status: int, body: Any = None, *, replay: tuple[str, str, str] | None = None) -> Answer:
        """An answer in JSON; 204 has no body.

        Args:
            status: of HTTP.
            body: any JSON value, or bytes that are JSON already.
            replay: (name of a view, id of an object, form): what the same request id is answered with later on.
        """
        if body is None:
            return Answer(status, b"", [] if status == 204 else [JSON], replay=replay)  # noqa: PLR2004 - HTTP
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return Answer(status, data, [JSON], replay=replay)


Handler = Callable[..., Answer]
Page = Callable[["PayPalApp", Request], Answer | None]
ControlCall = Callable[["PayPalAccount", str, str, dict[str, Any]], dict[str, Any] | None]
TimerHandler = Callable[..., None]
View = Callable[["PayPalAccount", str, str], tuple[int, Any]]


class Operation:
    """One operation of the API."""

    __slots__ = ("handler", "keep", "name", "public", "raw")

    def __init__(self, name: str, handler: Handler, *, public: bool, raw: bool, keep: float | None) -> None:
        self.name = name
        self.handler = handler
        self.public = public
        self.raw = raw
        self.keep = keep


_routes: Routes[Operation] = Routes()
pages: list[Page] = []
controls: list[ControlCall] = []
timers: dict[str, TimerHandler] = {}
views: dict[str, View] = {}


def operation(
    name: str, *, public: bool = False, raw: bool = False, keep: float | None = None
) -> Callable[[Handler], Handler]:
    """Register a function for an operation such as ``POST /v2/checkout/orders/{id}/capture``.

    Args:
        name: method and path; parts in braces are ids.
        public: whether a token without a secret may call it.
        raw: whether the body is something else than JSON.
        keep: seconds for which the answer to a ``PayPal-Request-Id`` is kept; None: the header means nothing here.
    """

    def register(handler: Handler) -> Handler:
        method, path = name.split(" ")
        _routes.add(method, path, Operation(name, handler, public=public, raw=raw, keep=keep))
        return handler

    return register


def page(handler: Page) -> Page:
    """Register what answers without a token; it answers None for what is not its own."""
    pages.append(handler)
    return handler


def control(handler: ControlCall) -> ControlCall:
    """Register control calls: (account, method, path after ``/_sim/``, arguments) -> answer, or None if not its own.

    ``LookupError`` becomes 404, ``ValueError`` and ``PayPalError`` 400.
    """
    controls.append(handler)
    return handler


def timer(name: str) -> Callable[[TimerHandler], TimerHandler]:
    """Register what happens when a timer of this name is due: (account, *arguments)."""

    def register(handler: TimerHandler) -> TimerHandler:
        timers[name] = handler
        return handler

    return register


def view(name: str) -> Callable[[View], View]:
    """Register how an object is shown again to a request id: (account, id, form) -> (status, body)."""

    def register(handler: View) -> View:
        views[name] = handler
        return handler

    return register


def find(method: str, path: str) -> tuple[Operation, list[str]] | None:
    """The operation that a call means, with the ids of its path; None where there is no such path.

    Raises:
        PayPalError: 405 where the path has other methods.
    """
    found = _routes.find(method, path)
    if found is None:
        return None
    operation_, ids = found
    if operation_ is None:
        raise PayPalError(405)
    return operation_, ids
