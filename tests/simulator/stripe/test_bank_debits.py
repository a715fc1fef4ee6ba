"""Payments whose outcome comes later: debits of American and European bank accounts."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from simulated_shop import Shop, well_formed


def test_a_debit_is_processing_until_the_bank_pays(shop: Shop) -> None:
    intent = shop.pay("pm_usBankAccount_success", 4999, "usd")
    assert (intent.status, intent.amount_received) == ("processing", 0)
    charge = shop.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.status, charge.paid, charge.balance_transaction) == ("pending", False, None)
    well_formed(intent)
    well_formed(charge)
    assert shop.event_types() == ["payment_intent.created", "charge.pending", "payment_intent.processing"]
    shop.advance(86400)
    paid = shop.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    assert (paid.status, paid.amount_received) == ("succeeded", 4999)
    assert paid.latest_charge.balance_transaction.type == "payment"
    assert shop.event_types()[-2:] == ["charge.succeeded", "payment_intent.succeeded"]
    well_formed(paid)


@pytest.mark.parametrize(
    ("method", "currency", "code"),
    [
        ("pm_usBankAccount_insufficientFunds", "usd", "insufficient_funds"),
        ("pm_usBankAccount_accountClosed", "usd", "account_closed"),
        ("pm_usBankAccount_noAccount", "usd", "no_account"),
        ("pm_usBankAccount_debitNotAuthorized", "usd", "debit_not_authorized"),
        ("pm_sepaDebit_failed_at", "eur", "payment_intent_payment_attempt_failed"),
        ("pm_sepaDebit_insufficientFunds_de", "eur", "insufficient_funds"),
    ],
)
def test_a_debit_that_the_bank_refuses_can_be_paid_otherwise(shop: Shop, method: str, currency: str, code: str) -> None:
    intent = shop.pay(method, 4999, currency)
    assert intent.status == "processing"
    shop.advance(86400)
    failed = shop.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
    assert (failed.last_payment_error.code, failed.latest_charge.failure_code) == (code, code)
    assert shop.event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    well_formed(failed)
    assert shop.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    assert shop.v1.balance_transactions.list().data[0].amount == 4999


def test_a_european_account_is_made_from_its_number(shop: Shop) -> None:
    params: Any = {
        "type": "sepa_debit",
        "sepa_debit": {"iban": "DE89 3704 0044 0532 0130 00"},
        "billing_details": {"name": "Jenny", "email": "jenny@example.com"},
    }
    method = shop.v1.payment_methods.create(params)
    assert (method.sepa_debit.country, method.sepa_debit.last4) == ("DE", "3000")
    well_formed(method)
    intent = shop.pay(method.id, 500, "eur", automatic_payment_methods=None, payment_method_types=["sepa_debit"])
    shop.advance(86400)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "succeeded"


@pytest.mark.parametrize(
    "params",
    [
        {"type": "sepa_debit", "sepa_debit": {"iban": "DE00000000000000000000"}},
        {"type": "us_bank_account", "us_bank_account": {"account_number": "123", "routing_number": "110000000"}},
    ],
)
def test_an_account_that_is_no_test_account_is_refused(shop: Shop, params: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="must use a test bank account number"):
        shop.v1.payment_methods.create(params)


def test_an_account_pays_in_its_own_currency_only(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="support the following currencies: usd"):
        shop.pay("pm_usBankAccount_success", 4999, "eur")
    with pytest.raises(stripe.InvalidRequestError, match="`manual` is not supported"):
        shop.pay("pm_sepaDebit_success_at", 4999, "eur", capture_method="manual")
    assert shop.v1.charges.list().data == []


def test_a_debit_that_is_disputed_is_lost_at_once(shop: Shop) -> None:
    intent = shop.pay("pm_sepaDebit_disputed_at", 4999, "eur")
    shop.advance(86400)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    (dispute,) = shop.v1.disputes.list({"payment_intent": intent.id}).data
    assert dispute.status == "lost"
    well_formed(dispute)


def test_a_debit_that_never_settles_can_be_cancelled(shop: Shop) -> None:
    intent = shop.pay("pm_usBankAccount_processing", 4999, "usd")
    shop.advance(30 * 86400)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "processing"
    assert shop.v1.payment_intents.cancel(intent.id).status == "canceled"


def test_radar_blocks_a_debit_of_the_highest_risk(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay("pm_usBankAccount_riskLevelHighest", 4999, "usd")
    assert refusal.value.error.decline_code == "fraudulent"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("method", "event", "payment_status"),
    [
        ("pm_sepaDebit_success_at", "checkout.session.async_payment_succeeded", "paid"),
        ("pm_sepaDebit_failed_at", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_checkout_completes_unpaid_and_says_later_what_came_of_it(
    shop: Shop, method: str, event: str, payment_status: str
) -> None:
    session = shop.checkout(payment_method_types=["card", "sepa_debit"])
    answer = shop.page.post(session.url, data={"email": "a@b.example", "payment_method": method})
    assert answer.status_code == 303
    done = shop.v1.checkout.sessions.retrieve(session.id)
    assert (done.status, done.payment_status) == ("complete", "unpaid")
    assert shop.event_types()[-1] == "checkout.session.completed"
    shop.advance(86400)
    assert shop.event_types()[-1] == event
    assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == payment_status
    for each in shop.events():
        well_formed(each)


def test_what_can_be_kept_but_not_paid_with_says_so(shop: Shop) -> None:
    method = shop.v1.payment_methods.create({"type": "klarna"})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.pay(method.id, 4999, "eur", automatic_payment_methods=None, payment_method_types=["klarna"])
    assert refusal.value.code == "not_simulated"
