"""What holds for every call: tokens, versions, bodies, paths that are not there, limits, the control interface."""

import httpx
import pytest
from seller import Seller, code


def test_a_call_without_a_good_token_is_unauthorized(seller):
    for headers in ({}, {"Authorization": "Bearer sk_test_1"}, {"Authorization": "Basic EAAAx"}):
        answer = seller.page.get("/v2/locations", headers=headers)
        assert code(answer) == (401, "UNAUTHORIZED")
        assert answer.json()["errors"][0]["category"] == "AUTHENTICATION_ERROR"


def test_a_revoked_token_is_told_so(seller):
    seller.sim("tokens/revoke")
    assert code(seller.http.get("/v2/locations")) == (401, "ACCESS_TOKEN_REVOKED")
    seller.sim("tokens/restore")
    assert seller.http.get("/v2/locations").status_code == 200


def test_tokens_open_accounts_that_do_not_meet(seller, square_url):
    one = seller.paid()
    other = Seller(square_url)
    assert other.http.get(f"/v2/payments/{one['id']}").status_code == 404
    assert other.location != seller.location
    other.close()


def test_the_version_is_checked_and_told_back(seller):
    answer = seller.http.get("/v2/locations", headers={"Square-Version": "2024-01-18"})
    assert answer.headers["square-version"] == "2024-01-18"
    for bad in ("1", "2024-13-01", "20240118"):
        answer = seller.http.get("/v2/locations", headers={"Square-Version": bad})
        assert code(answer) == (400, "INVALID_SQUARE_VERSION_FORMAT")


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b'{"a":}'])
def test_a_body_that_is_no_json_object_is_refused(seller, body):
    answer = seller.http.post("/v2/payments", content=body, headers={"Content-Type": "application/json"})
    assert code(answer) == (400, "EXPECTED_JSON_BODY")


def test_calls_without_a_body_need_no_content_type(seller):
    one = seller.paid(autocomplete=False)
    assert seller.http.post(f"/v2/payments/{one['id']}/cancel").status_code == 200


def test_what_is_not_there_says_so_in_squares_shape(seller):
    assert code(seller.http.get("/v2/nothing")) == (404, "NOT_FOUND")
    assert code(seller.http.delete("/v2/payments")) == (405, "METHOD_NOT_ALLOWED")
    answer = seller.post("/v2/subscriptions")
    assert code(answer) == (501, "NOT_IMPLEMENTED")
    assert "not simulated" in answer.json()["errors"][0]["detail"]


def test_the_location_is_there_in_the_sellers_currency(seller):
    (place,) = seller.sdk.locations.list().locations
    assert (place.id, place.currency, place.country, place.status) == (seller.location, "EUR", "IE", "ACTIVE")
    assert seller.sdk.locations.get(location_id="main").location.id == seller.location
    assert seller.sdk.merchants.get(merchant_id="me").merchant.main_location_id == seller.location


def test_another_location_can_be_made_and_takes_payments(seller):
    made = seller.sdk.locations.create(location={"name": "Midtown"}).location
    assert seller.paid(location_id=made.id)["location_id"] == made.id
    seller.sdk.locations.update(location_id=made.id, location={"description": "by the river"})
    assert seller.sdk.locations.get(location_id=made.id).location.description == "by the river"
    assert len(seller.sdk.locations.list().locations) == 2


def test_a_limit_answers_429_with_and_without_a_time(seller):
    seller.sim("settings", rate_limit=0)
    answer = seller.http.get("/v2/locations")
    assert code(answer) == (429, "RATE_LIMITED")
    assert "retry-after" not in answer.headers
    seller.sim("settings", retry_after_seconds=3)
    assert seller.http.get("/v2/locations").headers["retry-after"] == "3"


def test_an_injected_outage_speaks_as_square_does(seller):
    seller.sim("faults", path="/v2/payments", action="status", status=503, times=1)
    assert code(seller.pay()) == (503, "SERVICE_UNAVAILABLE")
    assert seller.pay().status_code == 200


def test_the_journal_shows_the_key_that_came_in_the_body(seller):
    seller.pay(idempotency_key="k-17")
    entries = seller.control.get("/journal").json()["entries"]
    assert entries[-1]["idempotency_key"] == "k-17"


def test_unknown_settings_are_refused_and_the_country_stays_once_money_moved(seller):
    assert seller.control.post("/settings", json={"colour": "red"}).status_code == 400
    seller.paid()
    answer = seller.control.post("/settings", json={"country": "US"})
    assert answer.status_code == 400
    assert "country" in answer.text


def test_a_frozen_state_comes_back(seller):
    one = seller.paid()
    seller.sim("state/freeze", name="before")
    seller.refund(one["id"], 100)
    seller.sim("state/restore", name="before")
    assert "refund_ids" not in seller.payment(one["id"])
    assert seller.http.get("/v2/refunds").json() == {}


def test_control_calls_need_a_token(square_url):
    assert httpx.get(f"{square_url}/_sim/credentials", trust_env=False).status_code in {401, 403}
