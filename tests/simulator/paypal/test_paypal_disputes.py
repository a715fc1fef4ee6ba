"""Disputes: stages, whose turn it is, what the links allow, deadlines, and what becomes of the money."""

from __future__ import annotations

import json
import uuid

import pytest
from merchant import issues, money
from specification import conforms

FILE = "customer_disputes_v1"
BASE = "/v1/customer/disputes"
EVIDENCE = {"evidences": [{"evidence_type": "PROOF_OF_FULFILLMENT", "notes": "It was delivered on Monday."}]}
DAY = 86400


def opened(merchant, **more):
    """A dispute about a capture of 12.34."""
    capture = merchant.captured(custom_id="cart-7", invoice_id=None)
    return merchant.sim("disputes", capture=capture["id"], **more), capture["id"]


def act(merchant, dispute, action, body=None, **how):
    """A call of the seller's, checked against PayPal's file."""
    path = f"{BASE}/{dispute['dispute_id']}/{action}"
    answer = merchant.http.post(path, **how) if how else merchant.call("POST", path, body)
    conforms(FILE, "POST", f"{BASE}/{{id}}/{action}", answer)
    return answer


def done(merchant, dispute, action, body=None, **how):
    answer = act(merchant, dispute, action, body, **how)
    assert answer.status_code == 200, answer.text
    return read(merchant, dispute)


def read(merchant, dispute):
    answer = merchant.call("GET", f"{BASE}/{dispute['dispute_id']}")
    conforms(FILE, "GET", f"{BASE}/{{id}}", answer)
    assert answer.status_code == 200, answer.text
    return answer.json()


def links(dispute):
    return {one["rel"] for one in dispute["links"]} - {"self"}


def status(merchant, capture):
    return merchant.call("GET", f"/v2/payments/captures/{capture}").json()["status"]


def told(merchant):
    found = merchant.call("GET", "/v1/notifications/webhooks-events?page_size=50").json()["events"]
    return [one for one in reversed(found) if one["event_type"].startswith(("CUSTOMER.", "PAYMENT.CAPTURE.R"))]


def later(merchant, days):
    merchant.sim("clock/advance", seconds=days * DAY + 1)
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"


def test_a_claim_waits_for_the_seller_and_names_the_merchants_references(merchant):
    dispute, capture = opened(merchant)
    shown = read(merchant, dispute)
    assert shown["dispute_id"].startswith("PP-R-")
    assert "id" not in shown
    assert (shown["status"], shown["dispute_life_cycle_stage"]) == ("WAITING_FOR_SELLER_RESPONSE", "CHARGEBACK")
    assert shown["dispute_state"] == "REQUIRED_ACTION"
    assert shown["dispute_amount"] == money("12.34")
    (transaction,) = shown["disputed_transactions"]
    assert (transaction["seller_transaction_id"], transaction["custom"]) == (capture, "cart-7")
    assert links(shown) == {"provide_evidence", "provide_supporting_info", "accept_claim"}
    assert [(one["reason"], one["type"]) for one in shown["fund_movements"]] == [("HOLD_PLACED", "DEBIT")]


def test_opening_a_dispute_is_told_without_an_id(merchant):
    dispute, _ = opened(merchant)
    (event,) = told(merchant)
    assert event["event_type"] == "CUSTOMER.DISPUTE.CREATED"
    assert event["resource_type"] == "dispute"
    assert event["resource"]["dispute_id"] == dispute["dispute_id"]
    assert "id" not in event["resource"]
    assert event["resource"]["messages"] == []


def test_evidence_goes_to_review_once(merchant):
    dispute, _ = opened(merchant)
    shown = done(merchant, dispute, "provide-evidence", EVIDENCE)
    assert (shown["status"], shown["dispute_state"]) == ("UNDER_REVIEW", "UNDER_PAYPAL_REVIEW")
    assert shown["evidences"][0]["source"] == "SUBMITTED_BY_SELLER"
    assert "seller_response_due_date" not in shown
    again = act(merchant, dispute, "provide-evidence", EVIDENCE)
    assert (again.status_code, issues(again)) == (422, ["ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE"])


