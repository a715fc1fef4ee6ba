"""The webhook door: verify the raw bytes, store the event and its work in one statement, acknowledge. Nothing else.

A plain ASGI application, because it is the one place where a burst arrives: no body is parsed before its signature is
right, no object is built, no other call is made. What an answer means to the provider:

    200   stored (now or before), or of a type that the shop does not use
    400   not signed by the provider, too old, of another mode or account, or no event: sending it again will not help
    404   the shop does not use this provider
    405   not a POST          413   larger than any event
    503   could not be stored, or not be checked yet: send it again
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import asyncpg
import msgspec

from reference_impl import database, gateways, logs
from reference_impl.gateways import paypal_events, square_events
from reference_impl.gateways.protocol import BadSignature, Unverifiable
from reference_impl.gateways.truth import EventNotice
from reference_impl.settings import Settings
from reference_impl.webhooks import inbox, rules

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATHS = {
    "/webhooks/stripe": gateways.STRIPE,
    "/webhooks/stripe/": gateways.STRIPE,
    "/webhooks/paypal": gateways.PAYPAL,
    "/webhooks/paypal/": gateways.PAYPAL,
    "/webhooks/square": gateways.SQUARE,
    "/webhooks/square/": gateways.SQUARE,
}
OK, REFUSED, NOT_FOUND, NOT_ALLOWED, TOO_LARGE, UNAVAILABLE = 200, 400, 404, 405, 413, 503

_EVENT_ID = re.compile(r"[A-Za-z0-9_]{1,255}")
_EVENT_TYPE = re.compile(r"[a-z0-9_.]{1,120}")
_LONGEST_ID = 255
_LATEST = 253_402_300_799  # the last second of year 9999, which is as far as a timestamp column goes
_log = logs.get("webhooks")


class Refusal(Exception):  # noqa: N818 - reads as what it is
    """A delivery that is not stored; ``status`` and the sentence that the sender reads."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class _Object(msgspec.Struct):
    id: str
    payment_intent: Any = None


class _Data(msgspec.Struct):
    object: _Object


class _Envelope(msgspec.Struct):
    id: str
    type: str
    livemode: bool
    created: int
    data: msgspec.Raw = msgspec.Raw(b"null")
    api_version: str | None = None
    account: str | None = None


class _Shape(msgspec.Struct):
    """By which keys the providers' envelopes are told apart."""

    event_type: Any = None
    type: Any = None
    id: Any = None
    event_id: Any = None


_shape = msgspec.json.Decoder(_Shape)
_envelope = msgspec.json.Decoder(_Envelope)
_data = msgspec.json.Decoder(_Data)


class Door:
    """The doors of all providers, as one ASGI application over its own small pool of connections."""

    def __init__(self, settings: Settings, pool: asyncpg.Pool[Any]) -> None:
        self.settings = settings
        self.pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await admit(self.settings, self.pool, scope, receive)
        except Refusal as refusal:
            await answer(send, refusal.status, {"error": {"code": refusal.code, "message": refusal.message}})
        else:
            await answer(send, OK, {"received": True})


async def admit(settings: Settings, pool: inbox.Connection, scope: Scope, receive: Receive) -> None:
    """Let one delivery in; raises ``Refusal``."""
    if scope["method"] != "POST":
        raise Refusal(NOT_ALLOWED, "method_not_allowed", "Events are delivered by POST.")
    provider = PATHS[scope["path"]]
    if provider not in gateways.names():
        raise Refusal(NOT_FOUND, "not_found", "The shop does not take payments through this provider.")
    gateway = gateways.get(provider)
    headers = dict(scope["headers"])
    body = await read(receive, headers, settings.webhook_body_limit_bytes)
    await gateway.prepare_delivery(headers)
    verify(provider, body, headers)
    await confirm(provider, body, headers)
    notice = parse(body)
    if provider != gateways.STRIPE:
        # The mode stands nowhere in the event; that our webhook's id, or our key, was signed with proves it.
        notice = dataclasses.replace(notice, livemode=settings.live)
    check_origin(settings, notice)
    status = inbox.RECEIVED if notice.type in rules.HANDLED else inbox.IGNORED
    digest, account = hashlib.sha256(body).digest(), settings.account_of(provider)
    sent = gateway.transmission_of(headers)
    await keep(pool, inbox.Delivery(provider, account, notice, digest, status, transmission_id=sent))


async def read(receive: Receive, headers: dict[bytes, bytes], limit: int) -> bytes:
    """The body, byte for byte; refused as soon as it is known to be larger than ``limit``."""
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > limit:
        raise Refusal(TOO_LARGE, "too_large", "The body is larger than any event.")
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(REFUSED, "incomplete", "The body did not arrive in full.")
        body += message.get("body", b"")
        if len(body) > limit:
            raise Refusal(TOO_LARGE, "too_large", "The body is larger than any event.")
        if not message.get("more_body", False):
            return body


