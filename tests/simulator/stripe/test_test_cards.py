"""Each documented test card does, over the API, what Stripe's "Testing" page says."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from simulated_shop import Shop, well_formed

from harness.simulator.stripe import cards


@pytest.mark.parametrize(
    ("method", "brand", "funding", "country"),
    [
        ("pm_card_visa", "visa", "credit", "US"),
        ("pm_card_visa_debit", "visa", "debit", "US"),
        ("pm_card_mastercard", "mastercard", "credit", "US"),
        ("pm_card_mastercard_prepaid", "mastercard", "prepaid", "US"),
        ("pm_card_amex", "amex", "credit", "US"),
        ("pm_card_discover", "discover", "credit", "US"),
        ("pm_card_diners", "diners", "credit", "US"),
        ("pm_card_jcb", "jcb", "credit", "JP"),
        ("pm_card_unionpay", "unionpay", "credit", "CN"),
        ("pm_card_de", "visa", "credit", "DE"),
        ("pm_card_gb_debit", "visa", "debit", "GB"),
        ("pm_card_visa_cartesBancaires", "visa", "credit", "FR"),
    ],
)
def test_a_good_card_pays(shop: Shop, method: str, brand: str, funding: str, country: str) -> None:
    intent = shop.pay(method, expand=["latest_charge"])
    assert intent.status == "succeeded"
    shown = intent.latest_charge.payment_method_details.card
    assert (shown.brand, shown.funding, shown.country) == (brand, funding, country)
    well_formed(intent)


DECLINES = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
    ("pm_card_radarBlock", "card_declined", "fraudulent"),
    ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
]


@pytest.mark.parametrize(("method", "code", "decline_code"), DECLINES)
def test_a_declining_card_declines_and_another_one_then_pays(
    shop: Shop, method: str, code: str, decline_code: str | None
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay(method)
    error: Any = refusal.value.error
    assert (refusal.value.http_status, error.type, error.code) == (402, "card_error", code)
    if decline_code is not None:
        assert error.decline_code == decline_code
    intent = error.payment_intent
    assert (intent.status, intent.payment_method, intent.last_payment_error.code) == (
        "requires_payment_method",
        None,
        code,
    )
    charge = shop.v1.charges.retrieve(error.charge)
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    assert shop.event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    paid = shop.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"
    assert len(shop.v1.charges.list({"payment_intent": intent.id}).data) == 2
    well_formed(charge)


@pytest.mark.parametrize(
    ("method", "code"), [(method, code) for method, code, _ in DECLINES if "Customer" not in method]
)
def test_a_declining_card_cannot_be_saved(shop: Shop, method: str, code: str) -> None:
    customer = shop.v1.customers.create()
    with pytest.raises(stripe.CardError) as refusal:
        shop.v1.payment_methods.attach(method, {"customer": customer.id})
    assert refusal.value.code == code
    assert shop.v1.customers.payment_methods.list(customer.id).data == []


def test_one_card_is_saved_and_declines_afterwards(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    method = shop.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay(method.id, customer=customer.id, off_session=True)
    assert refusal.value.code == "card_declined"


def test_radar_blocks_before_the_network_sees_it(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay("pm_card_radarBlock")
    charge = shop.v1.charges.retrieve(str(refusal.value.error.charge))  # type: ignore[union-attr]
    assert (charge.outcome.type, charge.outcome.reason) == ("blocked", "highest_risk_level")
    assert charge.outcome.network_status == "not_sent_to_network"


def test_elevated_risk_passes(shop: Shop) -> None:
    intent = shop.pay("pm_card_riskLevelElevated", expand=["latest_charge"])
    assert intent.latest_charge.outcome.risk_level == "elevated"


@pytest.mark.parametrize(
    ("method", "status", "reason", "case"),
    [
        ("pm_card_createDispute", "needs_response", "fraudulent", "chargeback"),
        ("pm_card_createDisputeProductNotReceived", "needs_response", "product_not_received", "chargeback"),
        ("pm_card_createDisputeInquiry", "warning_needs_response", None, "inquiry"),
    ],
)
def test_a_disputed_card_brings_its_dispute(
    shop: Shop, method: str, status: str, reason: str | None, case: str
) -> None:
    intent = shop.pay(method)
    (dispute,) = shop.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.payment_method_details.card.case_type) == (status, case)
    if reason:
        assert dispute.reason == reason
    well_formed(dispute)
    types = shop.event_types()
    assert "charge.dispute.created" in types
    assert ("charge.dispute.funds_withdrawn" in types) is (case == "chargeback")


def test_the_early_fraud_warning_card_warns_and_does_not_dispute(shop: Shop) -> None:
    intent = shop.pay("pm_card_createIssuerFraudRecord")
    (warning,) = shop.v1.radar.early_fraud_warnings.list({"payment_intent": intent.id}).data
    assert (warning.actionable, warning.charge) == (True, intent.latest_charge)
    assert shop.v1.disputes.list().data == []
    assert shop.events("radar.early_fraud_warning.created")[0].data.object["id"] == warning.id
    well_formed(warning)


def test_a_refund_in_time_leaves_nothing_to_act_upon(shop: Shop) -> None:
    intent = shop.pay("pm_card_createIssuerFraudRecord")
    shop.v1.refunds.create({"payment_intent": intent.id})
    (warning,) = shop.v1.radar.early_fraud_warnings.list({"charge": str(intent.latest_charge)}).data
    assert warning.actionable is False
    assert len(shop.events("radar.early_fraud_warning.updated")) == 1


def test_a_warning_can_be_opened_from_outside(shop: Shop) -> None:
    intent = shop.pay()
    opened = shop.control(
        "POST", "early_fraud_warnings", charge=intent.latest_charge, fraud_type="made_with_stolen_card"
    )
    warning = shop.v1.radar.early_fraud_warnings.retrieve(opened["id"], {"expand": ["charge"]})
    assert (warning.fraud_type, warning.charge.id) == ("made_with_stolen_card", intent.latest_charge)


@pytest.mark.parametrize("body", [{"charge": "ch_nope"}, {"charge": None, "fraud_type": "x"}, {}])
def test_a_warning_on_nothing_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    answer = shop.http.post("/_sim/early_fraud_warnings", json=body)
    assert answer.status_code in {400, 404}
    assert answer.json()["error"]["message"]


def test_a_refund_settles_or_fails_as_its_card_says(shop: Shop) -> None:
    slow, broken = shop.pay("pm_card_pendingRefund"), shop.pay("pm_card_refundFail")
    pending = shop.v1.refunds.create({"payment_intent": slow.id})
    claimed = shop.v1.refunds.create({"payment_intent": broken.id})
    assert (pending.status, claimed.status) == ("pending", "succeeded")
    shop.advance(86400)
    assert shop.v1.refunds.retrieve(pending.id).status == "succeeded"
    assert shop.v1.refunds.retrieve(claimed.id).status == "failed"
    types = shop.event_types()
    assert "refund.updated" in types
    assert "refund.failed" in types


def test_funds_go_to_the_available_balance_at_once_where_the_card_says_so(shop: Shop) -> None:
    shop.pay("pm_card_visa", 1000)
    shop.pay("pm_card_bypassPending", 2000)
    balance = shop.v1.balance.retrieve()
    available = {each.currency: each.amount for each in balance.available}
    pending = {each.currency: each.amount for each in balance.pending}
    assert available["usd"] == 2000 - 88
    assert pending["usd"] == 1000 - 59


CHALLENGED = [
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequiredOnSetup",
    "pm_card_authenticationRequiredSetupForOffSession",
    "pm_card_threeDSecure2Required",
    "pm_card_threeDSecureRequired",
]


@pytest.mark.parametrize("method", CHALLENGED)
def test_a_card_that_wants_authentication_asks_and_is_not_charged_before(shop: Shop, method: str) -> None:
    intent = shop.pay(method)
    assert (intent.status, intent.latest_charge) == ("requires_action", None)
    assert intent.next_action.type == "use_stripe_sdk"
    assert shop.v1.charges.list().data == []
    assert shop.event_types() == ["payment_intent.created", "payment_intent.requires_action"]
    well_formed(intent)


def _challenged(shop: Shop, method: str, **more: Any) -> Any:
    return shop.v1.payment_intents.create(
        {
            "amount": 1000,
            "currency": "usd",
            "payment_method": method,
            "payment_method_types": ["card"],
            "confirm": True,
            "return_url": "https://shop.example/back?order=7&x=a%20b",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("method", "outcome", "status", "code"),
    [
        ("pm_card_authenticationRequired", "succeed", "succeeded", None),
        ("pm_card_authenticationRequired", "fail", "requires_payment_method", "payment_intent_authentication_failure"),
        ("pm_card_threeDSecureRequiredChargeDeclined", "succeed", "requires_payment_method", "card_declined"),
        (
            "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
            "succeed",
            "requires_payment_method",
            "card_declined",
        ),
    ],
)
def test_the_challenge_page_decides_and_sends_the_shopper_back(
    shop: Shop, method: str, outcome: str, status: str, code: str | None
) -> None:
    intent = _challenged(shop, method)
    page = shop.page.get(intent.next_action.redirect_to_url.url)
    assert 'id="test-source-authorize-3ds"' in page.text
    assert 'id="test-source-fail-3ds"' in page.text
    back = shop.page.post(intent.next_action.redirect_to_url.url, data={"outcome": outcome})
    assert back.status_code == 303
    landed = back.headers["location"]
    redirect_status = "succeeded" if status == "succeeded" else "failed"
    assert landed == (
        f"https://shop.example/back?order=7&x=a+b&payment_intent={intent.id}"
        f"&payment_intent_client_secret={intent.client_secret}&redirect_status={redirect_status}"
    )
    after = shop.v1.payment_intents.retrieve(intent.id)
    assert after.status == status
    assert (after.last_payment_error.code if after.last_payment_error else None) == code
    assert len(shop.v1.charges.list().data) == (0 if outcome == "fail" else 1)


def test_an_abandoned_challenge_waits(shop: Shop) -> None:
    intent = _challenged(shop, "pm_card_authenticationRequired")
    shop.page.get(intent.next_action.redirect_to_url.url)
    shop.advance(3600)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "requires_action"


def test_a_challenge_is_answered_once(shop: Shop) -> None:
    intent = _challenged(shop, "pm_card_authenticationRequired")
    url = intent.next_action.redirect_to_url.url
    shop.page.post(url, data={"outcome": "succeed"})
    again = shop.page.post(url, data={"outcome": "fail"})
    assert (again.status_code, "Nothing to confirm" in again.text) == (200, True)
    assert shop.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_challenge_without_an_outcome_is_refused(shop: Shop) -> None:
    intent = _challenged(shop, "pm_card_authenticationRequired")
    assert shop.page.post(intent.next_action.redirect_to_url.url, data={}).status_code == 400
    assert shop.page.get(f"{shop.url}/pages/3d_secure/nope/{intent.id}").status_code == 404


@pytest.mark.parametrize("method", ["pm_card_authenticationRequired", "pm_card_threeDSecure2Required"])
def test_nobody_answers_a_challenge_off_session(shop: Shop, method: str) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.pay(method, off_session=True)
    error: Any = refusal.value.error
    assert (error.code, error.decline_code) == ("authentication_required", "authentication_required")


def test_a_card_set_up_once_pays_off_session_afterwards(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    setup = shop.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "payment_method_types": ["card"],
            "confirm": True,
            "return_url": "https://shop.example/back",
        }
    )
    assert setup.status == "requires_action"
    back = shop.page.post(setup.next_action.redirect_to_url.url, data={"outcome": "succeed"})
    assert f"setup_intent={setup.id}" in back.headers["location"]
    saved = shop.v1.setup_intents.retrieve(setup.id)
    assert saved.status == "succeeded"
    paid = shop.pay(str(saved.payment_method), customer=customer.id, off_session=True)
    assert paid.status == "succeeded"


@pytest.mark.parametrize(
    "method", ["pm_card_threeDSecureOptional", "pm_card_amex_threeDSecureNotSupported", "pm_card_visa"]
)
def test_a_card_that_does_not_insist_pays_at_once(shop: Shop, method: str) -> None:
    assert shop.pay(method).status == "succeeded"


def test_the_merchant_can_ask_for_authentication(shop: Shop) -> None:
    options = {"card": {"request_three_d_secure": "any"}}
    assert shop.pay("pm_card_threeDSecureOptional", payment_method_options=options).status == "requires_action"
    assert shop.pay("pm_card_visa", payment_method_options=options).status == "succeeded"


def test_every_alias_of_the_table_can_be_used(shop: Shop) -> None:
    for card in cards.all_cards():
        for alias in card.aliases:
            method = shop.v1.payment_methods.create({"type": "card", "card": {"token": f"tok_{alias}"}})
            assert (method.card.last4, method.card.brand) == (card.last4, card.brand), alias