def test_evidence_comes_with_files(merchant):
    dispute, _ = opened(merchant)
    files = {
        "input": (None, json.dumps(EVIDENCE), "application/json"),
        "evidence-file": ("proof.pdf", b"%PDF-1.4", "application/pdf"),
    }
    shown = done(merchant, dispute, "provide-evidence", files=files)
    assert shown["evidences"][0]["documents"] == [{"name": "proof.pdf"}]
    assert shown["evidences"][0]["notes"] == "It was delivered on Monday."


@pytest.mark.parametrize("body", [{}, {"evidences": []}, {"evidences": [{"notes": "x"}]}, {"evidences": "x"}])
def test_evidence_without_a_kind_is_refused(merchant, body):
    dispute, _ = opened(merchant)
    assert act(merchant, dispute, "provide-evidence", body).status_code == 400
    assert read(merchant, dispute)["status"] == "WAITING_FOR_SELLER_RESPONSE"


def test_giving_in_refunds_the_buyer(merchant):
    dispute, capture = opened(merchant)
    shown = done(merchant, dispute, "accept-claim", {"note": "Sorry."})
    assert shown["dispute_outcome"] == {"outcome_code": "RESOLVED_BUYER_FAVOUR", "amount_refunded": money("12.34")}
    assert (shown["status"], shown["dispute_state"], links(shown)) == ("RESOLVED", "RESOLVED", set())
    assert status(merchant, capture) == "REFUNDED"
    assert [one["event_type"] for one in told(merchant)] == [
        "CUSTOMER.DISPUTE.CREATED",
        "PAYMENT.CAPTURE.REFUNDED",
        "CUSTOMER.DISPUTE.RESOLVED",
    ]


def test_a_partial_dispute_takes_back_its_part_only(merchant):
    dispute, capture = opened(merchant, amount="2.34")
    assert merchant.sim(f"disputes/{dispute['dispute_id']}/resolve", outcome="lost")["status"] == "RESOLVED"
    assert status(merchant, capture) == "PARTIALLY_REFUNDED"
    assert read(merchant, dispute)["dispute_outcome"]["amount_refunded"] == money("2.34")


def test_the_sandbox_decides_for_the_seller(merchant):
    dispute, capture = opened(merchant)
    assert act(merchant, dispute, "adjudicate", {"adjudication_outcome": "SELLER_FAVOR"}).status_code == 400
    shown = done(merchant, dispute, "provide-evidence", EVIDENCE)
    assert {"adjudicate", "require_evidence"} < links(shown)
    shown = done(merchant, dispute, "adjudicate", {"adjudication_outcome": "SELLER_FAVOR"})
    assert shown["dispute_outcome"]["outcome_code"] == "RESOLVED_SELLER_FAVOUR"
    assert [one["reason"] for one in shown["fund_movements"]] == ["HOLD_PLACED", "HOLD_RELEASED"]
    assert status(merchant, capture) == "COMPLETED"
    assert told(merchant)[-1]["event_type"] == "CUSTOMER.DISPUTE.RESOLVED"


def test_the_sandbox_decides_for_the_buyer_and_the_money_goes_back_with_a_fee(merchant):
    dispute, capture = opened(merchant)
    done(merchant, dispute, "provide-evidence", EVIDENCE)
    shown = done(merchant, dispute, "adjudicate", {"adjudication_outcome": "BUYER_FAVOR"})
    moved = [(one["reason"], one["affected_party"], one["amount"]["value"]) for one in shown["money_movements"]]
    assert moved == [
        ("DISPUTE_SETTLEMENT", "SELLER", "12.34"),
        ("DISPUTE_FEE", "SELLER", "15.00"),
        ("DISPUTE_SETTLEMENT", "BUYER", "12.34"),
    ]
    assert shown["adjudications"][0]["type"] == "RECOVER_FROM_SELLER"
    assert status(merchant, capture) == "REFUNDED"
    assert [one["event_type"] for one in told(merchant)][-2:] == [
        "PAYMENT.CAPTURE.REVERSED",
        "CUSTOMER.DISPUTE.RESOLVED",
    ]


