"""After the payment: holds, refunds, reversals, the books, and finding what nobody told us."""

from __future__ import annotations

import pytest
from lab import eventually


def held(lab, sku="hamper"):
    order = lab.pays(sku, capture="manual")
    lab.until(order, "authorised")
    return order


def reconcile(lab):
    return {(one["kind"], one["settled"]) for one in lab.reconcile()["drift"]}


# holds


def test_a_hold_is_captured_once(paypal):
    order = held(paypal)
    assert paypal.capture(order).status_code == 200
    assert paypal.capture(order).status_code == 200
    seen = paypal.inspect(order)
    assert (seen["state"], seen["captured"]) == ("paid", order.total)
    [capture] = paypal.captures_of(order)
    assert capture["final_capture"] is True


def test_a_part_of_a_hold_is_captured_and_the_rest_let_go(paypal):
    order = held(paypal)
    assert paypal.capture(order, amount=1000).status_code == 200
    seen = paypal.inspect(order)
    assert (seen["captured"], seen["fulfilled"]) == (1000, False)
    assert "part_captured" in {one["code"] for one in seen["warnings"]}
    assert paypal.capture(order, amount=2000).status_code == 409


def test_more_than_is_held_is_not_captured(paypal):
    order = held(paypal)
    assert paypal.capture(order, amount=order.total + 1).status_code == 409
    assert paypal.captures_of(order) == []


def test_a_hold_is_released(paypal):
    order = held(paypal)
    assert paypal.staff("POST", f"orders/{order.id}/cancel").json()["state"] == "cancelled"
    [hold] = paypal.told(order)["purchase_units"][0]["payments"]["authorizations"]
    assert hold["status"] == "VOIDED"
    assert paypal.capture(order).status_code == 409


def test_a_hold_that_was_voided_at_paypals_own_desk_is_gone(paypal):
    order = held(paypal)
    [hold] = paypal.told(order)["purchase_units"][0]["payments"]["authorizations"]
    paypal.paypal("POST", f"/v2/payments/authorizations/{hold['id']}/void")
    paypal.until(order, "cancelled")
    assert paypal.capture(order).status_code == 409


def test_a_lost_answer_to_a_capture_is_no_second_capture(paypal):
    order = held(paypal)
    paypal.paypal_fault("drop_response", path="/v2/payments/authorizations/*/capture")
    paypal.capture(order)
    paypal.until(order, "paid")
    assert len(paypal.captures_of(order)) == 1


# refunds


def test_a_refund_goes_back_in_parts_and_then_whole(paypal):
    order = paypal.paid_by_paypal()
    first = paypal.refund(order, amount=1000)
    assert (first.status_code, first.json()["state"]) == (201, "part_refunded")
    second = paypal.refund(order)
    assert second.json()["state"] == "refunded"
    assert second.json()["refunded"] == order.total
    assert paypal.refund(order, amount=1).status_code == 409
    assert len(paypal.told(order)["purchase_units"][0]["payments"]["refunds"]) == 2


def test_one_request_is_one_refund_however_often_it_is_sent(paypal):
    order = paypal.paid_by_paypal()
    paypal.paypal_fault("drop_response", path="/v2/payments/captures/*/refund")
    for _ in range(3):
        assert paypal.refund(order, key="once", amount=1000).is_success
    seen = eventually(lambda: paypal.inspect(order), lambda one: one["refunded"] == 1000, "the refund")
    assert len(seen["refunds"]) == 1
    assert len(paypal.told(order)["purchase_units"][0]["payments"]["refunds"]) == 1


def test_a_refund_told_of_twice_is_booked_once(paypal):
    """Our own answer and PayPal's event are about the same refund."""
    order = paypal.paid_by_paypal()
    paypal.refund(order, amount=1000)
    paypal.quiet()
    seen = paypal.inspect(order)
    assert (seen["refunded"], len(seen["refunds"])) == (1000, 1)


def test_a_refund_at_paypals_own_desk_finds_its_order(paypal):
    order = paypal.paid_by_paypal()
    [capture] = paypal.captures_of(order)
    paypal.desk("POST", "refunds", capture=capture["id"], amount="10.00")
    paypal.until(order, "part_refunded")
    [refund] = paypal.inspect(order)["refunds"]
    assert (refund["amount"], refund["origin"]) == (1000, "provider")


