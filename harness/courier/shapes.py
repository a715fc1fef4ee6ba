"""What an event looks like at each provider: where its type stands, where its object, how it is printed. Pure.

A shape means the same by the same word at every provider, so that plans and forms of delivery need not know which
provider they work for.
"""

from __future__ import annotations

import json
import re
import secrets
import string
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from harness.domain.verdicts import NotApplicable

Document = Mapping[str, Any]
_UPPER = string.ascii_uppercase + string.digits


class Shape(Protocol):
    """One provider's shape of events."""

    @property
    def provider(self) -> str:
        """The provider's name."""

    @property
    def other_version(self) -> str:
        """A version of events that the provider does not write in this account."""

    def read(self, document: Document) -> tuple[str, str, int, str | None]:
        """Event id, type, time of making (epoch seconds) and id of the object inside."""

    def inside(self, document: Document) -> Any:
        """What the event is about."""

    def changed(self, document: Document, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The event with other values.

        ``id, type, created, object, api_version, livemode, account`` mean the same everywhere; any other key is the
        provider's own.
        """

    def bare(self, document: Document) -> dict[str, Any]:
        """The event without the fields that a receiver can do without."""

    def printed(self, document: Any) -> bytes:
        """JSON as the provider prints it."""

    def new_id(self) -> str:
        """An id for another event."""

    def ids(self, document: Document) -> set[str]:
        """Ids of the provider's objects that the event names."""

    def fresh(self, known: str) -> str:
        """An id like this one that nobody knows."""


class _Stripe:
    """Stripe ("The Event object"): the object in ``data.object``; JSON indented by two spaces."""

    provider = "stripe"
    other_version = "2019-12-03"

    def read(self, document: Document) -> tuple[str, str, int, str | None]:
        inside = document.get("data", {}).get("object", {})
        object_id = inside.get("id") if isinstance(inside, Mapping) else None
        return str(document["id"]), str(document["type"]), int(document["created"]), object_id

    def inside(self, document: Document) -> Any:
        return document["data"]["object"]

    def changed(self, document: Document, changes: Mapping[str, Any]) -> dict[str, Any]:
        after = {**document, **{key: value for key, value in changes.items() if key != "object"}}
        if "object" in changes:
            after["data"] = {**document["data"], "object": changes["object"]}
        return after

    def bare(self, document: Document) -> dict[str, Any]:
        kept = {"id", "object", "status", "amount", "currency", "payment_intent", "charge", "metadata", "livemode"}
        inside = {key: value for key, value in self.inside(document).items() if key in kept}
        rest = {key: value for key, value in document.items() if key not in {"request", "pending_webhooks"}}
        return {**rest, "data": {"object": inside}}

    def printed(self, document: Any) -> bytes:
        return json.dumps(document, indent=2, ensure_ascii=False).encode()

    def new_id(self) -> str:
        return f"evt_{secrets.token_hex(12)}"

    def ids(self, document: Document) -> set[str]:
        found = set(re.findall(r'"((?:pi|ch|re|du|cs|py)_\w+)"', json.dumps(document)))
        return found | ({self.read(document)[3] or ""} - {""})

    def fresh(self, known: str) -> str:
        return f"{known.partition('_')[0]}_{secrets.token_hex(12)}"


class _PayPal:
    """PayPal ("Webhook event"): the object in ``resource``; JSON without spaces; times in RFC 3339.

    An event says nothing about its mode except in the addresses of its links, nor about its account except in the
    payee; a dispute is named by ``dispute_id``.
    """

    provider = "paypal"
    other_version = "2.0"
    _kept = frozenset(
        {
            "id",
            "dispute_id",
            "status",
            "state",
            "intent",
            "amount",
            "dispute_amount",
            "custom",
            "custom_id",
            "invoice_id",
            "billing_agreement_id",
            "plan_id",
            "purchase_units",
            "disputed_transactions",
            "supplementary_data",
            "links",
        }
    )
    _naming = frozenset(
        {
            "id",
            "dispute_id",
            "order_id",
            "capture_id",
            "authorization_id",
            "billing_agreement_id",
            "parent_payment",
            "seller_transaction_id",
            "buyer_transaction_id",
        }
    )

    def read(self, document: Document) -> tuple[str, str, int, str | None]:
        inside = document.get("resource")
        object_id = inside.get("id") or inside.get("dispute_id") if isinstance(inside, Mapping) else None
        made = int(datetime.fromisoformat(str(document["create_time"])).timestamp())
        return str(document["id"]), str(document["event_type"]), made, object_id

    def inside(self, document: Document) -> Any:
        return document["resource"]

    def changed(self, document: Document, changes: Mapping[str, Any]) -> dict[str, Any]:
        own = {"type": "event_type", "object": "resource", "api_version": "event_version"}
        after = {**document}
        for key, value in changes.items():
            if key == "created":
                after["create_time"] = written(value)
            elif key == "livemode":
                after = _relinked(after, live=bool(value))
            elif key == "account":
                after["resource"] = {**after["resource"], "payee": {"merchant_id": value}}
            else:
                after[own.get(key, key)] = value
        return after

    def bare(self, document: Document) -> dict[str, Any]:
        inside = {key: value for key, value in self.inside(document).items() if key in self._kept}
        rest = {key: value for key, value in document.items() if key not in {"summary", "links", "event_version"}}
        return {**rest, "resource": inside}

    def printed(self, document: Any) -> bytes:
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()

    def new_id(self) -> str:
        return f"WH-{_upper(17)}-{_upper(17)}"

    def ids(self, document: Document) -> set[str]:
        return _named(self.inside(document), self._naming)

    def fresh(self, known: str) -> str:
        head = re.match(r"(?:PP-[A-Z]-|[A-Z]-)?", known)
        lead = head[0] if head else ""
        return lead + _upper(max(len(known) - len(lead), 8))


class _Square:
    """Square ("Webhooks overview"): the object in ``data.object`` under its own name; JSON without spaces.

    Events name the seller, and no mode: that stands in a header, ``square-environment``, which no signature covers.
    """

    provider = "square"
    other_version = "2021-01-21"
    _kept = frozenset(
        {
            "id",
            "status",
            "state",
            "order_id",
            "payment_id",
            "reference_id",
            "amount_money",
            "total_money",
            "refunded_money",
            "refund_ids",
            "disputed_payment",
            "location_id",
            "version",
        }
    )
    _naming = frozenset({"id", "order_id", "payment_id"})

    def read(self, document: Document) -> tuple[str, str, int, str | None]:
        about = document.get("data")
        object_id = about.get("id") if isinstance(about, Mapping) else None
        made = int(datetime.fromisoformat(str(document["created_at"])).timestamp())
        return str(document["event_id"]), str(document["type"]), made, object_id

    def inside(self, document: Document) -> Any:
        return next(iter(document["data"]["object"].values()))

    def changed(self, document: Document, changes: Mapping[str, Any]) -> dict[str, Any]:
        own = {"id": "event_id", "account": "merchant_id"}
        after = {**document}
        for key, value in changes.items():
            if key == "object":
                name = next(iter(after["data"]["object"]), after["data"]["type"])
                after["data"] = {**after["data"], "object": {name: value}}
            elif key == "created":
                after["created_at"] = written(value)
            elif key == "livemode":
                raise NotApplicable(
                    "Square's events name no mode; the key of the subscription in that mode stands for it"
                )
            elif key == "api_version":
                raise NotApplicable("Square's events name no version; a header does, which no signature covers")
            else:
                after[own.get(key, key)] = value
        return after

    def bare(self, document: Document) -> dict[str, Any]:
        inside = {key: value for key, value in self.inside(document).items() if key in self._kept}
        rest = {key: value for key, value in document.items() if key != "location_id"}
        return self.changed(rest, {"object": inside})

    def printed(self, document: Any) -> bytes:
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def ids(self, document: Document) -> set[str]:
        about = document["data"].get("id")
        return _named(self.inside(document), self._naming) | ({about} if about else set())

    def fresh(self, known: str) -> str:
        return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in known)


