"""Webhook subscriptions, event types, and the Events API."""

from __future__ import annotations

from typing import Any

import orjson
from msgspec import Struct

from harness.simulator.kernel.client import DeliveryError, post
from harness.simulator.kernel.messages import Answer
from harness.simulator.kernel.tabled import table
from harness.simulator.square import events
from harness.simulator.square.account import API_VERSION, EVENTS, SquareAccount
from harness.simulator.square.checks import Several, Shape, Text, Whole, checked, limit
from harness.simulator.square.errors import invalid
from harness.simulator.square.formats import moment
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import subscriptions
from harness.simulator.square.state.objects import SUBSCRIPTIONS, Subscription

_WINDOW = 28 * 86_400_000
_SEARCH = {
    "cursor": Text(256),
    "limit": Whole(1, 100),
    "query": Shape(
        {
            "filter": Shape(
                {
                    "event_types": Several(Text()),
                    "merchant_ids": Several(Text()),
                    "location_ids": Several(Text()),
                    "created_at": Shape({"start_at": Text(), "end_at": Text()}),
                }
            ),
            "sort": Shape({"field": Text(), "order": Text()}),
        }
    ),
}


class Search(Struct, frozen=True, kw_only=True):
    """That events can be searched from now on."""

    id: str
    created: int


SEARCH = table("event_search", Search)


@events.searched.append
def _searched(account: SquareAccount) -> bool:
    return len(account.of(SEARCH)) > 0


@operation("POST /v2/webhooks/subscriptions", key=45)
def create(call: Call) -> Answer:
    """A new subscription, with its key."""
    return _shown(call, subscriptions.make(call.account, call.params))


@operation("GET /v2/webhooks/subscriptions")
def listed(call: Call) -> Answer:
    """All subscriptions; disabled ones only when asked."""
    query = call.query
    everything = query.get("include_disabled", "false").lower() == "true"
    found, cursor = page(
        call.account.of(SUBSCRIPTIONS),
        cursor=query.get("cursor"),
        limit=limit(query, most=100, default=100),
        keep=lambda one: everything or one.enabled,
        ascending=query.get("sort_order", "ASC").upper() != "DESC",
    )
    body = {"subscriptions": [subscriptions.shown(one) for one in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("GET /v2/webhooks/subscriptions/{id}")
def read(call: Call, id_: str) -> Answer:
    """One subscription."""
    return _shown(call, subscriptions.get(call.account, id_))


@operation("PUT /v2/webhooks/subscriptions/{id}")
def update(call: Call, id_: str) -> Answer:
    """Change a subscription."""
    return _shown(call, subscriptions.change(call.account, subscriptions.get(call.account, id_), call.params))


@operation("DELETE /v2/webhooks/subscriptions/{id}")
def delete(call: Call, id_: str) -> Answer:
    """End a subscription."""
    call.account.of(SUBSCRIPTIONS).remove(subscriptions.get(call.account, id_).id)
    return call.answer()


@operation("POST /v2/webhooks/subscriptions/{id}/signature-key", key=45)
def rotate(call: Call, id_: str) -> Answer:
    """A new key."""
    done = subscriptions.rotate(call.account, subscriptions.get(call.account, id_))
    return call.answer({"signature_key": done.key})


@operation("POST /v2/webhooks/subscriptions/{id}/test")
def test(call: Call, id_: str) -> Answer:
    """Send a sample event, and tell what the listener answered; 0 where it did not."""
    one = subscriptions.get(call.account, id_)
    kind = call.params.get("event_type") or one.event_types[0]
    if kind not in one.event_types:
        detail = f"`{kind}` is not among the event types of this subscription."
        raise invalid("INVALID_VALUE", detail, "event_type")
    name = kind.split(".")[0]
    sample = events.make(call.account, kind, f"{name}-sample", name, {"id": f"{name}-sample"})
    sent = subscriptions.headers(one, sample.body, sample.created, 0, None)
    shown, timeout = subscriptions.shown(one), call.account.delivery_timeout

    def told(status: int) -> Answer:
        result = {
            "id": sample.id,
            "status_code": status,
            "payload": sample.body.decode(),
            "created_at": shown["created_at"],
            "updated_at": shown["updated_at"],
        }
        return call.answer({"subscription_test_result": result})

    async def carried() -> Answer:
        try:
            return told(await post(one.url, sent, sample.body, timeout))
        except DeliveryError:
            return told(0)

    answer = told(0)
    answer.later = carried
    return answer


@operation("GET /v2/webhooks/event-types")
def types(call: Call) -> Answer:
    """Every event type."""
    return _types(call)


@operation("GET /v2/events/types")
def searchable_types(call: Call) -> Answer:
    """Every event type."""
    return _types(call)


@operation("PUT /v2/events/enable")
def enable(call: Call) -> Answer:
    """Events can be searched from now on."""
    if not len(call.account.of(SEARCH)):
        made = Search(id=f"on-{len(call.account.of(EVENTS))}-{call.account.now()}", created=call.account.now())
        call.account.of(SEARCH).add(made)
    return call.answer()


@operation("PUT /v2/events/disable")
def disable(call: Call) -> Answer:
    """Events cannot be searched any more."""
    for one in list(call.account.of(SEARCH)):
        call.account.of(SEARCH).remove(one.id)
    return call.answer()


@operation("POST /v2/events")
def search(call: Call) -> Answer:
    """Events of the last 28 days that happened while they could be searched."""
    body = checked(_SEARCH, call.params)
    query = body.get("query") or {}
    wanted, sort = query.get("filter") or {}, query.get("sort") or {}
    span = wanted.get("created_at") or {}
    first = moment(span["start_at"]) if span.get("start_at") else 0
    last = moment(span["end_at"]) if span.get("end_at") else 1 << 62
    if first is None or last is None:
        raise invalid("INVALID_TIME", "Expected a time in RFC 3339 format.", "query.filter.created_at")
    account = call.account
    oldest = max(first, account.now() - _WINDOW)
    kinds, merchants, places = (wanted.get(n) for n in ("event_types", "merchant_ids", "location_ids"))

    def keep(one: events.Event) -> bool:
        return (
            one.searchable
            and oldest <= one.created <= last
            and (not kinds or one.type in kinds)
            and (not merchants or account.merchant_id in merchants)
            and (not places or any(place.encode() in one.body for place in places))
        )

    found, cursor = page(
        account.of(EVENTS),
        cursor=body.get("cursor"),
        limit=body.get("limit", 100),
        keep=keep,
        ascending=sort.get("order", "DESC") == "ASC",
    )
    shown: dict[str, Any] = {}
    if found:
        shown["events"] = [orjson.loads(one.body) for one in found]
        shown["metadata"] = [{"event_id": one.id, "api_version": API_VERSION} for one in found]
    return call.answer(shown | ({"cursor": cursor} if cursor else {}))


def _types(call: Call) -> Answer:
    known = subscriptions.event_types()
    metadata = [
        {"event_type": name, "api_version_introduced": "2020-02-26", "release_status": "PUBLIC"} for name in known
    ]
    return call.answer({"event_types": list(known), "metadata": metadata})


def _shown(call: Call, one: Subscription) -> Answer:
    return call.answer({"subscription": subscriptions.shown(one)})