def test_a_lost_claim_can_be_appealed_once_and_in_time(merchant):
    dispute, _ = opened(merchant)
    merchant.sim(f"disputes/{dispute['dispute_id']}/resolve", outcome="lost")
    assert (read(merchant, dispute)["dispute_state"], links(read(merchant, dispute))) == ("APPEALABLE", {"appeal"})
    shown = done(merchant, dispute, "appeal", EVIDENCE)
    assert (shown["status"], shown["dispute_life_cycle_stage"]) == ("UNDER_REVIEW", "PRE_ARBITRATION")
    shown = done(merchant, dispute, "adjudicate", {"adjudication_outcome": "BUYER_FAVOR"})
    assert (shown["dispute_state"], links(shown)) == ("RESOLVED", set())
    other, _ = opened(merchant)
    merchant.sim(f"disputes/{other['dispute_id']}/resolve", outcome="lost")
    later(merchant, 10)
    assert read(merchant, other)["dispute_state"] == "RESOLVED"
    assert act(merchant, other, "appeal", EVIDENCE).status_code == 422


def test_more_evidence_can_be_required(merchant):
    dispute, _ = opened(merchant)
    done(merchant, dispute, "provide-evidence", EVIDENCE)
    shown = done(merchant, dispute, "require-evidence", {"action": "SELLER_EVIDENCE"})
    assert shown["status"] == "WAITING_FOR_SELLER_RESPONSE"
    assert "PROOF_OF_DELIVERY_SIGNATURE" in {
        one["evidence_type"] for one in shown["evidences"] if one["source"] == "REQUESTED_FROM_SELLER"
    }
    assert done(merchant, dispute, "provide-evidence", EVIDENCE)["status"] == "UNDER_REVIEW"


def test_supporting_information_changes_nobodys_turn(merchant):
    dispute, _ = opened(merchant)
    shown = done(merchant, dispute, "provide-supporting-info", {"notes": "See the tracking number."})
    assert shown["status"] == "WAITING_FOR_SELLER_RESPONSE"
    assert shown["supporting_info"][0]["notes"] == "See the tracking number."


def test_a_seller_who_is_silent_loses_after_ten_days(merchant):
    dispute, capture = opened(merchant)
    later(merchant, 9)
    assert read(merchant, dispute)["status"] == "WAITING_FOR_SELLER_RESPONSE"
    later(merchant, 1)
    assert read(merchant, dispute)["dispute_outcome"]["outcome_code"] == "RESOLVED_BUYER_FAVOUR"
    assert status(merchant, capture) == "REFUNDED"


def refund(merchant, capture, value=None):
    body = {} if value is None else {"amount": money(value)}
    return merchant.call("POST", f"/v2/payments/captures/{capture}/refund", body, key=uuid.uuid4().hex)


@pytest.mark.parametrize("as_inquiry", [False, True])
def test_a_part_is_not_refunded_beside_an_open_case(merchant, as_inquiry):
    dispute, capture = opened(merchant, inquiry=as_inquiry)
    refused = refund(merchant, capture, "2.34")
    assert (refused.status_code, issues(refused)) == (422, ["TRANSACTION_DISPUTED"])
    assert "open case" in refused.json()["details"][0]["description"]
    merchant.sim(f"disputes/{dispute['dispute_id']}/resolve", outcome="won")
    assert refund(merchant, capture, "2.34").status_code == 201


@pytest.mark.parametrize("as_inquiry", [False, True])
def test_a_refund_of_the_whole_closes_an_open_case(merchant, as_inquiry):
    dispute, capture = opened(merchant, inquiry=as_inquiry)
    assert refund(merchant, capture).status_code == 201
    shown = read(merchant, dispute)
    assert (shown["status"], links(shown)) == ("RESOLVED", set())
    assert shown["dispute_outcome"] == {"outcome_code": "RESOLVED_BUYER_FAVOUR", "amount_refunded": money("12.34")}
    assert "money_movements" not in shown  # no fee: nobody had to decide
    assert status(merchant, capture) == "REFUNDED"
    assert [one["event_type"] for one in told(merchant)][-2:] == [
        "PAYMENT.CAPTURE.REFUNDED",
        "CUSTOMER.DISPUTE.RESOLVED",
    ]


def test_nothing_is_refunded_beside_a_chargeback_of_the_bank(merchant):
    dispute, capture = opened(merchant, reason="UNAUTHORISED", channel="EXTERNAL")
    assert read(merchant, dispute)["dispute_channel"] == "EXTERNAL"
    refused = refund(merchant, capture)
    assert (refused.status_code, issues(refused)) == (422, ["REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK"])
    assert status(merchant, capture) == "COMPLETED"


