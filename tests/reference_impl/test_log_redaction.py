"""Card numbers and secrets are found in every disguise, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from reference_impl import redaction

CARD = "4242424242424242"


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242.4242.4242.4242",
        "3782 822463 10005",
        "6205500000000000004",
        "12 4242 4242 4242 4242 99",
        f"john{CARD}@example.com",
        f"x={CARD}&y=1",
        "%34%32%34%32%34%32%34%32%34%32%34%32%34%32%34%32",
        "4242%204242%204242%204242",
        f'{{"number": {CARD}}}',
    ],
)
def test_a_card_number_is_found(text):
    assert redaction.holds_card_number(text)
    assert "424242" not in redaction.clean_text(text).replace(" ", "").replace("-", "")


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",
        "80dac519-6903-4767-8d0e-693352036299",
        "Idempotency-Key: 68115263-0368-4f96-beb0-f677aa0ab89f",
        "1795452362 1795452363",
        "2026-11-23T16:46:22.054825",
        "or_VplgmNrfHy0G57Qt2hVal8eG",
        "3f2b8c1e-4d5a-4b6c-8d7e-9f0a1b2c3d4e",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.6778.86 Safari/537.36",
        f"99{CARD}",
        "192.168.100.101",
    ],
)
def test_other_numbers_are_left_alone(text):
    assert not redaction.holds_card_number(text)
    assert redaction.clean_text(text) == text


@pytest.mark.parametrize(
    "secret",
    [
        "sk_test_51abcDEF",
        "rk_live_abc123",
        "whsec_abc123+/=",
        "pi_3abc_secret_def456",
        "Bearer abcdef",
        "ot_abcdefghij",
        "op_abcdefghij",
    ],
)
def test_secrets_are_taken_out_of_texts(secret):
    assert secret not in redaction.clean_text(f"failed with {secret} in it")


def test_fields_that_hold_secrets_are_blanked_whatever_stands_in_them():
    line = {
        "cvc": "123",
        "card": {"number": CARD, "exp_month": 12},
        "client_secret": "x",
        "amount": 4999,
        "at": [CARD, 5],
    }
    assert redaction.clean(line) == {
        "cvc": redaction.HIDDEN,
        "card": {"number": redaction.HIDDEN, "exp_month": redaction.HIDDEN},
        "client_secret": redaction.HIDDEN,
        "amount": 4999,
        "at": [redaction.HIDDEN, 5],
    }


@pytest.mark.parametrize(
    "text",
    [
        "evt_2f91e10a004b503152330778",
        "/operator/events?after=evt_2f91e10a004b503152330778",
        "0ab4111111111111111cd2ef",
    ],
)
def test_a_providers_random_id_is_no_card_number(text):
    assert not redaction.holds_card_number(text)
    assert redaction.clean_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "visa4111111111111111",
        "card4111111111111111exp1225",
        "pan_4111111111111111",
        "order 4111111111111111abc",
        "card_number_4111111111111111_2026",
    ],
)
def test_a_card_number_beside_words_is_one(text):
    assert redaction.holds_card_number(text)
    assert "4111111111111111" not in redaction.clean_text(text)
