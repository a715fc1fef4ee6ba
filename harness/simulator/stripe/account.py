"""One simulated Stripe account: its tables, its settings, and the one place where events are made.

A room that adds a kind of object declares its table here by calling ``table`` at import time::

    PRODUCTS = table("product", Product, prefix="prod_", noun="product", indexed=("active",))

and reads it with ``account.of(PRODUCTS)``. ``noun`` is how Stripe names the kind in "No such product: ...".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.kernel.store import Stored, Table
from harness.simulator.stripe import errors
from harness.simulator.stripe.settings import Settings
from harness.simulator.stripe.state.objects import Event, WebhookEndpoint

T = TypeVar("T", bound=Stored)

API_VERSION = "2026-10-28.endive"
"""The version that the account is pinned to: that of the official SDK in use."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """A kind of object: where it is kept and what its ids look like."""

    name: str
    type: type[T]
    prefix: str
    noun: str
    indexed: tuple[str, ...]
    length: int
    lead: str


LONG = 24
"""Length of the ids that carry a piece of the account's; others are shorter."""
_MONEY = frozenset({"balance_transaction", "charge", "payment_intent", "refund"})
"""Kinds whose ids begin with a 3 where others have a 1."""
KINDS: dict[str, Kind[Any]] = {}
BY_PREFIX: dict[str, Kind[Any]] = {}


def table(
    name: str, type_: type[T], *, prefix: str, noun: str, indexed: tuple[str, ...] = (), length: int = 24
) -> Kind[T]:
    """Declare a kind of object; ``name`` is its ``object`` on the wire, ``length`` that of an id after the prefix."""
    kind = Kind(name, type_, prefix, noun, indexed, length, "3" if name in _MONEY else "1")
    KINDS[name] = kind
    BY_PREFIX[prefix.partition("_")[0]] = kind
    return kind


EVENTS = table("event", Event, prefix="evt_", noun="event", indexed=("type",))
ENDPOINTS = table("webhook_endpoint", WebhookEndpoint, prefix="we_", noun="webhook endpoint")

TimerHandler = Callable[..., None]
_timers: dict[str, TimerHandler] = {}


def timer(name: str) -> Callable[[TimerHandler], TimerHandler]:
    """Register what happens when a timer of this name is due; the handler gets the account and the arguments."""

    def register(handler: TimerHandler) -> TimerHandler:
        _timers[name] = handler
        return handler

    return register