def test_a_pending_refund_is_under_way_until_it_is_done(paypal):
    order = paypal.paid_by_paypal()
    paypal.desk("POST", "settings", refund_pending=True)
    try:
        made = paypal.refund(order).json()
    finally:
        paypal.desk("POST", "settings", refund_pending=False)
    assert made["refund"]["state"] == "pending"
    assert made["state"] == "paid"
    paypal.desk("POST", f"refunds/{made['refund']['provider_id']}/complete")
    paypal.until(order, "refunded")


def test_a_refund_that_fails_later_leaves_the_money_with_the_shop(paypal):
    order = paypal.paid_by_paypal()
    before = paypal.paypal_books()
    paypal.desk("POST", "clock/advance", seconds=60)
    made = paypal.refund(order).json()["refund"]
    paypal.desk("POST", f"refunds/{made['provider_id']}/fail")
    paypal.until(order, "paid")
    seen = paypal.inspect(order)
    assert seen["refunded"] == 0
    assert "refund_failed" in {one["code"] for one in seen["warnings"]}
    assert paypal.paypal_books() == before


@pytest.mark.parametrize(("amount", "state"), [(None, "refunded"), ("10.00", "part_refunded")])
def test_money_that_paypal_takes_back_is_not_ours_any_more(paypal, amount, state):
    order = paypal.paid_by_paypal()
    [capture] = paypal.captures_of(order)
    paypal.desk("POST", f"captures/{capture['id']}/reverse", **({"amount": amount} if amount else {}))
    paypal.until(order, state)
    assert paypal.inspect(order)["refunded"] == (1000 if amount else order.total)


# the books


def test_the_books_hold_what_paypal_kept(paypal):
    before = paypal.paypal_books()
    order = paypal.paid_by_paypal()
    paypal.quiet()
    after = paypal.paypal_books()
    split = paypal.captures_of(order)[0]["seller_receivable_breakdown"]
    fee = round(float(split["paypal_fee"]["value"]) * 100)
    assert after["fees eur"] - before.get("fees eur", 0) == fee
    assert after["provider_balance eur"] - before.get("provider_balance eur", 0) == order.total - fee
    assert after.get("receivable eur", 0) == before.get("receivable eur", 0)


# what nobody told us


def test_reconciliation_brings_in_an_approval_that_nobody_told_of(paypal):
    paypal.hold_paypal()
    order = paypal.pays()
    paypal.desk("POST", "deliveries/drop")
    assert paypal.seen(order)["state"] == "unpaid"
    assert ("missed", True) in reconcile(paypal)
    assert paypal.seen(order)["state"] == "paid"


def test_reconciliation_finds_a_refund_that_nobody_told_of(paypal):
    order = paypal.paid_by_paypal()
    paypal.quiet()
    paypal.hold_paypal()
    [capture] = paypal.captures_of(order)
    paypal.desk("POST", "refunds", capture=capture["id"], amount="10.00")
    paypal.desk("POST", "deliveries/drop")
    assert ("missed", True) in reconcile(paypal)
    assert paypal.seen(order)["state"] == "part_refunded"


def test_reconciliation_settles_a_capture_that_nobody_answered(paypal):
    paypal.hold_paypal()
    order = paypal.pays()
    paypal.paypal_fault("refuse", path="/v2/checkout/orders/*/capture", times=None)
    assert paypal.come_back(order)["state"] == "unpaid"
    paypal.desk("DELETE", "faults")
    paypal.reconcile()
    paypal.until(order, "paid")
    assert len(paypal.captures_of(order)) == 1


# disputes


def disputed(lab, **more):
    order = lab.paid_by_paypal()
    [capture] = lab.captures_of(order)
    made = lab.desk("POST", "disputes", capture=capture["id"], **more)
    return order, made["dispute_id"]


def one_dispute(lab, order, *states):
    def look():
        return lab.inspect(order)["disputes"]

    [found] = eventually(look, lambda seen: seen and seen[0]["state"] in states, f"a dispute in {states}")
    return found


