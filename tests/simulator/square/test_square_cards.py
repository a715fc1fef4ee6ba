"""Tokens of the browser, the bank's question, cards on file."""

import pytest
from seller import VISA, code, euros

CHARGE = {"intent": "CHARGE", "amount": "49.99", "currency_code": "EUR"}


def test_a_typed_card_pays_once(seller):
    typed = seller.type_card()
    assert typed["status"] == "OK"
    assert typed["token"].startswith("cnon:")
    assert typed["details"]["card"] == {"brand": "VISA", "last4": "1111", "exp_month": 12, "exp_year": 2039}
    one = seller.paid(source=typed["token"])
    assert (one["card_details"]["card"]["bin"], one["card_details"]["card"]["last_4"]) == ("411111", "1111")
    assert code(seller.pay(source=typed["token"])) == (400, "CARD_TOKEN_USED")


def test_a_token_of_yesterday_has_expired(seller):
    token = seller.type_card()["token"]
    seller.later(hours=25)
    assert code(seller.pay(source=token)) == (400, "CARD_TOKEN_EXPIRED")


def test_a_token_of_another_seller_is_unknown(seller, square_url):
    from seller import Seller

    other = Seller(square_url)
    assert code(seller.pay(source=other.type_card()["token"])) == (404, "NOT_FOUND")
    other.close()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "4111111111111112"}, "cardNumber"),
        ({"number": "4242424242424242"}, "cardNumber"),
        ({"exp_year": 2020}, "expirationDate"),
        ({"exp_month": 13}, "expirationDate"),
        ({"cvv": "1"}, "cvv"),
    ],
)
def test_what_is_wrong_with_a_typed_card_is_said_by_field(seller, changes, field):
    typed = seller.type_card(**changes)
    assert (typed["status"], typed["errors"][0]["field"]) == ("Invalid", field)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"number": "4000000000000002"}, "GENERIC_DECLINE"),
        ({"cvv": "911"}, "CVV_FAILURE"),
        ({"postal_code": "99999"}, "ADDRESS_VERIFICATION_FAILURE"),
        ({"exp_month": 1, "exp_year": 2040}, "INVALID_EXPIRATION"),
    ],
)
def test_test_values_of_the_card_form_are_declined(seller, changes, expected):
    assert code(seller.pay(source=seller.type_card(**changes)["token"])) == (400, expected)


@pytest.mark.parametrize(
    ("number", "cvv", "brand"),
    [
        ("5105105105105100", "111", "MASTERCARD"),
        ("6011000000000004", "111", "DISCOVER"),
        ("3569990010095841", "111", "JCB"),
        ("340000000000009", "1111", "AMERICAN_EXPRESS"),
        ("6222988812340000", "123", "CHINA_UNIONPAY"),
    ],
)
def test_every_brand_of_the_sandbox_pays(seller, number, cvv, brand):
    one = seller.paid(source=seller.type_card(number, cvv=cvv)["token"])
    assert one["card_details"]["card"]["card_brand"] == brand


def test_a_card_of_strong_authentication_is_declined_without_it(seller):
    token = seller.type_card("4310000000201019")["token"]
    assert code(seller.pay(source=token)) == (400, "CARD_DECLINED_VERIFICATION_REQUIRED")


def test_the_buyer_answers_the_bank(seller):
    asked = seller.type_card("4310000000201019", CHARGE)
    assert asked["status"] == "CHALLENGE"
    url = asked["challenge"]["url"]
    outcome = f"/web/challenges/{asked['challenge']['id']}"
    assert "code" in seller.page.get(url).text
    assert seller.page.get(outcome).json() == {"status": "PENDING"}
    wrong = seller.page.post(url, data={"code": "000000"})
    assert wrong.status_code == 400
    assert "wrong" in wrong.text
    assert seller.page.post(url, data={"code": "123456"}).status_code == 200
    token = seller.page.get(outcome).json()["token"]
    assert seller.paid(source=token)["status"] == "COMPLETED"


