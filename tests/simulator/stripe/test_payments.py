"""Payment intents from creation to capture, decline, cancellation: state, charge, events, errors."""

from __future__ import annotations

import pytest
import stripe
from simulated_shop import Shop, well_formed

NEVER = {"enabled": True, "allow_redirects": "never"}


def test_a_good_card_pays_at_once_and_leaves_a_charge_and_a_balance_transaction(shop: Shop) -> None:
    intent = shop.pay(
        amount=4999, currency="eur", metadata={"order": "7"}, expand=["latest_charge.balance_transaction"]
    )
    assert (intent.status, intent.amount_received, intent.capture_method) == ("succeeded", 4999, "automatic_async")
    charge = intent.latest_charge
    assert (charge.paid, charge.captured, charge.amount_captured, charge.refunded) == (True, True, 4999, False)
    assert charge.outcome.type == "authorized"
    assert charge.metadata["order"] == "7"
    assert charge.payment_method_details.card.last4 == "4242"
    movement = charge.balance_transaction
    assert (movement.amount, movement.net, movement.type) == (4999, 4999 - movement.fee, "charge")
    assert shop.event_types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    well_formed(intent)


def test_every_event_shows_the_object_as_it_was_then(shop: Shop) -> None:
    shop.pay()
    created, charged, paid = shop.events()
    assert created.data.object.status == "requires_payment_method"
    assert charged.data.object.status == "succeeded"
    assert paid.data.object.status == "succeeded"
    for event in (created, charged, paid):
        well_formed(event)
        assert event.request.id is not None
        assert event.request.idempotency_key is not None


def test_an_intent_waits_for_a_payment_method_then_for_confirmation(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd", "automatic_payment_methods": NEVER})
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    intent = shop.v1.payment_intents.update(intent.id, {"payment_method": "pm_card_visa"})
    assert intent.status == "requires_confirmation"
    intent = shop.v1.payment_intents.confirm(intent.id)
    assert intent.status == "succeeded"


@pytest.mark.parametrize(
    ("alias", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
    ],
)
def test_a_decline_is_a_402_that_keeps_the_failed_charge(shop: Shop, alias: str, code: str, decline_code: str) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay(alias)
    error = refusal.value.error
    assert (refusal.value.http_status, error.code, error.decline_code) == (402, code, decline_code)
    intent = shop.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.decline_code == decline_code
    assert intent.last_payment_error.payment_method.type == "card"
    assert intent.latest_charge == error.charge
    charge = shop.v1.charges.retrieve(error.charge)
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    assert charge.outcome.type == ("blocked" if alias == "pm_card_radarBlock" else "issuer_declined")
    assert shop.event_types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    well_formed(intent)
    well_formed(charge)


def test_after_a_decline_another_card_pays_the_same_intent_with_a_new_charge(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay("pm_card_chargeDeclined")
    intent_id = refusal.value.error.payment_intent.id
    intent = shop.v1.payment_intents.confirm(intent_id, {"payment_method": "pm_card_mastercard"})
    assert (intent.status, intent.last_payment_error) == ("succeeded", None)
    charges = shop.v1.charges.list({"payment_intent": intent_id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_an_authorisation_is_captured_in_full(shop: Shop) -> None:
    intent = shop.pay(capture_method="manual")
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 1000, 0)
    charge = shop.v1.charges.retrieve(intent.latest_charge)
    assert (charge.captured, charge.balance_transaction) == (False, None)
    assert charge.payment_method_details.card.capture_before == charge.created + 7 * 86400
    intent = shop.v1.payment_intents.capture(intent.id, {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 1000, 0)
    assert intent.latest_charge.balance_transaction is not None
    assert shop.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_a_partial_capture_releases_the_rest(shop: Shop) -> None:
    intent = shop.pay(capture_method="manual")
    intent = shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 600, "expand": ["latest_charge"]})
    assert (intent.amount, intent.amount_received) == (1000, 600)
    charge = intent.latest_charge
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (600, 400, False)
    refund = shop.v1.refunds.create({"payment_intent": intent.id})
    assert refund.amount == 600


def test_more_than_was_authorised_cannot_be_captured(shop: Shop) -> None:
    intent = shop.pay(capture_method="manual")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1001})
    assert (refusal.value.code, refusal.value.param) == ("amount_too_large", "amount_to_capture")


