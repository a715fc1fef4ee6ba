"""Access tokens: who gets one, what it opens, when it ends."""

from __future__ import annotations

import httpx
import pytest
from merchant import Merchant, card, wanted


def test_a_token_says_what_paypal_s_says(merchant):
    answer = merchant.page.post(
        "/v1/oauth2/token", auth=(merchant.client_id, "secret"), data={"grant_type": "client_credentials"}
    )
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert (body["app_id"][:4], body["expires_in"]) == ("APP-", 32400)
    assert {"scope", "nonce", "access_token"} <= set(body)


def test_another_secret_of_a_known_client_is_invalid_client(merchant):
    answer = merchant.page.post(
        "/v1/oauth2/token", auth=(merchant.client_id, "other"), data={"grant_type": "client_credentials"}
    )
    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_client", "error_description": "Client Authentication failed"}


@pytest.mark.parametrize(("form", "error"), [({}, "invalid_request"), ({"grant_type": "x"}, "unsupported_grant_type")])
def test_another_grant_is_refused(merchant, form, error):
    answer = merchant.page.post("/v1/oauth2/token", auth=(merchant.client_id, "secret"), data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_no_token_is_authentication_failure_and_an_unknown_one_is_invalid_token(merchant):
    bare = merchant.page.get("/v2/checkout/orders/X")
    assert (bare.status_code, bare.json()["name"]) == (401, "AUTHENTICATION_FAILURE")
    unknown = merchant.page.get("/v2/checkout/orders/X", headers={"Authorization": "Bearer A21AA-nobody"})
    assert (unknown.status_code, unknown.json()["error"]) == (401, "invalid_token")


def test_a_token_ends_with_its_life_by_the_virtual_clock(merchant):
    order = merchant.order()["id"]
    merchant.sim("clock/advance", seconds=32401)
    assert merchant.call("GET", f"/v2/checkout/orders/{order}").json()["error"] == "invalid_token"


def test_a_revoked_token_is_dead_and_a_fresh_one_is_not(merchant):
    merchant.order()
    assert merchant.sim("tokens/revoke")["revoked"] == 1
    assert merchant.call("POST", "/v2/checkout/orders", wanted()).status_code == 401
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"
    assert merchant.call("POST", "/v2/checkout/orders", wanted()).status_code == 201


def test_a_browser_s_token_confirms_and_reads_and_does_nothing_else(merchant):
    order = merchant.order()["id"]
    browser = httpx.Client(base_url=merchant.url, headers={"Authorization": f"Bearer {merchant.token('')}"})
    with browser:
        confirmed = browser.post(f"/v2/checkout/orders/{order}/confirm-payment-source", json={"payment_source": card()})
        assert (confirmed.status_code, confirmed.json()["status"]) == (200, "APPROVED")
        assert browser.get(f"/v2/checkout/orders/{order}").status_code == 200
        for verb in ("capture", "authorize"):
            refused = browser.post(f"/v2/checkout/orders/{order}/{verb}", json={})
            assert (refused.status_code, refused.json()["name"]) == (403, "NOT_AUTHORIZED")
        assert browser.post("/v2/checkout/orders", json=wanted()).status_code == 403
    assert merchant.call("POST", f"/v2/checkout/orders/{order}/capture").json()["status"] == "COMPLETED"


def test_a_browser_may_ask_from_another_origin(merchant):
    preflight = merchant.page.options("/v2/checkout/orders", headers={"Origin": "https://shop.test"})
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "PayPal-Request-Id" in preflight.headers["access-control-allow-headers"]
    answer = merchant.call("GET", "/v2/checkout/orders/X", Origin="https://shop.test")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_accounts_of_different_clients_never_meet(merchant):
    order = merchant.order()["id"]
    other = Merchant(merchant.url)
    assert other.call("GET", f"/v2/checkout/orders/{order}").status_code == 404
    other.close()


def test_a_control_call_takes_the_token_or_the_client_and_nothing_else(merchant):
    token = merchant.http.headers["Authorization"]
    assert merchant.page.get("/_sim/clock", headers={"Authorization": token}).status_code == 200
    assert merchant.control.get("/clock").status_code == 200
    refused = merchant.page.get("/_sim/clock")
    assert refused.status_code == 401
    assert "Basic" in refused.json()["error"]["message"]
