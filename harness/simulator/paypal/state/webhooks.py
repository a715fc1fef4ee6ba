"""Webhooks: who listens to what, what an attempt carries, and whether a postback's signature is genuine.

Sources: PayPal, "Webhooks guide", "Integrate webhooks", "Webhooks simulator"; its OpenAPI file of Webhooks v1.
"""

from __future__ import annotations

import functools
import json
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from importlib import resources
from json.decoder import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from harness.simulator.kernel.client import is_loopback
from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.kernel.tabled import table
from harness.simulator.paypal import signing
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.certificates import PATH, Authority, CertificateKind
from harness.simulator.paypal.errors import PayPalError, detail
from harness.simulator.paypal.events import Event, composer, subscribers
from harness.simulator.paypal.formats import HEX, timestamp

MOST_WEBHOOKS = 10
MOST_EVENT_TYPES = 500
LONGEST_URL = 2048
EVERY = "*"
AUTHORITY = Authority()
"""The authority of this process; its keys are made when they are first needed."""


class Webhook(Struct, frozen=True, kw_only=True):
    """A listener. ``event_types`` are names of events, or ``*`` alone for all of them."""

    id: str
    created: int
    url: str
    event_types: tuple[str, ...]


class Simulated(Struct, frozen=True, kw_only=True):
    """An event of the webhooks simulator on its way to a listener; it is in no list and belongs to no webhook."""

    id: str
    created: int
    url: str
    event: Event


class Lookup(Struct, frozen=True, kw_only=True):
    """A webhook lookup: that the app wants its webhooks to be found by its client id."""

    id: str
    created: int


WEBHOOKS = table("webhook", Webhook)
LOOKUPS = table("webhook_lookup", Lookup)
SIMULATED = table("simulated_event", Simulated)


@functools.cache
def catalogue() -> Mapping[str, str]:
    """Every event that can be subscribed to, with a sentence."""
    found: dict[str, str] = _data()["descriptions"]
    return found


def versions(event_type: str) -> list[str]:
    """Versions of the resource that an event carries."""
    return next((known for start, known in _data()["versions"].items() if event_type.startswith(start)), ["1.0"])


@functools.cache
def _data() -> dict[str, Any]:
    text = resources.files("harness.simulator.paypal").joinpath("data/event_types.toml").read_text()
    return tomllib.loads(text)


# ---- checks --------------------------------------------------------------------------------------


def refused(
    issue: str, field: str, *, name: str = "VALIDATION_ERROR", message: str = "Invalid data provided"
) -> PayPalError:
    """400 in the wording of Webhooks v1: the issue is a sentence."""
    return PayPalError(400, [detail(issue, field, description=issue)], name=name, message=message)


def checked_url(account: PayPalAccount, url: object, mine: str | None = None) -> str:
    """A listener's address that this account may use; ``mine`` is the webhook that has it already.

    PayPal takes https on port 443 only; here plain http is taken too, on loopback.
    """
    if not isinstance(url, str) or not url:
        raise refused("Required field is missing", "url")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refused("Not a valid webhook URL", "url") from None
    loopback = is_loopback(host)
    if len(url) > LONGEST_URL or not host or parts.scheme not in {"http", "https"} or parts.fragment:
        raise refused("Not a valid webhook URL", "url")
    if not loopback and not (account.remote_webhooks and parts.scheme == "https"):
        raise refused("Not a valid webhook URL", "url")
    if any(one.url == url and one.id != mine for one in account.of(WEBHOOKS)):
        raise PayPalError(400, name="WEBHOOK_URL_ALREADY_EXISTS", message="Webhook URL already exists")
    return url


def checked_types(value: object) -> tuple[str, ...]:
    """Names of events from ``[{"name"}]``; ``*`` may only stand alone."""
    if not isinstance(value, list) or not value:
        raise refused("Required field is missing", "event_types")
    if len(value) > MOST_EVENT_TYPES:
        raise refused("Too many event types", "event_types")
    names: list[str] = []
    for one in value:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or (name != EVERY and name not in catalogue()):
            raise refused("Not a valid event type", "event_types")
        names += [] if name in names else [name]
    if EVERY in names and len(names) > 1:
        raise refused("The wild card stands for every event and can have no other beside it", "event_types")
    return tuple(names)


# ---- delivery ------------------------------------------------------------------------------------


