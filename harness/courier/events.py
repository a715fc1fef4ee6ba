"""Provider events as the courier carries them, their names in plain words, and events that nobody but an attacker made.

Bodies are printed as Stripe prints them: JSON indented by two spaces.
"""

from __future__ import annotations

import copy
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from harness.domain.verdicts import HarnessError

NAMES: Mapping[str, str] = {
    "payment started": "payment_intent.created",
    "payment succeeded": "payment_intent.succeeded",
    "payment failed": "payment_intent.payment_failed",
    "payment cancelled": "payment_intent.canceled",
    "payment processing": "payment_intent.processing",
    "payment authorised": "payment_intent.amount_capturable_updated",
    "bank's check asked for": "payment_intent.requires_action",
    "charge made": "charge.succeeded",
    "charge pending": "charge.pending",
    "charge failed": "charge.failed",
    "charge captured": "charge.captured",
    "charge updated": "charge.updated",
    "charge expired": "charge.expired",
    "payment refunded": "charge.refunded",
    "refund started": "refund.created",
    "refund updated": "refund.updated",
    "refund failed": "refund.failed",
    "dispute opened": "charge.dispute.created",
    "dispute updated": "charge.dispute.updated",
    "dispute funds withdrawn": "charge.dispute.funds_withdrawn",
    "dispute funds reinstated": "charge.dispute.funds_reinstated",
    "dispute closed": "charge.dispute.closed",
    "dispute won": "charge.dispute.closed",
    "dispute lost": "charge.dispute.closed",
    "fraud warning": "radar.early_fraud_warning.created",
    "checkout completed": "checkout.session.completed",
    "checkout expired": "checkout.session.expired",
    "checkout payment succeeded": "checkout.session.async_payment_succeeded",
    "checkout payment failed": "checkout.session.async_payment_failed",
}
"""Plain words for what Stripe calls by a type."""


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
        inside = document.get("data", {}).get("object", {})
        object_id = inside.get("id") if isinstance(inside, Mapping) else None
        return cls(str(document["id"]), str(document["type"]), int(document["created"]), object_id, document)

    @property
    def object(self) -> Mapping[str, Any]:
        """The object that the event is about, as it was then."""
        found: Mapping[str, Any] = self.document["data"]["object"]
        return found

    @property
    def body(self) -> bytes:
        """The bytes of a delivery, printed as the provider prints them."""
        return printed(self.document)

    def mentions(self, *ids: str | None) -> bool:
        """Whether any of these ids stands anywhere in the event."""
        text = json.dumps(self.document["data"])
        return any(f'"{one}"' in text for one in ids if one)


def printed(document: Any) -> bytes:
    """JSON as Stripe prints it in deliveries."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def type_of(words: str) -> str:
    """The provider's type for plain words; a type (it has a dot) stands for itself."""
    if words in NAMES:
        return NAMES[words]
    if "." in words and " " not in words:
        return words
    close = get_close_matches(words, NAMES, 1, 0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(NAMES)}"
    raise HarnessError(f"no event is called {words!r}; {hint}")


def fits(event: Event, words: str) -> bool:
    """Whether an event is the one that plain words mean; a dispute that was won is told from one that was lost."""
    if event.type != type_of(words):
        return False
    wanted = {"dispute won": "won", "dispute lost": "lost"}.get(words)
    return wanted is None or event.object.get("status") == wanted


def made_up(type_: str, about: Mapping[str, Any], *, api_version: str | None = None, livemode: bool = False) -> Event:
    """An event that the provider never made, about an object as the attacker would like it to be."""
    return Event.of(
        {
            "id": f"evt_{secrets.token_hex(12)}",
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


def altered(event: Event, **changes: Any) -> Event:
    """The same event with top-level fields changed; ``object`` replaces the object inside."""
    document = copy.deepcopy(dict(event.document))
    if "object" in changes:
        document["data"]["object"] = changes.pop("object")
    document.update(changes)
    return Event.of(document)
