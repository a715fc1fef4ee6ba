"""The control interface: clock, faults, journal, named states, settings. Every mistake gets one sentence."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
import stripe
from simulated_shop import Shop


def fault(shop: Shop, **fields: Any) -> str:
    answer = shop.http.post("/_sim/faults", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def journal(shop: Shop, since: int = 0) -> list[dict[str, Any]]:
    return shop.http.get("/_sim/journal", params={"since": since}).json()["entries"]


def test_health_needs_no_key(shop: Shop) -> None:
    assert httpx.get(f"{shop.url}/_sim/health").json() == {"provider": "stripe", "ready": True}
    assert httpx.get(f"{shop.url}/_sim/clock").status_code == 401


def test_the_clock_runs_in_real_time_and_jumps_when_told(shop: Shop) -> None:
    assert abs(shop.http.get("/_sim/clock").json()["now"] - time.time()) < 5
    jumped = shop.http.post("/_sim/clock/advance", json={"seconds": 86400}).json()
    assert abs(jumped["now"] - time.time() - 86400) < 5
    assert shop.v1.customers.create().created >= int(jumped["now"]) - 1
    assert abs(Shop(shop.url).now() - time.time()) < 5


def test_what_falls_due_happens_in_order_at_its_own_time(shop: Shop) -> None:
    shop.pay(capture_method="manual")
    charge = shop.pay().latest_charge
    shop.control("POST", "disputes", charge=charge)
    start = shop.now()
    assert shop.http.post("/_sim/clock/advance", json={"seconds": 30 * 86400}).json()["fired"] == 2
    expired, closed = shop.events("charge.expired")[0], shop.events("charge.dispute.closed")[0]
    assert abs(expired.created - start - 7 * 86400) < 10
    assert expired.created < closed.created < start + 10 * 86400


def test_what_is_due_happens_although_nobody_moves_the_clock(shop: Shop) -> None:
    shop.control("POST", "settings", dispute_settle_seconds=0.2)
    charge = shop.pay("pm_card_createDispute").latest_charge
    dispute = shop.v1.disputes.list({"charge": charge}).data[0]
    shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    deadline = time.monotonic() + 20
    while shop.v1.disputes.retrieve(dispute.id).status != "won":
        assert time.monotonic() < deadline


def test_a_dropped_response_was_executed(shop: Shop) -> None:
    fault(shop, action="drop_response", method="POST", path="/v1/payment_intents*")
    with pytest.raises(stripe.APIConnectionError):
        shop.pay()
    assert shop.v1.payment_intents.list().data[0].status == "succeeded"
    entry = next(entry for entry in journal(shop) if entry["method"] == "POST")
    assert (entry["fault"], entry["status"], entry["response"]["status"]) == ("drop_response", 200, "succeeded")


@pytest.mark.parametrize("action", ["refuse", "reset"])
def test_a_cut_connection_executed_nothing(shop: Shop, action: str) -> None:
    fault(shop, action=action, path="/v1/payment_intents")
    with pytest.raises(stripe.APIConnectionError):
        shop.pay()
    assert shop.v1.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, stripe.RateLimitError), (500, stripe.APIError), (503, stripe.APIError), (409, stripe.APIError)],
)
def test_a_status_is_answered_instead_of_executing(shop: Shop, status: int, error: type[stripe.StripeError]) -> None:
    fault(shop, action="status", status=status, method="POST")
    with pytest.raises(error) as refusal:
        shop.v1.customers.create()
    assert refusal.value.http_status == status
    assert shop.v1.customers.list().data == []
    assert shop.v1.customers.create().id


def test_a_status_can_carry_its_own_body_and_headers(shop: Shop) -> None:
    fault(shop, action="status", status=503, body="<html>down</html>", headers={"Stripe-Should-Retry": "false"})
    answer = shop.http.get("/v1/customers")
    assert (answer.status_code, answer.text, answer.headers["stripe-should-retry"]) == (
        503,
        "<html>down</html>",
        "false",
    )


def test_the_sdk_gets_through_two_failures(shop: Shop, client: stripe.StripeClient) -> None:
    fault(shop, action="status", status=500, times=2)
    client.v1.customers.create()
    assert [entry["status"] for entry in journal(shop)] == [500, 500, 200]
    assert len({entry["idempotency_key"] for entry in journal(shop)}) == 1


def test_faults_skip_count_and_match_parameters(shop: Shop) -> None:
    number = fault(shop, action="status", status=500, method="POST", params={"metadata[order]": "7"}, skip=1, times=1)
    statuses = [
        shop.http.post("/v1/customers", data={"metadata[order]": order}).status_code for order in ("7", "8", "7", "7")
    ]
    assert statuses == [200, 200, 500, 200]
    (listed,) = shop.http.get("/_sim/faults").json()["faults"]
    assert (listed["id"], listed["fired"], listed["action"]) == (number, 1, "status")
    assert shop.http.delete(f"/_sim/faults/{number}").status_code == 200
    assert shop.http.delete(f"/_sim/faults/{number}").status_code == 404


def test_a_fault_without_an_end_lasts_until_it_is_removed(shop: Shop) -> None:
    fault(shop, action="status", status=500, times=None)
    assert {shop.http.get("/v1/customers").status_code for _ in range(3)} == {500}
    shop.http.delete("/_sim/faults")
    assert shop.http.get("/v1/customers").status_code == 200


def test_delay_waits_before_and_hang_after_the_execution(shop: Shop) -> None:
    for action, executed in (("delay", 0), ("hang", 1)):
        fault(shop, action=action, seconds=2, method="POST")
        with pytest.raises(httpx.ReadTimeout):
            shop.http.post("/v1/customers", timeout=0.3)
        made = shop.http.get("/v1/customers").json()["data"]
        assert len(made) == executed
        shop.control("POST", "state/reset")


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode"},
        {"action": "status", "status": 7},
        {"action": "delay", "seconds": -1},
        {"action": "reset", "times": 0},
        {"action": "reset", "wat": 1},
        {},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_a_sentence(shop: Shop, body: dict[str, Any]) -> None:
    answer = shop.http.post("/_sim/faults", json=body)
    assert (answer.status_code, bool(answer.json()["error"]["message"])) == (400, True)


def test_the_journal_keeps_every_call_in_order(shop: Shop) -> None:
    shop.v1.customers.create({"name": "A", "metadata": {"x": "1"}}, {"idempotency_key": "k1"})
    shop.http.get("/v1/customers", params={"limit": 1})
    shop.http.get("/v1/customers/cus_nope")
    first, second, third = journal(shop)
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/customers", 200)
    assert first["params"] == {"name": "A", "metadata": {"x": "1"}}
    assert (first["idempotency_key"], first["replayed"], first["fault"]) == ("k1", False, None)
    assert first["response"]["object"] == "customer"
    assert first["headers"]["stripe-version"] == stripe.api_version
    assert first["request_id"].startswith("req_")
    assert second["query"] == {"limit": "1"}
    assert third["response"]["error"]["code"] == "resource_missing"
    assert [entry["seq"] for entry in journal(shop, since=first["seq"])] == [second["seq"], third["seq"]]
    shop.http.delete("/_sim/journal")
    assert journal(shop) == []


def test_the_journal_of_another_account_is_another_journal(shop: Shop) -> None:
    other = Shop(shop.url)
    other.v1.customers.create()
    assert journal(shop) == []


def test_a_named_state_comes_back_whole(shop: Shop) -> None:
    customer = shop.v1.customers.create({"name": "before"})
    shop.http.post("/v1/customers", headers={"Idempotency-Key": "k1"})
    shop.control("POST", "state/freeze", name="start")
    for _ in range(2):
        shop.v1.customers.update(customer.id, {"name": "after"})
        made = shop.pay()
        shop.v1.refunds.create({"payment_intent": made.id})
        shop.control("POST", "state/restore", name="start")
        assert shop.v1.customers.retrieve(customer.id).name == "before"
        assert shop.v1.payment_intents.list().data == []
        assert shop.v1.balance.retrieve().pending[0].amount == 0
        assert len(shop.events()) == 2
    again = shop.http.post("/v1/customers", headers={"Idempotency-Key": "k1"})
    assert again.headers["idempotent-replayed"] == "true"
    assert shop.http.post("/_sim/state/restore", json={"name": "nope"}).status_code == 404


def test_a_reset_account_is_empty_and_repeats_its_ids(shop: Shop) -> None:
    first = shop.v1.customers.create().id
    fault(shop, action="reset", times=None, path="/v1/charges*")
    shop.advance(1000)
    shop.control("POST", "state/reset")
    assert shop.v1.customers.list().data == []
    assert shop.http.get("/_sim/faults").json()["faults"] == []
    assert abs(shop.now() - time.time()) < 5
    shop.control("POST", "state/reset")
    assert shop.v1.customers.create().id == first


def test_ids_follow_from_the_seed(shop: Shop) -> None:
    ids = []
    for _ in range(2):
        shop.control("POST", "state/reset")
        shop.control("POST", "state/seed", seed=42)
        ids.append(shop.pay().id)
    assert ids[0] == ids[1]


def test_settings_are_shown_changed_and_checked(shop: Shop) -> None:
    shop.control("POST", "settings", fees={"percent": 1.0, "fixed": 10})
    settings = shop.http.get("/_sim/settings").json()
    assert (settings["fees"]["percent"], settings["dispute_fee"]) == (1.0, 1500)
    movement = shop.pay(amount=10_000, expand=["latest_charge.balance_transaction"]).latest_charge.balance_transaction
    assert movement.fee == 110
    for body in ({"wat": 1}, {"dispute_fee": "much"}, {"dispute_fee": -1}, {"retry_kind": "never"}):
        answer = shop.http.post("/_sim/settings", json=body)
        assert (answer.status_code, "setting" in answer.json()["error"]["message"]) == (400, True)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "clock/advance", b'{"seconds": -1}', 400),
        ("POST", "clock/advance", b'{"seconds": "soon"}', 400),
        ("POST", "clock/advance", b"{}", 400),
        ("POST", "clock/advance", b"not json", 400),
        ("POST", "clock/advance", b"[1]", 400),
        ("POST", "webhooks", b'{"mode": "lose"}', 400),
        ("POST", "deliveries/dlv_9/send", b"", 404),
        ("GET", "nothing", b"", 404),
        ("POST", "state/freeze", b"{}", 400),
        ("POST", "state/seed", b'{"seed": null}', 400),
        ("GET", "journal?since=x", b"", 400),
        ("POST", "webhook_endpoints/we_nope/roll", b"", 404),
    ],
)
def test_a_mistaken_control_call_gets_a_sentence(shop: Shop, method: str, path: str, body: bytes, status: int) -> None:
    answer = shop.http.request(method, f"/_sim/{path}", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
