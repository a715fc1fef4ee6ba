"""The JSON of disputes."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.kinds import BALANCE_TRANSACTIONS
from harness.simulator.stripe.state.objects import Dispute
from harness.simulator.stripe.wire.render import Json, render, renders

EVIDENCE_FIELDS = """
    access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal
    customer_communication customer_email_address customer_name customer_purchase_ip customer_signature
    duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id enhanced_evidence
    product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date
    service_documentation shipping_address shipping_carrier shipping_date shipping_documentation
    shipping_tracking_number uncategorized_file uncategorized_text
""".split()  # noqa: SIM905 - a table reads better than a list
FILE_FIELDS = """
    cancellation_policy customer_communication customer_signature duplicate_charge_documentation receipt refund_policy
    service_documentation shipping_documentation uncategorized_file
""".split()  # noqa: SIM905 - as above


@renders(
    Dispute,
    "dispute",
    expandable=("charge", "payment_intent", *(f"evidence.{name}" for name in FILE_FIELDS)),
    timely=True,
)
def dispute(it: Dispute, account: StripeAccount) -> Json:
    """A dispute; its balance transactions are always whole objects."""
    given: dict[str, Any] = {**(it.prefilled or {}), **(it.evidence or {})}
    evidence: Json = {name: given.get(name) for name in EVIDENCE_FIELDS}
    evidence["enhanced_evidence"] = given.get("enhanced_evidence") or {}
    movements = account.of(BALANCE_TRANSACTIONS)
    return {
        "id": it.id,
        "object": "dispute",
        "amount": it.amount,
        "balance_transactions": [
            render(found, account) for txn in it.balance_transactions if (found := movements.get(txn)) is not None
        ],
        "charge": it.charge,
        "created": it.created,
        "currency": it.currency,
        "enhanced_eligibility_types": list(it.enhanced),
        "evidence": evidence,
        "evidence_details": {
            "due_by": it.due_by,
            "enhanced_eligibility": _eligibility(it),
            "has_evidence": bool(it.evidence),
            "past_due": it.due_by is not None and it.due_by < account.now(),
            "submission_count": it.submission_count,
            "submission_method": "manual" if it.submission_count else "not_submitted",
        },
        "is_charge_refundable": it.is_charge_refundable,
        "livemode": account.livemode,
        "metadata": it.metadata or {},
        "payment_intent": it.payment_intent,
        "payment_method_details": {
            "card": {
                "brand": it.brand,
                "case_type": it.case_type,
                "network": it.brand,
                "network_reason_code": it.network_reason_code,
            },
            "type": "card",
        }
        if it.brand
        else None,
        "reason": it.reason,
        "status": it.status,
    }


def _eligibility(it: Dispute) -> Json:
    given = (it.evidence or {}).get("enhanced_evidence") or {}
    body: Json = {}
    if "visa_compliance" in it.enhanced:
        acknowledged = (given.get("visa_compliance") or {}).get("fee_acknowledged")
        body["visa_compliance"] = {"status": "fee_acknowledged" if acknowledged else "requires_fee_acknowledgement"}
    if "visa_compelling_evidence_3" in it.enhanced:
        three = given.get("visa_compelling_evidence_3") or {}
        disputed = three.get("disputed_transaction") or {}
        missing = []
        if not (disputed.get("customer_email_address") or disputed.get("customer_purchase_ip")):
            missing.append("missing_customer_identifiers")
        if not disputed.get("product_description"):
            missing.append("missing_disputed_transaction_description")
        if not disputed.get("merchandise_or_services"):
            missing.append("missing_merchandise_or_services")
        if not three.get("prior_undisputed_transactions"):
            missing.append("missing_prior_undisputed_transactions")
        body["visa_compelling_evidence_3"] = {
            "required_actions": missing,
            "status": "requires_action" if missing else "qualified",
        }
    return body
