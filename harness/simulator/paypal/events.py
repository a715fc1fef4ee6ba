"""Events: made once with their body, handed to those who deliver them.

The body is fixed when the event is made; what belongs to one attempt (transmission id, time, signature) is added by
the composer when the attempt is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.paypal.formats import LONG_ID, precise

if TYPE_CHECKING:
    from harness.simulator.paypal.account import PayPalAccount


class Event(Struct, frozen=True, kw_only=True):
    """An event as it is kept. ``body`` is the JSON that is delivered, byte for byte.

    ``transaction`` is the id of the resource, by which events are searched.
    """

    id: str
    created: int
    event_type: str
    resource_type: str
    resource_version: str | None
    summary: str
    body: bytes
    transaction: str | None = None


Subscribers = Callable[["PayPalAccount", Event], Iterable[tuple[str, str]]]
Composer = Callable[["PayPalAccount", Delivery, Event | None], Parcel | None]

_subscribers: list[Subscribers] = []
_composers: list[Composer] = []


def subscribers(function: Subscribers) -> Subscribers:
    """Register who wants an event: (account, event) -> (webhook id, URL) of each webhook that listens to its type."""
    _subscribers.append(function)
    return function


def composer(function: Composer) -> Composer:
    """Register what one attempt carries: (account, delivery, event) -> URL, headers and body.

    Asked at each attempt; None gives the delivery up. The event is None where it is not among those that are kept.
    """
    _composers.append(function)
    return function


def composed(account: PayPalAccount, delivery: Delivery, event: Event | None) -> Parcel | None:
    """What an attempt carries; None where nobody composes it."""
    for function in _composers:
        parcel = function(account, delivery, event)
        if parcel is not None:
            return parcel
    return None


def emit(
    account: PayPalAccount,
    event_type: str,
    resource_type: str,
    resource_version: str | None,
    summary: str,
    resource: dict[str, Any],
) -> Event:
    """Something happened: store the event and hand it to every webhook that wants it.

    Args:
        account: whose event it is.
        event_type: such as ``PAYMENT.CAPTURE.COMPLETED``.
        resource_type: such as ``capture``.
        resource_version: such as ``2.0``; None where PayPal sends none (disputes, sales).
        summary: one sentence for people.
        resource: the object as it is now, as the API shows it, or as this kind of event shows it.
    """
    from harness.simulator.paypal.account import EVENTS

    event = make(account, event_type, resource_type, resource_version, summary, resource)
    account.of(EVENTS).add(event)
    for function in _subscribers:
        for webhook, url in function(account, event):
            account.outbox.post(event.id, event_type, webhook, url)
    return event


def make(
    account: PayPalAccount,
    event_type: str,
    resource_type: str,
    resource_version: str | None,
    summary: str,
    resource: dict[str, Any],
    event_id: str | None = None,
) -> Event:
    """An event that is not kept (a simulated one); arguments as ``emit`` takes them."""
    text = account.ids.spelled(LONG_ID, 34)
    id_ = event_id or f"WH-{text[:17]}-{text[17:]}"
    now = account.clock.now()
    path = f"{account.base_url}/v1/notifications/webhooks-events/{id_}"
    body: dict[str, Any] = {
        "id": id_,
        "event_version": "1.0",
        "create_time": precise(now),
        "resource_type": resource_type,
    }
    if resource_version is not None:
        body["resource_version"] = resource_version
    body |= {
        "event_type": event_type,
        "summary": summary,
        "resource": resource,
        "links": [
            {"href": path, "rel": "self", "method": "GET"},
            {"href": f"{path}/resend", "rel": "resend", "method": "POST"},
        ],
    }
    return Event(
        id=id_,
        created=int(now),
        event_type=event_type,
        resource_type=resource_type,
        resource_version=resource_version,
        summary=summary,
        body=orjson.dumps(body),
        transaction=resource.get("id") or resource.get("dispute_id"),
    )
