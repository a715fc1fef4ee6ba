"""Refunds: how much, how often, when they settle and what the balance says. Stripe, "Refund and cancel payments"."""

from __future__ import annotations

import pytest
import stripe
from simulated_shop import Shop, well_formed


def test_a_full_refund_settles_at_once(shop: Shop) -> None:
    intent = shop.pay(amount=5000)
    refund = shop.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 5000, intent.latest_charge)
    charge = shop.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (5000, True)
    assert [found.id for found in charge.refunds.data] == [refund.id]
    assert shop.event_types()[-2:] == ["refund.created", "charge.refunded"]
    movement = shop.v1.balance_transactions.retrieve(refund.balance_transaction)
    assert (movement.amount, movement.fee, movement.type) == (-5000, 0, "refund")
    well_formed(refund)


def test_partial_refunds_add_up(shop: Shop) -> None:
    intent = shop.pay(amount=5000)
    for amount, total, complete in ((2000, 2000, False), (3000, 5000, True)):
        shop.v1.refunds.create({"payment_intent": intent.id, "amount": amount})
        charge = shop.v1.charges.retrieve(intent.latest_charge)
        assert (charge.amount_refunded, charge.refunded) == (total, complete)
    assert shop.event_types().count("charge.refunded") == 2
    assert "refunds" not in shop.v1.charges.retrieve(intent.latest_charge)


def test_more_than_is_left_is_refused_in_words(shop: Shop) -> None:
    intent = shop.pay(amount=5000)
    shop.v1.refunds.create({"payment_intent": intent.id, "amount": 2000})
    with pytest.raises(
        stripe.InvalidRequestError, match=r"\$40\.00.*greater than unrefunded amount.*\$30\.00"
    ) as refusal:
        shop.v1.refunds.create({"payment_intent": intent.id, "amount": 4000})
    assert (refusal.value.param, refusal.value.code) == ("amount", None)


def test_what_was_refunded_cannot_be_refunded_again(shop: Shop) -> None:
    intent = shop.pay()
    shop.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.refunds.create({"payment_intent": intent.id})
    assert refusal.value.code == "charge_already_refunded"


def test_what_was_not_captured_is_cancelled_not_refunded(shop: Shop) -> None:
    intent = shop.pay(capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError, match="must cancel the PaymentIntent"):
        shop.v1.refunds.create({"payment_intent": intent.id})


def test_a_payment_without_a_charge_has_nothing_to_refund(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        shop.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError, match="payment_intent or charge"):
        shop.v1.refunds.create({})


