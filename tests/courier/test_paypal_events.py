"""PayPal's events are read, changed, named and made up as Stripe's are, in PayPal's own shape."""

from __future__ import annotations

import json

import pytest

from harness.courier import (
    PAYPAL,
    PAYPAL_NAMES,
    VARIANTS,
    Event,
    altered,
    fits,
    forged_object,
    made_up,
    made_up_payment,
    plan,
    type_of,
    variant,
)
from harness.domain.verdicts import HarnessError, NotApplicable

ORDER = made_up_payment("or_1", 4999, "eur", provider="paypal")
DOCUMENT = {
    "id": "WH-1AA11111BB222222C-3DD33333EE444444F",
    "event_version": "1.0",
    "create_time": "2026-01-02T03:04:05.678Z",
    "resource_type": "capture",
    "resource_version": "2.0",
    "event_type": "PAYMENT.CAPTURE.COMPLETED",
    "summary": "Payment completed for € 49.99 EUR",
    "resource": {
        "id": "4AB12345CD678901E",
        "status": "COMPLETED",
        "amount": {"currency_code": "EUR", "value": "49.99"},
        "custom_id": "or_1",
        "seller_protection": {"status": "ELIGIBLE"},
        "supplementary_data": {"related_ids": {"order_id": "7XY12345ZA678901B"}},
        "links": [{"href": "https://api.sandbox.paypal.com/v2/payments/captures/4AB12345CD678901E", "rel": "self"}],
    },
    "links": [],
}
EVENT = Event.of(DOCUMENT)


def test_an_event_is_read_from_paypals_own_fields():
    assert (EVENT.id, EVENT.type, EVENT.object_id) == (DOCUMENT["id"], DOCUMENT["event_type"], "4AB12345CD678901E")
    assert EVENT.created == 1_767_323_045
    assert EVENT.provider == "paypal"
    assert EVENT.mentions("7XY12345ZA678901B")
    assert not EVENT.mentions("7XY12345ZA678901C")


def test_an_event_is_printed_without_spaces_and_with_its_letters_as_they_are():
    assert EVENT.body == json.dumps(DOCUMENT, separators=(",", ":"), ensure_ascii=False).encode()
    assert "€".encode() in EVENT.body


def test_a_dispute_is_named_by_its_dispute_id():
    event = made_up("CUSTOMER.DISPUTE.CREATED", {"dispute_id": "PP-D-1"}, provider="paypal")
    assert event.object_id == "PP-D-1"
    assert event.document["resource_type"] == "dispute"
    assert "resource_version" not in event.document


@pytest.mark.parametrize(
    ("form", "changed"),
    [
        ("compact", set()),
        ("with its keys in another order", set()),
        ("indented differently", set()),
        ("with another API version", {"event_version"}),
        ("of the wrong mode", {"resource"}),
        ("of another account", {"resource"}),
        ("of an unknown type", {"event_type", "id"}),
        ("under a new event id", {"id"}),
        ("with no object inside", {"resource", "id"}),
        ("with a list for an object", {"resource", "id"}),
    ],
)
def test_a_form_changes_just_what_it_says(form, changed):
    after = json.loads(variant(form).parcel(EVENT, form).body)
    assert {key for key in {*DOCUMENT, *after} if DOCUMENT.get(key) != after.get(key)} == changed


def test_the_sizes_and_breakages_of_odd_bodies():
    bodies = {name: form.body(EVENT) for name, form in VARIANTS.items()}
    assert bodies["with an empty body"] == b""
    assert len(bodies["with a body of two megabytes"]) > 2 * 1024 * 1024
    with pytest.raises(ValueError, match=r"."):
        json.loads(bodies["with malformed JSON"])
    assert bodies["nested a thousand deep"].count(b"{") > 1000
    assert set(json.loads(bodies["with fields nobody knows"])["resource"]) > set(DOCUMENT["resource"])


def test_an_event_mentions_what_its_links_end_with():
    refund = forged_object("payment refunded", ORDER, {"id": "CAPTURED0000000001"}, provider="paypal")
    event = made_up("PAYMENT.CAPTURE.REFUNDED", refund, provider="paypal")
    assert event.mentions("CAPTURED0000000001")
    assert not event.mentions("CAPTURED000000000")


