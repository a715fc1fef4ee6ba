"""Operations of webhooks, their events and their signatures; certificates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from msgspec.structs import replace

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.store import Window
from harness.simulator.paypal import errors, events
from harness.simulator.paypal.account import EVENTS, PayPalAccount
from harness.simulator.paypal.certificates import PATH, kind_of
from harness.simulator.paypal.errors import PayPalError
from harness.simulator.paypal.events import Event
from harness.simulator.paypal.formats import timestamp
from harness.simulator.paypal.registry import Call, control, operation, page
from harness.simulator.paypal.state import samples
from harness.simulator.paypal.state import webhooks as state
from harness.simulator.paypal.state.webhooks import (
    AUTHORITY,
    LOOKUPS,
    SIMULATED,
    WEBHOOKS,
    Lookup,
    Simulated,
    Webhook,
    refused,
)

if TYPE_CHECKING:
    from harness.simulator.paypal.app import PayPalApp

BASE = "/v1/notifications"
KEPT_SECONDS = 30 * 86400
"""How long an event is listed."""
_LONGEST_PAGE = 300
_PATCHABLE = frozenset({"/url", "/event_types"})


# ---- management ----------------------------------------------------------------------------------


@operation(f"POST {BASE}/webhooks")
def create(call: Call) -> Answer:
    """Subscribe a listener."""
    account, params = call.account, _object(call)
    url = state.checked_url(account, params.get("url"))
    types = state.checked_types(params.get("event_types"))
    if len(account.of(WEBHOOKS)) >= state.MOST_WEBHOOKS:
        raise PayPalError(
            400, name="WEBHOOK_NUMBER_LIMIT_EXCEEDED", message="Webhook number limit has been exceeded for this app"
        )
    AUTHORITY.warm()
    made = Webhook(id=account.long_id(), created=account.now(), url=url, event_types=types)
    account.of(WEBHOOKS).add(made)
    return call.answer(201, _shown(account, made))


@operation(f"GET {BASE}/webhooks")
def listed(call: Call) -> Answer:
    """All of the app."""
    anchor = call.query.get("anchor_type", "APPLICATION")
    if anchor not in {"APPLICATION", "ACCOUNT"}:
        raise refused("Invalid anchor type", "anchor_type")
    return call.answer(200, {"webhooks": [_shown(call.account, one) for one in call.account.of(WEBHOOKS)]})


@operation(f"GET {BASE}/webhooks/{{webhook_id}}")
def retrieve(call: Call, webhook_id: str) -> Answer:
    """One."""
    return call.answer(200, _shown(call.account, _webhook(call.account, webhook_id)))


@operation(f"PATCH {BASE}/webhooks/{{webhook_id}}")
def update(call: Call, webhook_id: str) -> Answer:
    """Replace the address or the events; nothing else can be patched."""
    account = call.account
    it = after = _webhook(account, webhook_id)
    if not isinstance(call.params, list) or not call.params:
        raise refused("Patch request is not a list of operations", "/")
    for one in call.params:
        path, value = (one.get("path"), one.get("value")) if isinstance(one, dict) else (None, None)
        if not isinstance(one, dict) or one.get("op") != "replace" or path not in _PATCHABLE:
            raise refused("Only replace of /url and /event_types is supported", str(path or "path"))
        if path == "/url":
            after = replace(after, url=state.checked_url(account, value, it.id))
        else:
            after = replace(after, event_types=state.checked_types(value))
    if after == it:
        raise PayPalError(
            400, name="WEBHOOK_PATCH_REQUEST_NO_CHANGE", message="Patch request has no change from current webhook"
        )
    account.of(WEBHOOKS).put(after)
    return call.answer(200, _shown(account, after))


@operation(f"DELETE {BASE}/webhooks/{{webhook_id}}")
def delete(call: Call, webhook_id: str) -> Answer:
    """Remove one; what is on its way to it is given up."""
    call.account.of(WEBHOOKS).remove(_webhook(call.account, webhook_id).id)
    return call.answer(204)


@operation(f"GET {BASE}/webhooks/{{webhook_id}}/event-types")
def subscribed(call: Call, webhook_id: str) -> Answer:
    """What one listens to."""
    return call.answer(200, {"event_types": _types(_webhook(call.account, webhook_id).event_types)})


@operation(f"GET {BASE}/webhooks-event-types")
def event_types(call: Call) -> Answer:
    """What can be listened to."""
    return call.answer(200, {"event_types": _types(tuple(state.catalogue()))})


# ---- lookups -------------------------------------------------------------------------------------


@operation(f"POST {BASE}/webhooks-lookup")
def create_lookup(call: Call) -> Answer:
    """A lookup of the app's; nothing is sent with it."""
    made = Lookup(id=call.account.long_id(), created=call.account.now())
    call.account.of(LOOKUPS).add(made)
    return call.answer(201, _shown_lookup(call.account, made))