def test_a_disputed_capture_stays_completed_and_its_money_is_withheld(merchant):
    dispute, capture = opened(merchant)
    assert status(merchant, capture) == "COMPLETED"
    balances = merchant.call("GET", "/v1/reporting/balances?currency_code=USD").json()["balances"]
    assert balances[0]["withheld_balance"] == money("12.34")
    merchant.sim(f"disputes/{dispute['dispute_id']}/resolve", outcome="won")
    assert status(merchant, capture) == "COMPLETED"


def test_a_disputed_capture_can_show_as_partly_refunded_as_the_sandbox_was_seen_to(merchant):
    merchant.sim("settings", disputed_capture="partially_refunded")
    dispute, capture = opened(merchant)
    shown = merchant.call("GET", f"/v2/payments/captures/{capture}").json()
    assert shown["status"] == "PARTIALLY_REFUNDED"
    order = merchant.call("GET", f"/v2/checkout/orders/{shown['supplementary_data']['related_ids']['order_id']}").json()
    payments = order["purchase_units"][0]["payments"]
    assert payments["captures"][0]["status"] == "PARTIALLY_REFUNDED"
    assert "refunds" not in payments
    merchant.sim(f"disputes/{dispute['dispute_id']}/resolve", outcome="won")
    assert status(merchant, capture) == "COMPLETED"


def test_a_lost_claim_reverses_the_capture_and_names_the_chargeback(merchant):
    dispute, capture = opened(merchant)
    merchant.sim(f"disputes/{dispute['dispute_id']}/resolve", outcome="lost")
    reversal = next(one for one in told(merchant) if one["event_type"] == "PAYMENT.CAPTURE.REVERSED")
    assert reversal["resource"]["id"] == capture
    shown = merchant.call("GET", f"/v2/payments/captures/{capture}").json()
    assert (shown["status"], shown["status_details"]) == ("REFUNDED", {"reason": "CHARGEBACK"})


def test_evidence_is_never_a_draft(merchant):
    dispute, _ = opened(merchant)
    shown = done(merchant, dispute, "provide-evidence", {**EVIDENCE, "submit": False})
    assert shown["status"] == "UNDER_REVIEW"
    assert [one["source"] for one in shown["evidences"]] == ["SUBMITTED_BY_SELLER"]


@pytest.mark.parametrize(("as_inquiry", "stage"), [(False, "CHARGEBACK"), (True, "INQUIRY")])
def test_every_capture_can_be_disputed_at_once(merchant, as_inquiry, stage):
    reason = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"
    merchant.sim("settings", dispute_captures=reason, dispute_inquiries=as_inquiry)
    capture = merchant.captured()["id"]
    (found,) = merchant.call("GET", f"{BASE}?disputed_transaction_id={capture}").json()["items"]
    assert (found["reason"], found["dispute_life_cycle_stage"]) == (reason, stage)


# ---- inquiries -----------------------------------------------------------------------------------


def inquiry(merchant):
    return opened(merchant, inquiry=True)


def test_an_inquiry_withholds_its_amount_and_closes_by_itself(merchant):
    dispute, capture = inquiry(merchant)
    shown = read(merchant, dispute)
    assert (shown["dispute_life_cycle_stage"], shown["dispute_state"]) == ("INQUIRY", "OPEN_INQUIRIES")
    assert links(shown) == {"send_message", "make_offer", "provide_evidence", "accept_claim", "escalate"}
    assert [one["reason"] for one in shown["fund_movements"]] == ["HOLD_PLACED"]
    assert "money_movements" not in shown
    later(merchant, 20)
    shown = read(merchant, dispute)
    assert shown["dispute_outcome"] == {"outcome_code": "NONE"}
    assert [one["reason"] for one in shown["fund_movements"]] == ["HOLD_PLACED", "HOLD_RELEASED"]
    assert status(merchant, capture) == "COMPLETED"


def test_an_inquiry_that_is_escalated_becomes_a_claim(merchant):
    dispute, _ = inquiry(merchant)
    shown = done(merchant, dispute, "escalate", {"note": "We do not agree."})
    assert (shown["dispute_life_cycle_stage"], shown["status"]) == ("CHARGEBACK", "WAITING_FOR_SELLER_RESPONSE")
    assert [one["reason"] for one in shown["fund_movements"]] == ["HOLD_PLACED"]
    assert act(merchant, dispute, "send-message", {"message": "Hello?"}).status_code == 422


