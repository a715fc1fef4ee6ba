"""Parameters are judged as Stripe judges them, by the SDK's own types."""

# ruff: noqa: E501 - one case a line reads as a table
from __future__ import annotations

from typing import Any

import pytest

from harness.simulator.kernel.forms import parse_form
from harness.simulator.stripe.errors import StripeError
from harness.simulator.stripe.parameters import check, has

CREATE = "POST /v1/payment_intents"
CUSTOMER = "POST /v1/customers"
SESSION = "POST /v1/checkout/sessions"


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        (CREATE, b"amount=5&currency=usd&confirm=true", {"amount": 5, "currency": "usd", "confirm": True}),
        (CREATE, b"amount=5&currency=usd&key=pk_test_x", {"amount": 5, "currency": "usd"}),
        (CREATE, b"amount=5&currency=usd&off_session=one_off", {"amount": 5, "currency": "usd", "off_session": "one_off"}),
        (CREATE, b"amount=5&currency=usd&off_session=false", {"amount": 5, "currency": "usd", "off_session": False}),
        (CREATE, b"amount=5&currency=usd&payment_method_types[]=card", {"amount": 5, "currency": "usd", "payment_method_types": ["card"]}),
        (CUSTOMER, b"email=&metadata=", {"email": "", "metadata": ""}),
        (CUSTOMER, b"metadata[7]=a&metadata[9]=", {"metadata": {"7": "a", "9": ""}}),
        (CUSTOMER, b"address=", {"address": ""}),
        ("GET /v1/events", b"created[gte]=5&limit=2", {"created": {"gte": 5}, "limit": 2}),
        ("GET /v1/events", b"created=5", {"created": 5}),
        ("POST /v1/payment_methods", b"type=card&card[token]=tok_visa", {"type": "card", "card": {"token": "tok_visa"}}),
        ("POST /v1/prices", b"currency=usd&unit_amount_decimal=1.5&product=p", {"currency": "usd", "unit_amount_decimal": "1.5", "product": "p"}),
        ("POST /v1/nothing_known", b"whatever=1", {"whatever": "1"}),
    ],
)  # fmt: skip
def test_parameters_are_converted_to_their_types(operation: str, body: bytes, expected: dict[str, Any]) -> None:
    assert check(operation, parse_form(body)) == expected


@pytest.mark.parametrize(
    ("operation", "body", "code", "param", "message"),
    [
        (CREATE, b"amount=5&currency=usd&nope=1", "parameter_unknown", "nope", "Received unknown parameter: nope"),
        (CUSTOMER, b"invoice_settings[nope]=1", "parameter_unknown", "invoice_settings[nope]", "Received unknown parameter: invoice_settings[nope]"),
        (CREATE, b"a=1&b=2", "parameter_unknown", "a", "Received unknown parameters: a, b"),
        (CREATE, b"currency=usd", "parameter_missing", "amount", "Missing required param: amount."),
        (SESSION, b"line_items[0][price_data][unit_amount]=5", "parameter_missing", "line_items[0][price_data][currency]", "Missing required param: line_items[0][price_data][currency]."),
        (CREATE, b"amount=abc&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: abc"),
        (CREATE, b"amount=1.5&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: 1.5"),
        (CREATE, b"amount=1_000&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: 1_000"),
        (CREATE, b"amount=%D9%A1&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: \u0661"),
        (CREATE, b"amount=99999999999999999999&currency=usd", "parameter_invalid_integer", "amount", "Invalid integer: 99999999999999999999"),
        (SESSION, b"line_items[0][quantity]=x", "parameter_invalid_integer", "line_items[0][quantity]", "Invalid integer: x"),
        (CREATE, b"amount=5&currency=usd&confirm=maybe", None, "confirm", "Invalid boolean: maybe"),
        (CREATE, b"amount=5&currency=usd&capture_method=x", None, "capture_method", "Invalid capture_method: must be one of automatic, automatic_async, or manual"),
        (CREATE, b"amount=&currency=usd", "parameter_invalid_empty", "amount", "You passed an empty string for 'amount'."),
        (CUSTOMER, b"address=x", None, "address", "Invalid object"),
        (CUSTOMER, b"name[x]=1", None, "name", "Invalid string"),
        (CREATE, b"amount=5&currency=usd&expand=x", None, "expand", "Invalid array"),
        (CUSTOMER, b"email=" + b"x" * 600, None, "email", "Invalid string: xxxxxxxxxxxxx...xxxx; must be at most 512 characters"),
        (CUSTOMER, b"metadata[" + b"k" * 41 + b"]=1", None, "metadata", "Metadata keys can have up to 40 characters"),
        (CUSTOMER, b"metadata[k]=" + b"v" * 501, None, "metadata[k]", "Metadata values can have up to 500 characters"),
        (CUSTOMER, b"&".join(b"metadata[k%d]=1" % n for n in range(51)), None, "metadata", "You can specify up to 50 keys"),
        (CUSTOMER, b"metadata[a][b]=1", None, "metadata[a]", "Invalid string"),
    ],
)  # fmt: skip
def test_a_parameter_is_refused_in_stripes_words(
    operation: str, body: bytes, code: str | None, param: str, message: str
) -> None:
    with pytest.raises(StripeError) as refusal:
        check(operation, parse_form(body))
    assert (refusal.value.status, refusal.value.code, refusal.value.param) == (400, code, param)
    assert refusal.value.message.startswith(message)


@pytest.mark.parametrize(
    "operation",
    [
        "POST /v1/payment_intents/{intent}/confirm",
        "GET /v1/charges",
        "POST /v1/files",
        "DELETE /v1/customers/{customer}",
    ],
)
def test_operations_of_the_simulator_have_a_schema(operation: str) -> None:
    assert has(operation)
