"""Provider events as the courier carries them, and events that nobody but an attacker made.

Bodies are printed as the provider prints them: Stripe JSON indented by two spaces, PayPal and Square JSON without
spaces.
"""

from __future__ import annotations

import copy
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.courier.names import NAMES, resource_of, type_of, types_of
from harness.courier.shapes import PAYPAL, SHAPES, SQUARE, STRIPE, Shape, shape_of, written

__all__ = ["NAMES", "Event", "altered", "fits", "made_up", "printed", "type_of"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event: what the provider made, or what an attacker made up. ``created`` is epoch seconds."""

    id: str
    type: str
    created: int
    object_id: str | None
    document: Mapping[str, Any]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Event:
        """An event from its JSON."""
        return cls(*shape_of(document).read(document), document)

    @property
    def shape(self) -> Shape:
        """The shape of the provider that it is of."""
        return shape_of(self.document)

    @property
    def provider(self) -> str:
        """The provider that it is of."""
        return self.shape.provider

    @property
    def object(self) -> Mapping[str, Any]:
        """The object that the event is about, as it was then."""
        found: Mapping[str, Any] = self.shape.inside(self.document)
        return found

    @property
    def body(self) -> bytes:
        """The bytes of a delivery, printed as the provider prints them."""
        return self.shape.printed(self.document)

    def mentions(self, *ids: str | None) -> bool:
        """Whether any of these ids stands anywhere in the event, as a value or at the end of a link."""
        text = json.dumps(self.document)
        return any(f'"{one}"' in text or f'/{one}"' in text for one in ids if one)


def printed(document: Any, provider: str = "stripe") -> bytes:
    """JSON as the provider prints it in deliveries."""
    return SHAPES[provider].printed(document)


_OUTCOMES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "stripe": {"dispute won": frozenset({"won"}), "dispute lost": frozenset({"lost"})},
    "paypal": {
        "dispute won": frozenset({"RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER", "DENIED"}),
        "dispute lost": frozenset({"RESOLVED_BUYER_FAVOUR", "RESOLVED_WITH_PAYOUT", "ACCEPTED"}),
    },
    "square": {
        "payment succeeded": frozenset({"COMPLETED"}),
        "payment failed": frozenset({"FAILED"}),
        "payment cancelled": frozenset({"CANCELED"}),
        "payment processing": frozenset({"PENDING"}),
        "payment authorised": frozenset({"APPROVED"}),
        "payment refunded": frozenset({"refunded"}),
        "payment fee told": frozenset({"fee"}),
        "charge captured": frozenset({"COMPLETED"}),
        "charge failed": frozenset({"FAILED"}),
        "charge pending": frozenset({"PENDING"}),
        "charge expired": frozenset({"CANCELED"}),
        "refund updated": frozenset({"COMPLETED"}),
        "refund failed": frozenset({"FAILED", "REJECTED"}),
        "dispute closed": frozenset({"WON", "LOST", "ACCEPTED", "INQUIRY_CLOSED"}),
        "dispute won": frozenset({"WON"}),
        "dispute lost": frozenset({"LOST", "ACCEPTED"}),
    },
}
"""How an object tells events of one type from each other: disputes that were won from those that were lost."""


def fits(event: Event, words: str) -> bool:
    """Whether an event is the one that plain words mean; a dispute that was won is told from one that was lost."""
    if event.type not in types_of(words, event.provider):
        return False
    wanted = _OUTCOMES[event.provider].get(words)
    return wanted is None or _outcome(event) in wanted


def _outcome(event: Event) -> Any:
    if event.provider == "paypal":
        return (event.object.get("dispute_outcome") or {}).get("outcome_code")
    if event.provider == "square":
        return _square_outcome(event.object)
    return event.object.get("status")


def _square_outcome(inside: Mapping[str, Any]) -> Any:
    """What became of an object of Square's: a payment that has come in is told again for its refunds and its fee."""
    status = inside.get("status", inside.get("state"))
    if status == "COMPLETED" and "total_money" in inside:
        return "refunded" if inside.get("refund_ids") else "fee" if inside.get("processing_fee") else status
    return status


def made_up(
    type_: str,
    about: Mapping[str, Any],
    *,
    api_version: str | None = None,
    livemode: bool = False,
    provider: str = "stripe",
) -> Event:
    """An event that the provider never made, about an object as the attacker would like it to be."""
    if provider == "paypal":
        return Event.of(_paypal_envelope(type_, about, api_version or "1.0"))
    if provider == "square":
        return Event.of(_square_envelope(type_, about))
    return Event.of(
        {
            "id": STRIPE.new_id(),
            "object": "event",
            "api_version": api_version,
            "created": int(time.time()),
            "data": {"object": dict(about)},
            "livemode": livemode,
            "pending_webhooks": 1,
            "request": {"id": f"req_{secrets.token_hex(7)}", "idempotency_key": None},
            "type": type_,
        }
    )


def _paypal_envelope(type_: str, about: Mapping[str, Any], version: str) -> dict[str, Any]:
    id_ = PAYPAL.new_id()
    kind, resource_version = resource_of(type_)
    at = f"https://api.sandbox.paypal.com/v1/notifications/webhooks-events/{id_}"
    return {
        "id": id_,
        "event_version": version,
        "create_time": written(time.time()),
        "resource_type": kind,
        **({"resource_version": resource_version} if resource_version else {}),
        "event_type": type_,
        "summary": f"A {kind} event",
        "resource": dict(about),
        "links": [
            {"href": at, "rel": "self", "method": "GET"},
            {"href": f"{at}/resend", "rel": "resend", "method": "POST"},
        ],
    }


def _square_envelope(type_: str, about: Mapping[str, Any]) -> dict[str, Any]:
    kind, _, what = type_.partition(".")
    name = f"{kind}_{what}" if kind == "order" else kind
    return {
        "merchant_id": "ML" + secrets.token_hex(6)[:11].upper(),
        "type": type_,
        "event_id": SQUARE.new_id(),
        "created_at": written(time.time()),
        "data": {"type": name, "id": about.get("id") or about.get("order_id"), "object": {name: dict(about)}},
    }


def altered(event: Event, **changes: Any) -> Event:
    """The same event with other values.

    ``id, type, created, object, api_version, livemode, account`` mean the same at every provider; any other name is a
    field of the provider's own.
    """
    return Event.of(event.shape.changed(copy.deepcopy(dict(event.document)), changes))