def test_the_buyer_goes_away(seller):
    asked = seller.type_card("4310000000201019", CHARGE)["challenge"]
    seller.page.post(asked["url"], data={"action": "cancel"})
    assert seller.page.get(f"/web/challenges/{asked['id']}").json() == {"status": "Cancel"}


def test_a_card_that_needs_no_question_is_verified_at_once(seller):
    assert seller.type_card("4800000000000004", CHARGE)["status"] == "OK"


def test_a_card_is_kept_on_file_and_pays(seller):
    customer = seller.customer()
    card = seller.sdk.cards.create(
        idempotency_key="c1",
        source_id=seller.type_card()["token"],
        card={"customer_id": customer, "cardholder_name": "Ada", "billing_address": {"postal_code": "94103"}},
    ).card
    assert card.id.startswith("ccof:")
    assert card.enabled
    assert card.card_brand == "VISA"
    one = seller.paid(source=card.id, customer_id=customer)
    assert one["card_details"]["entry_method"] == "ON_FILE"
    assert code(seller.pay(source=card.id)) == (400, "MISSING_REQUIRED_PARAMETER")
    assert code(seller.pay(source=card.id, customer_id=seller.customer())) == (404, "NOT_FOUND")
    assert [one.id for one in seller.sdk.cards.list(customer_id=customer)] == [card.id]


def test_a_disabled_card_pays_no_more_and_is_disabled_once(seller, listener):
    customer = seller.customer()
    body = {"idempotency_key": "c1", "source_id": "cnon:card-nonce-ok", "card": {"customer_id": customer}}
    card = seller.post("/v2/cards", body).json()["card"]["id"]
    seller.listen(listener.url, "card.disabled")
    first, second = (seller.http.post(f"/v2/cards/{card}/disable").json()["card"] for _ in range(2))
    assert first == second
    assert not first["enabled"]
    assert first["version"] == 2
    assert seller.told() == ["card.disabled"]
    assert code(seller.pay(source=card, customer_id=customer)) == (404, "NOT_FOUND")
    assert seller.http.get("/v2/cards").json() == {}
    assert len(seller.http.get("/v2/cards", params={"include_disabled": "true"}).json()["cards"]) == 1


def test_charging_succeeds_and_storing_the_card_fails(seller):
    token = seller.type_card("4811110000000008", CHARGE | {"intent": "CHARGE_AND_STORE"})["token"]
    paid = seller.paid(source=token)
    body = {"idempotency_key": "c1", "source_id": paid["id"], "card": {"customer_id": seller.customer()}}
    assert code(seller.post("/v2/cards", body)) == (400, "CARD_DECLINED_VERIFICATION_REQUIRED")
    assert seller.payment(paid["id"])["status"] == "COMPLETED"


def test_the_card_of_a_payment_is_stored(seller):
    paid = seller.paid(source=seller.type_card()["token"])
    body = {"idempotency_key": "c1", "source_id": paid["id"], "card": {"customer_id": seller.customer()}}
    stored = seller.post("/v2/cards", body).json()["card"]
    assert stored["fingerprint"] == paid["card_details"]["card"]["fingerprint"]


def test_a_card_that_stores_well_declines_later(seller):
    customer = seller.customer()
    token = seller.type_card("4000000000000010")["token"]
    body = {"idempotency_key": "c1", "source_id": token, "card": {"customer_id": customer}}
    card = seller.post("/v2/cards", body).json()["card"]["id"]
    assert code(seller.pay(source=card, customer_id=customer)) == (400, "GENERIC_DECLINE")


def test_a_card_needs_a_customer_who_exists(seller):
    body = {"idempotency_key": "c1", "source_id": "cnon:card-nonce-ok", "card": {"customer_id": "NOBODY"}}
    assert code(seller.post("/v2/cards", body)) == (404, "CUSTOMER_NOT_FOUND")
    assert code(seller.post("/v2/cards", body | {"card": {}})) == (400, "MISSING_REQUIRED_PARAMETER")


def test_no_number_is_kept_or_told(seller):
    seller.paid(source=seller.type_card()["token"])
    told = seller.control.get("/journal").text + seller.http.get("/v2/payments").text
    assert VISA not in told
    assert euros(4999)["currency"] in told