def test_a_pending_refund_settles_later(shop: Shop) -> None:
    intent = shop.pay("pm_card_pendingRefund")
    refund = shop.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"
    shop.advance(60)
    assert shop.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert shop.event_types()[-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_pending_refund_can_be_called_back(shop: Shop) -> None:
    intent = shop.pay("pm_card_pendingRefund")
    refund = shop.v1.refunds.create({"payment_intent": intent.id})
    assert shop.v1.refunds.cancel(refund.id).status == "canceled"
    assert shop.v1.charges.retrieve(intent.latest_charge).amount_refunded == 0
    shop.advance(60)
    assert shop.v1.refunds.retrieve(refund.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.refunds.cancel(refund.id)


def test_a_refund_that_fails_later_returns_the_money_to_the_balance(shop: Shop) -> None:
    intent = shop.pay("pm_card_refundFail", amount=5000)
    refund = shop.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    shop.advance(60)
    refund = shop.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")
    assert (refund.failure_balance_transaction.amount, refund.failure_balance_transaction.type) == (
        5000,
        "refund_failure",
    )
    charge = shop.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert shop.event_types()[-2:] == ["refund.failed", "charge.refund.updated"]
    well_formed(refund)


def test_the_card_reference_comes_later(shop: Shop) -> None:
    intent = shop.pay()
    refund = shop.v1.refunds.create({"payment_intent": intent.id})
    assert refund.destination_details.card.reference_status == "pending"
    shop.advance(2 * 3600)
    card = shop.v1.refunds.retrieve(refund.id).destination_details.card
    assert (card.reference_status, bool(card.reference)) == ("available", True)


def test_a_refund_from_the_dashboard_has_no_request(shop: Shop) -> None:
    charge = shop.pay(amount=5000).latest_charge
    made = shop.control("POST", "refunds", charge=charge, amount=1200)
    assert (made["amount"], made["status"]) == (1200, "succeeded")
    assert shop.events("charge.refunded")[0].request.id is None
    failed = shop.control("POST", f"refunds/{made['id']}/fail", reason="lost_or_stolen_card")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")


def test_the_balance_is_the_sum_of_its_transactions(shop: Shop) -> None:
    first = shop.pay(amount=5000)
    shop.pay("pm_card_createDispute", amount=2000)
    shop.pay("pm_card_bypassPending", amount=1000)
    shop.pay(amount=700, currency="jpy")
    shop.v1.refunds.create({"payment_intent": first.id, "amount": 1500})
    movements = list(shop.v1.balance_transactions.list({"limit": 100}).auto_paging_iter())
    balance = shop.v1.balance.retrieve()
    for currency in ("usd", "jpy"):
        held = [side.amount for side in (*balance.available, *balance.pending) if side.currency == currency]
        assert sum(held) == sum(m.net for m in movements if m.currency == currency)
    assert all(movement.net == movement.amount - movement.fee for movement in movements)
    well_formed(balance)
    for movement in movements:
        well_formed(movement)


def test_pending_money_becomes_available(shop: Shop) -> None:
    shop.pay(amount=5000)
    before = shop.v1.balance.retrieve()
    assert (before.available[0].amount, before.pending[0].amount > 0) == (0, True)
    shop.advance(3 * 86400)
    after = shop.v1.balance.retrieve()
    assert (after.available[0].amount, after.pending[0].amount) == (before.pending[0].amount, 0)


def test_movements_are_found_by_source_but_not_by_dispute(shop: Shop) -> None:
    intent = shop.pay("pm_card_createDispute")
    dispute = shop.v1.disputes.list().data[0]
    assert len(shop.v1.balance_transactions.list({"source": intent.latest_charge}).data) == 1
    assert shop.v1.balance_transactions.list({"source": dispute.id}).data == []
    assert len(shop.v1.balance_transactions.list({"type": "adjustment"}).data) == 1


def test_charges_are_annotated_not_made(shop: Shop) -> None:
    charge = shop.pay().latest_charge
    updated = shop.v1.charges.update(charge, {"description": "x", "metadata": {"a": "b"}})
    assert (updated.description, updated.metadata["a"]) == ("x", "b")
    assert shop.events("charge.updated")[0].data.previous_attributes.to_dict() == {"description": None, "metadata": {}}
    with pytest.raises(stripe.InvalidRequestError, match="PaymentIntent"):
        shop.v1.charges.create({"amount": 100, "currency": "usd", "source": "tok_visa"})
    with pytest.raises(stripe.InvalidRequestError, match="Must provide source or customer"):
        shop.v1.charges.create({"amount": 100, "currency": "usd"})
    with pytest.raises(stripe.CardError) as missing:
        shop.v1.charges.create({"amount": 100, "currency": "usd", "customer": shop.v1.customers.create().id})
    assert missing.value.code == "missing"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.charges.retrieve("ch_nope")
    assert refusal.value.param == "id"


def test_the_older_addresses_of_refunds_and_disputes_still_work(shop: Shop) -> None:
    charge = shop.pay("pm_card_createDisputeInquiry", amount=5000).latest_charge
    shown = shop.http.post(f"/v1/charges/{charge}/refund", data={"amount": "1000"}).json()
    assert (shown["object"], shown["amount_refunded"]) == ("charge", 1000)
    made = shop.http.post(f"/v1/charges/{charge}/refunds", data={"amount": "500"}).json()
    assert (made["object"], made["amount"]) == ("refund", 500)
    assert len(shop.http.get(f"/v1/charges/{charge}/refunds").json()["data"]) == 2
    assert shop.http.get(f"/v1/charges/{charge}/dispute").json()["status"] == "warning_needs_response"
    assert shop.http.post(f"/v1/charges/{charge}/dispute/close").json()["status"] == "warning_closed"
    undisputed = shop.pay().latest_charge
    refusal = shop.http.get(f"/v1/charges/{undisputed}/dispute")
    assert (refusal.status_code, refusal.json()["error"]["message"]) == (404, f"No dispute for charge: {undisputed}")


def test_an_unknown_charge_is_named_as_an_id(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.refunds.create({"charge": "ch_nope"})
    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (404, "resource_missing", "id")
