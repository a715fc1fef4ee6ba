"""Webhook endpoints, deliveries and their signatures, as an endpoint of the merchant sees them."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
import stripe
from listener import Listener
from simulated_shop import Shop, well_formed

from harness.simulator.stripe.settings import SANDBOX_RETRIES


def endpoint(shop: Shop, listener: Listener, **more: Any) -> stripe.WebhookEndpoint:
    return shop.v1.webhook_endpoints.create({"url": f"{listener.url}/hook", "enabled_events": ["*"], **more})


def deliveries(shop: Shop, **filters: str) -> list[dict[str, Any]]:
    return shop.http.get("/_sim/deliveries", params=filters).json()["deliveries"]


def test_a_payment_reaches_the_endpoint_signed_and_in_order(shop: Shop, listener: Listener) -> None:
    hook = endpoint(shop, listener)
    shop.pay()
    received = listener.wait(3)
    assert [r.event["type"] for r in received] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    for request in received:
        event = stripe.Webhook.construct_event(request.body, request.signature, hook.secret)
        assert event.api_version == "2026-10-28.endive"
        well_formed(event)


def test_the_delivery_looks_like_one_of_stripes(shop: Shop, listener: Listener) -> None:
    endpoint(shop, listener)
    shop.v1.customers.create()
    request = listener.wait(1)[0]
    assert request.headers["user-agent"] == "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["accept"] == "*/*; q=0.5, application/xml"
    assert re.fullmatch(r"t=\d+,v1=[0-9a-f]{64},v0=[0-9a-f]{64}", request.signature)
    assert request.body.startswith(b'{\n  "id": "evt_')
    assert json.dumps(request.event, indent=2, ensure_ascii=False).encode() == request.body


def test_the_secret_is_shown_on_creation_only(shop: Shop, listener: Listener) -> None:
    hook = endpoint(shop, listener, description="tests", metadata={"a": "b"})
    assert hook.secret.startswith("whsec_")
    assert "secret" not in shop.v1.webhook_endpoints.retrieve(hook.id)
    assert "secret" not in shop.v1.webhook_endpoints.list().data[0]
    well_formed(shop.v1.webhook_endpoints.retrieve(hook.id))


def test_an_endpoint_gets_only_the_types_that_it_asked_for(shop: Shop, listener: Listener) -> None:
    endpoint(shop, listener, enabled_events=["payment_intent.succeeded"])
    shop.pay()
    shop.control("GET", "idle")
    assert [r.event["type"] for r in listener.received] == ["payment_intent.succeeded"]


def test_who_asks_for_rest_learns_how_many_deliveries_were_ever_tried(shop: Shop, listener: Listener) -> None:
    endpoint(shop, listener, enabled_events=["payment_intent.succeeded"])
    before = shop.control("GET", "idle")["attempts"]
    shop.pay()
    assert shop.control("GET", "idle") == {"idle": True, "attempts": before + 1}
    assert shop.control("GET", "idle") == {"idle": True, "attempts": before + 1}


def test_a_disabled_or_deleted_endpoint_gets_nothing(shop: Shop, listener: Listener) -> None:
    disabled, gone = endpoint(shop, listener), endpoint(shop, listener)
    shop.v1.webhook_endpoints.update(disabled.id, {"disabled": True})
    assert shop.v1.webhook_endpoints.delete(gone.id).deleted is True
    shop.pay()
    shop.control("GET", "idle")
    assert listener.received == []
    assert shop.v1.webhook_endpoints.retrieve(disabled.id).status == "disabled"


def test_an_endpoint_elsewhere_is_refused_with_the_way_out(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="allow-remote-webhooks") as refusal:
        shop.v1.webhook_endpoints.create({"url": "https://shop.example/hook", "enabled_events": ["*"]})
    assert (refusal.value.code, refusal.value.param) == ("url_invalid", "url")
    with pytest.raises(stripe.InvalidRequestError, match="valid http or https URL"):
        shop.v1.webhook_endpoints.create({"url": "nonsense", "enabled_events": ["*"]})


def test_a_failed_delivery_is_retried_on_the_schedule_with_a_new_signature(shop: Shop, listener: Listener) -> None:
    hook = endpoint(shop, listener)
    listener.answers = [500, 0, 302]
    shop.v1.customers.create()
    listener.wait(1)
    shop.control("GET", "idle")
    (delivery,) = deliveries(shop)
    assert delivery["state"] == "scheduled"
    for pause in SANDBOX_RETRIES:
        shop.advance(pause - 20)
        attempts = len(listener.received)
        shop.advance(20)
        assert len(listener.received) == attempts + 1
    (delivery,) = deliveries(shop)
    assert delivery["state"] == "delivered"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 0, 302, 200]
    assert delivery["attempts"][1]["error"] == "connection closed without an answer"
    assert len({request.signature for request in listener.received}) == 4
    assert len({request.event["id"] for request in listener.received}) == 1
    stamps = [int(request.signature.split(",")[0][2:]) for request in listener.received]
    assert [round((b - a) / 10) * 10 for a, b in itertools.pairwise(stamps)] == list(SANDBOX_RETRIES)
    for request in listener.received:
        stripe.Webhook.construct_event(request.body, request.signature, hook.secret)


def test_after_the_last_retry_a_delivery_has_failed(shop: Shop, listener: Listener) -> None:
    endpoint(shop, listener)
    listener.answers = [500] * 10
    shop.v1.customers.create()
    listener.wait(1)
    shop.advance(86400)
    (delivery,) = deliveries(shop, state="failed")
    assert len(delivery["attempts"]) == 1 + len(SANDBOX_RETRIES)
    assert delivery["next_attempt_at"] is None


def test_the_live_schedule_retries_for_three_days(shop: Shop, listener: Listener) -> None:
    shop.control("POST", "settings", retry_kind="live")
    endpoint(shop, listener)
    listener.answers = [500] * 100
    created = shop.now()
    shop.v1.customers.create()
    listener.wait(1)
    shop.advance(4 * 86400)
    (delivery,) = deliveries(shop, state="failed")
    last = delivery["attempts"][-1]["at"]
    assert 2.5 * 86400 < last - created <= 3 * 86400 + 60


def test_pending_webhooks_counts_endpoints_that_have_not_answered(shop: Shop, listener: Listener) -> None:
    endpoint(shop, listener)
    endpoint(shop, listener)
    listener.answers = [500, 200]
    shop.v1.customers.create()
    listener.wait(2)
    shop.control("GET", "idle")
    event = shop.events()[0]
    assert event.pending_webhooks == 1
    shop.advance(SANDBOX_RETRIES[0] + 1)
    assert shop.v1.events.retrieve(event.id).pending_webhooks == 0
    assert {r.event["pending_webhooks"] for r in listener.received} <= {1, 2}


def test_both_secrets_sign_after_a_roll_until_the_old_one_expires(shop: Shop, listener: Listener) -> None:
    hook = endpoint(shop, listener)
    rolled = shop.control("POST", f"webhook_endpoints/{hook.id}/roll", keep_seconds=3600)
    shop.v1.customers.create()
    request = listener.wait(1)[0]
    assert request.signature.count("v1=") == 2
    for secret in (hook.secret, rolled["secret"]):
        stripe.Webhook.construct_event(request.body, request.signature, secret)
    shop.advance(3700)
    shop.v1.customers.create()
    request = listener.wait(2)[1]
    assert request.signature.count("v1=") == 1
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(request.body, request.signature, hook.secret)


def test_an_endpoint_is_served_its_own_api_version(shop: Shop, listener: Listener) -> None:
    endpoint(shop, listener, api_version="2025-03-31.basil")
    shop.v1.customers.create()
    assert listener.wait(1)[0].event["api_version"] == "2025-03-31.basil"


def test_held_deliveries_are_signed_when_they_are_carried(shop: Shop, listener: Listener) -> None:
    hook = endpoint(shop, listener)
    shop.control("POST", "webhooks", mode="hold")
    shop.pay()
    held = deliveries(shop, state="held")
    assert [delivery["type"] for delivery in held] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert listener.received == []
    shop.control("POST", f"deliveries/{held[2]['id']}/send")
    shop.control("POST", f"deliveries/{held[0]['id']}/drop")
    released = shop.control("POST", "deliveries/release")["deliveries"]
    assert [delivery["id"] for delivery in released] == [held[1]["id"]]
    assert [r.event["type"] for r in listener.received] == ["payment_intent.succeeded", "charge.succeeded"]
    assert deliveries(shop, state="dropped")[0]["id"] == held[0]["id"]
    for request in listener.received:
        stripe.Webhook.construct_event(request.body, request.signature, hook.secret)


def test_a_delivered_event_can_be_sent_again(shop: Shop, listener: Listener) -> None:
    endpoint(shop, listener)
    shop.v1.customers.create()
    listener.wait(1)
    shop.control("GET", "idle")
    (delivery,) = deliveries(shop)
    shop.control("POST", f"deliveries/{delivery['id']}/send")
    assert [r.event["id"] for r in listener.received] == [delivery["event"]] * 2


def test_events_are_listed_by_type_and_time(shop: Shop) -> None:
    shop.pay()
    shop.advance(100)
    later = shop.now()
    shop.v1.customers.create()
    wanted = shop.v1.events.list({"type": "charge.succeeded"}).data
    assert [event.type for event in wanted] == ["charge.succeeded"]
    several = shop.v1.events.list({"types": ["charge.succeeded", "customer.created"]}).data
    assert [event.type for event in several] == ["customer.created", "charge.succeeded"]
    recent = shop.v1.events.list({"created": {"gte": later}}).data
    assert [event.type for event in recent] == ["customer.created"]
    wild = shop.v1.events.list({"type": "payment_intent.*"}).data
    assert [event.type for event in wild] == ["payment_intent.succeeded", "payment_intent.created"]


def test_changes_that_nobody_asked_for_name_no_request(shop: Shop) -> None:
    shop.pay("pm_card_pendingRefund")
    charge = shop.v1.charges.list().data[0]
    shop.control("POST", "refunds", charge=charge.id)
    created = shop.events("refund.created")[0]
    assert (created.request.id, created.request.idempotency_key) == (None, None)


def test_events_can_be_read_for_thirty_days(shop: Shop) -> None:
    shop.v1.customers.create()
    event = shop.events()[0]
    shop.advance(29 * 86400)
    assert shop.v1.events.retrieve(event.id).id == event.id
    shop.advance(2 * 86400)
    assert shop.events() == []
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.events.retrieve(event.id)
