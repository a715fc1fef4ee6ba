"""Webhook subscriptions, signatures, attempts; the Events API."""

import base64
import hashlib
import hmac

import pytest
from seller import code
from square.utils.webhooks_helper import verify_signature

from harness.simulator.square.state.subscriptions import signature

SIGNATURE = "x-square-hmacsha256-signature"


def test_the_signature_is_that_of_known_answers():
    made = signature("asdf1234", "https://example.com/webhook", b'{"hello":"world"}')
    assert made == "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="


def test_a_delivery_is_signed_over_url_and_raw_body(seller, listener):
    hook = seller.listen(f"{listener.url}/hooks?from=square", "payment.created")
    seller.paid()
    seller.later(seconds=0.1)
    (got,) = listener.received
    assert verify_signature(
        request_body=got.body.decode(),
        signature_header=got.headers[SIGNATURE],
        signature_key=hook["signature_key"],
        notification_url=f"{listener.url}/hooks?from=square",
    )
    by_hand = hmac.new(
        hook["signature_key"].encode(), f"{listener.url}/hooks?from=square".encode() + got.body, hashlib.sha256
    )
    assert got.headers[SIGNATURE] == base64.b64encode(by_hand.digest()).decode()


def test_a_first_attempt_says_where_and_when(seller, listener):
    seller.listen(listener.url, "payment.created")
    seller.paid()
    seller.later(seconds=0.1)
    headers = listener.received[0].headers
    assert headers["square-environment"] == "Sandbox"
    assert headers["square-initial-delivery-timestamp"].endswith("Z")
    assert headers["content-type"] == "application/json"
    assert "square-version" in headers
    assert "square-retry-number" not in headers


def test_the_envelope_is_squares(seller, listener):
    seller.listen(listener.url, "payment.created")
    one = seller.paid()
    seller.later(seconds=0.1)
    event = listener.received[0].event
    assert list(event) == ["merchant_id", "type", "event_id", "created_at", "data"]
    assert event["merchant_id"] == seller.facts["merchant_id"]
    assert (event["data"]["type"], event["data"]["id"]) == ("payment", one["id"])
    assert event["data"]["object"]["payment"]["status"] == "APPROVED"


def test_a_failing_listener_is_tried_eleven_times_more_within_a_day(seller, listener):
    seller.listen(listener.url, "payment.created")
    listener.answers[:] = [500] * 20
    seller.paid()
    seller.later(hours=25)
    assert len(listener.received) == 12
    numbers = [got.headers.get("square-retry-number") for got in listener.received]
    assert numbers == [None, *map(str, range(1, 12))]
    assert {got.headers.get("square-retry-reason") for got in listener.received[1:]} == {"http_error"}
    first = {got.headers["square-initial-delivery-timestamp"] for got in listener.received}
    assert len(first) == 1
    assert len({got.body for got in listener.received}) == 1
    (delivery,) = seller.control.get("/deliveries").json()["deliveries"]
    waits = [round(b["at"] - a["at"]) for a, b in zip(delivery["attempts"], delivery["attempts"][1:], strict=False)]
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 7200, 14400, 28800, 28800]


def test_a_redirect_counts_as_a_failure(seller, listener):
    seller.listen(f"{listener.url}/hook", "payment.created")
    listener.answers[:] = [302]
    seller.paid()
    seller.later(seconds=61)
    assert [got.path for got in listener.received] == ["/hook", "/hook"]
    assert listener.received[1].headers["square-retry-number"] == "1"


def test_a_listener_without_any_success_for_three_weeks_is_disabled(seller, listener):
    hook = seller.listen(listener.url, "payment.created")
    listener.answers[:] = [500] * 400
    for _ in range(12):
        seller.paid()
        seller.later(days=2)
    shown = seller.http.get(f"/v2/webhooks/subscriptions/{hook['id']}").json()["subscription"]
    assert shown["enabled"] is False
    before = len(listener.received)
    seller.paid()
    seller.later(seconds=1)
    assert len(listener.received) == before


