"""``PayPal-Request-Id``: the same operation once, whatever happens on the way."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from merchant import card, issues, money, wanted

ORDERS = "/v2/checkout/orders"


def test_a_replay_of_create_is_200_with_the_same_order(merchant):
    first = merchant.call("POST", ORDERS, wanted(), key="k")
    again = merchant.call("POST", ORDERS, wanted(), key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_replay_shows_the_latest_state(merchant):
    order = merchant.order(key="k")["id"]
    merchant.sim(f"orders/{order}/approve")
    assert merchant.call("POST", ORDERS, wanted(), key="k").json()["status"] == "APPROVED"


def test_an_answer_that_was_lost_is_found_again_and_pays_once(merchant):
    order = merchant.approved()
    merchant.sim("faults", action="drop_response", path=f"{ORDERS}/*/capture")
    with pytest.raises(httpx.RemoteProtocolError):
        merchant.call("POST", f"{ORDERS}/{order}/capture", key="once")
    found = merchant.call("POST", f"{ORDERS}/{order}/capture", key="once")
    assert (found.status_code, found.json()["status"]) == (200, "COMPLETED")
    assert len(found.json()["purchase_units"][0]["payments"]["captures"]) == 1


def test_an_id_belongs_to_one_path(merchant):
    order, other = merchant.approved(), merchant.approved()
    merchant.call("POST", f"{ORDERS}/{order}/capture", key="k")
    assert merchant.call("POST", f"{ORDERS}/{other}/capture", key="k").status_code == 201


def test_refusals_are_not_kept(merchant):
    order = merchant.order()["id"]
    assert merchant.call("POST", f"{ORDERS}/{order}/capture", key="k").status_code == 422
    merchant.sim(f"orders/{order}/approve")
    assert merchant.call("POST", f"{ORDERS}/{order}/capture", key="k").status_code == 201


def test_errors_of_the_server_are_not_kept(merchant):
    merchant.sim("faults", action="status", status=503, path=ORDERS)
    assert merchant.call("POST", ORDERS, wanted(), key="k").json()["name"] == "SERVICE_UNAVAILABLE"
    assert merchant.call("POST", ORDERS, wanted(), key="k").status_code == 201


@pytest.mark.parametrize(("seconds", "status"), [(6 * 3600 - 60, 200), (6 * 3600 + 60, 201)])
def test_orders_forget_an_id_after_six_hours(merchant, seconds, status):
    merchant.order(wanted(source=card()), key="k")
    merchant.sim("clock/advance", seconds=seconds)
    assert merchant.call("POST", ORDERS, wanted(source=card()), key="k").status_code == status


def test_payments_remember_an_id_for_45_days(merchant):
    merchant.sim("settings", token_seconds=10**8)
    merchant.http.headers["Authorization"] = f"Bearer {merchant.token()}"
    path = f"/v2/payments/captures/{merchant.captured()['id']}/refund"
    first = merchant.call("POST", path, {"amount": money("1.00")}, key="k").json()
    merchant.sim("clock/advance", seconds=44 * 86400)
    assert merchant.call("POST", path, {"amount": money("1.00")}, key="k").json()["id"] == first["id"]
    merchant.sim("clock/advance", seconds=2 * 86400)
    assert merchant.call("POST", path, {"amount": money("1.00")}, key="k").json()["id"] != first["id"]


def test_a_second_call_while_the_first_is_under_way_is_409(merchant):
    order = merchant.approved()
    merchant.sim("faults", action="delay", seconds=0.8, path=f"{ORDERS}/*/capture")
    answers = []
    slow = threading.Thread(target=lambda: answers.append(merchant.call("POST", f"{ORDERS}/{order}/capture", key="k")))
    slow.start()
    time.sleep(0.3)
    second = merchant.call("POST", f"{ORDERS}/{order}/capture", key="k")
    slow.join()
    assert (second.status_code, issues(second)) == (409, ["PREVIOUS_REQUEST_IN_PROGRESS"])
    assert answers[0].status_code == 201


def test_two_captures_of_one_order_at_the_same_moment_take_the_money_once(merchant):
    order = merchant.approved()
    path = f"/v2/checkout/orders/{order}/capture"
    merchant.sim("faults", method="POST", path=path, action="hang", seconds=0.3)
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda key: merchant.call("POST", path, key=key), ("one", "two")))
    assert sorted(one.status_code for one in answers) == [201, 422]
    refused = next(one for one in answers if one.status_code == 422)
    assert issues(refused) == ["ORDER_ALREADY_CAPTURED"]
    payments = merchant.call("GET", f"/v2/checkout/orders/{order}").json()["purchase_units"][0]["payments"]
    assert len(payments["captures"]) == 1


def test_paypal_still_completing_an_order_itself_can_be_asked_for(merchant):
    order = merchant.approved()
    wanted = '{"mock_application_codes": "ORDER_COMPLETION_IN_PROGRESS"}'
    path = f"/v2/checkout/orders/{order}/capture"
    refused = merchant.call("POST", path, key="one", PayPal_Mock_Response=wanted)
    assert (refused.status_code, issues(refused)) == (422, ["ORDER_COMPLETION_IN_PROGRESS"])
    assert "ORDER_COMPLETE_ON_PAYMENT_APPROVAL" in refused.json()["details"][0]["description"]
    assert merchant.call("POST", path, key="one").status_code == 201


def test_another_body_under_the_same_id_is_the_first_result_unless_strict(merchant):
    first = merchant.order(key="k")["id"]
    assert merchant.call("POST", ORDERS, wanted("99.00"), key="k").json()["id"] == first
    merchant.sim("settings", request_ids="strict")
    first = merchant.order(key="s")["id"]
    refused = merchant.call("POST", ORDERS, wanted("99.00"), key="s")
    assert (refused.status_code, refused.json()["name"]) == (400, "DUPLICATE_REQUEST_ID")
    assert merchant.call("POST", ORDERS, wanted(), key="s").json()["id"] == first


def test_an_id_is_at_most_108_characters(merchant):
    assert merchant.call("POST", ORDERS, wanted(), key="k" * 108).status_code == 201
    assert issues(merchant.call("POST", ORDERS, wanted(), key="k" * 109)) == ["INVALID_STRING_LENGTH"]


def test_a_void_is_replayed_as_it_was(merchant):
    path = f"/v2/payments/authorizations/{merchant.authorized()['id']}/void"
    assert [merchant.call("POST", path, key="v").status_code for _ in range(2)] == [204, 204]


def test_the_journal_names_the_id_and_the_replay(merchant):
    merchant.order(key="k")
    merchant.order(key="k")
    entries = [one for one in merchant.control.get("/journal").json()["entries"] if one["path"] == ORDERS]
    assert [(one["idempotency_key"], one["replayed"], one["status"]) for one in entries] == [
        ("k", False, 201),
        ("k", True, 200),
    ]