@subscribers
def listeners(account: PayPalAccount, event: Event) -> Iterable[tuple[str, str]]:
    """Webhooks that want an event."""
    for webhook in account.of(WEBHOOKS):
        if EVERY in webhook.event_types or event.event_type in webhook.event_types:
            yield webhook.id, webhook.url


@composer
def attempt(account: PayPalAccount, delivery: Delivery, event: Event | None) -> Parcel | None:
    """One attempt: the event's bytes under an id, a time and a signature of its own."""
    simulated = account.of(SIMULATED).get(delivery.endpoint)
    if simulated is not None:
        return parcel(account, simulated.url, signing.SIMULATED_WEBHOOK_ID, simulated.event.body)
    webhook = account.of(WEBHOOKS).get(delivery.endpoint)
    if webhook is None or event is None:
        return None
    return parcel(account, webhook.url, webhook.id, event.body)


def parcel(account: PayPalAccount, url: str, webhook_id: str, body: bytes) -> Parcel:
    """URL, headers and body of an attempt, signed for a webhook's id as of now."""
    certificate = AUTHORITY.current
    own = account.settings.certificate_origin == "own"
    transmission = signing.Transmission(_uuid(account), timestamp(account.now()), webhook_id)
    headers = signing.headers(
        certificate.key,
        certificate.url(account.base_url) if own else certificate.url(),
        transmission,
        body,
        account.ids.spelled(HEX, 13),
    )
    return Parcel(url, headers, body)


def _uuid(account: PayPalAccount) -> str:
    return str(uuid.UUID(hex=account.ids.spelled(HEX, 32), version=4))


# ---- postback ------------------------------------------------------------------------------------

CLAIMS = ("auth_algo", "cert_url", "transmission_id", "transmission_sig", "transmission_time", "webhook_id")


def verified(account: PayPalAccount, raw: bytes) -> bool:
    """Whether the event in a postback is what was signed, byte for byte as it stands in the request.

    Raises:
        PayPalError: 400; the request is no JSON object or lacks a field.
    """
    claims, event = _postback(raw)
    webhook = account.of(WEBHOOKS).get(claims["webhook_id"])
    address = urlsplit(claims["cert_url"])
    certificate = AUTHORITY.find(address.path.removeprefix(PATH)) if address.path.startswith(PATH) else None
    if webhook is None or certificate is None or certificate.kind is not CertificateKind.GOOD:
        return False
    if claims["cert_url"] not in {certificate.url(), certificate.url(account.base_url)}:
        return False
    return signing.genuine(certificate.key.public_key(), claims, webhook.id, event)


def _postback(raw: bytes) -> tuple[dict[str, str], bytes]:
    """The fields of a postback, and the bytes of its ``webhook_event``."""
    try:
        text = raw.decode()
        members = _members(text)
    except (UnicodeDecodeError, JSONDecodeError, RecursionError):
        raise PayPalError(400, [detail("MALFORMED_REQUEST_JSON")]) from None
    claims: dict[str, str] = {}
    for name in CLAIMS:
        value = members[name][0] if name in members else None
        if not isinstance(value, str) or not value:
            raise refused("Required field is missing", name)
        claims[name] = value
    if "webhook_event" not in members or not isinstance(members["webhook_event"][0], dict):
        raise refused("Required field is missing", "webhook_event")
    _, start, end = members["webhook_event"]
    return claims, text[start:end].encode()


def _members(text: str) -> dict[str, tuple[Any, int, int]]:
    """Members of the JSON object that a text is: value, and where in the text it begins and ends."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0, "{")
    found: dict[str, tuple[Any, int, int]] = {}
    while not text.startswith("}", at):
        name, at = decoder.raw_decode(text, at)
        start = _skip(text, at, ":")
        value, at = decoder.raw_decode(text, start)
        found[str(name)] = (value, start, at)
        at = _blank(text, at)
        if text.startswith(",", at):
            at = _blank(text, at + 1)
        elif not text.startswith("}", at):
            raise JSONDecodeError("no comma", text, at)
    if _blank(text, at + 1) != len(text):
        raise JSONDecodeError("more than one value", text, at)
    return found


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _skip(text: str, at: int, sign: str) -> int:
    at = _blank(text, at)
    if not text.startswith(sign, at):
        raise JSONDecodeError(f"no {sign}", text, at)
    return _blank(text, at + 1)