def test_a_message_is_shown(merchant):
    dispute, _ = inquiry(merchant)
    shown = done(merchant, dispute, "send-message", {"message": "It is on its way."})
    assert [(one["posted_by"], one["content"]) for one in shown["messages"]] == [("SELLER", "It is on its way.")]


def test_an_offer_that_is_taken_refunds_its_amount(merchant):
    dispute, capture = inquiry(merchant)
    offer = {"note": "Half?", "offer_type": "REFUND", "offer_amount": money("6.17")}
    shown = done(merchant, dispute, "make-offer", offer)
    assert shown["status"] == "WAITING_FOR_BUYER_RESPONSE"
    assert shown["offer"]["seller_offered_amount"] == money("6.17")
    shown = done(merchant, dispute, "accept-offer", {"note": "Fine."})
    assert shown["dispute_outcome"]["amount_refunded"] == money("6.17")
    assert [one["event_type"] for one in shown["offer"]["history"]] == ["PROPOSED", "ACCEPTED"]
    assert status(merchant, capture) == "PARTIALLY_REFUNDED"


def test_an_offer_that_is_not_taken_is_the_sellers_turn_again(merchant):
    dispute, _ = inquiry(merchant)
    done(merchant, dispute, "make-offer", {"note": "A new one?", "offer_type": "REPLACEMENT_WITHOUT_REFUND"})
    assert act(merchant, dispute, "make-offer", {"note": "x", "offer_type": "REFUND"}).status_code in {400, 422}
    shown = done(merchant, dispute, "deny-offer", {"note": "No."})
    assert shown["status"] == "WAITING_FOR_SELLER_RESPONSE"


def test_goods_that_come_back_are_refunded_when_the_seller_says_so(merchant):
    dispute, capture = inquiry(merchant)
    offer = {"note": "Send it back.", "offer_type": "REFUND_WITH_RETURN", "offer_amount": money("12.34")}
    done(merchant, dispute, "make-offer", offer)
    assert "acknowledge_return_item" in links(done(merchant, dispute, "accept-offer", {}))
    assert status(merchant, capture) == "COMPLETED"
    done(merchant, dispute, "acknowledge-return-item", {"acknowledgement_type": "ITEM_RECEIVED"})
    assert status(merchant, capture) == "REFUNDED"


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        ({"note": "x", "offer_type": "REFUND"}, 400),
        ({"note": "x", "offer_type": "REFUND", "offer_amount": money("99.00")}, 422),
        ({"note": "x", "offer_type": "REFUND", "offer_amount": money("1.00", "EUR")}, 422),
        ({"note": "x", "offer_type": "A_HUG"}, 400),
        ({"offer_type": "REFUND", "offer_amount": money("1.00")}, 400),
    ],
)
def test_an_offer_that_cannot_be_is_refused(merchant, offer, code):
    dispute, _ = inquiry(merchant)
    assert act(merchant, dispute, "make-offer", offer).status_code == code


# ---- the list ------------------------------------------------------------------------------------


def test_disputes_are_listed_filtered_and_paged(merchant):
    made = [opened(merchant) for _ in range(3)]
    merchant.sim(f"disputes/{made[0][0]['dispute_id']}/resolve", outcome="won")
    listed = merchant.call("GET", f"{BASE}?page_size=2")
    conforms(FILE, "GET", BASE, listed)
    assert [one["dispute_id"] for one in listed.json()["items"]] == [one["dispute_id"] for one, _ in made[:0:-1]]
    following = next(one["href"] for one in listed.json()["links"] if one["rel"] == "next")
    assert [one["dispute_id"] for one in merchant.http.get(following).json()["items"]] == [made[0][0]["dispute_id"]]
    resolved = merchant.call("GET", f"{BASE}?dispute_state=RESOLVED").json()["items"]
    assert [one["dispute_id"] for one in resolved] == [made[0][0]["dispute_id"]]
    of_one = merchant.call("GET", f"{BASE}?disputed_transaction_id={made[1][1]}").json()["items"]
    assert [one["dispute_id"] for one in of_one] == [made[1][0]["dispute_id"]]


