"""What must never be written is not written; what evidence is read by stays."""

import base64
import hashlib
import json
import uuid
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.record import cards
from harness.record.redaction import Redactor, cookies

CARDS = {
    "Visa": "4242424242424242",
    "Visa with 13 digits": "4222222222222",
    "Mastercard": "5555555555554444",
    "Mastercard, second range": "2223003122003222",
    "American Express": "378282246310005",
    "Discover": "6011111111111117",
    "Diners Club": "30569309025904",
    "Diners Club, 36": "36227206271667",
    "JCB": "3566002020360505",
    "UnionPay": "6205500000000000004",
    "Maestro": "6759649826438453",
}
GROUPS = {15: (4, 6, 5), 14: (4, 6, 4), 16: (4, 4, 4, 4), 19: (4, 4, 4, 4, 3)}


def grouped(number, separator):
    parts, at = [], 0
    for size in GROUPS[len(number)]:
        parts.append(number[at : at + size])
        at += size
    return separator.join(parts)


def luhn_completed(digits):
    for check in "0123456789":
        total = sum(
            (int(d) * 2 - 9 if int(d) > 4 else int(d) * 2) if i % 2 else int(d)
            for i, d in enumerate(reversed(digits + check))
        )
        if total % 10 == 0:
            return digits + check
    raise AssertionError(digits)


card_numbers = st.one_of(
    st.sampled_from(sorted(CARDS.values())),
    st.from_regex(r"\A(4[0-9]{14}|5[1-5][0-9]{13}|3[47][0-9]{12}|6011[0-9]{11}|62[0-9]{16}|22[3-9][0-9]{12})\Z").map(
        luhn_completed
    ),
)
around = st.text(st.sampled_from(" ,;:\"'\n\t(){}[]<>=&/|é€"), max_size=6)


@pytest.mark.parametrize("brand", CARDS)
def test_a_card_number_of_every_brand_keeps_its_first_six_and_last_four_digits(brand):
    number = CARDS[brand]
    assert Redactor().text(f"paid with {number}.") == f"paid with {number[:6]}{'*' * (len(number) - 10)}{number[-4:]}."


@given(card_numbers, around, around)
def test_no_card_number_survives_whatever_stands_around_it(number, before, after):
    assert number not in Redactor().text(before + number + after)


@given(card_numbers, st.sampled_from([" ", "-", ".", "+", "\u00a0", "%20", "\\u00a0"]), around, around)
def test_no_card_number_survives_in_groups(number, separator, before, after):
    assume(len(number) in GROUPS)
    written = grouped(number, separator)
    assert written not in Redactor().text(before + written + after)


