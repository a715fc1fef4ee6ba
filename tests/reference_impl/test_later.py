"""After the payment: capture, cancel, refunds, disputes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lab import eventually


def test_a_hold_is_captured_once_however_often_it_is_asked_for(lab):
    order = lab.held_on_card()
    assert lab.inspect(order)["ledger"] == []
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: lab.capture(order), range(3)))
    assert {one.status_code for one in answers} == {200}, [one.text for one in answers]
    seen = lab.inspect(order)
    assert (seen["state"], seen["captured"]) == ("paid", 10000)
    lab.books()


def test_a_part_is_captured_and_the_rest_released(lab):
    order = lab.held_on_card()
    assert lab.capture(order, amount=6000).status_code == 200
    seen = lab.inspect(order)
    assert (seen["state"], seen["captured"], seen["fulfilled"]) == ("paid", 6000, False)
    assert lab.capture(order, amount=6000).status_code == 200
    assert lab.capture(order, amount=1000).status_code == 409
    lab.books()


def test_no_more_is_captured_than_was_held(lab):
    order = lab.held_on_card()
    assert [lab.capture(order, amount=one).status_code for one in (10001, 0, -5)] == [409, 422, 422]
    assert lab.seen(order)["state"] == "authorised"


def test_a_released_hold_cannot_be_captured(lab):
    order = lab.held_on_card()
    assert lab.staff("POST", f"orders/{order.id}/cancel").json()["state"] == "cancelled"
    assert lab.capture(order).status_code == 409
    assert lab.seen(order)["state"] == "cancelled"


def test_what_was_captured_at_the_providers_desk_counts_as_captured(lab):
    order = lab.held_on_card()
    lab.hold()
    lab.stripe("POST", f"payment_intents/{order.payment['payment']['provider_id']}/capture")
    assert lab.capture(order).status_code == 200
    assert lab.inspect(order)["state"] == "paid"


def test_a_hold_that_lapses_cancels_the_order(lab):
    order = lab.held_on_card()
    lab.control("POST", "clock/advance", seconds=8 * 86400)
    lab.until(order, "cancelled")
    assert lab.capture(order).status_code == 409


def test_a_hold_that_lapses_unheard_cancels_the_order_all_the_same(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order, capture="manual")
    lab.control("POST", "clock/advance", seconds=8 * 86400)
    assert lab.come_back(order)["state"] == "cancelled"


def test_cancelling_an_unpaid_order_cancels_its_payment(lab):
    order = lab.order()
    lab.start_payment(order)
    answer = lab.http.post(f"{lab.url}/orders/{order.id}/cancel", headers=order.headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert lab.stripe("GET", f"payment_intents/{order.payment['payment']['provider_id']}")["status"] == "canceled"
    assert lab.start_payment(order).status_code == 409


def test_a_shopper_who_has_paid_unheard_cannot_cancel(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order)
    answer = lab.http.post(f"{lab.url}/orders/{order.id}/cancel", headers=order.headers)
    assert answer.status_code == 409
    assert lab.seen(order)["state"] == "paid"


def test_refunds_never_exceed_the_payment_even_at_the_same_moment(lab):
    order = lab.paid(sku="hamper")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: lab.refund(order, amount=6000), range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409], [one.text for one in answers]
    seen = lab.inspect(order)
    assert (seen["state"], seen["refunded"]) == ("part_refunded", 6000)
    assert lab.refund(order, amount=4001).status_code == 409
    assert lab.refund(order).status_code == 201
    assert lab.inspect(order)["state"] == "refunded"
    lab.books()


def test_one_refund_asked_for_many_times_is_made_once(lab):
    order = lab.paid(sku="hamper")
    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(lambda _: lab.refund(order, key="one wish".replace(" ", "-") + order.id, amount=4000), range(5))
        )
    assert {one.status_code for one in answers} == {201}, [one.text for one in answers]
    assert len({one.json()["refund"]["id"] for one in answers}) == 1
    assert lab.refund(order, key="one-wish" + order.id, amount=4500).status_code == 409
    lab.settled()
    assert lab.inspect(order)["refunded"] == 4000
    lab.books()


def test_a_refund_that_fails_later_reopens_the_order(lab):
    order = lab.paid("pm_card_refundFail")
    assert lab.refund(order).status_code == 201
    lab.control("POST", "clock/advance", seconds=10 * 86400)
    lab.until(order, "paid")
    seen = lab.inspect(order)
    assert (seen["refunded"], [one["state"] for one in seen["refunds"]]) == (0, ["failed"])
    assert lab.refund(order, amount=2000).status_code == 201
    lab.books()


def test_a_pending_refund_counts_against_the_payment(lab):
    order = lab.paid("pm_card_pendingRefund", sku="hamper")
    assert lab.refund(order, amount=8000).json()["refund"]["state"] == "pending"
    assert lab.inspect(order)["refunded"] == 0
    assert lab.refund(order, amount=8000).status_code == 409
    lab.control("POST", "clock/advance", seconds=10 * 86400)
    lab.until(order, "part_refunded")
    lab.books()


def test_a_refund_made_outside_reaches_the_books(lab):
    order = lab.paid(sku="hamper")
    lab.control("POST", "refunds", charge=lab.charge_of(order), amount=7000)
    lab.until(order, "part_refunded")
    assert lab.inspect(order)["refunds"][0]["origin"] == "provider"
    assert lab.refund(order, amount=4000).status_code == 409
    lab.books()


def test_a_dispute_freezes_refunds_takes_amount_and_fee_and_is_reversed_when_won(lab):
    order = lab.paid(sku="hamper")
    dispute = lab.control("POST", "disputes", charge=lab.charge_of(order))
    lab.until(order, "disputed")
    seen = lab.inspect(order)
    assert seen["disputed"] == 10000
    assert seen["disputes"][0]["evidence_due_by"]
    assert lab.refund(order).status_code == 409
    lab.books()
    answer = lab.staff("POST", f"disputes/{dispute['id']}/evidence", json={"text": "winning_evidence", "submit": True})
    assert answer.status_code == 200, answer.text
    lab.until(order, "paid")
    assert (lab.inspect(order)["disputed"], lab.inspect(order)["disputes"][0]["state"]) == (0, "won")
    lab.books()
    assert lab.refund(order).status_code == 201
    lab.books()


def test_an_accepted_dispute_is_lost(lab):
    order = lab.paid()
    dispute = lab.control("POST", "disputes", charge=lab.charge_of(order))
    lab.until(order, "disputed")
    assert lab.staff("POST", f"disputes/{dispute['id']}/accept").json()["state"] == "lost"
    assert lab.staff("POST", f"disputes/{dispute['id']}/accept").status_code == 200
    assert lab.refund(order).status_code == 409
    lab.books()


def test_an_inquiry_moves_no_money(lab):
    order = lab.paid()
    before = len(lab.inspect(order)["ledger"])
    lab.control("POST", "disputes", charge=lab.charge_of(order), inquiry=True)
    seen = eventually(lambda: lab.inspect(order), lambda one: one["disputes"], "the inquiry")
    assert (seen["state"], seen["disputes"][0]["inquiry"], len(seen["ledger"])) == ("paid", True, before)


def test_an_early_fraud_warning_is_shown_to_staff(lab):
    order = lab.paid()
    lab.control("POST", "early_fraud_warnings", charge=lab.charge_of(order))
    seen = eventually(lambda: lab.inspect(order), lambda one: one["warnings"], "a warning")
    assert (seen["state"], seen["warnings"][0]["code"]) == ("paid", "early_fraud_warning")
