"""Disputes from opening to decision: money, charge, events, evidence. Stripe, "Disputes" and "Testing"."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from simulated_shop import Shop, well_formed


def opened(shop: Shop, alias: str = "pm_card_createDispute", **more: Any) -> stripe.Dispute:
    intent = shop.pay(alias, **more)
    return shop.v1.disputes.list({"payment_intent": intent.id}).data[0]


def settle(shop: Shop) -> None:
    shop.advance(10)


def test_a_chargeback_takes_the_money_and_a_fee_at_once(shop: Shop) -> None:
    dispute = opened(shop, amount=5000)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 5000)
    assert dispute.payment_method_details.card.case_type == "chargeback"
    assert dispute.is_charge_refundable is False
    (movement,) = dispute.balance_transactions
    assert (movement.amount, movement.fee, movement.net) == (-5000, 1500, -6500)
    assert (movement.type, movement.reporting_category) == ("adjustment", "dispute")
    assert shop.v1.charges.retrieve(dispute.charge).disputed is True
    assert shop.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "payment_intent.succeeded",
    ]
    well_formed(dispute)


def test_an_inquiry_moves_no_money(shop: Shop) -> None:
    dispute = opened(shop, "pm_card_createDisputeInquiry")
    assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])
    assert dispute.is_charge_refundable is True
    assert dispute.payment_method_details.card.case_type == "inquiry"
    assert "charge.dispute.funds_withdrawn" not in shop.event_types()


def test_evidence_is_due_at_the_end_of_a_day_about_a_week_away(shop: Shop) -> None:
    due_by = opened(shop).evidence_details.due_by
    assert (due_by + 1) % 86400 == 0
    assert 7 * 86400 < due_by - shop.now() < 10 * 86400


def test_winning_evidence_brings_the_money_back_and_keeps_the_fee(shop: Shop) -> None:
    dispute = opened(shop, amount=5000)
    dispute = shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert (dispute.status, dispute.evidence_details.submission_count) == ("under_review", 1)
    settle(shop)
    dispute = shop.v1.disputes.retrieve(dispute.id)
    assert dispute.status == "won"
    assert [(m.amount, m.fee) for m in dispute.balance_transactions] == [(-5000, 1500), (5000, 0)]
    assert dispute.balance_transactions[1].reporting_category == "dispute_reversal"
    assert shop.event_types()[-4:] == [
        "charge.dispute.updated",
        "charge.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    assert shop.v1.refunds.create({"charge": dispute.charge}).status == "succeeded"


def test_the_fee_can_be_returned_on_a_win(shop: Shop) -> None:
    shop.control("POST", "settings", dispute_fee_returned_on_win=True, dispute_fee=2000)
    dispute = opened(shop, amount=5000)
    shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    settle(shop)
    movements = shop.v1.disputes.retrieve(dispute.id).balance_transactions
    assert sum(movement.net for movement in movements) == 0


def test_losing_evidence_loses(shop: Shop) -> None:
    dispute = opened(shop)
    shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "losing_evidence"}})
    settle(shop)
    assert shop.v1.disputes.retrieve(dispute.id).status == "lost"
    assert shop.event_types()[-1] == "charge.dispute.closed"


@pytest.mark.parametrize("evidence", ["winning_evidence", "losing_evidence"])
def test_an_answered_inquiry_is_closed_without_loss(shop: Shop, evidence: str) -> None:
    dispute = opened(shop, "pm_card_createDisputeInquiry")
    dispute = shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}})
    assert dispute.status == "warning_under_review"
    settle(shop)
    assert shop.v1.disputes.retrieve(dispute.id).status == "warning_closed"


def test_an_inquiry_can_become_a_chargeback(shop: Shop) -> None:
    dispute = opened(shop, "pm_card_createDisputeInquiry")
    shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}})
    settle(shop)
    dispute = shop.v1.disputes.retrieve(dispute.id)
    assert (dispute.status, dispute.payment_method_details.card.case_type) == ("needs_response", "chargeback")
    assert len(dispute.balance_transactions) == 1
    assert shop.event_types()[-2:] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]


def test_evidence_can_be_staged_before_it_is_submitted(shop: Shop) -> None:
    dispute = opened(shop)
    staged = shop.v1.disputes.update(
        dispute.id, {"evidence": {"customer_name": "Jenny", "uncategorized_text": "winning_evidence"}, "submit": False}
    )
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    assert staged.evidence.customer_name == "Jenny"
    settle(shop)
    assert shop.v1.disputes.retrieve(dispute.id).status == "needs_response"
    assert shop.v1.disputes.update(dispute.id, {"submit": True}).status == "under_review"


def test_accepting_a_dispute_loses_it_at_once(shop: Shop) -> None:
    dispute = shop.v1.disputes.close(opened(shop).id)
    assert dispute.status == "lost"
    for call in (
        shop.v1.disputes.close,
        lambda id_: shop.v1.disputes.update(id_, {"evidence": {"customer_name": "x"}}),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            call(dispute.id)


def test_a_chargeback_that_nobody_answers_is_lost(shop: Shop) -> None:
    dispute = opened(shop)
    shop.advance(10 * 86400)
    assert shop.v1.disputes.retrieve(dispute.id).status == "lost"


def test_too_much_text_is_refused(shop: Shop) -> None:
    dispute = opened(shop)
    text = {"uncategorized_text": "x" * 100_000, "refund_policy_disclosure": "y" * 60_000}
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.disputes.update(dispute.id, {"evidence": text})


def test_a_disputed_charge_cannot_be_refunded(shop: Shop) -> None:
    dispute = opened(shop)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.refunds.create({"charge": dispute.charge})
    assert refusal.value.code == "charge_disputed"


def test_an_inquired_charge_can_be_refunded(shop: Shop) -> None:
    dispute = opened(shop, "pm_card_createDisputeInquiry")
    assert shop.v1.refunds.create({"charge": dispute.charge}).status == "succeeded"


def test_one_card_brings_several_disputes(shop: Shop) -> None:
    intent = shop.pay("pm_card_createMultipleDisputes", amount=1001)
    disputes = shop.v1.disputes.list({"payment_intent": intent.id}).data
    assert sorted(dispute.amount for dispute in disputes) == [500, 501]


def test_the_dispute_of_a_captured_hold_comes_with_the_capture(shop: Shop) -> None:
    intent = shop.pay("pm_card_createDispute", capture_method="manual")
    assert shop.v1.disputes.list().data == []
    shop.v1.payment_intents.capture(intent.id, {"amount_to_capture": 600})
    assert shop.v1.disputes.list().data[0].amount == 600


def test_contesting_a_compliance_dispute_needs_the_fee_acknowledged(shop: Shop) -> None:
    dispute = opened(shop, "pm_card_createComplianceDispute")
    assert dispute.enhanced_eligibility_types == ["visa_compliance"]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    shop.v1.disputes.update(
        dispute.id,
        {
            "evidence": {
                "uncategorized_text": "winning_evidence",
                "enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}},
            }
        },
    )
    settle(shop)
    assert shop.v1.disputes.retrieve(dispute.id).status == "won"


def test_compelling_evidence_says_what_is_missing(shop: Shop) -> None:
    dispute = opened(shop, "pm_card_createCe3EligibleDispute")
    assert dispute.enhanced_eligibility_types == ["visa_compelling_evidence_3"]
    eligibility = dispute.evidence_details.enhanced_eligibility.visa_compelling_evidence_3
    assert eligibility.status == "requires_action"
    assert "missing_prior_undisputed_transactions" in eligibility.required_actions
    well_formed(dispute)


def test_a_bank_opens_and_decides_a_dispute_through_the_control_interface(shop: Shop) -> None:
    charge = shop.pay(amount=3000).latest_charge
    made = shop.control("POST", "disputes", charge=charge, reason="product_not_received", amount=1000)
    assert (made["reason"], made["amount"], made["status"]) == ("product_not_received", 1000, "needs_response")
    assert shop.events("charge.dispute.created")[0].request.id is None
    assert shop.control("POST", f"disputes/{made['id']}/resolve", outcome="won")["status"] == "won"
    inquiry = shop.control("POST", "disputes", charge=charge, inquiry=True)
    assert shop.control("POST", f"disputes/{inquiry['id']}/resolve", outcome="escalated")["status"] == "needs_response"
    for body in ({"charge": "ch_nope"}, {"charge": charge, "reason": "whim"}, {"charge": charge, "amount": 9999}):
        assert shop.http.post("/_sim/disputes", json=body).status_code in {400, 404}
    again = shop.http.post(f"/_sim/disputes/{made['id']}/resolve", json={"outcome": "lost"})
    assert (again.status_code, "decided already" in again.json()["error"]["message"]) == (400, True)


def test_a_missing_dispute_names_the_parameter(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.disputes.retrieve("du_nope")
    assert (refusal.value.http_status, refusal.value.param) == (404, "dispute")