def test_cancelling_an_authorisation_releases_the_hold(shop: Shop) -> None:
    intent = shop.pay(capture_method="manual")
    intent = shop.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "requested_by_customer"})
    assert (intent.status, intent.cancellation_reason, intent.amount_capturable) == (
        "canceled",
        "requested_by_customer",
        0,
    )
    charge = shop.v1.charges.retrieve(intent.latest_charge)
    assert (charge.refunded, charge.captured) == (True, False)
    assert shop.event_types()[-2:] == ["charge.refunded", "payment_intent.canceled"]


def test_a_hold_lapses_after_seven_days(shop: Shop) -> None:
    intent = shop.pay(capture_method="manual")
    shop.advance(7 * 86400 - 60)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
    shop.advance(120)
    intent = shop.v1.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "automatic")
    expired, canceled = shop.events()[-2:]
    assert (expired.type, canceled.type) == ("charge.expired", "payment_intent.canceled")
    assert canceled.request.id is None


@pytest.mark.parametrize(
    ("call", "wording"),
    [
        ("confirm", "already succeeded"),
        ("cancel", "cannot cancel"),
        ("capture", "could not be captured"),
    ],
)
def test_a_paid_intent_refuses_what_no_longer_makes_sense_and_shows_itself(shop: Shop, call: str, wording: str) -> None:
    intent = shop.pay()
    with pytest.raises(stripe.InvalidRequestError, match=wording) as refusal:
        getattr(shop.v1.payment_intents, call)(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error.payment_intent.id == intent.id


def test_the_amount_of_a_paid_intent_is_final_but_its_metadata_is_not(shop: Shop) -> None:
    intent = shop.pay(metadata={"a": "1", "b": "2"})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.payment_intents.update(intent.id, {"amount": 1})
    assert refusal.value.code == "payment_intent_unexpected_state"
    intent = shop.v1.payment_intents.update(intent.id, {"metadata": {"a": "", "c": "3"}})
    assert intent.metadata.to_dict() == {"b": "2", "c": "3"}
    intent = shop.v1.payment_intents.update(intent.id, {"metadata": ""})
    assert intent.metadata.to_dict() == {}


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (0, "usd", "parameter_invalid_integer"),
        (-5, "usd", "parameter_invalid_integer"),
        (49, "usd", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
        (5001, "kwd", None),
    ],
)
def test_an_amount_that_cannot_be_charged_is_refused(shop: Shop, amount: int, currency: str, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert (refusal.value.code, refusal.value.param, refusal.value.http_status) == (code, "amount", 400)
    assert shop.v1.payment_intents.list().data == []


@pytest.mark.parametrize(("amount", "currency"), [(5000, "jpy"), (5000, "kwd"), (50, "eur"), (99_999_999, "usd")])
def test_currencies_without_and_with_three_decimals_are_charged(shop: Shop, amount: int, currency: str) -> None:
    assert shop.pay(amount=amount, currency=currency.upper()).currency == currency


def test_an_unknown_currency_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency: abc") as refusal:
        shop.v1.payment_intents.create({"amount": 100, "currency": "abc"})
    assert refusal.value.param == "currency"


def test_confirming_needs_a_return_url_unless_redirects_are_ruled_out(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa"})
    assert intent.automatic_payment_methods.to_dict() == {"allow_redirects": "always", "enabled": True}
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        shop.v1.payment_intents.confirm(intent.id)
    intent = shop.v1.payment_intents.confirm(intent.id, {"return_url": "https://shop.example/back"})
    assert intent.status == "succeeded"


def test_confirming_without_a_payment_method_is_refused(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd", "payment_method_types": ["card"]})
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as refusal:
        shop.v1.payment_intents.confirm(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_parameters_of_a_confirmation_are_refused_before_there_is_one(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.payment_intents.create({"amount": 1000, "currency": "usd", "off_session": True})
    assert refusal.value.param == "off_session"


def test_a_payment_method_of_another_customer_is_refused(shop: Shop) -> None:
    owner, other = shop.v1.customers.create(), shop.v1.customers.create()
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": owner.id})
    with pytest.raises(stripe.InvalidRequestError, match="does not belong to the Customer") as refusal:
        shop.pay(method.id, customer=other.id)
    assert refusal.value.param == "payment_method"


def test_a_payment_method_that_paid_without_a_customer_is_used_up(shop: Shop) -> None:
    method = shop.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    shop.pay(method.id)
    with pytest.raises(stripe.InvalidRequestError, match="previously used"):
        shop.pay(method.id)


def test_future_usage_saves_the_card_to_the_customer(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    intent = shop.pay(customer=customer.id, setup_future_usage="off_session")
    saved = shop.v1.customers.payment_methods.list(customer.id).data
    assert [method.id for method in saved] == [intent.payment_method]
    assert "payment_method.attached" in shop.event_types()
    again = shop.pay(intent.payment_method, customer=customer.id, off_session=True)
    assert again.status == "succeeded"


def test_intents_of_a_customer_are_listed(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    wanted = [shop.pay(customer=customer.id).id for _ in range(3)]
    shop.pay()
    assert [intent.id for intent in shop.v1.payment_intents.list({"customer": customer.id}).data] == wanted[::-1]


async def _pay_async(shop: Shop) -> stripe.PaymentIntent:
    return await shop.v1.payment_intents.create_async(
        {
            "amount": 1000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": NEVER,
        }
    )


@pytest.mark.anyio
async def test_the_asynchronous_client_gets_the_same(shop: Shop) -> None:
    assert (await _pay_async(shop)).status == "succeeded"


def test_a_missing_intent_is_a_404_that_names_the_parameter(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent: 'pi_nope'") as refusal:
        shop.v1.payment_intents.retrieve("pi_nope")
    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (404, "resource_missing", "intent")


def test_manual_capture_can_be_asked_for_cards_only(shop: Shop) -> None:
    intent = shop.pay(payment_method_options={"card": {"capture_method": "manual"}})
    assert (intent.status, intent.capture_method) == ("requires_capture", "automatic_async")


def test_a_receipt_can_be_read_without_a_key(shop: Shop) -> None:
    charge = shop.pay(amount=4999, description="<b>Shirt</b>", expand=["latest_charge"]).latest_charge
    answer = shop.page.get(charge.receipt_url)
    assert "$49.99" in answer.text
    assert "&lt;b&gt;Shirt" in answer.text


def test_failed_checks_decline_only_where_the_rule_is_on(shop: Shop) -> None:
    charge = shop.pay("pm_card_cvcCheckFail", expand=["latest_charge"]).latest_charge
    assert (charge.status, charge.payment_method_details.card.checks.cvc_check) == ("succeeded", "fail")
    shop.control(
        "POST",
        "settings",
        radar_declines_failed_cvc=True,
        radar_declines_failed_postal_code=True,
        radar_blocks_highest_risk=False,
        radar_reviews_elevated_risk=True,
    )
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay("pm_card_cvcCheckFail")
    assert refusal.value.code == "incorrect_cvc"
    zipped = shop.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"token": "tok_avsZipFail"},
            "billing_details": {"address": {"postal_code": "12345"}},
        }
    )
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay(zipped.id)
    assert refusal.value.code == "incorrect_zip"
    assert shop.pay("pm_card_riskLevelHighest").status == "succeeded"
    reviewed = shop.pay("pm_card_riskLevelElevated", expand=["latest_charge"]).latest_charge
    assert reviewed.outcome.type == "manual_review"


def test_a_failed_challenge_is_a_request_error_without_a_charge(shop: Shop) -> None:
    intent = shop.pay(
        "pm_card_authenticationRequired",
        automatic_payment_methods={"enabled": True},
        return_url="https://shop.example/back",
    )
    shop.page.post(intent.next_action.redirect_to_url.url, data={"outcome": "fail"})
    intent = shop.v1.payment_intents.retrieve(intent.id)
    error = intent.last_payment_error
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)
    assert (error.code, error.type) == ("payment_intent_authentication_failure", "invalid_request_error")
    assert "has failed authentication" in error.message


def test_manual_confirmation_is_confirmed_again_after_the_challenge(shop: Shop) -> None:
    intent = shop.pay(
        "pm_card_authenticationRequired", confirmation_method="manual", return_url="https://shop.example/back"
    )
    shop.page.post(intent.next_action.redirect_to_url.url, data={"outcome": "succeed"})
    assert shop.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"
    assert shop.v1.payment_intents.confirm(intent.id).status == "succeeded"
    waiting = shop.v1.payment_intents.create(
        {"amount": 1000, "currency": "usd", "confirmation_method": "manual", "payment_method": "pm_card_visa"}
    )
    with pytest.raises(stripe.InvalidRequestError, match="publishable key"):
        shop.browser.payment_intents.confirm(waiting.id, {"client_secret": waiting.client_secret})
