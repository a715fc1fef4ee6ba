"""Webhook subscriptions: who listens to what, and what one attempt carries.

Sources: Square, "Webhooks overview", "Verify and validate an event notification", "Manage webhook operations"; its
OpenAPI file. The key is used as it is written; a rotation knows no overlap, but the test bench can ask for one.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from harness.simulator.kernel.client import is_loopback
from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.square.account import API_VERSION, SquareAccount
from harness.simulator.square.checks import Flag, Several, Shape, Text, checked
from harness.simulator.square.errors import invalid
from harness.simulator.square.events import Event, composer, on_settled, subscribers
from harness.simulator.square.formats import HEX, timestamp
from harness.simulator.square.state.objects import SUBSCRIPTIONS, Subscription

SIGNATURE = "x-square-hmacsha256-signature"
_FIELDS = {
    "name": Text(64, 1),
    "enabled": Flag(),
    "event_types": Several(Text(least=1)),
    "notification_url": Text(2048, 1),
    "api_version": Text(),
}
CREATE = {"idempotency_key": Text(45), "subscription": Shape(_FIELDS, required=True)}
UPDATE = {"subscription": Shape(_FIELDS)}
MOST = 100
_DAY = 86_400_000


@functools.cache
def event_types() -> tuple[str, ...]:
    """Every event that can be subscribed to."""
    text = resources.files("harness.simulator.square").joinpath("data/event_types.toml").read_text()
    return tuple(tomllib.loads(text)["types"])


def get(account: SquareAccount, id_: str) -> Subscription:
    """A subscription; 404 for an unknown one."""
    found = account.of(SUBSCRIPTIONS).get(id_)
    if found is None:
        detail = f"Webhook subscription with ID `{id_}` not found."
        raise invalid("NOT_FOUND", detail, "subscription_id", status=404)
    return found


def make(account: SquareAccount, params: dict[str, Any]) -> Subscription:
    """A new subscription with a key of its own."""
    sent = checked(CREATE, params)["subscription"]
    for name in ("name", "notification_url", "event_types"):
        if not sent.get(name):
            raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", f"subscription.{name}")
    if len(account.of(SUBSCRIPTIONS)) >= MOST:
        raise invalid("BAD_REQUEST", "An application has a hundred webhook subscriptions at most.")
    now = account.now()
    made = Subscription(
        id=f"wbhk_{account.ids.spelled(HEX, 32)}",
        created=now,
        updated=now,
        name=sent["name"],
        enabled=sent.get("enabled", True),
        event_types=_types(sent["event_types"]),
        url=_url(account, sent["notification_url"]),
        api_version=sent.get("api_version", API_VERSION),
        key=account.ids.text(22),
        healthy=now,
    )
    return account.of(SUBSCRIPTIONS).add(made)


def change(account: SquareAccount, one: Subscription, params: dict[str, Any]) -> Subscription:
    """Change some of a subscription."""
    sent = checked(UPDATE, params).get("subscription") or {}
    sent = {name: value for name, value in sent.items() if value is not None}
    changes: dict[str, Any] = {name: sent[name] for name in ("name", "enabled", "api_version") if name in sent}
    if "event_types" in sent:
        changes["event_types"] = _types(sent["event_types"])
    if "notification_url" in sent:
        changes["url"] = _url(account, sent["notification_url"])
    if changes.get("enabled"):
        changes["healthy"] = account.now()
    return account.of(SUBSCRIPTIONS).put(replace(one, updated=account.now(), **changes))


def rotate(account: SquareAccount, one: Subscription) -> Subscription:
    """A new key, at once; the old one signs no more."""
    return account.of(SUBSCRIPTIONS).put(replace(one, key=account.ids.text(22), updated=account.now()))


def shown(one: Subscription) -> dict[str, Any]:
    """As it is sent."""
    return {
        "id": one.id,
        "name": one.name,
        "enabled": one.enabled,
        "event_types": list(one.event_types),
        "notification_url": one.url,
        "api_version": one.api_version,
        "signature_key": one.key,
        "created_at": _plain(one.created),
        "updated_at": _plain(one.updated),
    }


def signature(key: str, url: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 over the notification URL and the raw body."""
    return base64.b64encode(hmac.new(key.encode(), url.encode() + body, hashlib.sha256).digest()).decode()


def headers(one: Subscription, body: bytes, first: int, attempt: int, reason: str | None) -> list[tuple[str, str]]:
    """What an attempt carries beside its body; ``attempt`` counts from 0, ``first`` is when the first one was made."""
    sent = [
        ("content-type", "application/json"),
        ("user-agent", "Square Connect v2"),
        ("square-environment", "Sandbox"),
        ("square-initial-delivery-timestamp", timestamp(first)),
        ("square-version", one.api_version),
        (SIGNATURE, signature(one.key, one.url, body)),
    ]
    if attempt:
        sent += [("square-retry-number", str(attempt)), ("square-retry-reason", reason or "other_error")]
    return sent


@subscribers
def listeners(account: SquareAccount, event: Event) -> Iterable[tuple[str, str]]:
    """Subscriptions that want an event."""
    for one in account.of(SUBSCRIPTIONS):
        if one.enabled and event.type in one.event_types:
            yield one.id, one.url


@composer
def attempt(account: SquareAccount, delivery: Delivery, event: Event | None) -> Parcel | None:
    """One attempt: the same bytes each time, with how often and why it comes again."""
    one = account.of(SUBSCRIPTIONS).get(delivery.endpoint)
    if one is None or event is None or not one.enabled:
        return None
    before = delivery.attempts
    first = account.now() if delivery.first_at is None else int(delivery.first_at * 1000)
    reason = _reason(before[-1].status, before[-1].error) if before else None
    return Parcel(one.url, headers(one, event.body, first, len(before), reason), event.body)


@on_settled
def healthy(account: SquareAccount, delivery: Delivery, *, delivered: bool) -> None:
    """Remember that a listener answers well; one that has not for three weeks is disabled."""
    one = account.of(SUBSCRIPTIONS).get(delivery.endpoint)
    if one is None:
        return
    if delivered:
        account.of(SUBSCRIPTIONS).put(replace(one, healthy=account.now()))
    elif one.enabled and account.now() - one.healthy > account.settings.disable_after_days * _DAY:
        account.of(SUBSCRIPTIONS).put(replace(one, enabled=False, updated=account.now()))


def _reason(status: int, failure: str | None) -> str:
    if status:
        return "http_error"
    words = (failure or "").lower()
    if "no answer" in words or "time" in words:
        return "http_timeout"
    return "ssl_error" if "ssl" in words or "tls" in words else "other_error"


def _types(sent: list[str]) -> tuple[str, ...]:
    known = event_types()
    for name in sent:
        if name not in known:
            raise invalid("INVALID_VALUE", f"`{name}` is not a known event type.", "subscription.event_types")
    return tuple(dict.fromkeys(sent))


def _url(account: SquareAccount, url: str) -> str:
    """Square takes https only; here plain http is taken too, on loopback."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    loopback = is_loopback(host)
    remote = account.remote_webhooks and parts.scheme == "https"
    if not host or parts.scheme not in {"http", "https"} or not (loopback or remote):
        detail = "The notification URL must be https (here also http), and on this machine."
        raise invalid("INVALID_VALUE", detail, "subscription.notification_url")
    return url


def _plain(moment: int) -> str:
    """As subscriptions write it, unlike everything else: ``2022-01-10 23:29:48 +0000 UTC``."""
    text = timestamp(moment)
    return f"{text[:10]} {text[11:19]} +0000 UTC"