def test_an_event_about_nobody_keeps_the_merchants_reference_and_no_id_of_paypals():
    body = variant("about an object nobody knows").body(EVENT)
    assert b"or_1" in body
    for known in ("4AB12345CD678901E", "7XY12345ZA678901B", DOCUMENT["id"]):
        assert known.encode() not in body
    inside = json.loads(body)["resource"]
    assert inside["links"][0]["href"].endswith(inside["id"])
    assert len(inside["id"]) == 17


def test_an_event_of_the_wrong_mode_points_to_the_live_host():
    body = variant("of the wrong mode").body(EVENT)
    assert b'"https://api.paypal.com/v2/payments/captures/4AB12345CD678901E"' in body


def test_an_event_without_optional_fields_still_says_what_happened():
    inside = json.loads(variant("without optional fields").body(EVENT))
    assert set(inside) == {"id", "create_time", "event_type", "resource_type", "resource_version", "resource"}
    assert "seller_protection" not in inside["resource"]
    assert inside["resource"]["status"] == "COMPLETED"


def test_an_event_can_be_made_older():
    ((parcel,),) = plan("again after three days")([EVENT])
    assert parcel.event.created == EVENT.created - 3 * 86400
    assert json.loads(parcel.body)["create_time"].startswith("2025-12-30T03:04:05")


def test_a_common_name_changes_paypals_own_field():
    assert altered(EVENT, type="X.Y").document["event_type"] == "X.Y"
    assert altered(EVENT, object={"id": "Z"}).object_id == "Z"
    assert altered(EVENT, summary="s").document["summary"] == "s"


@pytest.mark.parametrize("words", PAYPAL_NAMES)
def test_every_event_in_plain_words_can_be_forged_about_an_order(words):
    inside = forged_object(words, ORDER, provider="paypal")
    forged = made_up(type_of(words, "paypal"), inside, provider="paypal")
    assert forged.mentions(ORDER["id"], "or_1")
    assert fits(forged, words)
    assert forged.body == PAYPAL.printed(forged.document)


def test_a_forged_event_is_about_the_real_capture_where_there_is_one():
    capture = {"id": "REAL", "status": "PENDING", "amount": {"currency_code": "EUR", "value": "1.00"}}
    assert forged_object("payment succeeded", ORDER, capture, provider="paypal")["id"] == "REAL"
    paid = {**ORDER, "purchase_units": [{**ORDER["purchase_units"][0], "payments": {"captures": [capture]}}]}
    found = forged_object("payment succeeded", paid, provider="paypal")
    assert (found["id"], found["status"]) == ("REAL", "COMPLETED")


@pytest.mark.parametrize(("minor", "currency", "value"), [(4999, "eur", "49.99"), (500, "jpy", "500")])
def test_a_made_up_order_names_the_amount_and_the_reference(minor, currency, value):
    (unit,) = made_up_payment("or_9", minor, currency, provider="paypal")["purchase_units"]
    assert unit["amount"] == {"currency_code": currency.upper(), "value": value}
    assert unit["custom_id"] == "or_9"


def test_a_dispute_that_was_won_is_told_from_one_that_was_lost():
    inside = forged_object("dispute won", ORDER, provider="paypal")
    won = made_up("CUSTOMER.DISPUTE.RESOLVED", inside, provider="paypal")
    assert fits(won, "dispute won")
    assert not fits(won, "dispute lost")
    assert fits(won, "dispute closed")


def test_an_event_that_only_another_provider_has_does_not_apply():
    with pytest.raises(NotApplicable, match="PayPal passes no early fraud warnings on"):
        type_of("fraud warning", "paypal")
    with pytest.raises(NotApplicable, match="stripe has no event"):
        type_of("payment approved")


def test_an_unknown_event_names_the_nearest():
    with pytest.raises(HarnessError, match="did you mean 'subscription suspended'"):
        type_of("subscription suspend", "paypal")
