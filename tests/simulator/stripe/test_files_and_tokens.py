"""Uploads and card tokens, through the official SDK."""

from __future__ import annotations

import io
from typing import Any

import pytest
import stripe
from simulated_shop import Shop, well_formed

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def _file(content: bytes, name: str) -> Any:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_an_uploaded_file_can_be_read_again(shop: Shop) -> None:
    file = shop.v1.files.create({"purpose": "dispute_evidence", "file": _file(PNG, "receipt.png")})
    assert (file.size, file.type, file.filename, file.purpose) == (len(PNG), "png", "receipt.png", "dispute_evidence")
    well_formed(file)
    assert shop.v1.files.retrieve(file.id).id == file.id
    assert [found.id for found in shop.v1.files.list({"purpose": "dispute_evidence"}).data] == [file.id]
    content = shop.http.get(str(file.url))
    assert (content.content, content.headers["content-type"]) == (PNG, "image/png")


def test_a_file_is_read_with_a_key_only(shop: Shop) -> None:
    file = shop.v1.files.create({"purpose": "dispute_evidence", "file": _file(PNG, "receipt.png")})
    assert shop.page.get(str(file.url)).status_code == 401


@pytest.mark.parametrize(
    ("content", "purpose", "message"),
    [
        (b"", "dispute_evidence", "is empty"),
        (b"just text", "dispute_evidence", "must be one of jpg, pdf, png"),
        (PNG + b"\0" * 5 * 1_048_576, "dispute_evidence", "too large"),
        (PNG, "nonsense", "Invalid purpose: must be one of"),
    ],
)
def test_a_file_that_its_purpose_does_not_allow_is_refused(
    shop: Shop, content: bytes, purpose: str, message: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=message):
        shop.v1.files.create({"purpose": purpose, "file": _file(content, "receipt.txt")})
    assert shop.v1.files.list().data == []


def test_a_file_parameter_without_a_file_is_refused(shop: Shop) -> None:
    answer = shop.http.post("/v1/files", data={"purpose": "dispute_evidence", "file": "not a file"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")


def _card(**details: Any) -> Any:
    return {"card": {"number": "4242424242424242", "exp_month": "12", "exp_year": "2034", "cvc": "123", **details}}


def test_a_browser_exchanges_card_details_for_a_token_that_pays_once(shop: Shop) -> None:
    token = shop.browser.tokens.create(_card(name="Jenny", address_zip="12345"))
    assert (token.card.last4, token.card.brand, token.used) == ("4242", "Visa", False)
    well_formed(token)
    method = shop.v1.payment_methods.create({"type": "card", "card": {"token": token.id}})
    assert (method.card.exp_year, method.billing_details.name) == (2034, "Jenny")
    assert method.billing_details.address.postal_code == "12345"
    assert shop.v1.tokens.retrieve(token.id).used is True
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.payment_methods.create({"type": "card", "card": {"token": token.id}})
    assert refusal.value.code == "token_already_used"


def test_a_token_of_another_account_does_not_exist(shop: Shop) -> None:
    other = Shop(shop.url)
    token = other.browser.tokens.create(_card())
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.tokens.retrieve(token.id)
    assert refusal.value.code == "resource_missing"


@pytest.mark.parametrize(
    ("details", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"exp_month": "13"}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": "2001"}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"number": "4111111111111111"}, "card_declined", None),
    ],
)
def test_details_that_cannot_be_right_are_a_card_error(shop: Shop, details: Any, code: str, param: str | None) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.browser.tokens.create(_card(**details))
    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (402, code, param)


def test_a_server_may_not_send_card_numbers(shop: Shop) -> None:
    with pytest.raises(stripe.CardError, match="generally unsafe"):
        shop.v1.tokens.create(_card())
    shop.control("POST", "settings", raw_card_data=True)
    assert shop.v1.tokens.create(_card()).card.last4 == "4242"


def test_nothing_keeps_the_number(shop: Shop) -> None:
    token = shop.browser.tokens.create(_card())
    assert "4242424242424242" not in shop.http.get(f"/v1/tokens/{token.id}").text
