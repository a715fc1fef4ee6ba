"""Square's events are read, changed, named and made up as the others' are, in Square's own shape."""

from __future__ import annotations

import json

import pytest

from harness.courier import (
    SQUARE,
    SQUARE_NAMES,
    VARIANTS,
    Event,
    SquareScheme,
    altered,
    fits,
    forged_object,
    forgery,
    made_up,
    made_up_payment,
    type_of,
    variant,
)
from harness.courier.signing import Key, Part, Signing
from harness.courier.square_signing import OLDER_HEADER
from harness.domain.verdicts import HarnessError, NotApplicable

URL = "https://shop.example/webhooks/square"
ORDER = made_up_payment("or_1", 4999, "eur", provider="square")
PAYMENT = {
    "id": "bYHgQqHiIrYQxqxFAbC7vXq3c6YZY",
    "status": "COMPLETED",
    "order_id": "cYHgQqHiIrYQxqxFAbC7vXq3c6YZY",
    "reference_id": "pay_1",
    "amount_money": {"amount": 4999, "currency": "EUR"},
    "total_money": {"amount": 4999, "currency": "EUR"},
    "note": "Zoë",
}
DOCUMENT = {
    "merchant_id": "ML8M1AQ1GQG2K",
    "type": "payment.updated",
    "event_id": "6a8f5f28-54a1-4eb0-a98a-3111513fd4fc",
    "created_at": "2026-01-02T03:04:05.678Z",
    "data": {"type": "payment", "id": PAYMENT["id"], "object": {"payment": PAYMENT}},
}
EVENT = Event.of(DOCUMENT)


def about(**changes):
    return altered(EVENT, object={**PAYMENT, **changes})


def test_an_event_is_read_from_squares_own_fields():
    assert (EVENT.id, EVENT.type, EVENT.object_id) == (DOCUMENT["event_id"], "payment.updated", PAYMENT["id"])
    assert (EVENT.created, EVENT.provider, EVENT.object) == (1_767_323_045, "square", PAYMENT)
    assert EVENT.mentions(PAYMENT["order_id"])


def test_an_event_is_printed_without_spaces_and_with_its_letters_as_they_are():
    assert EVENT.body == json.dumps(DOCUMENT, separators=(",", ":"), ensure_ascii=False).encode()
    assert "ë".encode() in EVENT.body


@pytest.mark.parametrize(
    ("words", "event"),
    [
        ("payment succeeded", about()),
        ("payment refunded", about(refund_ids=["r"], refunded_money={"amount": 1, "currency": "EUR"})),
        ("payment fee told", about(processing_fee=[{"amount_money": {"amount": 175, "currency": "EUR"}}])),
        ("payment failed", altered(about(status="FAILED"), type="payment.created")),
        ("payment failed", about(status="FAILED")),
        ("payment cancelled", about(status="CANCELED")),
        ("payment authorised", altered(about(status="APPROVED"), type="payment.created")),
        ("payment cancelled", made_up("order.updated", {"order_id": "o", "state": "CANCELED"}, provider="square")),
        ("dispute won", made_up("dispute.state.updated", {"id": "d", "state": "WON"}, provider="square")),
        ("dispute lost", made_up("dispute.state.updated", {"id": "d", "state": "ACCEPTED"}, provider="square")),
        ("refund failed", made_up("refund.updated", {"id": "r", "status": "REJECTED"}, provider="square")),
        ("refund updated", made_up("refund.updated", {"id": "r", "status": "COMPLETED"}, provider="square")),
    ],
)
def test_one_type_is_told_from_itself_by_the_object_inside(words, event):
    assert fits(event, words)
    others = {"payment succeeded", "payment failed", "dispute won", "refund failed", "payment refunded"} - {words}
    assert [other for other in others if fits(event, other)] == []


def test_what_square_does_not_tell_is_not_applicable_with_what_it_has_instead():
    with pytest.raises(NotApplicable, match="card form"):
        type_of("bank's check asked for", "square")
    with pytest.raises(NotApplicable, match="square has no event"):
        type_of("approval reversed", "square")
    with pytest.raises(HarnessError, match="did you mean 'payment succeeded'"):
        type_of("payment succeded", "square")


@pytest.mark.parametrize("words", sorted(SQUARE_NAMES))
def test_every_event_of_the_vocabulary_can_be_forged_about_an_order(words):
    inside = forged_object(words, ORDER, provider="square")
    event = made_up(type_of(words, "square"), inside, provider="square")
    assert event.object == inside
    assert event.object_id
    assert event.mentions(ORDER["id"]) or "disputed_payment" in inside


@pytest.mark.parametrize("form", ["of the wrong mode", "with another API version"])
def test_what_squares_events_do_not_say_cannot_be_said_otherwise(form):
    with pytest.raises(NotApplicable, match="Square's events name no"):
        variant(form).parcel(EVENT, form)


@pytest.mark.parametrize(
    "form", sorted(set(VARIANTS) - {"of the wrong mode", "with another API version", "signed with the key before"})
)
def test_every_other_form_can_be_made_of_it(form):
    parcel = variant(form).parcel(EVENT, form)
    assert isinstance(parcel.body, bytes)


def test_an_event_about_nobody_names_ids_that_square_never_gave():
    other = Event.of(json.loads(variant("about an object nobody knows").parcel(EVENT, "x").body))
    assert other.id != EVENT.id
    assert not SQUARE.ids(other.document) & SQUARE.ids(EVENT.document)


def test_an_id_with_a_path_in_it_stands_in_every_place_of_an_id():
    other = Event.of(json.loads(variant("about an id with a path in it").parcel(EVENT, "x").body))
    assert {one[:3] for one in SQUARE.ids(other.document)} == {"../"}


def test_bare_events_keep_what_a_receiver_needs():
    bare = Event.of(json.loads(variant("without optional fields").parcel(EVENT, "x").body))
    assert bare.object["order_id"] == PAYMENT["order_id"]
    assert "note" not in bare.object


def test_a_lowered_figure_is_another_body_of_the_same_length_class():
    tampered = forgery("a body altered after signing").tamper(EVENT.body)
    assert json.loads(tampered)["data"]["object"]["payment"]["total_money"]["amount"] == 1


def test_the_older_header_stands_alone():
    headers = SquareScheme(URL).headers(EVENT.body, ["key"], 0.0, forgery("the older header alone").signing)
    assert OLDER_HEADER in headers
    assert "x-square-hmacsha256-signature" not in headers


def test_the_key_before_signs_what_was_on_its_way():
    scheme, before = SquareScheme(URL), Signing(parts=(Part(key=Key.PREVIOUS),))
    name = scheme.header
    sent = scheme.headers(EVENT.body, ["new", "old"], 0.0, before)[name]
    assert sent == scheme.headers(EVENT.body, ["old"], 0.0)[name]
    assert sent != scheme.headers(EVENT.body, ["new"], 0.0)[name]
    with pytest.raises(HarnessError, match="not changed yet"):
        scheme.headers(EVENT.body, ["new"], 0.0, before)
