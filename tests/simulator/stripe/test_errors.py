"""Who may call, and how everything that is wrong with a call is answered: in Stripe's shape, never a stack trace."""

from __future__ import annotations

import base64
import socket

import httpx
import pytest
import stripe
from simulated_shop import Shop


def get(shop: Shop, path: str = "/v1/customers", **headers: str) -> httpx.Response:
    return httpx.get(f"{shop.url}{path}", headers=headers)


def test_no_key_is_a_401_that_says_how_to_send_one(shop: Shop) -> None:
    answer = get(shop)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (401, "invalid_request_error")
    assert "You did not provide an API key" in error["message"]
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("key", ["nonsense", "sk_test_", "sk_other_abcdefgh", "sk_test_a b", "whsec_abcdefgh"])
def test_a_malformed_key_is_refused_and_masked(shop: Shop, key: str) -> None:
    answer = get(shop, Authorization=f"Bearer {key}")
    message = answer.json()["error"]["message"]
    assert answer.status_code == 401
    assert message.startswith("Invalid API Key provided")
    assert key.endswith("_") or key not in message


def test_basic_authentication_works_as_with_curl(shop: Shop) -> None:
    token = base64.b64encode(f"{shop.key}:".encode()).decode()
    assert get(shop, Authorization=f"Basic {token}").status_code == 200


def test_an_expired_key_says_so(shop: Shop) -> None:
    shop.control("POST", "settings", key_expired=True)
    with pytest.raises(stripe.AuthenticationError) as refusal:
        shop.v1.customers.list()
    assert refusal.value.error.code == "api_key_expired"


def test_a_publishable_key_cannot_do_what_needs_a_secret_one(shop: Shop) -> None:
    with pytest.raises(stripe.AuthenticationError, match="publishable API key") as refusal:
        shop.browser.customers.create()
    assert refusal.value.error.code == "secret_key_required"


def test_a_restricted_key_has_the_rights_that_it_was_given(shop: Shop) -> None:
    shop.control("POST", "settings", permissions={"refunds": "none", "customers": "read"})
    restricted = shop.sdk(f"rk_test_{shop.name}").v1
    restricted.customers.list()
    for call in (restricted.refunds.list, restricted.customers.create):
        with pytest.raises(stripe.PermissionError) as refusal:
            call()
        assert refusal.value.error.code == "more_permissions_required"
    shop.v1.refunds.list()