@operation(f"GET {BASE}/webhooks-lookup")
def lookups(call: Call) -> Answer:
    """All of the app."""
    found = [_shown_lookup(call.account, one) for one in call.account.of(LOOKUPS)]
    return call.answer(200, {"webhooks_lookups": found})


@operation(f"GET {BASE}/webhooks-lookup/{{webhook_lookup_id}}")
def lookup(call: Call, lookup_id: str) -> Answer:
    """One."""
    return call.answer(200, _shown_lookup(call.account, _lookup(call.account, lookup_id)))


@operation(f"DELETE {BASE}/webhooks-lookup/{{webhook_lookup_id}}")
def delete_lookup(call: Call, lookup_id: str) -> Answer:
    """Remove one."""
    call.account.of(LOOKUPS).remove(_lookup(call.account, lookup_id).id)
    return call.answer(204)


# ---- events --------------------------------------------------------------------------------------


@operation(f"GET {BASE}/webhooks-events")
def event_list(call: Call) -> Answer:
    """Events of the last 30 days, newest first; by time, by transaction, by type."""
    account, query = call.account, call.query
    size = _page_size(query.get("page_size", "10"))
    start, end = _moment(query, "start_time"), _moment(query, "end_time")
    oldest = account.now() - KEPT_SECONDS
    window = Window(size, query.get("after"), None, max(start or 0, oldest), end)
    if window.starting_after is not None and not account.of(EVENTS).knows(window.starting_after):
        raise refused("Not a valid cursor", "after")
    wanted, transaction = query.get("event_type"), query.get("transaction_id")
    index, key = ("transaction", transaction) if transaction else ("event_type", wanted)

    def keep(one: Event) -> bool:
        return wanted is None or one.event_type == wanted

    found = account.of(EVENTS).page(window, index=index if key else None, keys=(key,) if key else (), keep=keep)
    here = f"{account.base_url}{BASE}/webhooks-events?page_size={size}"
    links = [{"href": here, "rel": "self", "method": "GET"}]
    if found.has_more:
        links.append({"href": f"{here}&after={found.items[-1].id}", "rel": "next", "method": "GET"})
    shown = [orjson.Fragment(one.body) for one in found.items]
    return call.answer(200, {"events": shown, "count": len(shown), "links": links})


@operation(f"GET {BASE}/webhooks-events/{{event_id}}")
def event(call: Call, event_id: str) -> Answer:
    """One, byte for byte as it is delivered."""
    return call.answer(200, _event(call.account, event_id).body)


@operation(f"POST {BASE}/webhooks-events/{{event_id}}/resend")
def resend(call: Call, event_id: str) -> Answer:
    """Send an event again to all its listeners, or to those named; what is still under way is not sent twice."""
    account, it = call.account, _event(call.account, event_id)
    ids = _object(call).get("webhook_ids")
    if ids is not None and not (isinstance(ids, list) and all(isinstance(one, str) for one in ids)):
        raise refused("Not a list of webhook ids", "webhook_ids")
    for one in ids or ():
        _webhook(account, one, "webhook_ids")
    chosen = ids or [webhook for webhook, _ in state.listeners(account, it)]
    under_way = {one.endpoint for one in account.outbox.listed(event=it.id) if one.open}
    for webhook in (_webhook(account, one) for one in chosen if one not in under_way):
        account.outbox.post(it.id, it.event_type, webhook.id, webhook.url)
    return call.answer(202, it.body)


@operation(f"POST {BASE}/simulate-event")
def simulate(call: Call) -> Answer:
    """Send a sample; it is in no list, cannot be sent again, and is signed for no webhook of the app."""
    account, params = call.account, _object(call)
    event_type, version = params.get("event_type"), params.get("resource_version")
    if not isinstance(event_type, str) or event_type not in state.catalogue():
        raise refused("Not a valid event type", "event_type")
    if version is not None and version not in state.versions(event_type):
        raise refused("Not a valid resource version for this event", "resource_version")
    url = params.get("url")
    if params.get("webhook_id") is not None:
        url = _webhook(account, str(params["webhook_id"]), "webhook_id").url
    elif url is None:
        raise refused("Either webhook_id or url is required", "webhook_id")
    else:
        url = state.checked_url(account, url, next((w.id for w in account.of(WEBHOOKS) if w.url == url), None))
    kind, resource = samples.resource(event_type, account)
    made = events.make(
        account,
        event_type,
        kind,
        version or state.versions(event_type)[-1],
        f"A simulated event: {state.catalogue()[event_type]}",
        resource,
        samples.event_id(event_type),
    )
    sent = Simulated(id=account.long_id(), created=account.now(), url=url, event=made)
    account.of(SIMULATED).add(sent)
    AUTHORITY.warm()
    account.outbox.post(made.id, event_type, sent.id, url)
    return call.answer(202, made.body)


