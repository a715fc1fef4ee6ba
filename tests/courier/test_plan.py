"""Plans say which events go when and in which form; they are pure, so that they can be shown and repeated."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.courier import FORGERIES, NAMES, VARIANTS, fits, forged_object, forgery, made_up, plan, type_of, variant
from harness.courier.events import Event
from harness.courier.plan import delayed, dropped, every_order
from harness.domain.verdicts import HarnessError

EVENTS = [
    made_up(f"payment_intent.{name}", {"id": "pi_1", "amount": 4999}) for name in ("created", "processing", "succeeded")
]


def ids(batches):
    return [[parcel.event.id for parcel in batch] for batch in batches]


A, B, C = (event.id for event in EVENTS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("in order", [[A], [B], [C]]),
        ("in reverse order", [[C], [B], [A]]),
        ("all at once", [[A, B, C]]),
        ("twice", [[A], [A], [B], [B], [C], [C]]),
        ("once", [[A], [B], [C]]),
        ("three times at once", [[A] * 3, [B] * 3, [C] * 3]),
        ("4 times at once", [[A] * 4, [B] * 4, [C] * 4]),
        ("again after three days", [[A], [B], [C]]),
    ],
)
def test_a_plan_in_plain_words(words, expected):
    assert ids(plan(words)(EVENTS)) == expected


@given(st.integers())
def test_a_shuffle_loses_nothing_and_can_be_repeated(seed):
    first = ids(plan("shuffled", seed=seed)(EVENTS))
    assert sorted(first) == sorted([[A], [B], [C]])
    assert first == ids(plan("shuffled", seed=seed)(EVENTS))


def test_a_crowd_carries_every_event_twice_several_at_a_time():
    many = [made_up("charge.succeeded", {"id": f"ch_{number}"}) for number in range(20)]
    batches = plan("twice, shuffled, at once", seed=1)(many)
    flat = [one for batch in ids(batches) for one in batch]
    assert sorted(flat) == sorted([event.id for event in many] * 2)
    assert len(batches) < len(flat)


def test_every_order_of_three_events_are_six_plans():
    assert sorted(ids(batches) for batches in every_order(EVENTS)) == sorted(
        [[[x], [y], [z]] for x in (A, B, C) for y in (A, B, C) for z in (A, B, C) if len({x, y, z}) == 3]
    )


def test_events_can_be_dropped_and_delayed():
    assert ids(dropped(1, 3)(EVENTS)) == [[B]]
    assert [batch[0].after for batch in delayed(0.5)(EVENTS)] == [0.5] * 3


def test_copies_are_told_apart_in_their_receipts():
    assert [p.variant for p in plan("twice")(EVENTS)[0]] == ["as sent, 1 of 2"]


@pytest.mark.parametrize("words", ["backwards", "some times", "again after three weeks"])
def test_an_unknown_plan_says_what_can_be_written(words):
    with pytest.raises(HarnessError, match=r"is called|is not a number"):
        plan(words)


@pytest.mark.parametrize(("table", "look"), [(VARIANTS, variant), (FORGERIES, forgery)])
def test_an_unknown_form_names_the_nearest(table, look):
    name = next(iter(table))
    with pytest.raises(HarnessError, match=f"did you mean '{name}'"):
        look(f"{name}x")


@pytest.mark.parametrize(
    ("form", "changed"),
    [
        ("compact", set()),
        ("with its keys in another order", set()),
        ("indented differently", set()),
        ("with another API version", {"api_version"}),
        ("of the wrong mode", {"livemode"}),
        ("of another account", {"account"}),
        ("of an unknown type", {"type", "id"}),
        ("under a new event id", {"id"}),
    ],
)
def test_a_form_changes_just_what_it_says(form, changed):
    before, after = EVENTS[2].document, json.loads(variant(form).parcel(EVENTS[2], form).body)
    assert {key for key in {*before, *after} if before.get(key) != after.get(key)} == changed


def test_the_sizes_and_breakages_of_odd_bodies():
    bodies = {name: form.body(EVENTS[2]) for name, form in VARIANTS.items()}
    assert bodies["with an empty body"] == b""
    assert len(bodies["with a body of two megabytes"]) > 2 * 1024 * 1024
    with pytest.raises(ValueError, match=r"."):
        json.loads(bodies["with malformed JSON"])
    assert bodies["nested a thousand deep"].count(b"{") > 1000
    assert b'"pi_1"' not in bodies["about an object nobody knows"]


def test_a_delivery_that_no_provider_would_repeat_is_not_repeated():
    assert variant("as sent").again
    assert not variant("with malformed JSON").again


@pytest.mark.parametrize("words", NAMES)
def test_every_event_in_plain_words_can_be_forged_about_a_payment(words):
    payment = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 4999,
        "currency": "eur",
        "metadata": {"order": "or_1"},
    }
    forged = made_up(type_of(words), forged_object(words, payment))
    assert forged.mentions("pi_1")
    assert fits(forged, words)


def test_a_dispute_that_was_won_is_told_from_one_that_was_lost():
    won = made_up("charge.dispute.closed", {"id": "du_1", "status": "won"})
    assert fits(won, "dispute won")
    assert not fits(won, "dispute lost")
    assert fits(won, "charge.dispute.closed")


def test_an_unknown_event_names_the_nearest():
    with pytest.raises(HarnessError, match="did you mean 'payment succeeded'"):
        type_of("payment suceeded")


def test_events_are_printed_as_stripe_prints_them():
    event = Event.of({"id": "evt_1", "type": "x.y", "created": 1, "data": {"object": {"id": "o", "name": "é"}}})
    assert event.body.startswith(b'{\n  "id": "evt_1",\n')
    assert "é".encode() in event.body