class StripeAccount(Account):
    """An account in one mode (test or live)."""

    def __init__(self, key: str, seed: str, *, livemode: bool, suffix: str, remote_webhooks: bool = False) -> None:
        super().__init__(key, seed)
        self.livemode = livemode
        self.suffix = suffix
        self.remote_webhooks = remote_webhooks
        """Whether webhook endpoints may be anywhere, not on loopback only."""
        self._apply(Settings())
        self.request: tuple[str, str | None] | None = None
        """Id and idempotency key of the call that is being executed; None when a timer acts."""
        self.base_url = ""
        """Where this simulator is reached, as the last caller wrote it."""
        self.ledger: dict[str, dict[int, int]] = {}
        """The balance: currency -> day on which it becomes available (0: at once) -> net amount."""
        self.twin: Callable[[], StripeAccount | None] = _nobody
        """The same account in the other mode, if anybody has used it."""
        self._tables: dict[str, Table[Any]] = {}
        self._second = 0
        self.id = f"acct_1{self.ids.text(16)}"
        self._fragment = self.id[-10:]
        self.token = hashlib.blake2b(key.encode(), digest_size=9).hexdigest()
        """Names the account in the addresses of hosted pages, where no key is sent."""
        self.secret_key = hashlib.blake2b(f"{seed}/{key}".encode(), digest_size=32).digest()
        """Key from which client secrets are derived."""

    # ---- objects -------------------------------------------------------------------------------

    def of(self, kind: Kind[T]) -> Table[T]:
        """The table of a kind."""
        found = self._tables.get(kind.name)
        if found is None:
            found = self._tables[kind.name] = Table(*kind.indexed)
        return found

    def new_id(self, kind: Kind[Any]) -> str:
        """A fresh id of a kind, in the form of Stripe's: long ones carry a piece of the account's id."""
        if kind.length < LONG:
            return kind.prefix + self.ids.text(kind.length)
        text = self.ids.text(13)
        return f"{kind.prefix}{kind.lead}{text[:5]}{self._fragment}{text[5:]}"

    def get(self, kind: Kind[T], id: str, param: str = "id", *, status: int = 404) -> T:  # noqa: A002
        """The object, or Stripe's refusal: 404 for an id in a path, 400 for one in a parameter."""
        found = self.of(kind).get(id)
        if found is None:
            error = errors.resource_missing(kind.noun, id, param, status=status)
            twin = self.twin()
            if twin is not None and twin.of(kind).get(id) is not None:
                here, there = ("live", "test") if self.livemode else ("test", "live")
                error.message += (
                    f"; a similar object exists in {there} mode, but a {here} mode key was used to make this request."
                )
            raise error
        return found

    def now(self) -> int:
        """Epoch seconds, whole, by the account's clock; the same object throughout a second, which saves memory."""
        now = int(self.clock.now())
        if now != self._second:
            self._second = now
        return self._second

    # ---- events --------------------------------------------------------------------------------

    def emit(self, type_: str, subject: Any, previous: dict[str, Any] | None = None) -> Event:
        """Something happened: store the event and hand it to every endpoint that wants it.

        Args:
            type_: the event's type, such as ``payment_intent.succeeded``.
            subject: the object as it is now, already stored.
            previous: for updates, the wire fields that changed with the values that they had.
        """
        request, key = self.request or (None, None)
        endpoints = self.of(ENDPOINTS)
        wanted = [e for e in endpoints if e.status == "enabled" and wants(e, type_)] if endpoints.live else ()
        event = Event(
            id=self.new_id(EVENTS),
            created=self.now(),
            type=type_,
            subject=subject,
            previous=previous,
            request=request,
            idempotency_key=key,
            pending_webhooks=len(wanted),
        )
        self.of(EVENTS).add(event)
        for endpoint in wanted:
            self.outbox.post(event.id, type_, endpoint.id, endpoint.url)
        return event

    # ---- hooks of the kernel -------------------------------------------------------------------

    def fire(self, name: str, *arguments: Hashable) -> None:
        """A timer is due: what it does is not the doing of any request."""
        request, self.request = self.request, None
        try:
            _timers[name](self, *arguments)
        finally:
            self.request = request

    def compose(self, delivery: Delivery) -> Parcel | None:
        """Render and sign an event for its endpoint, as of now."""
        from harness.simulator.stripe.wire.webhooks import parcel

        event = self.of(EVENTS).get(delivery.event)
        endpoint = self.of(ENDPOINTS).get(delivery.endpoint)
        if event is None or endpoint is None or endpoint.status != "enabled":
            return None
        return parcel(self, event, endpoint)

    def delivery_settled(self, delivery: Delivery, *, delivered: bool) -> None:
        """Count down the event's pending webhooks once an endpoint has answered 2xx."""
        event = self.of(EVENTS).get(delivery.event)
        if event is not None and delivered and event.pending_webhooks:
            self.of(EVENTS).put(replace(event, pending_webhooks=event.pending_webhooks - 1))

    def capture_state(self) -> dict[str, Any]:
        """Tables and settings; versions are immutable, so that copying the tables is enough."""
        return {
            "tables": {name: found.copy() for name, found in self._tables.items()},
            "ledger": {currency: dict(days) for currency, days in self.ledger.items()},
            "settings": replace(self.settings),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Back to captured tables and settings."""
        self._tables = {name: found.copy() for name, found in state["tables"].items()}
        self.ledger = {currency: dict(days) for currency, days in state["ledger"].items()}
        self._apply(replace(state["settings"]))

    def clear_state(self) -> None:
        """No objects, default settings."""
        self._tables = {}
        self.ledger = {}
        self._apply(Settings())
        self.ids.text(16)  # the account's own id was drawn first; it stays

    def settings_view(self) -> dict[str, Any]:
        """All settings."""
        return self.settings.view()

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change some settings."""
        self._apply(self.settings.changed(changes))

    def _apply(self, settings: Settings) -> None:
        self.settings = settings
        self.retry_schedule = settings.retries()
        self.delivery_timeout = settings.webhook_timeout


def _nobody() -> None:
    return None


def wants(endpoint: WebhookEndpoint, type_: str) -> bool:
    """Whether an endpoint listens to a type of event."""
    return type_ in endpoint.enabled_events or "*" in endpoint.enabled_events
