"""Paying by PayPal: the wallet and the card fields, and everything that is not simply paid."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from lab import eventually

from reference_impl import settings as configuration
from reference_impl.opening import opened
from reference_impl.payments import sync


def captures_asked(lab, order):
    return lab.asked_paypal("POST", f"/v2/checkout/orders/{order.payment['payment']['provider_id']}/capture")


def fulfilled(lab, order):
    lab.until(order, "paid")
    eventually(lambda: lab.seen(order)["fulfilled"], what="the goods")


def test_a_wallet_payment_is_taken_once_it_is_approved(paypal):
    order = paypal.order()
    begun = paypal.begin(order)
    assert begun["payment"]["provider"] == "paypal"
    assert begun["payment"]["state"] == "created"
    back = urlsplit(paypal.approve(order).headers["location"])
    assert back.path == f"/orders/{order.id}/return"
    assert parse_qs(back.query)["token"] == [begun["payment"]["provider_id"]]
    fulfilled(paypal, order)
    assert len(captures_asked(paypal, order)) == 1
    told = paypal.told(order)["purchase_units"][0]
    assert told["custom_id"] == begun["payment"]["id"]
    assert told["invoice_id"].startswith(order.id)
    assert told["amount"]["value"] == "49.99"


def test_the_browser_gets_what_paypals_fields_need(paypal):
    order = paypal.order()
    begun = paypal.begin(order, method="embedded")
    assert begun["publishable_key"] == paypal.client[0]
    assert begun["payment"]["provider_id"]
    assert begun["redirect_url"] is None
    paypal.confirm_card(order)
    assert paypal.come_back(order)["state"] == "paid"
    assert len(captures_asked(paypal, order)) == 1


def test_a_closed_browser_is_no_lost_payment(paypal):
    """The event alone brings it in."""
    fulfilled(paypal, paypal.pays())


def test_the_return_page_alone_brings_it_in(paypal):
    paypal.hold_paypal()
    order = paypal.pays()
    assert paypal.come_back(order)["state"] == "paid"


def test_paths_that_learn_of_an_approval_at_once_take_it_once(paypal):
    paypal.hold_paypal()
    order = paypal.pays()
    for delivery in paypal.held_by_paypal():
        paypal.desk("POST", f"deliveries/{delivery['id']}/send")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: paypal.come_back(order), range(6)))
    paypal.until(order, "paid")
    assert {one["idempotency_key"] for one in captures_asked(paypal, order)} == {
        f"payment:{order.payment['payment']['id']}:take:1"
    }
    assert len(paypal.captures_of(order)) == 1
    assert [one["kind"] for one in paypal.inspect(order)["effects"]].count("fulfilment") == 1


def test_what_was_taken_behind_our_back_is_looked_at_and_gone_on_with(paypal):
    paypal.hold_paypal()
    order = paypal.pays()
    path = f"/v2/checkout/orders/{order.payment['payment']['provider_id']}/capture"
    paypal.paypal("POST", path, json={})
    assert paypal.come_back(order)["state"] == "paid"
    assert len(paypal.captures_of(order)) == 1


def test_a_lost_answer_to_the_capture_is_settled_without_a_second_one(paypal):
    paypal.hold_paypal()
    order = paypal.pays()
    paypal.paypal_fault("drop_response", path="/v2/checkout/orders/*/capture")
    paypal.come_back(order)
    paypal.until(order, "paid")
    assert len(paypal.captures_of(order)) == 1
    assert len({one["idempotency_key"] for one in captures_asked(paypal, order)}) == 1


def test_a_lost_answer_to_the_start_is_asked_for_again_under_the_same_id(paypal):
    order = paypal.order()
    paypal.paypal_fault("drop_response", path="/v2/checkout/orders")
    paypal.begin(order)
    made = [one for one in paypal.asked_paypal("POST", "/v2/checkout/orders") if order.id in str(one["params"])]
    assert len(made) == 2
    assert len({one["idempotency_key"] for one in made}) == 1
    paypal.approve(order)
    paypal.until(order, "paid")


def test_a_dead_token_is_renewed_without_anybody_noticing(paypal):
    order = paypal.order()
    paypal.begin(order)
    paypal.desk("POST", "tokens/revoke")
    paypal.approve(order)
    paypal.until(order, "paid")


# declines


def test_a_declined_card_ends_the_payment_and_another_try_is_another_paypal_order(paypal):
    order = paypal.order()
    first = paypal.begin(order, method="embedded")["payment"]
    paypal.confirm_card(order, name="CCREJECT-IF")
    seen = paypal.come_back(order)
    assert (seen["state"], seen["payment"]["state"]) == ("unpaid", "failed")
    assert "insufficient funds" in seen["payment"]["decline"]["message"]
    second = paypal.begin(order, method="embedded")["payment"]
    assert second["provider_id"] != first["provider_id"]
    paypal.confirm_card(order)
    assert paypal.come_back(order)["state"] == "paid"


def test_a_stolen_card_is_declined_without_saying_so(paypal):
    order = paypal.order()
    paypal.begin(order, method="embedded")
    paypal.confirm_card(order, name="CCREJECT-LS")
    assert paypal.come_back(order)["payment"]["decline"]["code"] == "generic_decline"
    assert paypal.inspect(order)["payment"]["decline"]["code"] == "9520"


def test_a_declined_wallet_goes_back_to_paypal_with_the_same_order(paypal):
    order = paypal.order()
    first = paypal.begin(order)["payment"]
    paypal.approve(order, "declined")
    seen = paypal.payment_until(order, "failed")
    assert seen["payment"]["decline"]["code"] == "INSTRUMENT_DECLINED"
    paypal.come_back(order)
    paypal.quiet()
    assert len(captures_asked(paypal, order)) == 1, "one approval is tried once, however many tell of it"
    again = paypal.begin(order)
    assert again["payment"]["provider_id"] == first["provider_id"]
    assert again["redirect_url"]
    paypal.approve(order)
    paypal.until(order, "paid")
    assert len({one["idempotency_key"] for one in captures_asked(paypal, order)}) == 2


def test_after_three_declined_approvals_the_payment_is_given_up(paypal):
    order = paypal.order()
    first = paypal.begin(order)["payment"]
    for number in (1, 2, 3):
        paypal.approve(order, "declined")
        eventually(lambda: len(captures_asked(paypal, order)), lambda n, want=number: n == want, "another try")
        paypal.quiet()
    assert paypal.inspect(order)["payment"]["state"] == "failed"
    second = paypal.begin(order)["payment"]
    assert second["provider_id"] != first["provider_id"]
    paypal.approve(order)
    paypal.until(order, "paid")


def test_a_payer_who_has_to_act_is_sent_back(paypal):
    order = paypal.order()
    paypal.begin(order)
    paypal.approve(order, "PAYER_ACTION_REQUIRED")
    seen = paypal.payment_until(order, "requires_action")
    assert seen["state"] == "unpaid"
    assert paypal.begin(order)["redirect_url"]
    paypal.approve(order)
    paypal.until(order, "paid")


# pending


@pytest.mark.parametrize(("outcome", "state"), [("complete", "paid"), ("deny", "unpaid")])
def test_money_on_its_way_is_not_there_yet(paypal, outcome, state):
    order = paypal.pays(instrument="bank")
    seen = paypal.payment_until(order, "processing")
    assert (seen["state"], seen["fulfilled"]) == ("unpaid", False)
    [capture] = eventually(lambda: paypal.captures_of(order), what="the capture")
    assert capture["status"] == "PENDING"
    paypal.quiet()
    paypal.desk("POST", f"captures/{capture['id']}/{outcome}")
    paypal.payment_until(order, "paid" if state == "paid" else "failed")
    assert paypal.seen(order)["state"] == state


def test_an_order_with_money_on_its_way_is_not_called_off(paypal):
    order = paypal.pays(instrument="bank")
    eventually(lambda: paypal.captures_of(order), what="the capture")
    paypal.quiet()
    answer = paypal.http.post(f"{paypal.url}/orders/{order.id}/cancel", headers=order.headers)
    assert answer.status_code == 202
    assert paypal.seen(order)["payment"]["state"] == "processing"


# leaving


def test_a_payer_who_turns_away_can_come_again(paypal):
    order = paypal.order()
    first = paypal.begin(order)["payment"]
    back = urlsplit(paypal.turn_away(order).headers["location"])
    assert back.path == f"/orders/{order.id}"
    assert paypal.seen(order)["state"] == "unpaid"
    assert paypal.begin(order)["payment"]["provider_id"] == first["provider_id"]
    paypal.approve(order)
    paypal.until(order, "paid")


def test_an_order_that_was_called_off_is_not_taken_when_it_is_approved_all_the_same(paypal):
    order = paypal.order()
    paypal.begin(order)
    answer = paypal.http.post(f"{paypal.url}/orders/{order.id}/cancel", headers=order.headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    paypal.approve(order)
    paypal.come_back(order)
    paypal.quiet()
    assert paypal.seen(order)["state"] == "cancelled"
    assert captures_asked(paypal, order) == []


def test_an_approval_that_nobody_took_ends_as_cancelled(paypal):
    order = paypal.order()
    paypal.begin(order)
    paypal.paypal_fault("refuse", path="/v2/checkout/orders/*/capture", times=None)
    paypal.approve(order)
    paypal.payment_until(order, "processing")
    paypal.desk("POST", f"orders/{order.payment['payment']['provider_id']}/expire")
    paypal.desk("DELETE", "faults")
    paypal.payment_until(order, "cancelled", "failed")
    again = paypal.begin(order)["payment"]
    assert again["provider_id"] != order.id
    paypal.approve(order)
    paypal.until(order, "paid")


def test_an_order_that_expired_at_paypal_can_be_paid_with_another(paypal):
    order = paypal.order()
    first = paypal.begin(order)["payment"]
    paypal.desk("POST", f"orders/{first['provider_id']}/expire")
    second = paypal.begin(order)["payment"]
    assert second["provider_id"] != first["provider_id"]
    paypal.approve(order)
    paypal.until(order, "paid")


def test_another_way_to_pay_closes_the_one_before(paypal):
    order = paypal.order()
    first = paypal.begin(order)
    paypal.start_payment(order, provider="stripe")
    assert order.payment["payment"]["provider"] == "stripe"
    order.payment, kept = first, order.payment
    paypal.approve(order)
    paypal.come_back(order)
    paypal.quiet()
    assert captures_asked(paypal, order) == []
    order.payment = kept
    paypal.confirm(order)
    paypal.until(order, "paid")


def test_a_currency_that_paypal_does_not_take_is_refused_before_anything_is_asked(paypal):
    order = paypal.order(currency="kwd")
    answer = paypal.start_payment(order, provider="paypal", method="hosted")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "currency_not_taken"


def test_yen_have_no_decimals(paypal):
    order = paypal.order(currency="jpy")
    paypal.begin(order)
    paypal.approve(order)
    paypal.until(order, "paid")
    assert "." not in paypal.told(order)["purchase_units"][0]["amount"]["value"]


def test_what_was_approved_for_another_amount_is_not_taken(paypal):
    order = paypal.order()
    paypal.begin(order)
    amount = {"currency_code": "EUR", "value": "1.00"}
    unit = "/purchase_units/@reference_id=='default'"
    item = {"name": "Teapot", "quantity": "1", "unit_amount": amount}
    change = [
        {"op": "replace", "path": f"{unit}/items", "value": [item]},
        {"op": "replace", "path": f"{unit}/amount", "value": {**amount, "breakdown": {"item_total": amount}}},
    ]
    paypal.paypal("PATCH", f"/v2/checkout/orders/{order.payment['payment']['provider_id']}", json=change)
    paypal.approve(order)
    paypal.quiet()
    seen = paypal.inspect(order)
    assert (seen["state"], seen["captured"]) == ("unpaid", 0)
    assert "payment_mismatch" in {one["code"] for one in seen["warnings"]}
    assert captures_asked(paypal, order) == []


def test_an_invoice_that_was_paid_elsewhere_is_renamed_and_taken(paypal):
    """What happens after a database was restored: PayPal takes an invoice id once."""
    order = paypal.order()
    payment = paypal.begin(order)["payment"]
    invoice = paypal.told(order)["purchase_units"][0]["invoice_id"]
    unit = {"amount": {"currency_code": "EUR", "value": "1.00"}, "invoice_id": invoice}
    other = paypal.paypal("POST", "/v2/checkout/orders", json={"intent": "CAPTURE", "purchase_units": [unit]})
    paypal.desk("POST", f"orders/{other['id']}/approve")
    paypal.paypal("POST", f"/v2/checkout/orders/{other['id']}/capture", json={})
    paypal.approve(order)
    paypal.until(order, "paid")
    told = paypal.told(order)["purchase_units"][0]
    assert told["invoice_id"] == f"{invoice}-1"
    assert told["custom_id"] == payment["id"]
    assert len({one["idempotency_key"] for one in captures_asked(paypal, order)}) == 2


def test_an_approval_that_was_seen_by_somebody_who_died_is_taken_by_the_janitor(paypal, monkeypatch):
    paypal.hold_paypal()
    order = paypal.pays()
    for name, value in paypal.settings.items():
        monkeypatch.setenv(name, value)

    async def see_and_die():
        async with opened(configuration.load(), "test"):
            await sync.hear(order.payment["payment"]["id"], "test")

    asyncio.run(see_and_die())
    paypal.until(order, "paid")
    assert len(paypal.captures_of(order)) == 1