@operation(f"POST {BASE}/verify-webhook-signature", raw=True)
def verify(call: Call) -> Answer:
    """The postback; failure is an answer like success."""
    good = state.verified(call.account, call.request.body)
    return call.answer(200, {"verification_status": "SUCCESS" if good else "FAILURE"})


# ---- certificates --------------------------------------------------------------------------------


@page
def certificate(app: PayPalApp, request: Request) -> Answer | None:
    """A chain in PEM, for anybody."""
    del app
    if request.method not in {"GET", "HEAD"} or not request.path.startswith(PATH):
        return None
    found = AUTHORITY.find(request.path.removeprefix(PATH))
    if found is None:
        return Answer(404, b"Not Found", [(b"content-type", b"text/plain")])
    return Answer(200, found.pem.encode(), [(b"content-type", b"application/x-pem-file")])


@control
def authority(account: PayPalAccount, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """``GET /_sim/authority``; ``POST /_sim/certificates {"kind"}``: one more, with its key, to sign forgeries."""
    del account
    if (method, path) == ("GET", "authority"):
        return {"root_pem": AUTHORITY.root_pem, "certificates": [one.view() for one in AUTHORITY.listed()]}
    if (method, path) == ("POST", "certificates"):
        made = AUTHORITY.make(kind_of(arguments.get("kind", "good")))
        return {**made.view(), "private_key_pem": made.private_key_pem}
    return None


# ---- inside --------------------------------------------------------------------------------------


def _object(call: Call) -> dict[str, Any]:
    if not isinstance(call.params, dict):
        raise errors.invalid("MALFORMED_REQUEST_JSON", "/")
    return call.params


def _webhook(account: PayPalAccount, id_: str, field: str = "webhook_id") -> Webhook:
    found = account.of(WEBHOOKS).get(id_)
    if found is None:
        raise _unknown(field, id_)
    return found


def _lookup(account: PayPalAccount, id_: str) -> Lookup:
    found = account.of(LOOKUPS).get(id_)
    if found is None:
        raise _unknown("webhook_lookup_id", id_)
    return found


def _unknown(field: str, id_: str) -> PayPalError:
    return PayPalError(
        404,
        [errors.detail("INVALID_RESOURCE_ID", field, id_, location="path")],
        name="INVALID_RESOURCE_ID",
        message="The requested resource ID was not found",
    )


def _shown_lookup(account: PayPalAccount, it: Lookup) -> dict[str, Any]:
    here = f"{account.base_url}{BASE}/webhooks-lookup/{it.id}"
    return {
        "id": it.id,
        "client_id": account.client_id,
        "links": [
            {"href": here, "rel": "self", "method": "GET"},
            {"href": here, "rel": "delete", "method": "DELETE"},
        ],
    }


def _event(account: PayPalAccount, id_: str) -> Event:
    found = account.of(EVENTS).get(id_)
    if found is None or found.created < account.now() - KEPT_SECONDS:
        raise _unknown("event_id", id_)
    return found


def _shown(account: PayPalAccount, it: Webhook) -> dict[str, Any]:
    here = f"{account.base_url}{BASE}/webhooks/{it.id}"
    return {
        "id": it.id,
        "url": it.url,
        "event_types": _types(it.event_types),
        "links": [
            {"href": here, "rel": "self", "method": "GET"},
            {"href": here, "rel": "update", "method": "PATCH"},
            {"href": here, "rel": "delete", "method": "DELETE"},
        ],
    }


def _types(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"name": name, "description": "ALL"}
        if name == state.EVERY
        else {
            "name": name,
            "description": state.catalogue()[name],
            "status": "ENABLED",
            "resource_versions": state.versions(name),
        }
        for name in names
    ]


def _page_size(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text) or not 1 <= int(text) <= _LONGEST_PAGE:
        raise refused(f"Must be between 1 and {_LONGEST_PAGE}", "page_size")
    return int(text)


def _moment(query: dict[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise refused(f"Not a date and time such as {timestamp(0)}", name) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
