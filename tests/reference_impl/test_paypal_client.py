"""The SDK's ways that are not ours, each with what we do about it."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import requests
from paypal_stub import Reply, Stub, issue
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.models.card_request import CardRequest
from pydantic import SecretStr

from reference_impl import logs, redaction
from reference_impl.gateways.errors import NotFound, OutcomeUnknown, Refused
from reference_impl.gateways.paypal import PayPalGateway
from reference_impl.gateways.paypal_client import LONGEST_REQUEST_ID, PayPalClient, request_id
from reference_impl.settings import Settings

RUNNING, COMPLETING = "PREVIOUS_REQUEST_IN_PROGRESS", "ORDER_COMPLETION_IN_PROGRESS"
ORDERS = "/v2/checkout/orders"
ORDER = {"id": "7XY12345ZA678901B", "status": "CREATED", "links": [], "purchase_units": [{}]}
PARAMS = {
    "method": "hosted",
    "capture": "automatic",
    "amount": 4999,
    "currency": "eur",
    "description": "Order or_1",
    "metadata": {"order_id": "or_1", "payment_id": "pay_1"},
    "lines": [{"name": "Teapot", "unit": 4999, "quantity": 1}],
    "number": 1,
    "return_url": "https://tea.example/orders/or_1/return",
    "cancel_url": "https://tea.example/orders/or_1",
}


@pytest.fixture
def stub():
    made = Stub()
    yield made
    made.close()


def settings(stub, **changes):
    base = {
        "payments_environment": "test",
        "paypal_client_id": "client",
        "paypal_client_secret": SecretStr("secret"),
        "paypal_environment": "sandbox",
        "paypal_webhook_ids": "1AB2345",
        "paypal_api_base": stub.url,
        "paypal_timeout_seconds": 0.5,
        "paypal_max_network_retries": 2,
    }
    return Settings(**{**base, **changes})


def run(stub, what, **changes):
    """Run ``what(client)`` on a fresh client."""

    async def inside():
        client = PayPalClient(settings(stub, **changes))
        try:
            return await what(client)
        finally:
            await client.close()

    return asyncio.run(inside())


def create(client, key="order:or_1:payment:1"):
    body = {"intent": "CAPTURE", "purchase_units": [{"amount": {"currency_code": "EUR", "value": "1.00"}}]}
    return client.sdk(
        lambda sdk: sdk.orders.create_order({"body": body, "paypal_request_id": key}), key=key, moves_money=True
    )


def get(client, order_id=ORDER["id"]):
    return client.sdk(lambda sdk: sdk.orders.get_order({"id": order_id}))


def keys_sent(stub, path=ORDERS):
    return [one.headers.get("PayPal-Request-Id") for one in stub.calls(path)]


# request ids


def test_a_call_that_moves_money_is_not_made_without_a_request_id(stub):
    with pytest.raises(ValueError, match="request id"):
        run(stub, lambda client: client.sdk(lambda sdk: sdk.orders.create_order({"body": {}}), moves_money=True))
    assert stub.asked == []


def test_the_request_id_of_the_business_operation_is_what_is_sent(stub):
    stub.on("POST", ORDERS, Reply(201, ORDER))
    run(stub, create)
    assert keys_sent(stub) == ["order:or_1:payment:1"]


def test_a_long_key_becomes_an_id_that_paypal_takes_and_stays_the_same():
    long = "dispute:" + "x" * 200
    assert len(request_id(long)) <= LONGEST_REQUEST_ID
    assert request_id(long) == request_id(long) != request_id(long + "y")
    assert request_id("order:or_1:payment:1") == "order:or_1:payment:1"


def test_a_lost_answer_is_asked_for_again_under_the_same_id(stub):
    stub.on("POST", ORDERS, Reply(cut=True), Reply(503, b""), Reply(200, ORDER))
    assert run(stub, create).data["id"] == ORDER["id"]
    assert keys_sent(stub) == ["order:or_1:payment:1"] * 3


# outcomes


@pytest.mark.parametrize(
    "reply",
    [Reply(cut=True), Reply(500, b"<html>"), Reply(502, b"<html>bad gateway</html>"), Reply(503, b"")],
    ids=["cut", "500", "502 in HTML", "503 and empty"],
)
def test_no_answer_that_says_so_is_an_outcome_that_nobody_knows(stub, reply):
    stub.on("POST", ORDERS, reply)
    with pytest.raises(OutcomeUnknown):
        run(stub, create, paypal_max_network_retries=0)


def test_an_answer_that_takes_too_long_is_an_outcome_that_nobody_knows(stub):
    stub.on("POST", ORDERS, Reply(201, ORDER, seconds=1.5))
    with pytest.raises(OutcomeUnknown):
        run(stub, create, paypal_max_network_retries=0, paypal_timeout_seconds=0.2)


def test_the_sdk_raises_raw_transport_errors_and_exceptions_that_cannot_be_printed(stub):
    """What the answers above are answers to; should the SDK change, this says so."""
    stub.on("POST", ORDERS, Reply(503, b""))
    client = PayPalClient(settings(stub))
    with pytest.raises(ErrorException) as trouble:
        client._sdk.orders.create_order({"body": {}})
    with pytest.raises(AttributeError):
        str(trouble.value)
    stub.on("POST", ORDERS, Reply(cut=True))
    with pytest.raises(requests.ConnectionError):
        client._sdk.orders.create_order({"body": {}})


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (issue(422, "UNPROCESSABLE_ENTITY", "INSTRUMENT_DECLINED"), Refused, "INSTRUMENT_DECLINED"),
        (issue(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER"), Refused, "MISSING_REQUIRED_PARAMETER"),
        (issue(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"), NotFound, "INVALID_RESOURCE_ID"),
        (issue(409, "RESOURCE_CONFLICT", RUNNING), OutcomeUnknown, RUNNING),
        (issue(422, "UNPROCESSABLE_ENTITY", COMPLETING), OutcomeUnknown, COMPLETING),
        (Reply(429, {"name": "RATE_LIMIT_REACHED"}), OutcomeUnknown, "rate_limited"),
        (issue(403, "NOT_AUTHORIZED", "PERMISSION_DENIED"), OutcomeUnknown, "key_refused"),
        (Reply(400, b"not json"), Refused, "http_400"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_error_is_told_by_its_issue_and_its_status(stub, reply, kind, code):
    stub.on("POST", ORDERS, reply)
    with pytest.raises((Refused, OutcomeUnknown)) as trouble:
        run(stub, create, paypal_max_network_retries=0)
    assert type(trouble.value) is kind
    assert trouble.value.code == code


def test_a_refusal_is_not_repeated(stub):
    stub.on("POST", ORDERS, issue(422, "UNPROCESSABLE_ENTITY", "DUPLICATE_INVOICE_ID"))
    with pytest.raises(Refused):
        run(stub, create)
    assert len(stub.calls(ORDERS)) == 1


# answers


def test_zeros_and_unknown_fields_are_read_from_the_answer_itself(stub):
    body = {**ORDER, "expected_total": 0, "note": "", "something_new": {"a": []}}
    stub.on("GET", f"{ORDERS}/{ORDER['id']}", Reply(200, body))
    assert run(stub, get).data == body


def test_an_answer_that_is_no_order_is_an_outcome_that_nobody_knows(stub):
    stub.on("GET", f"{ORDERS}/{ORDER['id']}", Reply(200, b"<html>maintenance</html>"))

    async def read(client):
        return (await get(client)).data

    with pytest.raises(OutcomeUnknown):
        run(stub, read)


def test_an_empty_204_is_an_empty_answer(stub):
    path = "/v2/payments/authorizations/8AB/void"
    stub.on("POST", path, Reply(204, b""))

    async def void(client):
        options = {"authorization_id": "8AB", "paypal_request_id": "k"}
        return (await client.sdk(lambda sdk: sdk.payments.void_payment(options), key="k", moves_money=True)).data

    assert run(stub, void) == {}


# tokens


def test_a_cold_start_of_many_calls_asks_for_one_token(stub):
    stub.on("GET", f"{ORDERS}/{ORDER['id']}", Reply(200, ORDER, seconds=0.05))
    run(stub, lambda client: asyncio.gather(*(get(client) for _ in range(16))))
    assert stub.tokens == 1


def test_a_token_that_was_taken_back_is_renewed_once_and_the_call_repeated_under_the_same_id(stub):
    dead = Reply(401, {"error": "invalid_token", "error_description": "Access Token not found in cache"})
    stub.on("POST", ORDERS, dead, Reply(201, ORDER))
    assert run(stub, create).data["id"] == ORDER["id"]
    assert stub.tokens == 2
    assert keys_sent(stub) == ["order:or_1:payment:1"] * 2
    sent = [one.headers["Authorization"] for one in stub.calls(ORDERS)]
    assert sent[0] != sent[1]


def test_a_second_401_is_not_chased(stub):
    stub.on("POST", ORDERS, Reply(401, {"error": "invalid_token"}))
    with pytest.raises(OutcomeUnknown) as trouble:
        run(stub, create)
    assert trouble.value.code == "key_refused"
    assert len(stub.calls(ORDERS)) == 2


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(401, {"error": "invalid_client"}), "key_refused"),
        (Reply(500, b"oops"), "no_token"),
        (Reply(429, {"name": "RATE_LIMIT_REACHED"}), "rate_limited"),
        (Reply(200, {"nothing": 1}), "no_token"),
        (Reply(200, b"<html>"), "no_token"),
        (Reply(cut=True), "no_token"),
    ],
    ids=["bad client", "500", "429", "no token in it", "HTML", "cut"],
)
def test_a_token_endpoint_that_fails_is_told_apart_and_nothing_is_sent_without_a_token(stub, reply, code):
    stub.token = lambda: reply
    with pytest.raises(OutcomeUnknown) as trouble:
        run(stub, create, paypal_max_network_retries=0)
    assert trouble.value.code == code
    assert stub.calls(ORDERS) == []


def test_a_token_is_renewed_before_it_expires_in_flight(stub):
    """The skew is a whole number: as a text, the SDK's comparison fails with the second call."""
    stub.token = lambda: Reply(body={"access_token": f"A21-{stub.tokens}", "token_type": "Bearer", "expires_in": 61})
    stub.on("GET", f"{ORDERS}/{ORDER['id']}", Reply(200, ORDER))

    async def twice(client):
        await get(client)
        await asyncio.sleep(2.1)
        await get(client)

    run(stub, twice)
    assert stub.tokens == 2


