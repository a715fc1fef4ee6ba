"""Events: made once with their body, kept for the Events API, handed to those who deliver them.

Sources: Square, "Webhooks overview"; the example payloads of its OpenAPI file. ``type`` has a dot; for orders the
object is called by the type with an underscore and says neither what it costs nor who pays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.square import formats

if TYPE_CHECKING:
    from harness.simulator.square.account import SquareAccount


class Event(Struct, frozen=True, kw_only=True):
    """An event as it is kept. ``body`` is the JSON that is delivered, byte for byte; ``created`` milliseconds."""

    id: str
    created: int
    type: str
    body: bytes
    searchable: bool


Subscribers = Callable[["SquareAccount", Event], Iterable[tuple[str, str]]]
Composer = Callable[["SquareAccount", Delivery, Event | None], Parcel | None]
Settled = Callable[..., None]
_subscribers: list[Subscribers] = []
_composers: list[Composer] = []
_settled: list[Settled] = []
searched: list[Callable[[SquareAccount], bool]] = []
"""Whether events are kept for the Events API at the moment."""


def subscribers(function: Subscribers) -> Subscribers:
    """Register who wants an event: (account, event) -> (subscription id, URL)."""
    _subscribers.append(function)
    return function


def composer(function: Composer) -> Composer:
    """Register what one attempt carries: (account, delivery, event) -> URL, headers and body; None gives it up."""
    _composers.append(function)
    return function


def on_settled(function: Settled) -> Settled:
    """Register what follows a delivery that was accepted or given up: (account, delivery, delivered=...)."""
    _settled.append(function)
    return function


def composed(account: SquareAccount, delivery: Delivery) -> Parcel | None:
    """What an attempt carries; None where nobody composes it."""
    from harness.simulator.square.account import EVENTS

    event = account.of(EVENTS).get(delivery.event)
    for function in _composers:
        parcel = function(account, delivery, event)
        if parcel is not None:
            return parcel
    return None


def settled(account: SquareAccount, delivery: Delivery, *, delivered: bool) -> None:
    """A delivery came to its end."""
    for function in _settled:
        function(account, delivery, delivered=delivered)


def emit(
    account: SquareAccount,
    type_: str,
    id_: str,
    name: str,
    resource: dict[str, Any] | None,
    *,
    location: str | None = None,
    deleted: bool = False,
) -> Event:
    """Something happened: keep the event and hand it to every subscription that wants it.

    Args:
        account: whose event it is.
        type_: such as ``payment.updated``.
        id_: of the object.
        name: of the object, such as ``payment``.
        resource: the object as it is now, as the API shows it, or as this kind of event shows it.
        location: what disputes carry beside the merchant.
        deleted: whether the object is gone.
    """
    from harness.simulator.square.account import EVENTS

    event = make(account, type_, id_, name, resource, location=location, deleted=deleted)
    account.of(EVENTS).add(event)
    for function in _subscribers:
        for subscription, url in function(account, event):
            account.outbox.post(event.id, type_, subscription, url)
    return event


def make(
    account: SquareAccount,
    type_: str,
    id_: str,
    name: str,
    resource: dict[str, Any] | None,
    *,
    location: str | None = None,
    deleted: bool = False,
) -> Event:
    """An event that is not kept; arguments as ``emit`` takes them."""
    now = account.now()
    event_id = formats.event_id(account.ids)
    data: dict[str, Any] = {"type": name, "id": id_}
    if deleted:
        data["deleted"] = True
    if resource is not None:
        data["object"] = {name: resource}
    body: dict[str, Any] = {"merchant_id": account.merchant_id}
    if location is not None:
        body["location_id"] = location
    body |= {"type": type_, "event_id": event_id, "created_at": formats.timestamp(now), "data": data}
    kept = any(function(account) for function in searched)
    return Event(id=event_id, created=now, type=type_, body=orjson.dumps(body), searchable=kept)