def test_the_sdk_manages_subscriptions(seller):
    api = seller.sdk.webhooks.subscriptions
    made = api.create(
        idempotency_key="w1",
        subscription={"name": "shop", "event_types": ["payment.updated"], "notification_url": "http://127.0.0.1:9/x"},
    ).subscription
    assert made.id.startswith("wbhk_")
    assert made.enabled
    assert len(made.signature_key) == 22
    assert [one.id for one in api.list()] == [made.id]
    done = api.update(subscription_id=made.id, subscription={"enabled": False}).subscription
    assert not done.enabled
    assert list(api.list()) == []
    rolled = api.update_signature_key(subscription_id=made.id, idempotency_key="k").signature_key
    assert rolled != made.signature_key == done.signature_key
    api.delete(subscription_id=made.id)
    assert code(seller.http.get(f"/v2/webhooks/subscriptions/{made.id}")) == (404, "NOT_FOUND")


def test_a_rotated_key_signs_at_once(seller, listener):
    hook = seller.listen(listener.url, "payment.created")
    new = seller.sim(f"webhook_subscriptions/{hook['id']}/roll")["secret"]
    seller.paid()
    seller.later(seconds=0.1)
    got = listener.received[0]
    assert got.headers[SIGNATURE] == signature(new, listener.url, got.body)


def test_a_sample_is_sent_to_try_a_listener(seller, listener):
    hook = seller.listen(listener.url, "payment.created")
    result = seller.sdk.webhooks.subscriptions.test(subscription_id=hook["id"]).subscription_test_result
    assert result.status_code == 200
    assert [got.body.decode() for got in listener.received] == [result.payload]
    listener.answers[:] = [503]
    again = seller.sdk.webhooks.subscriptions.test(subscription_id=hook["id"]).subscription_test_result
    assert again.status_code == 503
    answer = seller.post(f"/v2/webhooks/subscriptions/{hook['id']}/test", {"event_type": "refund.created"})
    assert code(answer) == (400, "INVALID_VALUE")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"notification_url": "https://example.com/x"}, "INVALID_VALUE"),
        ({"notification_url": "ftp://127.0.0.1/x"}, "INVALID_VALUE"),
        ({"event_types": ["payment.imagined"]}, "INVALID_VALUE"),
        ({"name": None}, "MISSING_REQUIRED_PARAMETER"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused(seller, changes, expected):
    wanted = {"name": "shop", "notification_url": "http://127.0.0.1:9/x", "event_types": ["payment.created"]} | changes
    assert code(seller.post("/v2/webhooks/subscriptions", {"subscription": wanted})) == (400, expected)


def test_event_types_are_listed(seller):
    known = seller.sdk.webhooks.event_types.list().event_types
    assert {"payment.updated", "dispute.state.updated", "order.fulfillment.updated"} <= set(known)
    assert seller.sdk.events.list_event_types().event_types == known


def test_events_are_searchable_once_that_was_asked_for(seller):
    seller.paid(100)
    assert seller.post("/v2/events").json() == {}
    seller.sdk.events.enable_events()
    one = seller.paid(200)
    found = seller.sdk.events.search_events(query={"filter": {"event_types": ["payment.created"]}})
    assert [event.data.id for event in found.events] == [one["id"]]
    assert found.metadata[0].event_id == found.events[0].event_id
    seller.later(days=29)
    assert seller.post("/v2/events").json() == {}


def test_a_search_of_events_goes_on_with_its_cursor(seller):
    seller.sdk.events.enable_events()
    for amount in (100, 200, 300):
        seller.paid(amount)
    seen, cursor = [], None
    while True:
        page = seller.post("/v2/events", {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [event["event_id"] for event in page["events"]]
        cursor = page.get("cursor")
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 12


def test_held_events_wait_to_be_carried(seller, listener):
    seller.listen(listener.url, "payment.created")
    seller.sim("webhooks", mode="hold")
    seller.paid()
    assert listener.received == []
    seller.sim("deliveries/release")
    assert len(listener.received) == 1
