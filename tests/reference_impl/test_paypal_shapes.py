"""What PayPal's orders, refunds, disputes and statement lines mean to the shop."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.gateways import paypal_disputes, paypal_events, paypal_reports
from reference_impl.gateways import paypal_shapes as shapes
from reference_impl.gateways.errors import OutcomeUnknown
from reference_impl.gateways.truth import IntentStatus, RefundStatus
from reference_impl.payments import declines, rules
from reference_impl.payments.rules import PaymentState

EUR = {"currency_code": "EUR", "value": "49.99"}
SPLIT = {
    "gross_amount": EUR,
    "paypal_fee": {"currency_code": "EUR", "value": "2.13"},
    "net_amount": {"currency_code": "EUR", "value": "47.86"},
}
API = "https://api.sandbox.paypal.com/v2"


def capture(status="COMPLETED", **more):
    return {"id": "4AB12345CD678901E", "status": status, "amount": EUR, "seller_receivable_breakdown": SPLIT, **more}


def order(status="COMPLETED", source=None, links=(), **payments):
    unit = {"amount": EUR, "custom_id": "pay_1", "invoice_id": "or_1-1", "payments": payments}
    made = {
        "id": "7XY12345ZA678901B",
        "status": status,
        "purchase_units": [unit],
        "create_time": "2026-01-02T03:04:05Z",
        "links": list(links),
    }
    return {**made, "payment_source": source} if source else made


def intent(*args, **more):
    return shapes.intent(order(*args, **more), live=False, payer_url="https://payer")


# money


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(["eur", "usd", "jpy", "huf", "twd"]))
def test_an_amount_comes_back_as_it_went(amount, currency):
    written = shapes.value(amount, currency)
    assert shapes.minor(written) == amount
    assert ("." in written["value"]) is (currency in {"eur", "usd"})


def test_no_amount_is_made_from_a_fraction():
    assert shapes.value(5, "eur") == {"currency_code": "EUR", "value": "0.05"}
    assert shapes.value(4999, "jpy") == {"currency_code": "JPY", "value": "4999"}


@pytest.mark.parametrize("text", ["1.005", "one", "", "NaN", "Infinity"])
def test_an_amount_that_is_none_is_not_guessed_at(text):
    with pytest.raises(OutcomeUnknown):
        shapes.minor({"currency_code": "EUR", "value": text})


@given(st.lists(st.tuples(st.integers(1, 99_999), st.integers(1, 100)), min_size=1, max_size=8))
def test_the_breakdown_adds_up_whatever_is_in_the_cart(lines):
    total = sum(unit * quantity for unit, quantity in lines)
    body = shapes.order_params(
        {
            "method": "hosted",
            "capture": "automatic",
            "amount": total,
            "currency": "eur",
            "description": "Order or_1",
            "metadata": {"order_id": "or_1", "payment_id": "pay_1"},
            "lines": [{"name": "Tea" * 60, "unit": unit, "quantity": quantity} for unit, quantity in lines],
            "number": 1,
            "return_url": "https://tea.example/back",
            "cancel_url": "https://tea.example",
        }
    )
    [unit] = body["purchase_units"]
    items = sum(shapes.minor(one["unit_amount"]) * int(one["quantity"]) for one in unit["items"])
    assert items == shapes.minor(unit["amount"]["breakdown"]["item_total"]) == shapes.minor(unit["amount"]) == total
    assert all(len(one["name"]) <= 127 for one in unit["items"])


# orders


@pytest.mark.parametrize(
    ("data", "status", "over"),
    [
        (order("CREATED"), IntentStatus.CREATED, False),
        (order("SAVED"), IntentStatus.CREATED, False),
        (order("PAYER_ACTION_REQUIRED", {"paypal": {}}), IntentStatus.CREATED, False),
        (order("PAYER_ACTION_REQUIRED", {"card": {}}), IntentStatus.REQUIRES_ACTION, False),
        (order("APPROVED"), IntentStatus.PROCESSING, False),
        (order("VOIDED"), IntentStatus.CANCELLED, False),
        (order("SOMETHING_NEW"), IntentStatus.PROCESSING, False),
        (order(captures=[capture()]), IntentStatus.PAID, True),
        (order(captures=[capture("PARTIALLY_REFUNDED")]), IntentStatus.PAID, True),
        (order(captures=[capture("REFUNDED")]), IntentStatus.PAID, True),
        (order(captures=[capture("PENDING")]), IntentStatus.PROCESSING, True),
        (order(captures=[capture("DECLINED")]), IntentStatus.DECLINED, True),
        (order(captures=[capture("FAILED")]), IntentStatus.DECLINED, True),
        (order(captures=[capture("DECLINED"), capture()]), IntentStatus.PAID, True),
        (order(authorizations=[{"id": "8", "status": "CREATED"}]), IntentStatus.AUTHORISED, True),
        (order(authorizations=[{"id": "8", "status": "PENDING"}]), IntentStatus.PROCESSING, True),
        (order(authorizations=[{"id": "8", "status": "VOIDED"}]), IntentStatus.CANCELLED, True),
        (order(authorizations=[{"id": "8", "status": "DENIED"}]), IntentStatus.DECLINED, True),
        (order(authorizations=[{"id": "8", "status": "CAPTURED"}], captures=[capture()]), IntentStatus.PAID, True),
    ],
)
def test_what_became_of_an_order_stands_in_its_payments(data, status, over):
    found = shapes.intent(data, live=False, payer_url="https://payer")
    assert (found.status, found.over) == (status, over)
    assert found.approved is (data["status"] == "APPROVED")


def test_a_completed_order_with_a_declined_capture_is_a_decline_with_the_processors_code():
    found = intent(captures=[capture("DECLINED", processor_response={"response_code": "5120"})])
    assert (found.status, found.decline, found.amount_received) == (IntentStatus.DECLINED, "5120", 0)


def test_a_decline_without_any_reason_is_a_decline():
    assert intent(captures=[capture("DECLINED")]).decline == "generic_decline"
    details = {"status_details": {"reason": "DECLINED_BY_RISK_FRAUD_FILTERS"}}
    assert intent(captures=[capture("DECLINED", **details)]).decline == "DECLINED_BY_RISK_FRAUD_FILTERS"


@pytest.mark.parametrize(
    ("shift", "approved"), [("POSSIBLE", True), ("YES", True), ("NO", False), ("UNKNOWN", False), (None, True)]
)
def test_a_card_whose_bank_does_not_stand_for_the_payer_is_not_taken(shift, approved):
    card = {"authentication_result": {"liability_shift": shift}} if shift else {}
    found = intent("APPROVED", {"card": card})
    assert found.approved is approved
    if not approved:
        assert (found.status, found.over) == (IntentStatus.DECLINED, False)


def test_an_order_says_whose_it_is_and_what_it_cost():
    found = intent(captures=[capture()])
    assert found.metadata == {"order_id": "or_1", "payment_id": "pay_1"}
    assert (found.amount, found.amount_received, found.currency) == (4999, 4999, "eur")
    assert found.charge.movement is not None
    moved = found.charge.movement
    assert (moved.amount, moved.fee, moved.net, moved.id) == (4999, 213, 4786, "4AB12345CD678901E")
    assert "4AB12345CD678901E" in found.objects


def test_the_payer_is_sent_where_the_order_says_and_never_shown_in_a_log():
    link = {"rel": "payer-action", "href": "https://www.sandbox.paypal.com/checkoutnow?token=7XY"}
    found = intent("PAYER_ACTION_REQUIRED", {"paypal": {}}, links=[link])
    assert found.redirect_url == link["href"]
    assert link["href"] not in repr(found)
    assert intent("APPROVED").redirect_url == "https://payer"


def test_nothing_moves_before_paypal_says_what_it_keeps():
    pending = capture("PENDING", seller_receivable_breakdown={"gross_amount": EUR})
    assert intent(captures=[pending]).charge.movement is None


# approvals


def test_an_approval_that_was_turned_back_stays_so_though_paypal_calls_it_approved():
    approved = intent("APPROVED")
    seen = rules.as_it_stands(approved, "INSTRUMENT_DECLINED")
    assert (seen.status, seen.decline, seen.approved) == (IntentStatus.DECLINED, "INSTRUMENT_DECLINED", True)
    assert rules.as_it_stands(approved, rules.ACTION_REQUIRED).status is IntentStatus.REQUIRES_ACTION
    assert rules.as_it_stands(approved, None) is approved
    paid = intent(captures=[capture()])
    assert rules.as_it_stands(paid, "INSTRUMENT_DECLINED") is paid


@pytest.mark.parametrize(
    ("current", "proposed", "is_open", "over", "state", "stays_open"),
    [
        ("created", "failed", True, True, "failed", False),
        ("created", "failed", True, False, "failed", True),
        ("failed", "processing", False, False, "failed", False),
        ("failed", "paid", False, True, "paid", False),
        ("failed", "processing", True, False, "processing", True),
        ("processing", "failed", True, True, "failed", False),
        ("authorised", "failed", True, True, "authorised", True),
        ("paid", "cancelled", False, True, "paid", False),
    ],
)
def test_a_declined_card_ends_its_payment_and_a_declined_wallet_does_not(
    current, proposed, is_open, over, state, stays_open
):
    found = rules.after(PaymentState(current), PaymentState(proposed), is_open=is_open, over=over)
    assert found == (PaymentState(state), stays_open)


@pytest.mark.parametrize("code", ["9500", "9520", "5180", "TRANSACTION_REFUSED", "PAYER_ACCOUNT_RESTRICTED"])
def test_a_thief_learns_nothing_from_a_decline(code):
    assert declines.shown_code(code) == declines.GENERIC


def test_a_shopper_learns_what_helps():
    assert "insufficient funds" in declines.message("5120")
    assert "expired" in declines.message("5400")
    assert "PayPal" in declines.message("INSTRUMENT_DECLINED")


# refunds


def back(status="COMPLETED", **more):
    fee = {"currency_code": "EUR", "value": "0.10"}
    split = {"gross_amount": EUR, "paypal_fee": fee, "net_amount": {"currency_code": "EUR", "value": "49.89"}}
    up = {"rel": "up", "href": f"{API}/payments/captures/4AB12345CD678901E"}
    made = {"id": "9RF", "status": status, "amount": EUR, "seller_payable_breakdown": split, "links": [up]}
    return {**made, **more}


def test_a_refund_names_its_capture_by_a_link_alone():
    found = shapes.refund(back(custom_id="rf_1"), "7XY")
    assert (found.charge_id, found.metadata) == ("4AB12345CD678901E", {"refund_id": "rf_1"})
    assert (found.movement.amount, found.movement.fee, found.movement.net) == (-4999, -10, -4989)


def test_a_refund_with_another_reference_is_not_taken_for_ours():
    assert shapes.refund(back(custom_id="pay_1"), None).metadata == {}


def test_a_refund_that_fails_later_brings_back_what_it_took():
    failed = shapes.refund(back("FAILED"), None)
    done = shapes.refund(back(), None)
    assert failed.status is RefundStatus.FAILED
    assert (failed.movement, failed.reversal.net) == (None, -done.movement.net)
    assert failed.reversal.id != done.movement.id


@pytest.mark.parametrize("status", ["PENDING", "SOMETHING_NEW"])
def test_a_refund_under_way_has_moved_nothing(status):
    found = shapes.refund(back(status), None)
    assert (found.status, found.movement, found.reversal) == (RefundStatus.PENDING, None, None)


# disputes


def dispute(stage="CHARGEBACK", status="WAITING_FOR_SELLER_RESPONSE", outcome=None, **more):
    made = {
        "dispute_id": "PP-D-1",
        "dispute_life_cycle_stage": stage,
        "status": status,
        "reason": "UNAUTHORISED",
        "dispute_amount": EUR,
        "disputed_transactions": [{"seller_transaction_id": "4AB12345CD678901E"}],
        "seller_response_due_date": "2026-01-12T03:04:05.000Z",
        **more,
    }
    return {**made, "dispute_outcome": {"outcome_code": outcome}} if outcome else made


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (dispute("INQUIRY"), "warning_needs_response"),
        (dispute("INQUIRY", "WAITING_FOR_BUYER_RESPONSE"), "warning_under_review"),
        (dispute("INQUIRY", "RESOLVED", "CANCELED_BY_BUYER"), "warning_closed"),
        (dispute("INQUIRY", "RESOLVED", "ACCEPTED"), "lost"),
        (dispute(), "needs_response"),
        (dispute(status="UNDER_REVIEW"), "under_review"),
        (dispute(status="OPEN"), "under_review"),
        (dispute("PRE_ARBITRATION"), "needs_response"),
        (dispute(status="RESOLVED", outcome="RESOLVED_BUYER_FAVOUR"), "lost"),
        (dispute(status="RESOLVED", outcome="ACCEPTED"), "lost"),
        (dispute(status="RESOLVED", outcome="RESOLVED_SELLER_FAVOUR"), "won"),
        (dispute(status="RESOLVED", outcome="RESOLVED_WITH_PAYOUT"), "won"),
        (dispute(status="RESOLVED"), "won"),
    ],
)
def test_where_a_dispute_stands_in_one_word(data, word):
    assert paypal_disputes.dispute(data, None).status == word


def test_a_dispute_has_its_deadline_its_capture_and_what_it_is_about():
    found = paypal_disputes.dispute(dispute(), "7XY")
    assert (found.id, found.amount, found.currency, found.charge_id) == ("PP-D-1", 4999, "eur", "4AB12345CD678901E")
    assert found.due_by == 1768187045


def test_a_dispute_that_was_lost_in_part_is_about_that_part():
    part = {"currency_code": "EUR", "value": "10.00"}
    data = dispute(status="RESOLVED")
    data["dispute_outcome"] = {"outcome_code": "RESOLVED_BUYER_FAVOUR", "amount_refunded": part}
    assert paypal_disputes.dispute(data, None).amount == 1000


# events


def event(kind="PAYMENT.CAPTURE.COMPLETED", **resource):
    return {
        "id": "WH-1AA-2BB",
        "event_version": "1.0",
        "create_time": "2026-01-02T03:04:05.678Z",
        "event_type": kind,
        "resource": resource or {"id": "4AB"},
    }


@pytest.mark.parametrize(
    ("data", "about", "parent"),
    [
        (event(id="4AB", supplementary_data={"related_ids": {"order_id": "7XY"}}), "4AB", "7XY"),
        (event("PAYMENT.CAPTURE.REFUNDED", **back()), "9RF", "4AB12345CD678901E"),
        (event("CHECKOUT.ORDER.APPROVED", id="7XY"), "7XY", None),
        (event("CHECKOUT.PAYMENT-APPROVAL.REVERSED", order_id="7XY"), "7XY", None),
        (event("CUSTOMER.DISPUTE.CREATED", **dispute()), "PP-D-1", "4AB12345CD678901E"),
        (event(id="4AB", supplementary_data=[], links={}), "4AB", None),
        (event(id="4AB", supplementary_data={"related_ids": []}), "4AB", None),
    ],
)
def test_an_event_says_what_to_ask_about(data, about, parent):
    notice = paypal_events.read(json.dumps(data).encode())
    assert (notice.object_id, notice.parent_id, notice.id) == (about, parent, "WH-1AA-2BB")
    assert dataclasses.replace(notice) == paypal_events.listed(data)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {**event(), "id": 7},
        {**event(), "id": "WH 1"},
        {**event(), "id": "x" * 300},
        {**event(), "event_type": "WITH SPACE"},
        {**event(), "create_time": "yesterday"},
        {**event(), "resource": []},
        {**event(), "resource": {"id": "a\x00b"}},
        {**event(), "resource": {"id": {"deep": 1}}},
    ],
)
def test_what_is_no_event_is_refused(data):
    with pytest.raises(ValueError):  # noqa: PT011 - the door answers one sentence for all of them
        paypal_events.read(json.dumps(data).encode())


# the statement


def test_a_line_of_the_statement_has_its_fee_taken_off():
    line = {
        "transaction_id": "4AB",
        "transaction_event_code": "T0006",
        "transaction_initiation_date": "2026-01-02T03:04:05+0000",
        "transaction_amount": EUR,
        "fee_amount": {"currency_code": "EUR", "value": "-2.13"},
    }
    moved = paypal_reports.movement(line)
    assert (moved.kind, moved.amount, moved.fee, moved.net, moved.currency) == ("charge", 4999, 213, 4786, "eur")
    assert moved.created > 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [("T1107", "refund"), ("T1106", "dispute"), ("T1201", "dispute"), ("T0400", "other"), ("", "other")],
)
def test_kinds_of_lines(code, kind):
    assert paypal_reports.movement({"transaction_event_code": code}).kind == kind
