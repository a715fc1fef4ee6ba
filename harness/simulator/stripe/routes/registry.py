"""Which function answers which operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.simulator.kernel.messages import Request
from harness.simulator.kernel.routing import Routes
from harness.simulator.kernel.store import Page, Window
from harness.simulator.stripe import errors
from harness.simulator.stripe.account import Kind, StripeAccount, T


class Call:
    """One API call that is being executed."""

    __slots__ = ("account", "operation", "params", "publishable", "request", "version")

    def __init__(
        self,
        account: StripeAccount,
        request: Request,
        operation: Operation,
        params: dict[str, Any],
        version: str,
        *,
        publishable: bool,
    ) -> None:
        self.account = account
        self.request = request
        self.operation = operation
        self.params = params
        """Checked and converted; ``expand`` has been taken out."""
        self.version = version
        self.publishable = publishable
        """Whether the key is a publishable one (a browser)."""

    def listing(
        self,
        kind: Kind[T],
        *,
        index: str | None = None,
        keys: tuple[Any, ...] = (),
        keep: Callable[[T], bool] | None = None,
        oldest: int | None = None,
    ) -> Listing:
        """The page that the list parameters ask for, newest first; nothing made before ``oldest``."""
        params = self.params
        starting_after, ending_before = params.get("starting_after"), params.get("ending_before")
        table = self.account.of(kind)
        for name, cursor in (("starting_after", starting_after), ("ending_before", ending_before)):
            if cursor is not None and not table.knows(cursor):
                raise errors.referenced_missing(kind.noun, cursor, name)
        if starting_after is not None and ending_before is not None:
            raise errors.invalid(
                "Received both starting_after and ending_before parameters. Please pass in only one.", stored=False
            )
        after, before = _created(params.get("created"))
        if oldest is not None:
            after = max(after or 0, oldest)
        window = Window(page_limit(params.get("limit")), starting_after, ending_before, after, before)
        return Listing(table.page(window, index=index, keys=keys, keep=keep), self.request.path)


class Listing:
    """A list on the wire."""

    __slots__ = ("page", "url")

    def __init__(self, page: Page[Any], url: str) -> None:
        self.page = page
        self.url = url


Handler = Callable[..., Any]


class Operation:
    """One operation.

    ``publishable``: a browser may call it with a publishable key. ``loose``: parameters that it takes as they are, for
    an operation that has no schema.
    """

    __slots__ = ("handler", "loose", "name", "publishable", "resource")

    def __init__(self, name: str, handler: Handler, *, publishable: bool, loose: tuple[str, ...]) -> None:
        self.name = name
        self.handler = handler
        self.publishable = publishable
        self.loose = loose
        self.resource = name.split("/")[2]


_routes: Routes[Operation] = Routes()


def operation(name: str, *, publishable: bool = False, loose: tuple[str, ...] = ()) -> Callable[[Handler], Handler]:
    """Register a function for an operation such as ``POST /v1/payment_intents/{intent}/confirm``."""

    def register(handler: Handler) -> Handler:
        method, path = name.split(" ")
        _routes.add(method, path, Operation(name, handler, publishable=publishable, loose=loose))
        return handler

    return register


def find(method: str, path: str) -> tuple[Operation, list[str]] | None:
    """The operation that a call means, with the ids of its path."""
    found = _routes.find(method, path)
    return None if found is None or found[0] is None else (found[0], found[1])


def page_limit(limit: int | None) -> int:
    """How many items a page has: ten unless asked.

    What is outside of 1 to 100 is moved to the nearer end (observed in test mode, September 2026).
    """
    return 10 if limit is None else min(max(limit, 1), 100)


def _created(created: Any) -> tuple[int | None, int | None]:
    """Inclusive bounds."""
    if created is None or created == "":
        return None, None
    if isinstance(created, int):
        return created, created
    after, before = created.get("gte"), created.get("lte")
    if "gt" in created:
        after = max(created["gt"] + 1, after if after is not None else 0)
    if "lt" in created:
        before = min(created["lt"] - 1, before if before is not None else created["lt"])
    return after, before
