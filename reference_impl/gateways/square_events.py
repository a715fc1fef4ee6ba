"""The envelope of Square's events: what it is about, and nothing of what it claims. No I/O."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from reference_impl.gateways import square_shapes as shapes
from reference_impl.gateways.truth import EventNotice

_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_EVENT_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_OBJECT_ID = re.compile(r"[A-Za-z0-9:_-]{1,255}")


class _Data(msgspec.Struct):
    id: str = ""
    type: str = ""
    object: Any = None


class _Envelope(msgspec.Struct):
    event_id: str
    type: str
    created_at: str
    merchant_id: str = ""
    data: _Data = msgspec.field(default_factory=_Data)


_envelope = msgspec.json.Decoder(_Envelope)


def read(body: bytes) -> EventNotice:
    """The envelope of an event; raises ``ValueError`` (or msgspec's own, which is one) where the body is none."""
    return _notice(_envelope.decode(body))


def listed(data: dict[str, Any]) -> EventNotice | None:
    """The envelope of an event as the Events API lists it; ``None`` for one that cannot be read."""
    try:
        return _notice(msgspec.convert(data, _Envelope))
    except ValueError:
        return None


def _notice(envelope: _Envelope) -> EventNotice:
    created = shapes.moment(envelope.created_at)
    if not _EVENT_ID.fullmatch(envelope.event_id) or not _EVENT_TYPE.fullmatch(envelope.type) or created <= 0:
        raise ValueError("id, type or time")
    about = envelope.data.id
    if about and not _OBJECT_ID.fullmatch(about):
        raise ValueError("object id")
    parent = _parent(envelope)
    return EventNotice(
        id=envelope.event_id,
        type=envelope.type,
        created=created,
        livemode=False,
        account=None,
        api_version=None,
        object_id=about,
        parent_id=parent if parent and _OBJECT_ID.fullmatch(parent) else None,
    )


def _parent(envelope: _Envelope) -> str | None:
    """What the object belongs to: a payment's order, a refund's or a dispute's payment."""
    held = envelope.data.object
    inner = held.get(envelope.data.type) if isinstance(held, dict) else None
    if not isinstance(inner, dict):
        return None
    disputed = inner.get("disputed_payment")
    for found in (
        disputed.get("payment_id") if isinstance(disputed, dict) else None,
        inner.get("payment_id"),
        inner.get("order_id") if envelope.data.type == "payment" else None,
    ):
        if isinstance(found, str) and found:
            return found
    return None
