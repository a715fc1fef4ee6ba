"""Idempotency keys: what is kept, what is given again, what is refused. Stripe, "Idempotent requests"."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest
import stripe
from simulated_shop import Shop

PAYMENT = {
    "amount": "1000",
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": "true",
    "payment_method_types[]": "card",
}


def post(shop: Shop, key: str, path: str = "/v1/payment_intents", **data: Any) -> httpx.Response:
    return shop.http.post(path, data=data or PAYMENT, headers={"Idempotency-Key": key})


def fault(shop: Shop, **fields: Any) -> None:
    shop.http.post("/_sim/faults", json={"path": "/v1/payment_intents", **fields}).raise_for_status()


def test_a_repeated_key_gives_the_same_bytes_and_says_so(shop: Shop) -> None:
    first, again = post(shop, "k1"), post(shop, "k1")
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert again.headers["idempotency-key"] == first.headers["idempotency-key"] == "k1"
    assert len(shop.v1.payment_intents.list().data) == 1


def test_the_first_answer_is_given_again_even_after_the_object_changed(shop: Shop) -> None:
    first = post(shop, "k1", **(PAYMENT | {"capture_method": "manual"}))
    shop.v1.payment_intents.capture(first.json()["id"])
    assert post(shop, "k1", **(PAYMENT | {"capture_method": "manual"})).content == first.content


def test_an_expanded_answer_is_given_again_byte_for_byte(shop: Shop) -> None:
    data = PAYMENT | {"expand[]": "latest_charge.balance_transaction"}
    assert post(shop, "k1", **data).content == post(shop, "k1", **data).content


def test_a_decline_is_kept(shop: Shop) -> None:
    data = PAYMENT | {"payment_method": "pm_card_chargeDeclined"}
    first, again = post(shop, "k1", **data), post(shop, "k1", **data)
    assert (first.status_code, again.status_code) == (402, 402)
    assert again.content == first.content
    assert len(shop.v1.charges.list().data) == 1


def test_other_parameters_under_the_same_key_are_refused(shop: Shop) -> None:
    post(shop, "k1")
    refusal = post(shop, "k1", **(PAYMENT | {"amount": "2000"}))
    error = refusal.json()["error"]
    assert (refusal.status_code, error["type"]) == (400, "idempotency_error")
    assert "code" not in error
    assert "'k1'" in error["message"]
    with pytest.raises(stripe.IdempotencyError):
        shop.v1.payment_intents.create({"amount": 1, "currency": "usd"}, {"idempotency_key": "k1"})


def test_another_endpoint_under_the_same_key_is_refused(shop: Shop) -> None:
    post(shop, "k1")
    refusal = post(shop, "k1", "/v1/customers", name="x")
    assert (refusal.status_code, refusal.json()["error"]["type"]) == (400, "idempotency_error")


def test_the_order_of_parameters_does_not_matter(shop: Shop) -> None:
    first = post(shop, "k1", name="a", email="b@example.com", path="/v1/customers")
    again = post(shop, "k1", email="b@example.com", name="a", path="/v1/customers")
    assert again.content == first.content


def test_a_refused_parameter_leaves_the_key_free(shop: Shop) -> None:
    assert post(shop, "k1", **(PAYMENT | {"wat": "1"})).status_code == 400
    assert post(shop, "k1").status_code == 200


def test_a_key_is_new_again_after_a_day(shop: Shop) -> None:
    first = post(shop, "k1").json()["id"]
    shop.advance(86_400 - 60)
    assert post(shop, "k1").json()["id"] == first
    shop.advance(120)
    assert post(shop, "k1").json()["id"] != first


def test_a_second_call_while_the_first_is_in_flight_is_a_conflict(shop: Shop) -> None:
    fault(shop, action="delay", seconds=1.5)
    answers: list[httpx.Response] = []
    first = threading.Thread(target=lambda: answers.append(post(shop, "k1")))
    first.start()
    conflict = None
    while first.is_alive() and conflict is None:
        answer = httpx.post(
            f"{shop.url}/v1/payment_intents",
            data=PAYMENT,
            headers={"Idempotency-Key": "k1", "Authorization": f"Bearer {shop.key}"},
        )
        conflict = answer if answer.status_code == 409 else None
    first.join()
    assert conflict is not None
    assert conflict.json()["error"]["code"] == "idempotency_key_in_use"
    assert len(shop.v1.payment_intents.list().data) == 1


def test_keys_of_different_accounts_do_not_meet(shop: Shop) -> None:
    other = Shop(shop.url)
    assert post(shop, "k1").json()["id"] != post(other, "k1").json()["id"]


def test_a_get_ignores_the_key(shop: Shop) -> None:
    before = shop.http.get("/v1/customers", headers={"Idempotency-Key": "k1"})
    shop.v1.customers.create()
    after = shop.http.get("/v1/customers", headers={"Idempotency-Key": "k1"})
    assert (len(before.json()["data"]), len(after.json()["data"])) == (0, 1)


def test_a_key_has_at_most_255_characters(shop: Shop) -> None:
    assert post(shop, "k" * 255).status_code == 200
    assert post(shop, "k" * 256).status_code == 400


def test_the_sdks_own_retry_finds_the_payment_that_was_made(shop: Shop) -> None:
    client = shop.sdk(shop.key, max_network_retries=2)
    fault(shop, action="drop_response")
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    assert [found.id for found in shop.v1.payment_intents.list().data] == [intent.id]
    assert intent.last_response.headers["idempotent-replayed"] == "true"
