"""Refunds: pending first, then done or not; what cannot be refunded; what they tell."""

import uuid

import pytest
from seller import code, euros


def test_a_refund_is_pending_and_then_completed(seller):
    paid = seller.paid(5000)
    made = seller.refund(paid["id"], 2000, reason="too small").json()["refund"]
    assert (made["status"], made["reason"], made["payment_id"]) == ("PENDING", "too small", paid["id"])
    assert made["id"].startswith(f"{paid['id']}_")
    assert made["order_id"] != paid["order_id"]
    seller.later(seconds=60)
    done = seller.sdk.refunds.get(refund_id=made["id"]).refund
    assert done.status == "COMPLETED"
    after = seller.payment(paid["id"])
    assert (after["refunded_money"], after["refund_ids"]) == (euros(2000), [made["id"]])
    assert seller.read_order(paid["order_id"])["net_amounts"]["total_money"] == euros(3000)


def test_one_payment_with_its_refund_yields_twelve_events(seller, listener):
    seller.listen(listener.url)
    paid = seller.paid(5000)
    seller.later(seconds=30)
    seller.refund(paid["id"], 5000)
    seller.later(seconds=30)
    assert len(seller.told()) == 12
    assert sorted(set(seller.told())) == [
        "order.created",
        "order.updated",
        "payment.created",
        "payment.updated",
        "refund.created",
        "refund.updated",
    ]


@pytest.mark.parametrize(("end", "status"), [("complete", "COMPLETED"), ("reject", "REJECTED"), ("fail", "FAILED")])
def test_the_bank_decides_about_a_refund(seller, end, status):
    paid = seller.paid(5000)
    refund = seller.refund(paid["id"], 2000).json()["refund"]["id"]
    assert seller.sim(f"refunds/{refund}/{end}")["status"] == status
    left = {} if status == "COMPLETED" else euros(5000)
    assert seller.payment(paid["id"]).get("refunded_money") == (euros(2000) if not left else None)
    again = seller.control.post(f"/refunds/{refund}/{end}")
    assert again.status_code == 400


def test_what_a_failed_refund_held_back_can_be_refunded_again(seller):
    paid = seller.paid(5000)
    refund = seller.refund(paid["id"], 5000).json()["refund"]["id"]
    assert code(seller.refund(paid["id"], 1)) == (400, "REFUND_AMOUNT_INVALID")
    seller.sim(f"refunds/{refund}/fail")
    assert seller.refund(paid["id"], 5000).status_code == 200


def test_what_cannot_be_refunded_is_refused(seller):
    held = seller.paid(autocomplete=False)
    assert code(seller.refund(held["id"], 1)) == (400, "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION")
    seller.post(f"/v2/payments/{held['id']}/cancel")
    assert code(seller.refund(held["id"], 1)) == (400, "PAYMENT_NOT_REFUNDABLE")
    assert code(seller.refund("nothing", 1)) == (404, "NOT_FOUND")
    paid = seller.paid(500)
    assert code(seller.refund(paid["id"], 501)) == (400, "REFUND_AMOUNT_INVALID")
    assert code(seller.refund(paid["id"], 0)) == (400, "INVALID_VALUE")
    seller.sim("settings", over_refund_code="VALUE_TOO_HIGH")
    assert code(seller.refund(paid["id"], 501)) == (400, "VALUE_TOO_HIGH")
    assert code(seller.refund(paid["id"], 5, amount_money={"amount": 5, "currency": "USD"})) == (400, "INVALID_VALUE")
    assert code(seller.refund(paid["id"], 5, payment_version_token="old")) == (400, "VERSION_MISMATCH")
    assert code(seller.refund(paid["id"], 5, reason="x" * 193)) == (400, "VALUE_TOO_LONG")


def test_a_refund_without_a_payment_is_refused(seller):
    body = {"idempotency_key": "k", "amount_money": euros(5), "unlinked": True, "destination_id": "ccof:x"}
    assert seller.post("/v2/refunds", body).status_code == 400
    assert code(seller.post("/v2/refunds", {"idempotency_key": "k", "amount_money": euros(5)})) == (
        400,
        "MISSING_REQUIRED_PARAMETER",
    )


def test_a_payment_is_refunded_in_twenty_parts_at_most(seller):
    paid = seller.paid(5000)
    for _ in range(20):
        assert seller.refund(paid["id"], 1).status_code == 200
    assert code(seller.refund(paid["id"], 1)) == (400, "PAYMENT_NOT_REFUNDABLE")


def test_a_payment_of_two_years_ago_is_not_refunded(seller):
    paid = seller.paid(5000)
    seller.later(days=800)
    assert code(seller.refund(paid["id"], 1)) == (400, "PAYMENT_NOT_REFUNDABLE")


def test_a_disputed_payment_is_not_refunded(seller):
    paid = seller.paid(5000)
    dispute = seller.sim("disputes", payment=paid["id"])["id"]
    assert code(seller.refund(paid["id"], 1)) == (400, "PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE")
    seller.sim(f"disputes/{dispute}/resolve", outcome="won")
    assert seller.refund(paid["id"], 1).status_code == 200


def test_the_key_of_a_refund_works_once(seller):
    paid = seller.paid(5000)
    body = {"idempotency_key": "r1", "payment_id": paid["id"], "amount_money": euros(100)}
    assert seller.post("/v2/refunds", body).json() == seller.post("/v2/refunds", body).json()
    assert code(seller.post("/v2/refunds", body | {"amount_money": euros(200)})) == (400, "IDEMPOTENCY_KEY_REUSED")
    assert len(list(seller.sdk.refunds.list())) == 1


def test_refunds_are_listed_by_status(seller):
    paid = seller.paid(5000)
    done = seller.refund(paid["id"], 100).json()["refund"]["id"]
    seller.later(seconds=60)
    seller.refund(paid["id"], 200)
    found = seller.http.get("/v2/refunds", params={"status": "COMPLETED"}).json()["refunds"]
    assert [one["id"] for one in found] == [done]


def test_a_refund_of_the_dashboard_is_told_like_any_other(seller, listener):
    seller.listen(listener.url, "refund.created", "refund.updated")
    paid = seller.paid(5000)
    seller.sim("refunds", payment=paid["id"], amount=700)
    seller.later(seconds=60)
    assert seller.told() == ["refund.created", "refund.updated"]
    assert uuid.UUID(listener.received[0].event["event_id"])
    assert listener.received[0].event["data"]["object"]["refund"]["version"] == 1