@pytest.mark.parametrize(
    "query",
    [
        "start_time=2001-01-01T00:00:00Z",
        "start_time=2026-11-01T00:00:00Z&disputed_transaction_id=X",
        "page_size=51",
        "dispute_state=ANGRY",
        "next_page_token=PP-NOBODY",
    ],
)
def test_a_search_that_cannot_be_is_refused(merchant, query):
    answer = merchant.call("GET", f"{BASE}?{query}")
    conforms(FILE, "GET", BASE, answer)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [
        ("023", 403, "FORBIDDEN"),
        ("024", 404, "INVALID_RESOURCE_ID"),
        ("025", 406, "NOT_ACCEPTABLE"),
        ("026", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("027", 429, "RATE_LIMIT_REACHED"),
        ("028", 503, "SERVICE_UNAVAILABLE"),
        ("029", 500, "INTERNAL_SERVICE_ERROR"),
        ("030", 401, "AUTHORIZATION_ERROR"),
        ("031", 400, "VALIDATION_ERROR"),
    ],
)
def test_errors_can_be_asked_for_by_a_transaction_id(merchant, number, code, name):
    answer = merchant.call("GET", f"{BASE}?disputed_transaction_id=ERRDIS{number}")
    assert (answer.status_code, answer.json()["name"]) == (code, name)


def test_a_note_for_the_other_side_can_be_patched_and_nothing_else(merchant):
    dispute, _ = opened(merchant)
    path = f"{BASE}/{dispute['dispute_id']}"
    note = [{"op": "add", "path": "/communication_details/note", "value": "Call us."}]
    assert merchant.call("PATCH", path, note).status_code == 204
    assert read(merchant, dispute)["communication_details"] == {"note": "Call us."}
    wrong = merchant.call("PATCH", path, [{"op": "replace", "path": "/status", "value": "RESOLVED"}])
    conforms(FILE, "PATCH", f"{BASE}/{{id}}", wrong)
    assert wrong.status_code == 422
    assert merchant.call("PATCH", path, ["x"]).status_code == 422


def test_an_unknown_dispute_is_404(merchant):
    answer = merchant.call("GET", f"{BASE}/PP-R-NOB-1")
    conforms(FILE, "GET", f"{BASE}/{{id}}", answer)
    assert answer.status_code == 404


# ---- control -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "code", "money_back"),
    [
        ("won", "RESOLVED_SELLER_FAVOUR", "COMPLETED"),
        ("lost", "RESOLVED_BUYER_FAVOUR", "REFUNDED"),
        ("warning_closed", "CANCELED_BY_BUYER", "COMPLETED"),
    ],
)
def test_a_test_decides_an_inquiry(merchant, outcome, code, money_back):
    dispute, capture = inquiry(merchant)
    shown = merchant.sim(f"disputes/{dispute['dispute_id']}/resolve", outcome=outcome)
    assert shown["dispute_outcome"]["outcome_code"] == code
    assert status(merchant, capture) == money_back


def test_a_test_escalates_an_inquiry_and_a_claim_cannot_be_escalated(merchant):
    dispute, _ = inquiry(merchant)
    path = f"disputes/{dispute['dispute_id']}/resolve"
    assert merchant.sim(path, outcome="escalated")["dispute_life_cycle_stage"] == "CHARGEBACK"
    again = merchant.control.post(f"/{path}", json={"outcome": "escalated"})
    assert (again.status_code, "won or lost" in again.text) == (400, True)


def test_what_cannot_be_disputed_is_told_in_a_sentence(merchant):
    capture = merchant.captured()["id"]
    for body, code in (
        ({"capture": "NOBODY"}, 404),
        ({"capture": capture, "amount": "99.00"}, 400),
        ({"capture": capture, "reason": "BORED"}, 400),
        ({"capture": capture, "reason": "UNAUTHORISED", "inquiry": True}, 400),
        ({"capture": capture, "channel": "PIGEON"}, 400),
        ({"capture": capture, "channel": "EXTERNAL", "inquiry": True}, 400),
    ):
        assert merchant.control.post("/disputes", json=body).status_code == code
    merchant.sim("disputes", capture=capture)
    assert "already" in merchant.control.post("/disputes", json={"capture": capture}).text
