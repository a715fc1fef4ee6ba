"""The envelope of PayPal's events: what it is about, and nothing of what it claims. No I/O."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from reference_impl.gateways import paypal_shapes as shapes
from reference_impl.gateways.truth import EventNotice

_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_EVENT_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_OBJECT_ID = re.compile(r"[A-Za-z0-9_.-]{1,255}")


class _Envelope(msgspec.Struct):
    id: str
    event_type: str
    create_time: str
    resource: dict[str, Any]
    resource_version: str | None = None


_envelope = msgspec.json.Decoder(_Envelope)


def read(body: bytes) -> EventNotice:
    """The envelope of an event; raises ``ValueError`` (or msgspec's own, which is one) where the body is none."""
    return _notice(_envelope.decode(body))


def listed(data: dict[str, Any]) -> EventNotice | None:
    """The envelope of an event as the API lists it; ``None`` for one that cannot be read."""
    try:
        return _notice(msgspec.convert(data, _Envelope))
    except ValueError:
        return None


def _notice(envelope: _Envelope) -> EventNotice:
    created = shapes.moment(envelope.create_time)
    if not _EVENT_ID.fullmatch(envelope.id) or not _EVENT_TYPE.fullmatch(envelope.event_type) or created <= 0:
        raise ValueError("id, type or time")
    about, parent = _subject(envelope)
    if not _OBJECT_ID.fullmatch(about):
        raise ValueError("resource id")
    return EventNotice(
        id=envelope.id,
        type=envelope.event_type,
        created=created,
        livemode=False,
        account=None,
        api_version=None,
        object_id=about,
        parent_id=parent if parent and _OBJECT_ID.fullmatch(parent) else None,
    )


def _subject(envelope: _Envelope) -> tuple[str, str | None]:
    """Id of the resource, and of what it belongs to: the key differs with the kind of the resource."""
    resource = envelope.resource
    if envelope.event_type.startswith(("CUSTOMER.DISPUTE.", "RISK.DISPUTE.")):
        return str(resource.get("dispute_id") or resource.get("id") or ""), _disputed(resource)
    if envelope.event_type == "CHECKOUT.PAYMENT-APPROVAL.REVERSED":
        return str(resource.get("order_id") or resource.get("id") or ""), None
    try:
        parent = shapes.order_of(resource) or shapes.parent_of(resource)
    except (AttributeError, TypeError):
        parent = None  # a field has another kind of value than PayPal gives it; the resource is asked for anyway
    return str(resource.get("id") or ""), parent


def _disputed(resource: dict[str, Any]) -> str | None:
    transactions = resource.get("disputed_transactions")
    first = transactions[0] if isinstance(transactions, list) and transactions else None
    found = first.get("seller_transaction_id") if isinstance(first, dict) else None
    return found if isinstance(found, str) else None
