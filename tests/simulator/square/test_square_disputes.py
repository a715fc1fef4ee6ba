"""Disputes, customers."""

import pytest
from seller import code, euros


def disputed(seller, amount=8803):
    seller.paid(amount)
    seller.later(seconds=5)
    return seller.http.get("/v2/disputes").json()["disputes"][0]


@pytest.mark.parametrize(
    ("amount", "reason"),
    [(8801, "AMOUNT_DIFFERS"), (8803, "DUPLICATE"), (8804, "NO_KNOWLEDGE"), (8806, "NOT_RECEIVED")],
)
def test_a_test_amount_is_disputed(seller, amount, reason):
    one = disputed(seller, amount)
    assert (one["reason"], one["state"], one["amount_money"]) == (reason, "EVIDENCE_REQUIRED", euros(amount))
    assert one["due_at"].endswith("T00:00:00.000Z")
    assert one["version"] == 1


def test_evidence_as_text_and_file_is_submitted_and_wins(seller):
    one = disputed(seller)
    text = seller.sdk.disputes.create_evidence_text(
        dispute_id=one["id"], idempotency_key="e1", evidence_text="sent on Monday", evidence_type="TRACKING_NUMBER"
    )
    file = seller.sdk.disputes.create_evidence_file(
        dispute_id=one["id"],
        request={"idempotency_key": "e2", "evidence_type": "GENERIC_EVIDENCE"},
        image_file=("evidence_won.pdf", b"%PDF", "application/pdf"),
    )
    pieces = [piece.id for piece in seller.sdk.disputes.evidence.list(dispute_id=one["id"])]
    assert pieces == [text.evidence.id, file.evidence.id]
    assert seller.sdk.disputes.submit_evidence(dispute_id=one["id"]).dispute.state == "PROCESSING"
    assert seller.post(f"/v2/disputes/{one['id']}/accept").status_code == 400
    seller.later(hours=2)
    assert seller.sdk.disputes.get(dispute_id=one["id"]).dispute.state == "WON"


def test_losing_evidence_loses(seller):
    one = disputed(seller)
    seller.sdk.disputes.create_evidence_file(
        dispute_id=one["id"],
        request={"idempotency_key": "e2"},
        image_file=("evidence_lost.png", b"x", "image/png"),
    )
    seller.sdk.disputes.submit_evidence(dispute_id=one["id"])
    seller.later(hours=2)
    assert seller.sdk.disputes.get(dispute_id=one["id"]).dispute.state == "LOST"


def test_evidence_is_taken_back_before_it_is_submitted(seller):
    one = disputed(seller)
    body = {"idempotency_key": "e1", "evidence_text": "x"}
    piece = seller.post(f"/v2/disputes/{one['id']}/evidence-text", body).json()["evidence"]["id"]
    place = f"/v2/disputes/{one['id']}/evidence/{piece}"
    assert seller.http.get(place).status_code == 200
    assert seller.http.delete(place).json() == {}
    assert code(seller.http.get(place)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"idempotency_key": "e"}, "MISSING_REQUIRED_PARAMETER"),
        ({"idempotency_key": "e", "evidence_text": "x" * 501}, "VALUE_TOO_LONG"),
        ({"idempotency_key": "e", "evidence_text": "x", "evidence_type": "RUMOUR"}, "INVALID_ENUM_VALUE"),
    ],
)
def test_evidence_that_cannot_be_is_refused(seller, body, expected):
    one = disputed(seller)
    assert code(seller.post(f"/v2/disputes/{one['id']}/evidence-text", body)) == (400, expected)


def test_a_dispute_is_accepted(seller, listener):
    seller.listen(listener.url, "dispute.created", "dispute.state.updated")
    one = disputed(seller)
    assert seller.sdk.disputes.accept(dispute_id=one["id"]).dispute.state == "ACCEPTED"
    seller.later(seconds=1)
    first, last = (found.event for found in listener.received)
    assert (first["type"], first["location_id"]) == ("dispute.created", seller.location)
    assert last["data"]["object"]["dispute"]["state"] == "ACCEPTED"


def test_silence_loses_a_dispute(seller):
    one = disputed(seller)
    seller.later(days=15)
    assert seller.sdk.disputes.get(dispute_id=one["id"]).dispute.state == "LOST"


def test_a_question_of_the_bank_becomes_a_dispute_or_not(seller):
    paid = seller.paid(5000)
    one = seller.sim("disputes", payment=paid["id"], reason="NO_KNOWLEDGE", amount=3000, inquiry=True)
    assert (one["state"], one["amount_money"]) == ("INQUIRY_EVIDENCE_REQUIRED", euros(3000))
    assert seller.sim(f"disputes/{one['id']}/resolve", outcome="escalated")["state"] == "EVIDENCE_REQUIRED"
    assert seller.sim(f"disputes/{one['id']}/resolve", outcome="lost")["state"] == "LOST"
    assert seller.control.post(f"/disputes/{one['id']}/resolve", json={"outcome": "won"}).status_code == 400


def test_disputes_are_listed_by_state(seller):
    one = disputed(seller)
    assert seller.http.get("/v2/disputes", params={"states": "WON,LOST"}).json() == {}
    found = seller.http.get("/v2/disputes", params={"states": "EVIDENCE_REQUIRED"}).json()["disputes"]
    assert [found[0]["id"], found[0]["disputed_payment"]["payment_id"]] == [
        one["id"],
        one["disputed_payment"]["payment_id"],
    ]
    assert code(seller.http.get("/v2/disputes", params={"states": "LOUD"})) == (400, "INVALID_ENUM_VALUE")


def test_a_customer_lives(seller, listener):
    seller.listen(listener.url, "customer.created", "customer.updated")
    made = seller.sdk.customers.create(given_name="Ada", email_address="ada@shop.test", reference_id="u-7").customer
    done = seller.sdk.customers.update(customer_id=made.id, family_name="Lovelace", version=made.version).customer
    assert (done.family_name, done.version) == ("Lovelace", 1)
    found = seller.sdk.customers.search(query={"filter": {"email_address": {"exact": "ADA@shop.test"}}}).customers
    assert [one.id for one in found] == [made.id]
    seller.sdk.customers.delete(customer_id=made.id)
    assert code(seller.http.get(f"/v2/customers/{made.id}")) == (404, "NOT_FOUND")
    assert seller.told() == ["customer.created", "customer.updated"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"note": "nobody"}, "BAD_REQUEST"),
        ({"email_address": "nowhere"}, "INVALID_EMAIL_ADDRESS"),
        ({"phone_number": "call me"}, "INVALID_PHONE_NUMBER"),
    ],
)
def test_a_customer_has_a_name_or_an_address(seller, body, expected):
    assert code(seller.post("/v2/customers", body)) == (400, expected)


def test_a_search_finds_customers_late_on_demand(seller):
    seller.sim("settings", list_lag_seconds=30)
    seller.customer(given_name="Ada")
    assert seller.post("/v2/customers/search").json() == {}
    seller.later(seconds=31)
    assert len(seller.post("/v2/customers/search").json()["customers"]) == 1


def test_several_customers_have_answers_of_their_own(seller):
    sent = {"customers": {"a": {"given_name": "Ada"}, "b": {"email_address": "nowhere"}}}
    answers = seller.post("/v2/customers/bulk-create", sent).json()["responses"]
    assert answers["a"]["customer"]["given_name"] == "Ada"
    assert answers["b"]["errors"][0]["code"] == "INVALID_EMAIL_ADDRESS"
