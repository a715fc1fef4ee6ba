"""Paying by Square: tokens of the card fields, payment links, holds, refunds, disputes, and what goes wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from lab import eventually
from square_lab import DECLINED, STRONG

CHARGE = {"intent": "CHARGE", "amount": "49.99", "currency_code": "EUR"}


def fulfilled(lab, order):
    eventually(lambda: lab.seen(order)["fulfilled"], what="the goods")


def test_a_token_pays_an_order_once_with_our_amount(square):
    order = square.order()
    begun = square.begin(order)
    assert begun["publishable_key"] == square.merchant["application_id"]
    assert (begun["payment"]["provider"], begun["payment"]["state"]) == ("square", "created")
    answer = square.hand_over(order, square.type_card()["token"])
    assert (answer.status_code, answer.json()["state"]) == (200, "paid")
    fulfilled(square, order)
    (paid,) = square.payments_of(order)
    assert (paid["total_money"], paid["status"]) == ({"amount": order.total, "currency": "EUR"}, "COMPLETED")
    assert paid["reference_id"] == begun["payment"]["id"]
    (asked,) = [
        one for one in square.asked_square("POST", "/v2/payments") if one["params"]["order_id"] == paid["order_id"]
    ]
    assert len(asked["params"]["idempotency_key"]) <= 45


def test_a_browser_cannot_say_what_it_pays(square):
    order = square.order()
    square.begin(order)
    answer = square.hand_over(order, square.type_card()["token"], amount=1)
    assert answer.status_code == 422
    assert square.payments_of(order) == []


def test_a_stranger_cannot_pay_an_order_and_a_token_without_a_payment_is_refused(square):
    order = square.order()
    token = square.type_card()["token"]
    assert square.hand_over(order, token).status_code == 409
    square.begin(order)
    url = f"{square.url}/orders/{order.id}/payments/token"
    assert square.http.post(url, json={"token": token}).status_code in {401, 403, 404}


def test_a_declined_card_says_so_and_another_one_pays(square):
    order = square.order()
    square.begin(order)
    seen = square.hand_over(order, square.type_card(DECLINED)["token"]).json()
    assert (seen["state"], seen["payment"]["state"]) == ("unpaid", "failed")
    assert seen["payment"]["decline"]["message"]
    assert square.hand_over(order, square.type_card()["token"]).json()["state"] == "paid"
    assert [one["status"] for one in square.payments_of(order)] == ["COMPLETED", "FAILED"]


def test_a_token_that_comes_twice_pays_once(square):
    order = square.order()
    square.begin(order)
    token = square.type_card()["token"]
    with ThreadPoolExecutor(6) as crowd:
        answers = list(crowd.map(lambda _: square.hand_over(order, token), range(6)))
    assert {answer.status_code for answer in answers} <= {200, 202, 409}
    square.until(order, "paid")
    assert len(square.payments_of(order)) == 1


def test_two_tokens_at_once_pay_once(square):
    order = square.order()
    square.begin(order)
    tokens = [square.type_card()["token"] for _ in range(4)]
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(lambda token: square.hand_over(order, token), tokens))
    square.until(order, "paid")
    assert [one["status"] for one in square.payments_of(order)] == ["COMPLETED"]


def test_a_used_token_asks_for_the_card_again(square):
    first = square.order()
    square.begin(first)
    token = square.type_card()["token"]
    square.hand_over(first, token)
    second = square.order()
    square.begin(second)
    seen = square.hand_over(second, token).json()
    assert (seen["state"], seen["payment"]["state"]) == ("unpaid", "failed")
    assert square.hand_over(second, square.type_card()["token"]).json()["state"] == "paid"


def test_a_card_whose_bank_asks_pays_after_the_answer(square):
    order = square.order()
    square.begin(order)
    seen = square.hand_over(order, square.type_card(STRONG)["token"]).json()
    assert seen["payment"]["decline"]
    asked = square.type_card(STRONG, CHARGE)["challenge"]
    square.http.post(asked["url"], data={"code": "123456"})
    token = square.http.get(f"{square.square_url}/web/challenges/{asked['id']}").json()["token"]
    assert square.hand_over(order, token).json()["state"] == "paid"


@pytest.mark.parametrize(
    "trouble",
    [
        {"action": "drop_response"},
        {"action": "reset"},
        {"action": "status", "status": 503},
        {"action": "status", "status": 429},
        {"action": "status", "status": 500, "body": "<html>a proxy</html>"},
    ],
    ids=["a lost answer", "a cut connection", "503", "429", "a proxy's page"],
)
def test_trouble_while_paying_charges_once(square, trouble):
    order = square.order()
    square.begin(order)
    square.square_fault(path="/v2/payments", **trouble)
    square.hand_over(order, square.type_card()["token"])
    square.until(order, "paid")
    assert len(square.payments_of(order)) == 1
    keys = {
        one["idempotency_key"] or one["params"].get("idempotency_key")
        for one in square.asked_square("POST", "/v2/payments")
        if one["params"].get("order_id") == order.payment["payment"]["provider_id"]
    }
    assert len(keys) == 1


def test_a_long_silence_is_settled_under_the_same_key(square):
    order = square.order()
    square.begin(order)
    square.square_fault("drop_response", path="/v2/payments", times=4)
    assert square.hand_over(order, square.type_card()["token"]).status_code == 202
    square.until(order, "paid")
    assert len(square.payments_of(order)) == 1


def test_a_payment_link_is_paid_and_its_order_stays_open(square):
    order = square.order()
    begun = square.begin(order, method="hosted")
    url = begun["redirect_url"]
    assert url.startswith(square.square_url)
    back = square.http.post(url, data={"instrument": "cnon:card-nonce-ok"})
    assert back.headers["location"] == f"{square.url}/orders/{order.id}/return"
    square.until(order, "paid")
    fulfilled(square, order)
    told = square.square("GET", f"/v2/orders/{square.seen(order)['payment']['provider_id']}")["order"]
    assert told["state"] == "OPEN"


def test_the_return_page_alone_brings_a_paid_link_in(square):
    square.hold_square()
    order = square.order()
    square.http.post(square.begin(order, method="hosted")["redirect_url"], data={"instrument": "cnon:card-nonce-ok"})
    assert square.seen(order)["state"] == "unpaid"
    assert square.come_back(order)["state"] == "paid"


def test_a_hold_is_captured_in_part(square):
    order = square.held_by_square()
    assert square.capture(order, amount=order.total - 1000).status_code == 200
    (paid,) = square.payments_of(order)
    assert (paid["status"], paid["total_money"]["amount"]) == ("COMPLETED", order.total - 1000)


def test_a_hold_is_released(square):
    order = square.held_by_square()
    assert square.staff("POST", f"orders/{order.id}/cancel").status_code == 200
    assert square.until(order, "cancelled")
    assert [one["status"] for one in square.payments_of(order)] == ["CANCELED"]


def test_a_hold_lapses_after_a_week(square):
    order = square.held_by_square()
    square.later(8 * 86400)
    square.until(order, "cancelled")
    assert square.capture(order).status_code == 409


def test_an_unpaid_order_is_cancelled_at_square_too(square):
    order = square.order()
    begun = square.begin(order)
    assert (
        square.http.post(f"{square.url}/orders/{order.id}/cancel", headers=order.headers).json()["state"] == "cancelled"
    )
    told = square.square("GET", f"/v2/orders/{begun['payment']['provider_id']}")["order"]
    assert told["state"] == "CANCELED"
    assert square.hand_over(order, square.type_card()["token"]).status_code == 409


def test_an_unpaid_link_is_taken_back(square):
    order = square.order()
    url = square.begin(order, method="hosted")["redirect_url"]
    square.http.post(f"{square.url}/orders/{order.id}/cancel", headers=order.headers)
    square.until(order, "cancelled")
    assert square.http.get(url).status_code in {404, 410}


def test_refunds_are_under_way_and_then_done(square):
    order = square.paid_by_square()
    made = square.refund(order, amount=1000)
    assert made.status_code in {200, 201, 202}, made.text
    square.later(60)
    square.until(order, "part_refunded")
    seen = square.inspect(order)
    assert [(one["amount"], one["state"]) for one in seen["refunds"]] == [(1000, "succeeded")]


def test_a_lost_answer_to_a_refund_refunds_once(square):
    order = square.paid_by_square()
    square.square_fault("drop_response", path="/v2/refunds")
    square.refund(order, amount=1000)
    square.later(60)
    square.until(order, "part_refunded")
    assert len(square.payments_of(order)[0]["refund_ids"]) == 1


def test_a_refund_that_the_bank_sends_back_leaves_the_order_paid(square):
    order = square.paid_by_square()
    square.square_desk("POST", "settings", refund_outcome="FAILED")
    square.refund(order, amount=1000)
    square.later(60)
    square.square_desk("POST", "settings", refund_outcome="COMPLETED")
    eventually(lambda: [one["state"] for one in square.inspect(order)["refunds"]] == ["failed"], what="a failed refund")
    assert square.inspect(order)["refunded"] == 0


def test_a_refund_of_the_dashboard_is_taken_in(square):
    order = square.paid_by_square()
    square.square_desk("POST", "refunds", payment=square.payments_of(order)[0]["id"], amount=700)
    square.later(60)
    eventually(lambda: square.inspect(order)["refunded"] == 700, what="the refund")


def test_a_dispute_is_told_and_accepted(square):
    order = square.paid_by_square()
    payment = square.payments_of(order)[0]["id"]
    dispute = square.square_desk("POST", "disputes", payment=payment, reason="NO_KNOWLEDGE")["id"]
    square.until(order, "disputed")
    assert square.inspect(order)["disputes"][0]["state"] == "needs_response"
    assert square.staff("POST", f"disputes/{dispute}/accept").status_code == 200
    square.until(order, "lost")


def test_evidence_is_submitted_and_wins(square):
    order = square.paid_by_square()
    payment = square.payments_of(order)[0]["id"]
    dispute = square.square_desk("POST", "disputes", payment=payment, reason="NOT_RECEIVED")["id"]
    square.until(order, "disputed")
    body = {"text": "winning_evidence", "submit": True}
    assert square.staff("POST", f"disputes/{dispute}/evidence", json=body).status_code == 200
    square.later(7200)
    square.until(order, "paid")


def test_late_fees_move_no_goods_twice_and_the_ledger_balances(square):
    order = square.paid_by_square()
    square.later(30)
    square.quiet_square()
    fulfilments = [one for one in square.inspect(order)["effects"] if one["kind"] == "fulfilment"]
    assert len(fulfilments) == 1
    assert square.staff("GET", "ledger").json()["balanced"]


def test_reconciliation_finds_what_no_event_told(square):
    square.hold_square()
    order = square.order()
    square.http.post(square.begin(order, method="hosted")["redirect_url"], data={"instrument": "cnon:card-nonce-ok"})
    square.square_desk("POST", "deliveries/drop")
    assert square.seen(order)["state"] == "unpaid"
    square.reconcile()
    assert square.seen(order)["state"] == "paid"


def test_an_id_with_a_path_in_it_asks_square_nothing(square):
    before = len(square.square_desk("GET", "journal")["entries"])
    answer = square.staff("POST", "disputes/..%2Fpayments/accept")
    assert answer.status_code in {404, 405, 409, 422}
    paths = [one["path"] for one in square.square_desk("GET", "journal")["entries"][before:]]
    assert all(".." not in path for path in paths)


def test_yen_cannot_be_paid_at_a_location_that_takes_euros(square):
    order = square.order("teapot", currency="jpy")
    assert square.start_payment(order, provider="square").status_code == 422
