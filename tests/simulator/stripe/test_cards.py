"""The test cards: complete, well-formed, and judged as Stripe judges what somebody types."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.simulator.stripe import cards
from harness.simulator.stripe.errors import StripeError

NOW = datetime(2026, 11, 23, tzinfo=UTC).timestamp()


def test_every_number_passes_the_luhn_check() -> None:
    assert [card.number for card in cards.all_cards() if not cards.luhn(card.number)] == []


def test_no_alias_means_two_cards() -> None:
    aliases = [alias for card in cards.all_cards() for alias in card.aliases]
    assert len(aliases) == len(set(aliases))


@pytest.mark.parametrize(
    ("alias", "number", "brand", "country", "funding"),
    [
        ("pm_card_visa", "4242424242424242", "visa", "US", "credit"),
        ("tok_visa", "4242424242424242", "visa", "US", "credit"),
        ("pm_card_us", "4242424242424242", "visa", "US", "credit"),
        ("tok_mastercard_prepaid", "5105105105105100", "mastercard", "US", "prepaid"),
        ("pm_card_amex", "378282246310005", "amex", "US", "credit"),
        ("pm_card_jcb", "3566002020360505", "jcb", "JP", "credit"),
        ("pm_card_diners", "3056930009020004", "diners", "US", "credit"),
        ("pm_card_unionpay", "6200000000000005", "unionpay", "CN", "credit"),
        ("pm_card_gb_debit", "4000058260000005", "visa", "GB", "debit"),
        ("tok_ae_mastercard", "5200007840000022", "mastercard", "AE", "credit"),
        ("pm_card_th_credit", "4000007640000003", "visa", "TH", "credit"),
    ],
)
def test_an_alias_means_its_documented_card(alias: str, number: str, brand: str, country: str, funding: str) -> None:
    card = cards.lookup(alias)
    assert card is not None
    assert (card.number, card.brand, card.country, card.funding) == (number, brand, country, funding)
    assert cards.by_number(number) is not None


@pytest.mark.parametrize(
    ("alias", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("tok_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("tok_visa_debit_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
        ("tok_visa_chargeCustomerFailLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
def test_a_declining_card_declines_for_its_reason(alias: str, code: str, decline_code: str) -> None:
    card = cards.lookup(alias)
    assert card is not None
    assert card.decline is not None
    refusal = card.decline.error()
    assert (refusal.status, refusal.type, refusal.code, refusal.decline_code) == (402, "card_error", code, decline_code)
    assert card.attaches is ("Customer" in alias)


def test_special_cards_say_what_they_do() -> None:
    disputed = cards.lookup("pm_card_createDispute")
    assert disputed is not None
    assert disputed.dispute is not None
    assert (disputed.dispute.reason, disputed.dispute.protected) == ("fraudulent", True)
    for alias, field, value in (
        ("pm_card_createIssuerFraudRecord", "early_fraud_warning", True),
        ("pm_card_pendingRefund", "refund", "pending"),
        ("pm_card_refundFail", "refund", "fails"),
        ("pm_card_bypassPending", "bypasses_pending", True),
        ("pm_card_authenticationRequired", "authentication", "always"),
        ("pm_card_authenticationRequiredOnSetup", "authentication", "unless_set_up"),
        ("pm_card_authenticationRequiredSetupForOffSession", "authentication", "set_up"),
        ("pm_card_threeDSecure2Required", "authentication", "required"),
        ("pm_card_amex_threeDSecureNotSupported", "authentication", "not_supported"),
        ("pm_card_riskLevelElevated", "risk", "elevated"),
        ("pm_card_avsZipFail", "postal_code_check", "fail"),
    ):
        assert getattr(cards.lookup(alias), field) == value, alias


def test_what_is_no_alias_means_nothing() -> None:
    for text in ("pm_card_nope", "tok_", "pm_1234", "", "4242424242424241"):
        assert cards.lookup(text) is None


@pytest.mark.parametrize(
    ("number", "month", "year", "cvc", "code", "param"),
    [
        ("4242424242424241", 12, 2034, "123", "incorrect_number", "number"),
        ("4242", 12, 2034, "123", "invalid_number", "number"),
        ("abcd424242424242", 12, 2034, "123", "invalid_number", "number"),
        ("4242424242424242", 13, 2034, "123", "invalid_expiry_month", "exp_month"),
        ("4242424242424242", "x", 2034, "123", "invalid_expiry_month", "exp_month"),
        ("4242424242424242", 12, 2020, "123", "invalid_expiry_year", "exp_year"),
        ("4242424242424242", 12, "95", "123", "invalid_expiry_year", "exp_year"),
        ("4242424242424242", 12, 2999, "123", "invalid_expiry_year", "exp_year"),
        ("4242424242424242", 10, 2026, "123", "invalid_expiry_month", "exp_month"),
        ("4242424242424242", 12, 2034, "99", "invalid_cvc", "cvc"),
        ("4242424242424242", 12, 2034, "1234", "invalid_cvc", "cvc"),
        ("4111111111111111", 12, 2034, "123", "card_declined", None),
    ],
)
def test_details_that_cannot_be_right_are_refused(
    number: str, month: int | str, year: int | str, cvc: str, code: str, param: str | None
) -> None:
    with pytest.raises(StripeError) as refusal:
        cards.enter(number, month, year, cvc, now=NOW)
    assert (refusal.value.status, refusal.value.type) == (402, "card_error")
    assert (refusal.value.code, refusal.value.param) == (code, param)


def test_typed_details_give_their_card() -> None:
    assert cards.enter("4242 4242 4242 4242", "11", "26", "123", now=NOW).alias == "pm_card_visa"
    assert cards.enter("3782-822463-10005", 1, 2030, "1234", now=NOW).brand == "amex"
    assert cards.enter("4242424242424242", 1, 2030, None, now=NOW).alias == "pm_card_visa"


def test_a_test_card_is_refused_in_live_mode() -> None:
    with pytest.raises(StripeError) as refusal:
        cards.enter("4242424242424242", 12, 2034, "123", now=NOW, live=True)
    assert refusal.value.decline_code == "live_mode_test_card"
