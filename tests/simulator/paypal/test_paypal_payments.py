"""Authorizations, captures and refunds: limits, times, states."""

from __future__ import annotations

import pytest
from merchant import issues, money

CAPTURES, HELD = "/v2/payments/captures", "/v2/payments/authorizations"
DAY = 86400


@pytest.fixture(autouse=True)
def _a_token_that_lasts(merchant):
    merchant.sim("settings", token_seconds=400 * DAY)
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"


def refund(merchant, capture, **body):
    return merchant.call("POST", f"{CAPTURES}/{capture}/refund", body)


def test_by_default_an_answer_is_id_status_and_links(merchant):
    made = refund(merchant, merchant.captured()["id"])
    assert (made.status_code, set(made.json())) == (201, {"id", "status", "links"})
    assert next(one for one in made.json()["links"] if one["rel"] == "up")["href"].startswith(merchant.url + CAPTURES)


def test_a_capture_shows_fee_and_net(merchant):
    capture = merchant.captured(value="100.00")
    parts = capture["seller_receivable_breakdown"]
    assert (parts["paypal_fee"], parts["net_amount"]) == (money("3.98"), money("96.02"))


def test_partial_refunds_add_up_to_the_capture(merchant):
    capture = merchant.captured(value="10.00")["id"]
    first = merchant.call(
        "POST", f"{CAPTURES}/{capture}/refund", {"amount": money("4.00")}, Prefer="return=representation"
    )
    assert first.json()["seller_payable_breakdown"]["total_refunded_amount"] == money("4.00")
    assert merchant.call("GET", f"{CAPTURES}/{capture}").json()["status"] == "PARTIALLY_REFUNDED"
    assert issues(refund(merchant, capture, amount=money("6.01"))) == ["REFUND_AMOUNT_EXCEEDED"]
    assert refund(merchant, capture).status_code == 201
    assert merchant.call("GET", f"{CAPTURES}/{capture}").json()["status"] == "REFUNDED"
    assert issues(refund(merchant, capture)) == ["CAPTURE_FULLY_REFUNDED"]