def test_what_the_sdk_has_not_goes_out_with_the_same_token(stub):
    stub.on("GET", "/v1/customer/disputes/PP-D-1", Reply(200, {"dispute_id": "PP-D-1"}))
    stub.on("GET", f"{ORDERS}/{ORDER['id']}", Reply(200, ORDER))

    async def both(client):
        await get(client)
        return await client.beside("GET", "/v1/customer/disputes/PP-D-1")

    assert run(stub, both).data == {"dispute_id": "PP-D-1"}
    assert stub.tokens == 1


def test_a_call_beside_the_sdk_that_is_no_question_is_made_once(stub):
    stub.on("POST", "/v1/customer/disputes/PP-D-1/accept-claim", Reply(503, b""))
    with pytest.raises(OutcomeUnknown):
        run(stub, lambda client: client.beside("POST", "/v1/customer/disputes/PP-D-1/accept-claim", content=b"{}"))
    assert len(stub.calls("/v1/customer/disputes/PP-D-1/accept-claim")) == 1


def test_a_proxy_of_the_environment_does_not_see_calls_to_a_simulator(stub, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    stub.on("POST", ORDERS, Reply(201, ORDER))
    assert run(stub, create).status == 201


# cards


def test_a_card_that_the_sdk_would_print_in_full_is_not_logged(capsys):
    """The shop never takes cards; should one ever reach a log line, its number and code do not."""
    card = CardRequest(number="4012888888881881", security_code="123", expiry="2030-01")
    assert "4012888888881881" in repr(card)
    assert redaction.holds_card_number(repr(card))
    written = redaction.clean_text(repr(card))
    assert "4012888888881881" not in written
    assert "123" not in written
    logs.configure("test")
    logs.get("paypal").warning("odd", card=card)
    written = capsys.readouterr().err
    assert "odd" in written
    assert "4012888888881881" not in written


def test_tokens_and_credentials_are_not_logged():
    line = "Basic Y2xpZW50OnNlY3JldA== and A21AAabcdefghijklmnopqrstuvwxyz0123456789_-"
    assert "Y2xpZW50" not in redaction.clean_text(line)
    assert "A21AA" not in redaction.clean_text(line)


# what we ask for


def gateway(stub, what, **changes):
    async def inside():
        made = PayPalGateway(settings(stub, **changes))
        try:
            return await what(made)
        finally:
            await made.close()

    return asyncio.run(inside())


def test_an_order_carries_our_amounts_with_their_breakdown_and_our_references(stub):
    stub.on("POST", ORDERS, Reply(201, ORDER))
    gateway(stub, lambda made: made.create_payment(PARAMS, "order:or_1:payment:1"))
    [asked] = stub.calls(ORDERS)
    body = json.loads(asked.body)
    [unit] = body["purchase_units"]
    assert body["intent"] == "CAPTURE"
    assert unit["amount"] == {
        "currency_code": "EUR",
        "value": "49.99",
        "breakdown": {"item_total": {"currency_code": "EUR", "value": "49.99"}},
    }
    assert (unit["invoice_id"], unit["custom_id"]) == ("or_1-1", "pay_1")
    context = body["payment_source"]["paypal"]["experience_context"]
    assert context["return_url"] == PARAMS["return_url"]
    assert context["cancel_url"] == PARAMS["cancel_url"]


def test_an_embedded_order_leaves_the_way_to_pay_to_the_browser_and_a_manual_one_is_authorised(stub):
    stub.on("POST", ORDERS, Reply(201, ORDER))
    wish = {**PARAMS, "method": "embedded", "capture": "manual"}
    gateway(stub, lambda made: made.create_payment(wish, "order:or_1:payment:1"))
    body = json.loads(stub.calls(ORDERS)[0].body)
    assert body["intent"] == "AUTHORIZE"
    assert "payment_source" not in body


def test_an_invoice_id_that_was_paid_before_gets_a_suffix_and_another_request_id(stub):
    stub.on("POST", ORDERS, issue(422, "UNPROCESSABLE_ENTITY", "DUPLICATE_INVOICE_ID"), Reply(201, ORDER))
    gateway(stub, lambda made: made.create_payment(PARAMS, "order:or_1:payment:1"))
    invoices = [json.loads(one.body)["purchase_units"][0]["invoice_id"] for one in stub.calls(ORDERS)]
    assert invoices == ["or_1-1", "or_1-1-1"]
    assert len(set(keys_sent(stub))) == 2


def test_a_log_of_refused_credentials_names_neither(stub, monkeypatch):
    lines = io.StringIO()
    logs.configure("test")
    monkeypatch.setattr("sys.stderr", lines)
    stub.token = lambda: Reply(401, {"error": "invalid_client"})
    with pytest.raises(OutcomeUnknown):
        run(stub, create, paypal_client_secret=SecretStr("very-secret-indeed"))
    assert "very-secret-indeed" not in lines.getvalue()


# holds

HOLD = "8AB"


def held_since(stub, made, *, renewed=None):
    hold = {"id": HOLD, "status": "CREATED", "amount": {"currency_code": "EUR", "value": "9.00"}, "create_time": made}
    unit = {"amount": hold["amount"], "payments": {"authorizations": [hold]}}
    stub.on("GET", f"{ORDERS}/{ORDER['id']}", Reply(200, {**ORDER, "status": "COMPLETED", "purchase_units": [unit]}))
    if renewed is not None:
        stub.on("POST", f"/v2/payments/authorizations/{HOLD}/reauthorize", renewed)
    for one in (HOLD, "9CD"):
        stub.on("POST", f"/v2/payments/authorizations/{one}/capture", Reply(201, {"id": "4AB", "status": "COMPLETED"}))
    params = {"intent_id": ORDER["id"], "amount": 900}
    gateway(stub, lambda made: made.capture(params, "payment:pay_1:capture:1"))
    paths = [one.path for one in stub.asked if one.method == "POST" and "authorizations" in one.path]
    return [path.removeprefix("/v2/payments/authorizations/") for path in paths]


def days_ago(days):
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_hold_within_its_honour_period_is_captured_as_it_is(stub):
    assert held_since(stub, days_ago(2)) == ["8AB/capture"]


def test_a_hold_past_its_honour_period_is_authorised_anew_first_under_its_own_id(stub):
    asked = held_since(stub, days_ago(4), renewed=Reply(201, {"id": "9CD", "status": "CREATED"}))
    assert asked == ["8AB/reauthorize", "9CD/capture"]
    keys = [one.headers["PayPal-Request-Id"] for one in stub.asked if "authorizations" in one.path]
    assert keys == ["payment:pay_1:capture:1:reauthorise", "payment:pay_1:capture:1"]


def test_a_hold_that_cannot_be_authorised_anew_is_captured_all_the_same(stub):
    refusal = issue(422, "UNPROCESSABLE_ENTITY", "REAUTHORIZATION_NOT_SUPPORTED")
    assert held_since(stub, days_ago(4), renewed=refusal) == ["8AB/reauthorize", "8AB/capture"]
