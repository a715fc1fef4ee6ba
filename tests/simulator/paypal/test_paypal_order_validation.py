"""What an order has to look like: well-formed first (400), then adding up (422)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from merchant import card, issues, money, wanted

CREATE = "/v2/checkout/orders"


def unit(amount, breakdown=None, items=None, **more):
    made = {"amount": amount if breakdown is None else {**amount, "breakdown": breakdown}, **more}
    return {"intent": "CAPTURE", "purchase_units": [made if items is None else {**made, "items": items}]}


def item(price="5.00", quantity="2", **more):
    return {"name": "Mug", "unit_amount": money(price), "quantity": quantity, **more}


MALFORMED = [
    ({"purchase_units": [{"amount": money("1")}]}, "MISSING_REQUIRED_PARAMETER", "/intent"),
    ({"intent": "CAPTURE"}, "MISSING_REQUIRED_PARAMETER", "/purchase_units"),
    ({"intent": "CAPTURE", "purchase_units": []}, "INVALID_ARRAY_MIN_ITEMS", "/purchase_units"),
    ({"intent": "CAPTURE", "purchase_units": [{}]}, "MISSING_REQUIRED_PARAMETER", "/purchase_units/0/amount"),
    (wanted(intent="SALE"), "INVALID_PARAMETER_VALUE", "/intent"),
    (unit({"currency_code": "USD"}), "MISSING_REQUIRED_PARAMETER", "/purchase_units/0/amount/value"),
    (unit(money("12,34")), "INVALID_PARAMETER_SYNTAX", "/purchase_units/0/amount/value"),
    (unit(money("1", "US")), "INVALID_STRING_LENGTH", "/purchase_units/0/amount/currency_code"),
    (unit(money("1"), custom_id="x" * 256), "INVALID_STRING_LENGTH", "/purchase_units/0/custom_id"),
    (unit(money("1"), invoice_id=""), "INVALID_STRING_LENGTH", "/purchase_units/0/invoice_id"),
    (unit(money("1"), items=[item(quantity="0")]), "INVALID_PARAMETER_SYNTAX", "/purchase_units/0/items/0/quantity"),
    (unit(money("1"), items="x"), "INVALID_PARAMETER_SYNTAX", "/purchase_units/0/items"),
    ({"intent": "CAPTURE", "purchase_units": "x"}, "INVALID_PARAMETER_SYNTAX", "/purchase_units"),
    (wanted(source={"card": {"number": "12"}}), "INVALID_STRING_LENGTH", "/payment_source/card/number"),
    (
        {**wanted(), "application_context": {"return_url": "nowhere"}},
        "INVALID_PARAMETER_SYNTAX",
        "/application_context/return_url",
    ),
]


@pytest.mark.parametrize(("body", "issue", "field"), MALFORMED)
def test_what_is_not_well_formed_is_400_with_a_json_pointer(merchant, body, issue, field):
    answer = merchant.call("POST", CREATE, body)
    assert (answer.status_code, answer.json()["name"]) == (400, "INVALID_REQUEST")
    found = answer.json()["details"][0]
    assert (found["issue"], found["field"], found["location"]) == (issue, field, "body")


TWO = {"currency_code": "EUR", "value": "1.00"}
WRONG = [
    (unit(money("0.00")), "CANNOT_BE_ZERO_OR_NEGATIVE"),
    (unit(money("-1.00")), "CANNOT_BE_ZERO_OR_NEGATIVE"),
    (unit(money("1.001")), "DECIMAL_PRECISION"),
    (unit(money("100.50", "JPY")), "DECIMALS_NOT_SUPPORTED"),
    (unit(money("5000.00", "JPY")), "DECIMALS_NOT_SUPPORTED"),
    (unit(money("990.0", "HUF")), "DECIMALS_NOT_SUPPORTED"),
    (unit(money("1.00", "XXX")), "INVALID_CURRENCY_CODE"),
    (unit(money("10.00"), items=[item()]), "ITEM_TOTAL_REQUIRED"),
    (unit(money("10.00"), {"item_total": money("9.00")}, [item()]), "ITEM_TOTAL_MISMATCH"),
    (unit(money("10.01"), {"item_total": money("10.00")}, [item()]), "AMOUNT_MISMATCH"),
    (unit(money("10.00"), {"item_total": money("10.00")}, [item(tax=money("0.10"))]), "TAX_TOTAL_REQUIRED"),
    (
        unit(
            money("10.30"),
            {"item_total": money("10.00"), "tax_total": money("0.30")},
            [item(tax=money("0.10"))],
        ),
        "TAX_TOTAL_MISMATCH",
    ),
    (unit(money("9.00"), {"item_total": money("10.00"), "discount": money("-1.00")}), "CANNOT_BE_NEGATIVE"),
    (unit(money("9.00"), {"item_total": TWO}), "MULTI_CURRENCY_ORDER"),
    (
        {
            "intent": "CAPTURE",
            "purchase_units": [
                {"reference_id": "a", "amount": money("1")},
                {"reference_id": "a", "amount": money("1")},
            ],
        },
        "DUPLICATE_REFERENCE_ID",
    ),
    (
        {"intent": "CAPTURE", "purchase_units": [{"amount": money("1")}, {"amount": money("1")}]},
        "REFERENCE_ID_REQUIRED",
    ),
    (
        {
            "intent": "AUTHORIZE",
            "purchase_units": [
                {"reference_id": "a", "amount": money("1")},
                {"reference_id": "b", "amount": money("1")},
            ],
        },
        "UNSUPPORTED_INTENT",
    ),
    (wanted(source={"ideal": {"country_code": "NL", "name": "J"}}), "PAYMENT_SOURCE_CANNOT_BE_USED"),
    (wanted(source={"paypal": {}, **card()}), "ONLY_ONE_PAYMENT_SOURCE_ALLOWED"),
    (wanted(source={"card": {"expiry": "2030-01"}}), "CARD_NUMBER_REQUIRED"),
    (wanted(source=card(expiry="2020-01")), "CARD_EXPIRED"),
    (wanted(source=card("4012888888881882")), "VALIDATION_ERROR"),
    (wanted(source=card("371449635398431")), "INVALID_SECURITY_CODE_LENGTH"),
    (wanted(source={"paypal": {"vault_id": "nobody"}}), "TOKEN_ID_NOT_FOUND"),
]


@pytest.mark.parametrize(("body", "issue"), WRONG)
def test_what_does_not_add_up_is_422_with_its_issue(merchant, body, issue):
    answer = merchant.call("POST", CREATE, body, key="w")
    assert (answer.status_code, answer.json()["name"]) == (422, "UNPROCESSABLE_ENTITY")
    assert issue in issues(answer)


def test_a_breakdown_that_adds_up_is_taken_and_shown_in_normal_form(merchant):
    parts = {
        "item_total": money("10"),
        "tax_total": money(".2"),
        "shipping": money("3.10"),
        "handling": money("1.00"),
        "insurance": money("0.50"),
        "shipping_discount": money("0.30"),
        "discount": money("2.00"),
    }
    body = unit(money("12.5"), parts, [item(tax=money("0.10"))])
    order = merchant.call("POST", CREATE, body, Prefer="return=representation").json()
    amount = order["purchase_units"][0]["amount"]
    assert amount["value"] == "12.50"
    assert amount["breakdown"]["tax_total"]["value"] == "0.20"


def test_ten_units_are_taken_and_eleven_are_not(merchant):
    units = [{"reference_id": f"u{number}", "amount": money("1.00")} for number in range(11)]
    refused = merchant.call("POST", CREATE, {"intent": "CAPTURE", "purchase_units": units})
    assert issues(refused) == ["INVALID_ARRAY_MAX_ITEMS"]
    made = merchant.call("POST", CREATE, {"intent": "CAPTURE", "purchase_units": units[:10]}, key="ten")
    merchant.sim(f"orders/{made.json()['id']}/approve")
    paid = merchant.call("POST", f"{CREATE}/{made.json()['id']}/capture").json()
    assert [one["payments"]["captures"][0]["status"] for one in paid["purchase_units"]] == ["COMPLETED"] * 10


@pytest.mark.parametrize(("currency", "value"), [("JPY", "1250"), ("HUF", "990"), ("TWD", "5"), ("EUR", "1.00")])
def test_currencies_keep_their_decimals(merchant, currency, value):
    capture = merchant.captured(value=value, currency=currency)
    assert capture["amount"] == money(value, currency)
    breakdown = capture["seller_receivable_breakdown"]
    assert float(breakdown["gross_amount"]["value"]) == pytest.approx(
        float(breakdown["paypal_fee"]["value"]) + float(breakdown["net_amount"]["value"])
    )


def test_a_number_counts_as_text_and_null_as_absent(merchant):
    body = unit({"currency_code": "USD", "value": 12.5}, custom_id=None)
    order = merchant.call("POST", CREATE, body, Prefer="return=representation").json()
    assert order["purchase_units"][0]["amount"]["value"] == "12.50"
    assert "custom_id" not in order["purchase_units"][0]


WORDS = [
    "intent",
    "purchase_units",
    "amount",
    "value",
    "currency_code",
    "breakdown",
    "item_total",
    "items",
    "payment_source",
    "card",
    "paypal",
    "number",
    "expiry",
    "experience_context",
    "application_context",
    "payer",
    "name",
    "shipping",
    "address",
    "op",
    "path",
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(body=JUNK)
def test_no_body_makes_it_stumble(paypal_url, body):
    merchant = _one(paypal_url)
    order = merchant.known
    for method, path in (
        ("POST", CREATE),
        ("PATCH", f"{CREATE}/{order}"),
        ("POST", f"{CREATE}/{order}/confirm-payment-source"),
        ("POST", f"{CREATE}/{order}/track"),
        ("POST", f"/v2/payments/captures/{merchant.known_capture}/refund"),
    ):
        answer = merchant.http.request(method, path, json=body, headers={"PayPal-Request-Id": "junk"})
        assert answer.status_code < 500, (method, path, body, answer.text)


_merchants = {}


def _one(url):
    from merchant import Merchant

    if url not in _merchants:
        merchant = _merchants[url] = Merchant(url)
        merchant.known = merchant.order()["id"]
        merchant.known_capture = merchant.captured()["id"]
    return _merchants[url]