@pytest.mark.parametrize(
    ("body", "status", "issue"),
    [
        ({"amount": money("1.00", "EUR")}, 422, "REFUND_CAPTURE_CURRENCY_MISMATCH"),
        ({"amount": money("0.00")}, 422, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ({"amount": money("1.001")}, 422, "DECIMAL_PRECISION"),
        ({"amount": money("1.5", "JPY")}, 422, "DECIMALS_NOT_SUPPORTED"),
        ({"amount": {"value": "1.00"}}, 400, "MISSING_REQUIRED_PARAMETER"),
        ({"note_to_payer": "x" * 256}, 400, "INVALID_STRING_LENGTH"),
    ],
)
def test_a_refund_that_cannot_be(merchant, body, status, issue):
    answer = refund(merchant, merchant.captured()["id"], **body)
    assert (answer.status_code, issues(answer)) == (status, [issue])


def test_a_pending_capture_settles_or_is_denied_and_is_not_refunded_before(merchant):
    good, bad = merchant.captured("bank")["id"], merchant.captured("bank")["id"]
    assert issues(refund(merchant, good)) == ["PENDING_CAPTURE"]
    assert merchant.sim(f"captures/{good}/complete")["status"] == "COMPLETED"
    assert merchant.sim(f"captures/{bad}/deny")["status"] == "DECLINED"
    assert refund(merchant, good).status_code == 201
    assert issues(refund(merchant, bad)) == ["REFUND_NOT_ALLOWED"]
    assert merchant.control.post(f"/captures/{good}/complete", json={}).status_code == 400


def test_a_pending_capture_settles_by_itself_where_the_setting_says_when(merchant):
    merchant.sim("settings", settle_seconds=DAY)
    capture = merchant.captured("bank")["id"]
    merchant.sim("clock/advance", seconds=DAY + 1)
    assert merchant.call("GET", f"{CAPTURES}/{capture}").json()["status"] == "COMPLETED"


def test_refunds_end_after_180_days(merchant):
    capture = merchant.captured()["id"]
    merchant.sim("clock/advance", seconds=181 * DAY)
    assert issues(refund(merchant, capture)) == ["REFUND_TIME_LIMIT_EXCEEDED"]


def test_a_pending_refund_completes_and_a_failed_one_gives_the_money_back(merchant):
    merchant.sim("settings", refund_pending=True)
    capture = merchant.captured(value="10.00")["id"]
    first = refund(merchant, capture, amount=money("4.00")).json()
    assert first["status"] == "PENDING"
    assert merchant.sim(f"refunds/{first['id']}/complete")["status"] == "COMPLETED"
    second = refund(merchant, capture).json()["id"]
    assert merchant.sim(f"refunds/{second}/fail")["status"] == "FAILED"
    assert merchant.call("GET", f"{CAPTURES}/{capture}").json()["status"] == "PARTIALLY_REFUNDED"


@pytest.mark.parametrize(
    ("settles", "status", "capture_status"),
    [("completed", "COMPLETED", "REFUNDED"), ("failed", "FAILED", "COMPLETED")],
)
def test_a_pending_refund_is_decided_by_itself_where_the_setting_says_when(merchant, settles, status, capture_status):
    merchant.sim("settings", refund_pending=True, refund_settle_seconds=5 * 86400, refund_settles=settles)
    capture = merchant.captured()["id"]
    made = merchant.call("POST", f"/v2/payments/captures/{capture}/refund", {}, key="r").json()
    assert merchant.call("GET", f"/v2/payments/refunds/{made['id']}").json()["status"] == "PENDING"
    merchant.sim("clock/advance", seconds=5 * 86400 + 1)
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"
    assert merchant.call("GET", f"/v2/payments/refunds/{made['id']}").json()["status"] == status
    assert merchant.call("GET", f"/v2/payments/captures/{capture}").json()["status"] == capture_status


def test_a_completed_refund_is_sent_back_where_the_setting_says_when(merchant):
    merchant.sim("settings", refund_returns_seconds=3600)
    capture = merchant.captured()["id"]
    made = merchant.call("POST", f"/v2/payments/captures/{capture}/refund", {}, key="r").json()
    assert merchant.call("GET", f"/v2/payments/refunds/{made['id']}").json()["status"] == "COMPLETED"
    merchant.sim("clock/advance", seconds=3601)
    assert merchant.call("GET", f"/v2/payments/refunds/{made['id']}").json()["status"] == "FAILED"
    assert merchant.call("GET", f"/v2/payments/captures/{capture}").json()["status"] == "COMPLETED"


def test_an_order_shows_its_refunds_also_in_the_second_of_the_capture_and_when_they_failed(merchant):
    order = merchant.approved()
    paid = merchant.call("POST", f"/v2/checkout/orders/{order}/capture", key="c").json()
    capture = paid["purchase_units"][0]["payments"]["captures"][0]["id"]
    made = merchant.call("POST", f"/v2/payments/captures/{capture}/refund", {}, key="r").json()["id"]
    merchant.sim(f"refunds/{made}/fail")
    shown = merchant.call("GET", f"/v2/checkout/orders/{order}").json()["purchase_units"][0]["payments"]
    assert [(one["id"], one["status"]) for one in shown["refunds"]] == [(made, "FAILED")]
    assert shown["captures"][0]["status"] == "COMPLETED"


def test_a_refund_in_the_dashboard_is_a_refund(merchant):
    capture = merchant.captured(value="10.00")["id"]
    made = merchant.sim("refunds", capture=capture, amount="3.00")
    assert merchant.call("GET", f"/v2/payments/refunds/{made['id']}").json()["amount"] == money("3.00")


def test_a_reversal_takes_money_back_and_leaves_a_trace(merchant):
    capture = merchant.captured(value="10.00")
    reversed_ = merchant.sim(f"captures/{capture['id']}/reverse", amount="2.50")
    assert reversed_["status"] == "PARTIALLY_REFUNDED"
    order = next(one["href"] for one in capture["links"] if one["rel"] == "up")
    payments = merchant.http.get(order).json()["purchase_units"][0]["payments"]
    assert payments["refunds"][0]["amount"] == money("2.50")


def test_captures_of_an_authorization_may_exceed_it_by_15_percent(merchant):
    held = merchant.authorized(value="100.00")["id"]
    over = merchant.call("POST", f"{HELD}/{held}/capture", {"amount": money("115.01")})
    assert issues(over) == ["MAX_CAPTURE_AMOUNT_EXCEEDED"]
    assert merchant.call("POST", f"{HELD}/{held}/capture", {"amount": money("115.00")}).status_code == 201
    big = merchant.authorized(value="1000.00")["id"]
    over = merchant.call("POST", f"{HELD}/{big}/capture", {"amount": money("1075.01")})
    assert issues(over) == ["MAX_CAPTURE_AMOUNT_EXCEEDED"]


def test_a_final_capture_ends_the_authorization(merchant):
    held = merchant.authorized(value="10.00")["id"]
    merchant.call("POST", f"{HELD}/{held}/capture", {"amount": money("4.00")})
    assert merchant.call("GET", f"{HELD}/{held}").json()["status"] == "PARTIALLY_CAPTURED"
    merchant.call("POST", f"{HELD}/{held}/capture", {"amount": money("1.00"), "final_capture": True})
    assert merchant.call("GET", f"{HELD}/{held}").json()["status"] == "CAPTURED"
    again = merchant.call("POST", f"{HELD}/{held}/capture")
    assert issues(again) == ["AUTHORIZATION_ALREADY_CAPTURED"]
    assert issues(merchant.call("POST", f"{HELD}/{held}/void")) == ["PREVIOUSLY_CAPTURED"]


def test_a_capture_in_another_currency(merchant):
    held = merchant.authorized()["id"]
    wrong = merchant.call("POST", f"{HELD}/{held}/capture", {"amount": money("1.00", "EUR")})
    assert issues(wrong) == ["AUTH_CAPTURE_CURRENCY_MISMATCH"]


def test_an_authorization_expires_after_29_days(merchant):
    held = merchant.authorized()["id"]
    merchant.sim("clock/advance", seconds=29 * DAY + 1)
    assert merchant.call("GET", f"{HELD}/{held}").json()["status"] == "VOIDED"
    assert issues(merchant.call("POST", f"{HELD}/{held}/capture")) == ["AUTHORIZATION_EXPIRED"]


def test_reauthorization_waits_for_the_end_of_the_honor_period(merchant):
    held = merchant.authorized()["id"]
    early = merchant.call("POST", f"{HELD}/{held}/reauthorize")
    assert issues(early) == ["REAUTHORIZATION_NOT_SUPPORTED"]
    merchant.sim("clock/advance", seconds=3 * DAY + 1)
    renewed = merchant.call("POST", f"{HELD}/{held}/reauthorize", {"amount": money("14.00")})
    assert renewed.status_code == 201
    new = renewed.json()["id"]
    assert issues(merchant.call("POST", f"{HELD}/{new}/reauthorize")) == ["REAUTHORIZATION_NOT_SUPPORTED"]
    assert issues(merchant.call("POST", f"{HELD}/{new}/void")) == ["CANNOT_BE_VOIDED"]
    assert merchant.call("POST", f"{HELD}/{new}/capture").status_code == 201


def test_void_is_204_or_200_and_only_once(merchant):
    held, other = merchant.authorized()["id"], merchant.authorized()["id"]
    assert merchant.call("POST", f"{HELD}/{held}/void").status_code == 204
    shown = merchant.call("POST", f"{HELD}/{other}/void", Prefer="return=representation")
    assert (shown.status_code, shown.json()["status"]) == (200, "VOIDED")
    assert issues(merchant.call("POST", f"{HELD}/{held}/void")) == ["PREVIOUSLY_VOIDED"]
    assert issues(merchant.call("POST", f"{HELD}/{held}/capture")) == ["AUTHORIZATION_VOIDED"]


def test_a_pending_authorization_is_settled_by_paypal(merchant):
    held = merchant.authorized(value="5.00")["id"]
    assert merchant.control.post(f"/authorizations/{held}/complete", json={}).status_code == 400
    merchant.sim("settings", default_instrument="review")
    pending = merchant.authorized(value="5.00")
    assert pending["status"] == "PENDING"
    assert issues(merchant.call("POST", f"{HELD}/{pending['id']}/capture")) == ["TRANSACTION_REFUSED"]
    assert merchant.sim(f"authorizations/{pending['id']}/complete")["status"] == "CREATED"
    assert merchant.call("POST", f"{HELD}/{pending['id']}/capture").status_code == 201


@pytest.mark.parametrize("path", ["captures/X", "authorizations/X", "refunds/X"])
def test_what_is_not_there_is_404(merchant, path):
    answer = merchant.call("GET", f"/v2/payments/{path}")
    assert (answer.status_code, answer.json()["name"], issues(answer)) == (
        404,
        "RESOURCE_NOT_FOUND",
        ["INVALID_RESOURCE_ID"],
    )