def verify(provider: str, body: bytes, headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that the provider did not sign, or of which that cannot be told yet."""
    try:
        gateways.get(provider).verify_delivery(body, headers)
    except BadSignature as error:
        raise _forged(provider, body, error) from None
    except Unverifiable as error:
        raise _unchecked(provider, error) from None


async def confirm(provider: str, body: bytes, headers: Mapping[bytes, bytes]) -> None:
    """Have the provider itself look at a delivery that was found good, where the settings ask for that."""
    try:
        await gateways.get(provider).second_opinion(body, headers)
    except BadSignature as error:
        raise _forged(provider, body, error) from None
    except Unverifiable as error:
        raise _unchecked(provider, error) from None


def _forged(provider: str, body: bytes, error: BadSignature) -> Refusal:
    _log.warning("webhook.refused", provider=provider, reason=str(error), size=len(body))
    return Refusal(REFUSED, "bad_signature", "The signature of this delivery is missing, wrong or too old.")


def _unchecked(provider: str, error: Unverifiable) -> Refusal:
    _log.warning("webhook.not_checked", provider=provider, reason=str(error))
    return Refusal(UNAVAILABLE, "not_checked", "The signature could not be checked yet; please send it again.")


def parse(body: bytes) -> EventNotice:
    """The envelope of a signed event; refused where it is none."""
    try:
        shape = _shape.decode(body)
        if shape.type is None and shape.event_type is not None:
            return paypal_events.read(body)
        if shape.id is None and shape.event_id is not None:
            return square_events.read(body)
        envelope = _envelope.decode(body)
        if not _EVENT_ID.fullmatch(envelope.id) or not _EVENT_TYPE.fullmatch(envelope.type):
            raise ValueError("id or type")  # noqa: TRY301 - the refusal below is the same for all of them
        if not 0 <= envelope.created <= _LATEST:
            raise ValueError("created")  # noqa: TRY301 - the refusal below is the same for all of them
        subject = _data.decode(envelope.data).object if envelope.type in rules.HANDLED else _Object("")
        if len(subject.id) > _LONGEST_ID or "\x00" in subject.id:
            raise ValueError("object id")  # noqa: TRY301 - the refusal below is the same for all of them
    except (msgspec.MsgspecError, ValueError, RecursionError):
        _log.error("webhook.malformed", size=len(body))
        raise Refusal(REFUSED, "malformed", "The body is signed, but it is no event that can be read.") from None
    parent = subject.payment_intent
    usable = isinstance(parent, str) and len(parent) <= _LONGEST_ID and "\x00" not in parent
    return EventNotice(
        id=envelope.id,
        type=envelope.type,
        created=envelope.created,
        livemode=envelope.livemode,
        account=envelope.account,
        api_version=envelope.api_version,
        object_id=subject.id,
        parent_id=parent if usable else None,
    )


def check_origin(settings: Settings, notice: EventNotice) -> None:
    """Refuse, and raise an alert about, an event of the other mode or of another account.

    It is never stored as work.
    """
    if notice.livemode != settings.live:
        _log.error("alert.webhook_wrong_mode", event_id=notice.id, type=notice.type, livemode=notice.livemode)
        raise Refusal(
            REFUSED, "wrong_mode", "This event belongs to the other mode; check where the endpoint is registered."
        )
    if notice.account is not None and notice.account != settings.stripe_account:
        _log.error("alert.webhook_wrong_account", event_id=notice.id, type=notice.type)
        raise Refusal(REFUSED, "wrong_account", "This event belongs to another account.")


async def keep(pool: inbox.Connection, delivery: inbox.Delivery) -> None:
    """Store the event; where that cannot be done, ask for it to be sent again."""
    try:
        await inbox.store(pool, delivery)
    except inbox.Replayed:
        _log.error("alert.webhook_replayed", provider=delivery.provider, event_id=delivery.notice.id)
        raise Refusal(REFUSED, "replayed", "This transmission was of another event.") from None
    except (*database.AWAY, asyncpg.PostgresError) as error:
        _log.error("webhook.not_stored", error=type(error).__name__, event_id=delivery.notice.id)
        raise Refusal(UNAVAILABLE, "not_stored", "The event could not be stored; please send it again.") from None


async def answer(send: Send, status: int, body: dict[str, Any]) -> None:
    """Send a small JSON answer."""
    content = msgspec.json.encode(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if status == NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    if status == UNAVAILABLE:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