@given(card_numbers, st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_no_card_number_survives_in_json_forms_and_urls(number, others):
    values = {**others, "card": {"number": number, "as_number": int(number), "note": f"x\n{number}"}}
    for text in (
        json.dumps(values),
        json.dumps(json.dumps(values)),
        urlencode({"card[number]": number, "q": f"pay {number}"}),
        f"https://shop.example/pay?note={quote(f'card {number}')}",
        "".join(f"%{ord(digit):02X}" for digit in number),
    ):
        clean = Redactor().text(text)
        assert number not in clean
        assert "".join(f"%{ord(digit):02X}" for digit in number) not in clean


@given(card_numbers)
def test_no_card_number_survives_in_a_plain_value_of_any_depth(number):
    clean = Redactor().value({"a": [{"b": number}, int(number), (number,)], f"key {number}": 1})
    assert number not in json.dumps(clean)


@pytest.mark.parametrize(
    "text",
    [
        "card[cvc]=737&x=1",
        "payment_method_data%5Bcard%5D%5Bcvc%5D=737",
        '{"cvc": "737"}',
        '{"cvc":737}',
        '{\\"cvv\\":\\"737\\"}',
        "<cvv2>737</cvv2>",
        "security_code: 737",
        "card-code=737",
        "{'verification_value': '737'}",
        "CVC=737",
    ],
)
def test_a_card_code_is_recognised_by_its_key(text):
    clean = Redactor().text(text)
    assert "737" not in clean
    assert "[cvc]" in clean


def test_a_card_code_is_recognised_by_its_key_in_plain_values():
    clean = Redactor().value({"card": {"cvc": 737, "security_code": "1234", "cvc_check": "pass", "code": "737"}})
    assert clean == {"card": {"cvc": "[cvc]", "security_code": "[cvc]", "cvc_check": "pass", "code": "737"}}


secrets = st.from_regex(r"\A[A-Za-z0-9]{24,40}\Z").filter(lambda text: any(c.isdigit() for c in text))


@given(secrets, around, around)
def test_no_secret_survives_in_the_forms_that_providers_give_them(secret, before, after):
    for form in (
        f"sk_test_{secret}",
        f"sk_live_{secret}",
        f"rk_live_{secret}",
        f"whsec_{secret}",
        f"pi_3Nx0_secret_{secret}",
        f"Authorization: Bearer {secret}",
        f"Authorization: Basic {base64.b64encode(f'{secret}:'.encode()).decode()}",
        f"Cookie: session={secret}; theme=dark",
        f"Set-Cookie: session={secret}; Path=/; HttpOnly",
        f'"access_token": "{secret}"',
        f"operator_token={secret}&page=2",
        f"postgresql://shop:{secret}@127.0.0.1/shop",
    ):
        clean = Redactor().text(before + form + after)
        assert secret not in clean
        assert base64.b64encode(f"{secret}:".encode()).decode() not in clean


@given(secrets)
def test_no_secret_survives_in_headers(secret):
    redactor = Redactor()
    basic = base64.b64encode(f"{secret}:".encode()).decode()
    assert redactor.header("Authorization", f"Bearer {secret}") == "Bearer [secret]"
    assert redactor.header("authorization", f"Basic {basic}") == "Basic [secret]"
    assert redactor.header("Authorization", secret) == "[secret]"
    assert redactor.header("Cookie", f"a={secret}; b={secret}") == "a=[secret]; b=[secret]"
    assert redactor.header("X-Api-Key", secret) == "[secret]"


def test_a_cookie_keeps_its_name_and_its_attributes():
    assert cookies("sid=abc; Path=/; Max-Age=60; Secure") == "sid=[secret]; Path=/; Max-Age=60; Secure"


def test_a_private_key_is_removed_whole():
    text = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----"
    assert "MIIEow" not in Redactor().text(text)


kept = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=6, max_size=40)


@given(kept, st.binary(max_size=5), st.binary(max_size=5))
def test_a_kept_value_is_removed_in_every_usual_encoding(value, before, after):
    redactor = Redactor()
    redactor.keep(value, "canary")
    raw = value.encode()
    for text in (
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps({"note": value}),
        raw.hex(),
        raw.hex().upper(),
    ):
        assert "[canary]" in redactor.text(f"({text})")
        assert value not in redactor.text(f"({text})").replace("[canary]", "")
    whole = base64.b64encode(before + raw + after).decode()
    assume(len(raw) >= 8)
    assert redactor.text(whole) != whole
    safe = base64.urlsafe_b64encode(before + raw + after).decode()
    assert redactor.text(safe) != safe


def test_a_short_kept_value_is_removed_where_it_stands_alone_only():
    redactor = Redactor()
    redactor.keep("737", "canary code")
    assert redactor.text('{"x": "737"} x=737&y 737') == '{"x": "[canary code]"} x=[canary code]&y [canary code]'
    assert redactor.text("pi_737abc 1737000000 7.737") == "pi_737abc 1737000000 7.737"


def test_a_kept_value_that_is_part_of_another_does_not_leave_the_rest_of_it():
    redactor = Redactor()
    redactor.keep("abcdef", "short")
    redactor.keep("abcdefghij", "long")
    assert redactor.text("abcdefghij abcdef") == "[long] [short]"


def test_an_empty_kept_value_changes_nothing():
    redactor = Redactor()
    redactor.keep("", "nothing")
    assert redactor.text("as it was") == "as it was"


