"""Paying: embedded and hosted, authentication, declines, currencies.

Over the real server, worker, database and simulator.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from lab import eventually


def test_a_paid_order_is_fulfilled_once_and_booked(lab):
    order = lab.paid()
    seen = eventually(lambda: lab.inspect(order), lambda one: one["fulfilled"], "fulfilment")
    assert (seen["captured"], seen["payment"]["state"]) == (4999, "paid")
    assert [one["kind"] for one in seen["effects"]].count("fulfilment") == 1
    lab.books()


@pytest.mark.parametrize(
    ("sku", "currency", "amount"), [("teapot", "usd", 5999), ("tea", "jpy", 5000), ("tea", "kwd", 5120)]
)
def test_each_currency_is_charged_in_its_own_minor_units(lab, sku, currency, amount):
    order = lab.paid(sku=sku, currency=currency)
    intent = lab.stripe("GET", f"payment_intents/{lab.seen(order)['payment']['provider_id']}")
    assert (intent["amount_received"], intent["currency"]) == (amount, currency)
    lab.books()


def test_a_declined_card_leaves_the_order_unpaid_and_another_card_pays_on_the_same_intent(lab):
    order = lab.order()
    lab.pay(order, "pm_card_chargeDeclinedInsufficientFunds")
    seen = eventually(lambda: lab.seen(order), lambda one: one["payment"].get("decline"), "a decline")
    assert (seen["state"], seen["payment"]["decline"]["code"]) == ("unpaid", "insufficient_funds")
    first = order.payment["payment"]["provider_id"]
    lab.pay(order)
    lab.until(order, "paid")
    assert order.payment["payment"]["provider_id"] == first


@pytest.mark.parametrize("card", ["pm_card_visa_chargeDeclinedLostCard", "pm_card_visa_chargeDeclinedStolenCard"])
def test_a_shopper_does_not_learn_that_a_card_is_wanted_but_staff_does(lab, card):
    order = lab.order()
    lab.pay(order, card)
    seen = eventually(lambda: lab.seen(order), lambda one: one["payment"].get("decline"), "a decline")
    assert seen["payment"]["decline"]["code"] == "generic_decline"
    assert lab.inspect(order)["payment"]["decline"]["code"] in {"lost_card", "stolen_card"}


def test_authentication_leaves_the_order_unpaid_until_it_is_passed(lab):
    order = lab.order()
    confirmed = lab.pay(order, "pm_card_authenticationRequired")
    assert confirmed["status"] == "requires_action"
    eventually(lambda: lab.seen(order), lambda one: one["payment"]["state"] == "requires_action", "the bank's check")
    assert lab.seen(order)["state"] == "unpaid"
    lab.pay(order)  # comes back, and pays with another card
    lab.until(order, "paid")


def test_clicking_many_times_makes_one_payment(lab):
    order = lab.order()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: lab.start_payment(order), range(12)))
    assert {one.status_code for one in answers} <= {200, 201}
    assert len({one.json()["payment"]["provider_id"] for one in answers}) == 1
    intents = lab.stripe("GET", "payment_intents", limit=100)["data"]
    assert sum(1 for one in intents if one["metadata"].get("order_id") == order.id) == 1


def test_paying_on_the_hosted_page(lab):
    order = lab.order("cup", quantity=3)
    answer = lab.start_payment(order, method="hosted")
    assert answer.status_code == 201, answer.text
    page = answer.json()["redirect_url"]
    assert page
    assert answer.json()["client_secret"] is None
    paid = lab.http.post(
        f"{lab.sim}/v1/payment_pages/{order.payment['payment']['provider_id']}/confirm",
        data={"payment_method": "pm_card_visa", "expected_amount": order.total, "key": f"pk_test_{lab.key}"},
    )
    assert paid.status_code == 200, paid.text
    lab.until(order, "paid")
    assert lab.inspect(order)["captured"] == 5997
    lab.books()


def test_another_way_to_pay_closes_the_first_one(lab):
    order = lab.order()
    lab.start_payment(order, method="hosted")
    session = order.payment["payment"]["provider_id"]
    lab.pay(order)
    lab.until(order, "paid")
    assert lab.stripe("GET", f"checkout/sessions/{session}")["status"] == "expired"


def test_a_paid_order_cannot_be_paid_again(lab):
    order = lab.paid()
    answer = lab.start_payment(order)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "order_not_payable")


def test_the_page_after_payment_asks_the_provider_and_ignores_its_own_address(lab):
    lab.hold()
    order = lab.order()
    lab.start_payment(order)
    assert lab.come_back(order, "?redirect_status=succeeded&payment_intent=pi_other")["state"] == "unpaid"
    lab.confirm(order)
    assert lab.come_back(order)["state"] == "paid"
    eventually(lambda: lab.seen(order), lambda one: one["fulfilled"], "fulfilment")


def test_an_amount_that_was_lowered_at_the_provider_is_held_and_not_fulfilled(lab):
    order = lab.order()
    lab.start_payment(order)
    lab.stripe("POST", f"payment_intents/{order.payment['payment']['provider_id']}", amount=100)
    lab.confirm(order)
    seen = eventually(lambda: lab.inspect(order), lambda one: one["warnings"], "a warning")
    lab.settled()
    seen = lab.inspect(order)
    assert (seen["state"], seen["held"], seen["fulfilled"]) == ("unpaid", True, False)
    assert seen["warnings"][0]["code"] == "payment_mismatch"
    lab.books()
