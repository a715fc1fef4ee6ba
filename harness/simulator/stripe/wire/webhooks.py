"""Events and webhook endpoints as JSON, and the signed request that carries an event."""

from __future__ import annotations

import hashlib
import hmac

from harness.simulator.kernel.outbox import Parcel
from harness.simulator.stripe.account import API_VERSION, StripeAccount
from harness.simulator.stripe.state.objects import Event, WebhookEndpoint
from harness.simulator.stripe.wire.render import Json, dump, render, renders

HEADERS = (
    ("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
    ("Accept", "*/*; q=0.5, application/xml"),
    ("Cache-Control", "no-cache"),
    ("Content-Type", "application/json; charset=utf-8"),
    ("Accept-Encoding", "gzip"),
)
"""Recorded from real deliveries (stripe-java, issue 919)."""


@renders(Event, "event")
def event(it: Event, account: StripeAccount) -> Json:
    """An event; its object is the snapshot taken when it happened."""
    data: Json = {"object": render(it.subject, account)}
    if it.previous is not None:
        data["previous_attributes"] = it.previous
    return {
        "id": it.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": it.created,
        "data": data,
        "livemode": account.livemode,
        "pending_webhooks": it.pending_webhooks,
        "request": {"id": it.request, "idempotency_key": it.idempotency_key},
        "type": it.type,
    }


@renders(WebhookEndpoint, "webhook_endpoint")
def endpoint(it: WebhookEndpoint, account: StripeAccount) -> Json:
    """A webhook endpoint; its secret is shown on creation only."""
    return {
        "id": it.id,
        "object": "webhook_endpoint",
        "api_version": it.api_version,
        "application": None,
        "created": it.created,
        "description": it.description,
        "enabled_events": list(it.enabled_events),
        "livemode": account.livemode,
        "metadata": it.metadata or {},
        "status": it.status,
        "url": it.url,
    }


def parcel(account: StripeAccount, it: Event, to: WebhookEndpoint) -> Parcel:
    """The delivery of an event, signed now with every live secret of the endpoint."""
    body = event(it, account)
    if to.api_version is not None:
        body["api_version"] = to.api_version
    raw = dump(body)
    now = account.now()
    secrets = [secret for secret, expires in to.secrets if expires is None or expires > now]
    return Parcel(to.url, [*HEADERS, ("Stripe-Signature", signature(raw, now, secrets, live=account.livemode))], raw)


def signature(body: bytes, at: int, secrets: list[str], *, live: bool = False) -> str:
    """The ``Stripe-Signature`` header: one ``v1`` per secret, and in test mode a ``v0`` that means nothing.

    Stripe, "Verify webhook signatures manually": HMAC-SHA256 of ``{t}.{body}``, keyed with the whole ``whsec_`` text.
    """
    signed = b"%d.%b" % (at, body)
    parts = [f"t={at}"]
    parts += [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    if not live:
        parts.append(f"v0={hashlib.sha256(b'v0' + signed).hexdigest()}")
    return ",".join(parts)