stripe_ids = st.builds(
    "{}_{}".format,
    st.sampled_from(["pi", "ch", "evt", "re", "dp", "cus", "pm", "req", "cs_test", "we", "price"]),
    st.from_regex(r"\A[0-9][A-Za-z]{2}[A-Za-z0-9]{11,24}\Z"),
)


@given(
    st.one_of(
        stripe_ids,
        st.uuids().map(str),
        st.binary().map(lambda data: hashlib.sha256(data).hexdigest()),
        st.binary().map(lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest()),
        st.datetimes().map(lambda at: at.replace(tzinfo=UTC).isoformat()),
        st.integers(1_000_000_000, 2_199_999_999).map(str),
        st.integers(1_000_000_000_000, 1_999_999_999_999).map(str),
        st.floats(0, 1e6).map(repr),
        st.integers(0, 999_999_999_999).map(str),
    )
)
def test_ids_timestamps_uuids_hashes_and_amounts_stay_as_they_are(text):
    redactor = Redactor()
    for form in (text, f'"id": "{text}"', f"id={text}&x=1", f"t={text},v1={text}"):
        assert redactor.text(form) == form


@pytest.mark.parametrize(
    "text",
    [
        "pk_test_51Habc",
        "t=1700000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
        '"idempotency_key": "order-3f1c-capture"',
        '"token": "tok_visa"',
        "Basic authentication is refused",
        "The bearer of this order",
        '"code": "402", "status_code": 402',
        "424242******4242",
        "the client_secret is checked",
        str(uuid.UUID("12345678-4111-1111-1111-111111111111")),
        datetime(2026, 11, 23, tzinfo=UTC).isoformat(),
    ],
)
def test_what_evidence_is_read_by_stays(text):
    assert Redactor().text(text) == text


@given(st.text(max_size=200))
def test_redacting_twice_changes_nothing_more(text):
    redactor = Redactor()
    once = redactor.text(text)
    assert redactor.text(once) == once


@given(st.text(st.sampled_from("0123456789 -.%+"), max_size=60))
def test_what_is_masked_is_never_a_card_number_any_more(text):
    assert cards.mask(cards.mask(text)) == cards.mask(text)


def test_letters_that_grow_when_lowered_do_not_shift_what_is_removed():
    text = "\u0130\u0130 sk_test_abc123 \u0130 whsec_def456"
    assert Redactor().text(text) == "\u0130\u0130 sk_test_[secret] \u0130 whsec_[secret]"


@given(st.lists(kept, min_size=1, max_size=6, unique=True), around)
def test_many_kept_values_are_all_removed_wherever_they_stand(values, between):
    redactor = Redactor()
    for value in values:
        redactor.keep(value, "c")
    clean = redactor.text(between.join(["x", *values, "x"]))
    assert clean.count("[c]") >= 1
    for value in values:
        assert value not in clean.replace("[c]", "\0")


@given(
    st.lists(st.from_regex(r"\A[ab]{6,40}\Z"), min_size=1, max_size=4),
    st.text("ab", max_size=20),
    st.text("ab", max_size=20),
)
def test_values_that_repeat_themselves_are_found_at_every_place(values, before, after):
    redactor = Redactor()
    for value in values:
        redactor.keep(value, "c")
    for value in values:
        clean = redactor.text(before + value + after)
        assert not any(one in clean for one in values)


@pytest.mark.parametrize(
    "form", ["client_secret={}&x=1", '{{"client_secret": "{}"}}', '{{\\"client_secret\\": \\"{}\\"}}']
)
def test_a_kept_value_under_a_telling_name_is_labelled_once(form):
    redactor = Redactor()
    redactor.keep("pi_3tvT4E8lM43ROSHQ_secret_AbCdEf0123456789", "payment secret")
    assert redactor.text(form.format("pi_3tvT4E8lM43ROSHQ_secret_AbCdEf0123456789")) == form.format("[payment secret]")