STRIPE: Shape = _Stripe()
PAYPAL: Shape = _PayPal()
SQUARE: Shape = _Square()
SHAPES: Mapping[str, Shape] = {shape.provider: shape for shape in (STRIPE, PAYPAL, SQUARE)}


def shape_of(document: Document) -> Shape:
    """The shape that a document has."""
    if "event_id" in document:
        return SQUARE
    return PAYPAL if "event_type" in document else STRIPE


def written(moment: float) -> str:
    """Epoch seconds as PayPal and Square write the time of an event: ``2026-01-02T03:04:05.678Z``."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _upper(length: int) -> str:
    return "".join(secrets.choice(_UPPER) for _ in range(length))


def _named(value: Any, keys: frozenset[str]) -> set[str]:
    """Values of these keys, at any depth."""
    if isinstance(value, Mapping):
        here = {one for key, one in value.items() if key in keys and isinstance(one, str) and one}
        return here.union(*(_named(one, keys) for one in value.values()))
    return set().union(*(_named(one, keys) for one in value)) if isinstance(value, list) else set()


def _relinked(document: Document, *, live: bool) -> dict[str, Any]:
    """The event with the addresses of its links in the other environment."""
    origin = "https://api.paypal.com" if live else "https://api.sandbox.paypal.com"
    text = re.sub(r'"https?://[^/"]+(/v[1-3]/)', rf'"{origin}\1', json.dumps(document))
    again: dict[str, Any] = json.loads(text)
    return again