def test_secret_publishable_and_restricted_keys_share_an_account(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    seen = shop.browser.payment_intents.retrieve(intent.id, {"client_secret": intent.client_secret})
    assert seen.id == intent.id
    assert shop.sdk(f"rk_test_{shop.name}").v1.payment_intents.retrieve(intent.id).id == intent.id


def test_a_browser_sees_less_and_needs_the_right_client_secret(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd", "metadata": {"order": "7"}})
    seen = shop.browser.payment_intents.retrieve(intent.id, {"client_secret": intent.client_secret})
    assert "metadata" not in seen
    for params in ({}, {"client_secret": f"{intent.id}_secret_wrong"}):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            shop.browser.payment_intents.retrieve(intent.id, params)
        assert refusal.value.param == "client_secret"


def test_a_browser_may_confirm_with_card_numbers_and_a_server_may_not(shop: Shop) -> None:
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd", "payment_method_types": ["card"]})
    paid = shop.browser.payment_intents.confirm(
        intent.id,
        {"client_secret": intent.client_secret, "payment_method_data": {"type": "card", "card": card}},
    )
    assert paid.status == "succeeded"
    with pytest.raises(stripe.CardError, match="generally unsafe"):
        shop.v1.payment_methods.create({"type": "card", "card": card})
    shop.control("POST", "settings", raw_card_data=True)
    assert shop.v1.payment_methods.create({"type": "card", "card": card}).card.last4 == "4242"


def test_test_cards_decline_in_live_mode(shop: Shop) -> None:
    live = shop.sdk(f"sk_live_{shop.name}").v1
    with pytest.raises(stripe.CardError) as refusal:
        live.payment_intents.create(
            {
                "amount": 1000,
                "currency": "usd",
                "payment_method": "pm_card_visa",
                "confirm": True,
                "payment_method_types": ["card"],
            }
        )
    assert refusal.value.error.decline_code == "live_mode_test_card"
    assert refusal.value.error.payment_intent.livemode is True
    assert shop.v1.payment_intents.list().data == []


def test_a_real_card_declines_in_test_mode(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        shop.browser.payment_methods.create(
            {"type": "card", "card": {"number": "4000056655665572", "exp_month": 1, "exp_year": 2040, "cvc": "123"}}
        )
    assert refusal.value.error.decline_code == "test_mode_live_card"


def test_a_browser_of_another_origin_may_call(shop: Shop) -> None:
    preflight = httpx.options(
        f"{shop.url}/v1/payment_intents/pi_1/confirm",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
    )
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "*")
    assert "POST" in preflight.headers["access-control-allow-methods"]
    answer = get(shop, Authorization=f"Bearer pk_test_{shop.name}", Origin="https://shop.example")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("PATCH", "/v1/customers", 404),
        ("DELETE", "/v1/payment_intents/pi_1", 404),
        ("GET", "/v1/customers/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/v1/customers/%2e%2e/payment_intents", 404),
        ("GET", "/v1/customers/%00", 404),
        ("GET", "/v1/customers/" + "x" * 3000, 404),
        ("GET", "/v1/customers?limit=%zz", 400),
        ("GET", "/v1/customers?limit=1&limit[a]=2", 400),
        ("POST", "/v1/customers/", 404),
    ],
)
def test_junk_in_the_address_is_answered_in_stripes_shape(shop: Shop, method: str, path: str, status: int) -> None:
    answer = shop.http.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"name": "x"}', "application/json"),
        (b"name=%ff%fe", "application/x-www-form-urlencoded"),
        (b"a[b=1", "application/x-www-form-urlencoded"),
        (b"metadata[a][b]=1&metadata[a]=2", "application/x-www-form-urlencoded"),
        (b"\x00\x01\x02", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=y"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(shop: Shop, body: bytes, content_type: str) -> None:
    answer = shop.http.post("/v1/customers", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_an_enormous_body_is_refused(shop: Shop) -> None:
    answer = shop.http.post("/v1/customers", content=b"name=" + b"x" * (19 * 1_048_576))
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "invalid_request_error")


def test_bytes_that_are_not_http_get_a_shaped_answer(shop: Shop) -> None:
    url = httpx.URL(shop.url)
    with socket.create_connection((url.host, url.port), timeout=10) as connection:
        connection.sendall(b"GARBAGE\x00\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"invalid_request_error" in answer


def test_every_answer_names_its_request_and_its_version(shop: Shop) -> None:
    answer = shop.http.get("/v1/customers", headers={"Stripe-Version": "2024-06-20"})
    assert answer.headers["request-id"].startswith("req_")
    assert answer.headers["stripe-version"] == "2024-06-20"
    assert shop.http.get("/v1/customers").headers["stripe-version"] == "2026-10-28.endive"


def test_a_call_for_a_connected_account_that_does_not_exist_is_a_403(shop: Shop) -> None:
    answer = shop.http.get("/v1/customers", headers={"Stripe-Account": "acct_1nope"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "account_invalid")


def test_expanding_what_cannot_be_expanded_is_a_400(shop: Shop) -> None:
    intent = shop.pay()
    for path, shown in (
        ("amount", "(amount)"),
        ("nope", "(nope)"),
        ("latest_charge.status.x", "(latest_charge.status)"),
        ("latest_charge.payment_intent.latest_charge.payment_intent.latest_charge", "levels"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            shop.v1.payment_intents.retrieve(intent.id, {"expand": [path]})
        assert shown in refusal.value.user_message
        assert (refusal.value.code, refusal.value.param) == (None, None)
    with pytest.raises(stripe.InvalidRequestError, match=r"data\.customer"):
        shop.v1.payment_intents.list({"expand": ["customer"]})


def test_expanding_goes_four_levels_deep(shop: Shop) -> None:
    intent = shop.pay(customer=shop.v1.customers.create().id)
    found = shop.v1.payment_intents.list({"expand": ["data.latest_charge.payment_intent.customer"]})
    deepest = found.data[0].latest_charge.payment_intent
    assert (deepest.id, deepest.customer.id) == (intent.id, intent.customer)
    assert found.data[0].latest_charge.customer == intent.customer


def test_a_path_that_cannot_be_expanded_creates_nothing(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.customers.create({"name": "x", "expand": ["bogus"]})
    assert shop.v1.customers.list({"expand": ["data"]}).data == []
    assert shop.v1.customers.create({"expand": ["address"]}).address is None


def test_too_many_calls_get_a_429_with_its_reason(shop: Shop) -> None:
    shop.control("POST", "settings", rate_limit=1)
    answers = [shop.http.get("/v1/customers") for _ in range(3)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    assert limited[0].json()["error"]["code"] == "rate_limit"
    assert limited[0].headers["stripe-rate-limited-reason"] == "global-rate"
    with pytest.raises(stripe.RateLimitError):
        shop.v1.customers.list()


def test_an_object_of_the_other_mode_is_not_found_but_recognised(shop: Shop) -> None:
    intent = shop.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError, match="a similar object exists in test mode, but a live mode key"):
        shop.sdk(f"sk_live_{shop.name}").v1.payment_intents.retrieve(intent.id)


@pytest.mark.parametrize("email", ["nobody", "a@", "@b.example", "a b@c.example"])
def test_what_is_no_email_address_is_refused(shop: Shop, email: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid email address") as refusal:
        shop.v1.customers.create({"email": email})
    assert (refusal.value.code, refusal.value.param) == ("email_invalid", "email")
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payment_intents.create({"amount": 1000, "currency": "usd", "receipt_email": email})


def test_a_return_url_is_absolute(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.pay(return_url="/thanks", automatic_payment_methods={"enabled": True})
    assert (refusal.value.code, refusal.value.param) == ("url_invalid", "return_url")
    assert shop.pay(return_url="myapp://back", automatic_payment_methods={"enabled": True}).status == "succeeded"


def test_a_refused_key_gets_a_request_id_too(shop: Shop) -> None:
    assert get(shop).headers["request-id"].startswith("req_")


def test_an_encoded_slash_belongs_to_the_id(shop: Shop) -> None:
    customer = shop.v1.customers.create()
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.v1.customers.retrieve(f"{customer.id}/payment_methods")
