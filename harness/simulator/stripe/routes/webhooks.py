"""Operations of events and webhook endpoints."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import ENDPOINTS, EVENTS, StripeAccount
from harness.simulator.stripe.app_hooks import control
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state.merge import metadata, text
from harness.simulator.stripe.state.objects import Event, WebhookEndpoint
from harness.simulator.stripe.state.webhooks import ROLL_SECONDS, check_url, new_secret
from harness.simulator.stripe.wire import webhooks as wire
from harness.simulator.stripe.wire.render import render

KEPT_SECONDS = 30 * 86400
"""How long an event can be read (Stripe, "List all events")."""

__all__ = ["wire"]


@operation("GET /v1/events")
def events(call: Call) -> Listing:
    """Events of the last 30 days, by type or types."""
    params = call.params
    type_, types = params.get("type"), params.get("types")
    if type_ and types:
        raise errors.invalid("You may only specify one of these parameters: type, types.", stored=False)
    delivered = params.get("delivery_success")
    oldest = call.account.now() - KEPT_SECONDS

    def keep(event: Event) -> bool:
        return delivered is None or (event.pending_webhooks == 0) is delivered

    if type_ and type_.endswith(".*"):
        known = call.account.of(EVENTS).keys("type")
        matching = tuple(one for one in known if one.startswith(type_[:-1]))
        return call.listing(EVENTS, index="type", keys=matching, keep=keep, oldest=oldest)
    wanted = tuple(types) if types else (type_,) if type_ else ()
    if wanted:
        return call.listing(EVENTS, index="type", keys=wanted, keep=keep, oldest=oldest)
    return call.listing(EVENTS, keep=keep, oldest=oldest)


@operation("GET /v1/events/{id}")
def event(call: Call, id: str) -> Event:  # noqa: A002 - the API's name
    """One, as long as it is kept."""
    found = call.account.get(EVENTS, id)
    if found.created < call.account.now() - KEPT_SECONDS:
        raise errors.resource_missing("event", id)
    return found


@operation("POST /v1/webhook_endpoints")
def create(call: Call) -> dict[str, Any]:
    """Make one; its secret is in this answer only."""
    account, params = call.account, call.params
    check_url(account, params["url"])
    it = WebhookEndpoint(
        id=account.new_id(ENDPOINTS),
        created=account.now(),
        url=params["url"],
        enabled_events=tuple(params["enabled_events"]),
        secrets=((new_secret(account), None),),
        api_version=params.get("api_version"),
        description=text(params.get("description")),
        metadata=metadata(None, params.get("metadata")),
    )
    account.of(ENDPOINTS).add(it)
    return render(it, account) | {"secret": it.secrets[0][0]}


@operation("GET /v1/webhook_endpoints")
def listed(call: Call) -> Listing:
    """All."""
    return call.listing(ENDPOINTS)


@operation("GET /v1/webhook_endpoints/{webhook_endpoint}")
def retrieve(call: Call, webhook_endpoint: str) -> WebhookEndpoint:
    """One."""
    return call.account.get(ENDPOINTS, webhook_endpoint)


@operation("POST /v1/webhook_endpoints/{webhook_endpoint}")
def update(call: Call, webhook_endpoint: str) -> WebhookEndpoint:
    """Change one; ``disabled`` stops its deliveries."""
    account, params = call.account, call.params
    it = account.get(ENDPOINTS, webhook_endpoint)
    changes: dict[str, Any] = {}
    if "url" in params:
        check_url(account, params["url"])
        changes["url"] = params["url"]
    if "enabled_events" in params:
        changes["enabled_events"] = tuple(params["enabled_events"])
    if "description" in params:
        changes["description"] = text(params["description"])
    if "metadata" in params:
        changes["metadata"] = metadata(it.metadata, params["metadata"])
    if "disabled" in params:
        changes["status"] = "disabled" if params["disabled"] else "enabled"
    return account.of(ENDPOINTS).put(replace(it, **changes))


@operation("DELETE /v1/webhook_endpoints/{webhook_endpoint}")
def delete(call: Call, webhook_endpoint: str) -> dict[str, Any]:
    """Delete one; what is on its way to it is dropped."""
    account = call.account
    account.get(ENDPOINTS, webhook_endpoint)
    account.of(ENDPOINTS).remove(webhook_endpoint)
    return {"id": webhook_endpoint, "object": "webhook_endpoint", "deleted": True}


@control
def roll(account: StripeAccount, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """``POST /_sim/webhook_endpoints/{id}/roll {"keep_seconds"?}``: a new secret; the old one signs on for a while."""
    match (method, *path.split("/")):
        case ("POST", "webhook_endpoints", endpoint_id, "roll"):
            it = account.get(ENDPOINTS, endpoint_id)
            kept = arguments.get("keep_seconds", ROLL_SECONDS)
            if isinstance(kept, bool) or not isinstance(kept, (int, float)) or not 0 <= kept <= ROLL_SECONDS:
                raise ValueError(
                    f"keep_seconds must be between 0 and {ROLL_SECONDS}: an old secret lives a day at most."
                )
            now = account.now()
            secret = new_secret(account)
            old = tuple((text, now + int(kept)) for text, expires in it.secrets if expires is None or expires > now)
            account.of(ENDPOINTS).put(replace(it, secrets=((secret, None), *old)))
            return {"id": it.id, "secret": secret, "previous_expires_at": now + int(kept)}
    return None
