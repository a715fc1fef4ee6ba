"""The provider, the database, a worker or the network fails at the worst moment; money is still counted once."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from lab import eventually

START = "/v1/payment_intents"
REFUNDS = "/v1/refunds"
CAPTURE = "/v1/payment_intents/*/capture"
CANCEL = "/v1/payment_intents/*/cancel"

TROUBLE = [
    {"action": "reset"},
    {"action": "drop_response"},
    {"action": "status", "status": 409},
    {"action": "status", "status": 500},
    {"action": "hang", "seconds": 4},
]


def _intents(lab, order):
    listed = lab.stripe("GET", "payment_intents", limit=100)["data"]
    return [one for one in listed if one["metadata"].get("order_id") == order.id]


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda one: f"{one['action']}{one.get('status', '')}")
def test_starting_to_pay_survives_one_failure_with_one_payment(lab, trouble):
    order = lab.order()
    lab.fault(path=START, **trouble)
    lab.pay(order)
    lab.until(order, "paid")
    assert len(_intents(lab, order)) == 1


def test_a_rate_limit_is_answered_as_try_again_and_the_same_key_is_used(lab):
    order = lab.order()
    lab.fault("status", path=START, status=429)
    answer = lab.start_payment(order)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "provider_busy")
    lab.pay(order)
    lab.until(order, "paid")
    assert len(_intents(lab, order)) == 1


def test_an_unknown_start_is_said_to_be_unknown_and_settled_by_the_janitor(lab):
    lab.hold()
    order = lab.order()
    lab.fault("drop_response", path=START, times=None)
    answer = lab.start_payment(order)
    assert (answer.status_code, answer.json()["payment"]["state"]) == (202, "unknown")
    lab.calm()
    eventually(lambda: lab.seen(order), lambda one: one["payment"]["state"] == "created", "the janitor")
    lab.pay(order)
    lab.until(order, "paid")
    assert len(_intents(lab, order)) == 1


def test_a_stored_failure_does_not_keep_the_payment_unknown_for_ever(lab):
    """An error that the provider stored under the key is replayed to every repetition; another key is needed."""
    order = lab.order()
    lab.fault("status", path=START, status=500, times=3, headers={"Idempotent-Replayed": "true"})
    lab.start_payment(order)
    lab.calm()
    eventually(lambda: lab.seen(order), lambda one: one["payment"]["state"] == "created", "the janitor")
    lab.pay(order)
    lab.until(order, "paid")
    assert len(_intents(lab, order)) == 1


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda one: f"{one['action']}{one.get('status', '')}")
def test_a_refund_survives_one_failure_and_is_made_once(lab, trouble):
    order = lab.paid(sku="hamper")
    lab.fault(path=REFUNDS, **trouble)
    assert lab.refund(order, amount=4000).is_success
    lab.until(order, "part_refunded")
    assert lab.inspect(order)["refunded"] == 4000
    lab.books()


def test_a_refund_whose_answer_never_comes_is_found_by_reconciliation_and_counts_meanwhile(lab):
    order = lab.paid(sku="hamper")
    lab.settled()
    lab.hold()
    lab.fault("drop_response", path=REFUNDS, times=None)
    answer = lab.refund(order, amount=4000)
    assert (answer.status_code, answer.json()["refund"]["state"]) == (202, "unknown")
    lab.control("DELETE", "faults")
    assert lab.refund(order, amount=7000).status_code == 409
    lab.drop_held()
    report = lab.reconcile()
    assert lab.inspect(order)["refunded"] == 4000
    assert lab.journal("POST", "/v1/refunds")[-1]["idempotency_key"].startswith("refund:rf_")
    assert report["checked"] > 0
    lab.books()


def test_a_capture_whose_answer_never_comes_is_settled(lab):
    order = lab.held_on_card()
    lab.hold()
    lab.fault("drop_response", path=CAPTURE, times=None)
    assert lab.capture(order).status_code == 202
    lab.calm()
    lab.until(order, "paid")
    eventually(lambda: lab.inspect(order), lambda one: one["captures"][0]["state"] == "succeeded", "the capture")
    lab.books()


def test_a_release_whose_answer_never_comes_is_settled(lab):
    order = lab.held_on_card()
    lab.fault("drop_response", path=CANCEL, times=None)
    lab.staff("POST", f"orders/{order.id}/cancel")
    lab.calm()
    lab.until(order, "cancelled")


def test_an_order_made_while_the_provider_is_away_is_paid_when_it_is_back(lab):
    order = lab.order()
    lab.fault("refuse", method=None, path="/v1/*", times=None)
    assert lab.start_payment(order).status_code == 202
    lab.calm()
    lab.pay(order)
    lab.until(order, "paid")
    assert len(_intents(lab, order)) == 1


def test_events_wait_for_a_provider_that_fails_and_are_handled_when_it_is_back(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order)
    lab.fault("status", method="GET", path="/v1/payment_intents/*", status=500, times=5)
    lab.control("POST", "deliveries/release")
    lab.until(order, "paid")
    lab.books()


def test_every_event_lost_is_found_by_reconciliation_and_reported_once(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order)
    lab.drop_held()
    report = lab.reconcile()
    assert lab.seen(order)["state"] == "paid"
    assert order.id in str(report["drift"])
    assert order.id not in str(lab.reconcile()["drift"])
    lab.books()


def test_a_refund_and_a_dispute_that_nobody_told_are_found_by_reconciliation(lab):
    refunded, disputed = lab.paid(sku="hamper"), lab.paid(sku="cup")
    lab.hold()
    lab.control("POST", "refunds", charge=lab.charge_of(refunded), amount=2000)
    lab.control("POST", "disputes", charge=lab.charge_of(disputed))
    lab.drop_held()
    lab.reconcile()
    assert (lab.seen(refunded)["state"], lab.seen(disputed)["state"]) == ("part_refunded", "disputed")
    lab.books()


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_repeats_nothing(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order)
    lab.fault("delay", method="GET", path="/v1/payment_intents/*", seconds=1.5, times=None)
    lab.control("POST", "deliveries/release")
    lab.workers.pop().kill()
    lab.calm()
    lab.start_worker()
    lab.until(order, "paid")
    seen = eventually(lambda: lab.inspect(order), lambda one: one["fulfilled"], "fulfilment")
    assert [one["kind"] for one in seen["effects"]].count("fulfilment") == 1
    lab.books()


def test_without_its_database_the_shop_says_so_and_recovers(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order)
    delivery = lab.held()[-1]
    lab.database.end()
    looked = lab.http.get(f"{lab.url}/orders/{order.id}", headers=order.headers)
    assert (looked.status_code, looked.json()["error"]["code"]) == (503, "database_unavailable")
    lab.carry(delivery)
    lab.database = lab.start_database()
    attempts = lab.control("GET", "deliveries")["deliveries"]
    tried = next(one for one in attempts if one["id"] == delivery["id"])
    assert tried["attempts"][-1]["status"] == 503
    lab.control("POST", "deliveries/release")
    lab.until(order, "paid")
    assert lab.http.get(f"{lab.url}/readyz").status_code == 200


def test_the_whole_shop_killed_after_the_acknowledgement_still_handles_the_event(lab):
    lab.hold()
    order = lab.order()
    lab.pay(order)
    for worker in lab.workers:
        worker.end()
    lab.workers.clear()
    lab.control("POST", "deliveries/release")
    lab.control("GET", "idle", seconds=5)
    lab.server.kill()
    lab.server = lab.start_server()
    lab.start_worker()
    lab.until(order, "paid")


def test_several_workers_share_the_work_and_do_it_once(lab):
    lab.start_worker()
    lab.hold()
    orders = [lab.order("cup") for _ in range(8)]
    for order in orders:
        lab.pay(order)
    for _ in range(2):
        for delivery in reversed(lab.held()):
            lab.carry(delivery)
    for order in orders:
        lab.until(order, "paid")
        seen = eventually(lambda order=order: lab.inspect(order), lambda one: one["fulfilled"], "fulfilment")
        assert [one["kind"] for one in seen["effects"]].count("fulfilment") == 1
    lab.books()
    lab.workers.pop().end()


def test_an_event_of_a_page_that_the_shopper_still_looks_at_waits_its_turn(lab):
    """Everybody locks the order before the payment; a worker that locked the other way round would block for ever."""
    lab.hold()
    order = lab.order()
    session = lab.start_payment(order, method="hosted").json()["payment"]["provider_id"]
    declined = lab.http.post(
        f"{lab.sim}/v1/payment_pages/{session}/confirm",
        data={
            "payment_method": "pm_card_visa_chargeDeclined",
            "expected_amount": order.total,
            "key": f"pk_test_{lab.key}",
        },
    )
    assert declined.status_code == 402, declined.text
    asyncio.run(_look_while_events_come(lab, order))
    lab.settled()


async def _look_while_events_come(lab, order):
    shopper = await asyncpg.connect(lab.database.ready["database_url"].replace("+asyncpg", ""))
    try:
        async with shopper.transaction():
            await shopper.execute("SELECT 1 FROM orders WHERE id = $1 FOR UPDATE", order.id)
            await asyncio.to_thread(lab.control, "POST", "deliveries/release")
            while not await shopper.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.01)
            await shopper.execute("SET LOCAL lock_timeout = '200ms'")
            await shopper.execute("SELECT 1 FROM payment WHERE order_id = $1 FOR UPDATE", order.id)
    finally:
        await shopper.close()