def test_a_claim_puts_the_order_in_dispute_and_holds_refunds_back(paypal):
    order, dispute_id = disputed(paypal, reason="UNAUTHORISED")
    paypal.until(order, "disputed")
    found = one_dispute(paypal, order, "needs_response")
    assert (found["provider_id"], found["amount"], found["inquiry"]) == (dispute_id, order.total, False)
    assert found["evidence_due_by"]
    assert paypal.refund(order).status_code == 409


def test_a_question_of_the_buyer_leaves_the_order_paid(paypal):
    order, dispute_id = disputed(paypal, inquiry=True)
    found = one_dispute(paypal, order, "warning_needs_response")
    assert found["inquiry"]
    assert paypal.seen(order)["state"] == "paid"
    answer = paypal.staff("POST", f"disputes/{dispute_id}/evidence", json={"text": "It was delivered.", "submit": True})
    assert answer.status_code == 200, answer.text


def test_evidence_wins_a_claim(paypal):
    order, dispute_id = disputed(paypal)
    paypal.until(order, "disputed")
    evidence = {"text": "Delivered on Monday, signed for.", "submit": True}
    answer = paypal.staff("POST", f"disputes/{dispute_id}/evidence", json=evidence)
    assert answer.status_code == 200, answer.text
    assert one_dispute(paypal, order, "under_review")["submissions"] == 1
    again = paypal.staff("POST", f"disputes/{dispute_id}/evidence", json=evidence)
    assert again.status_code == 409
    paypal.desk("POST", f"disputes/{dispute_id}/resolve", outcome="won")
    paypal.until(order, "paid")
    assert one_dispute(paypal, order, "won")


def test_paypal_keeps_no_drafts_of_evidence(paypal):
    order, dispute_id = disputed(paypal)
    paypal.until(order, "disputed")
    answer = paypal.staff("POST", f"disputes/{dispute_id}/evidence", json={"text": "Not yet.", "submit": False})
    assert answer.status_code == 409
    assert one_dispute(paypal, order, "needs_response")["submissions"] == 0


def test_an_accepted_claim_is_lost_once(paypal):
    order, dispute_id = disputed(paypal)
    paypal.until(order, "disputed")
    for _ in range(2):
        assert paypal.staff("POST", f"disputes/{dispute_id}/accept").status_code == 200
    paypal.until(order, "lost")
    paypal.quiet()
    assert paypal.inspect(order)["refunded"] == order.total


def test_a_lost_claim_costs_its_amount_once_and_a_fee(paypal):
    before = paypal.paypal_books()
    order, dispute_id = disputed(paypal)
    paypal.until(order, "disputed")
    paypal.desk("POST", f"disputes/{dispute_id}/resolve", outcome="lost")
    paypal.until(order, "lost")
    after = paypal.paypal_books()
    lost = one_dispute(paypal, order, "lost")
    kept = float(paypal.captures_of(order)[0]["seller_receivable_breakdown"]["paypal_fee"]["value"])
    change = after["provider_balance eur"] - before.get("provider_balance eur", 0)
    assert lost["fee"] > 0
    assert change == -round(kept * 100) - lost["fee"]
    assert paypal.refund(order, amount=1).status_code == 409


def test_a_claim_about_a_part_leaves_the_rest_to_be_refunded(paypal):
    order, dispute_id = disputed(paypal, amount="10.00")
    paypal.until(order, "disputed")
    paypal.desk("POST", f"disputes/{dispute_id}/resolve", outcome="lost")
    paypal.until(order, "lost")
    paypal.quiet()
    answer = paypal.refund(order)
    assert answer.status_code == 201, answer.text
    assert answer.json()["refunded"] == order.total


def test_a_dispute_that_nobody_told_of_is_found(paypal):
    order = paypal.paid_by_paypal()
    paypal.quiet()
    paypal.hold_paypal()
    [capture] = paypal.captures_of(order)
    paypal.desk("POST", "disputes", capture=capture["id"])
    paypal.desk("POST", "deliveries/drop")
    reconcile(paypal)
    assert paypal.seen(order)["state"] == "disputed"


# the statement


def test_the_books_agree_with_paypals_statement(paypal):
    order = paypal.paid_by_paypal()
    paypal.refund(order, amount=1000)
    paypal.quiet()
    found = paypal.reconcile()["drift"]
    assert [one for one in found if one["kind"].startswith("movement")] == []
