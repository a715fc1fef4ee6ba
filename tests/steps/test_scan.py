"""Canaries are found in every usual encoding, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.steps import scan

CARD = scan.canary(random.Random(1))
SECRET = "whsec_abcDEF0123456789"


def search():
    made = scan.Search()
    made.add(scan.CARD_NUMBER, CARD.number)
    made.add(scan.SECURITY_CODE, CARD.code)
    made.add(scan.SECRET, SECRET)
    return made


def kinds(text):
    data = text if isinstance(text, bytes) else text.encode()
    return [hit.kind for hit in search().hits("somewhere", data)]


@given(st.integers())
def test_a_canary_passes_the_luhn_check_and_is_on_no_list(seed):
    card = scan.canary(random.Random(seed))
    assert scan.luhn(card.number)
    assert card.number not in scan.TEST_NUMBERS
    assert len(card.number) == 16


@pytest.mark.parametrize("separator", ["", " ", "-", ".", "%20", "+"])
def test_a_card_number_is_found_however_it_is_grouped(separator):
    groups = [CARD.number[start : start + 4] for start in range(0, 16, 4)]
    assert kinds(f"card={separator.join(groups)}&x=1") == ["card number"]


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_value_is_found_in_base64_wherever_it_begins(before, after):
    encoded = base64.b64encode(before + SECRET.encode() + after)
    assert "secret" in kinds(b"{" + encoded + b"}")
    assert "card number" in kinds(base64.urlsafe_b64encode(before + CARD.number.encode() + after))


@given(st.text(alphabet="0123456789", min_size=1, max_size=30))
def test_digits_that_belong_to_a_longer_number_are_not_a_card(other):
    assert kinds(f"x{other}{CARD.number}y") == []


def test_secrets_are_found_url_encoded():
    made = scan.Search()
    made.add(scan.SECRET, "a+b/c=d")
    assert [hit.kind for hit in made.hits("u", quote("a+b/c=d", safe="").encode())] == ["secret"]


def test_a_security_code_counts_only_beside_its_name():
    assert kinds(f"order {CARD.code} of 9999") == []
    assert kinds(json.dumps({"cvc": CARD.code})) == ["security code"]
    assert kinds(f"security code: {CARD.code}") == ["security code"]
    assert kinds(f"cvc={CARD.code}7") == []


def test_a_hit_names_its_place_and_line_and_masks_the_value():
    (hit,) = search().hits("logs serve", f"a\nb\n{CARD.number}\n".encode())
    assert hit.place == "logs serve, line 3"
    assert hit.masked == "*" * 12 + CARD.number[-4:]


def test_only_the_kinds_asked_for_are_looked_for():
    data = f"{CARD.number} {SECRET}".encode()
    assert [hit.kind for hit in search().hits("x", data, [scan.SECRET])] == ["secret"]


def test_addresses_are_found_anywhere_in_a_document():
    document = {"a": ["http://x/1", {"b": "https://y"}], "c": "no address", "d": 3}
    assert list(scan.addresses(document)) == ["http://x/1", "https://y"]
