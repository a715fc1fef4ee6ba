"""Square after the payment: conflicts of versions, replays months later, refunds beside a dispute, a bad minute."""

from __future__ import annotations

import json
import time

from lab import eventually

STALE = {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "VERSION_MISMATCH", "detail": "stale"}]}


def test_a_version_conflict_is_read_again_once(square):
    order = square.held_by_square()
    payment = square.payments_of(order)[0]["id"]
    square.square_fault("status", path=f"/v2/payments/{payment}/complete", status=400, body=STALE)
    assert square.capture(order).status_code == 200
    square.until(order, "paid")
    assert len(square.asked_square("POST", f"/v2/payments/{payment}/complete")) == 2


def test_a_conflict_while_closing_an_order_is_read_again_once(square):
    order = square.order()
    begun = square.begin(order)
    square.square_fault("status", method="PUT", path="/v2/orders/*", status=400, body=STALE)
    square.http.post(f"{square.url}/orders/{order.id}/cancel", headers=order.headers)
    square.until(order, "cancelled")
    told = square.square("GET", f"/v2/orders/{begun['payment']['provider_id']}")["order"]
    assert told["state"] == "CANCELED"


def test_a_delivery_of_months_ago_acts_once_however_often_it_comes(square):
    """Square's signature knows no time: the event's id alone tells a replay, for ever."""
    square.hold_square()
    order = square.paid_by_square()
    deliveries = square.square_desk("GET", "deliveries")["deliveries"]
    genuine = [one for one in deliveries if one["type"] == "payment.updated"][-1]
    square.square_desk("POST", f"deliveries/{genuine['id']}/send")
    square.later(90 * 86400)
    for _ in range(3):
        square.square_desk("POST", f"deliveries/{genuine['id']}/send")
    square.quiet_square()
    mine = [one for one in square.events() if one["event_id"] == genuine["event"]]
    assert [one["attempts"] for one in mine] == [1]
    assert len([one for one in square.inspect(order)["effects"] if one["kind"] == "fulfilment"]) == 1


def test_one_payment_told_of_by_different_events_ships_once(square):
    order = square.paid_by_square()
    payment = square.payments_of(order)[0]["id"]
    customer = square.square("POST", "/v2/customers", json={"given_name": "Ada"})["customer"]["id"]
    square.square_desk("POST", f"payments/{payment}/customer", customer_id=customer)
    square.square_desk("POST", f"payments/{payment}/processing_fee")
    square.quiet_square()
    assert len([one for one in square.inspect(order)["effects"] if one["kind"] == "fulfilment"]) == 1


def test_no_part_goes_back_while_the_payment_is_disputed(square):
    order = square.paid_by_square()
    payment = square.payments_of(order)[0]["id"]
    dispute = square.square_desk("POST", "disputes", payment=payment, reason="NO_KNOWLEDGE", amount=1000)["id"]
    square.until(order, "disputed")
    assert square.refund(order, amount=500).status_code in {402, 409, 422, 502}
    assert "refund_ids" not in square.payments_of(order)[0]
    square.square_desk("POST", f"disputes/{dispute}/resolve", outcome="won")
    square.until(order, "paid")
    assert square.refund(order, amount=500).status_code in {200, 201, 202}


def test_square_being_away_for_a_while_loses_nothing(square):
    order = square.order()
    square.begin(order)
    square.square_fault("status", path="/v2/*", status=503, method=None, times=5)
    square.hand_over(order, square.type_card()["token"])
    square.until(order, "paid")
    assert len(square.payments_of(order)) == 1


def test_a_flood_of_its_events_in_any_order_ends_right(square):
    square.hold_square()
    order = square.paid_by_square()
    square.refund(order, amount=700)
    square.later(60)
    deliveries = square.square_desk("GET", "deliveries", state="held")["deliveries"]
    for one in reversed(deliveries):
        square.square_desk("POST", f"deliveries/{one['id']}/send")
    for one in deliveries:
        square.square_desk("POST", f"deliveries/{one['id']}/send")
    eventually(lambda: square.inspect(order)["refunded"] == 700, what="the refund in the books")
    square.quiet_square()
    seen = square.inspect(order)
    assert (seen["captured"], seen["refunded"]) == (order.total, 700)
    assert square.staff("GET", "ledger").json()["balanced"]


def test_no_token_and_no_key_is_ever_logged(square):
    order = square.order()
    square.begin(order)
    token = square.type_card()["token"]
    square.hand_over(order, token)
    square.until(order, "paid")
    time.sleep(0)  # logs are written by the processes as they go
    logs = square.logs()
    for secret in (token, square.square_token, square.signature_key):
        assert secret not in logs
    assert json.dumps("4111111111111111") not in logs
