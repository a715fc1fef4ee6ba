"""Disputes: inquiries and chargebacks, from opening to the bank's decision. Stripe, "Disputes", "Testing"; recorded.

inquiry      warning_needs_response -> warning_under_review -> warning_closed, or it becomes a chargeback
chargeback   needs_response -> under_review -> won | lost
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount, timer
from harness.simulator.stripe.state import charging, early_fraud_warnings
from harness.simulator.stripe.state.balance import book
from harness.simulator.stripe.state.kinds import CHARGES, CUSTOMERS, DISPUTES
from harness.simulator.stripe.state.merge import merged, metadata
from harness.simulator.stripe.state.objects import Charge, Dispute

DAY = 86400
OPEN = frozenset({"needs_response", "warning_needs_response"})
CLOSED = frozenset({"won", "lost", "warning_closed", "prevented"})
WINNING, LOSING, ESCALATING = "winning_evidence", "losing_evidence", "escalate_inquiry_evidence"
TEXT_LIMIT = 150_000
COMPLIANCE_FEE = 50_000
"""What contesting a Visa compliance dispute costs (minor units of USD), returned when it is won."""
NETWORK_CODES = {
    "bank_cannot_process": "12.1",
    "credit_not_processed": "13.6",
    "customer_initiated": "13.7",
    "debit_not_authorized": "10.4",
    "duplicate": "12.6.1",
    "fraudulent": "10.4",
    "general": "13.7",
    "incorrect_account_details": "12.4",
    "insufficient_funds": "11.3",
    "noncompliant": "compliance",
    "product_not_received": "13.1",
    "product_unacceptable": "13.3",
    "subscription_canceled": "13.2",
    "unrecognized": "10.4",
}


def open_dispute(
    account: StripeAccount,
    charge: Charge,
    *,
    reason: str,
    amount: int | None = None,
    case_type: str = "chargeback",
    network_reason_code: str | None = None,
    compelling_evidence: bool = False,
) -> Dispute:
    """The shopper's bank disputes a charge, all of it or ``amount`` (minor units).

    ``case_type``: inquiry moves no money; chargeback and compliance take it back at once.
    """
    now = account.now()
    inquiry = case_type == "inquiry"
    card = charge.paid_with.card
    enhanced = ("visa_compelling_evidence_3",) if compelling_evidence else ()
    if case_type == "compliance":
        enhanced = ("visa_compliance",)
    it = account.of(DISPUTES).add(
        Dispute(
            id=account.new_id(DISPUTES),
            created=now,
            amount=charge.amount_captured if amount is None else amount,
            currency=charge.currency,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            status="warning_needs_response" if inquiry else "needs_response",
            reason=reason,
            case_type=case_type,
            network_reason_code=network_reason_code or NETWORK_CODES.get(reason),
            brand=card.brand if card is not None else "",
            due_by=(now // DAY + account.settings.dispute_due_days) * DAY + DAY - 1,
            prefilled=_prefilled(account, charge),
            enhanced=enhanced,
            is_charge_refundable=inquiry,
        )
    )
    if not inquiry:
        it = _withdraw(account, it)
    account.of(CHARGES).put(replace(charge, disputed=True, dispute=it.id))
    account.emit("charge.dispute.created", it)
    if not inquiry:
        account.emit("charge.dispute.funds_withdrawn", it)
    early_fraud_warnings.charge_settled(account, charge.id)
    account.set_timer(float(it.due_by or now), "dispute.due", it.id)
    return it


def submit(account: StripeAccount, it: Dispute, params: dict[str, Any]) -> Dispute:
    """Change evidence or metadata; evidence goes to the bank unless ``submit`` is false, and only once."""
    if it.status in CLOSED:
        raise errors.invalid("This dispute is already closed")
    evidence = params.get("evidence")
    given = isinstance(evidence, dict) and bool(evidence)
    sending = params.get("submit", True) if given else params.get("submit") is True and it.evidence is not None
    if (sending or evidence is not None) and it.status not in OPEN:
        raise errors.invalid(
            "You cannot submit evidence for this dispute: evidence was submitted already, and the bank is reviewing it."
        )
    changes: dict[str, Any] = {}
    if "metadata" in params:
        changes["metadata"] = metadata(it.metadata, params["metadata"])
    if "intended_submission_method" in params:
        changes["intended_submission_method"] = params["intended_submission_method"]
    if evidence is not None:
        changes["evidence"] = _merged_evidence(it, evidence)
    if sending:
        _check_compliance(it, changes.get("evidence") or it.evidence or {})
        changes["status"] = "warning_under_review" if it.case_type == "inquiry" else "under_review"
        changes["submission_count"] = it.submission_count + 1
    if not changes:
        return it
    after = account.of(DISPUTES).put(replace(it, **changes))
    account.emit("charge.dispute.updated", after, _previous(it, after))
    if sending:
        _sent(account, after)
        account.emit("charge.updated", account.get(CHARGES, it.charge))
    return after


def close(account: StripeAccount, it: Dispute) -> Dispute:
    """The merchant accepts: lost at once (an inquiry just ends)."""
    if it.status in CLOSED:
        raise errors.invalid("This dispute is already closed")
    account.timers.cancel("dispute.decide", it.id)
    it = _end(account, it, "warning_closed" if it.case_type == "inquiry" else "lost")
    account.emit("charge.updated", account.get(CHARGES, it.charge))
    return it


def resolve(account: StripeAccount, it: Dispute, outcome: str) -> Dispute:
    """The bank decides: ``won``, ``lost``, ``warning_closed``, or ``escalated`` (an inquiry becomes a chargeback).

    Raises:
        ValueError: an outcome that this dispute cannot have.
    """
    inquiry = it.case_type == "inquiry"
    possible = ("warning_closed", "escalated") if inquiry else ("won", "lost")
    if it.status in CLOSED:
        raise ValueError(f"Dispute {it.id} is decided already: {it.status}.")
    if outcome not in possible:
        raise ValueError(f"Dispute {it.id} cannot end as {outcome!r}; possible outcomes: {', '.join(possible)}.")
    account.timers.cancel("dispute.decide", it.id)
    return _escalate(account, it) if outcome == "escalated" else _end(account, it, outcome)


def _sent(account: StripeAccount, it: Dispute) -> None:
    """The bank has the evidence, and will decide."""
    if "visa_compliance" in it.enhanced:
        book(account, it.id, 0, "usd", "adjustment", "fee", fee=COMPLIANCE_FEE, at_once=True, description="Contest fee")
    account.timers.cancel("dispute.due", it.id)
    account.set_timer(account.clock.now() + account.settings.dispute_settle_seconds, "dispute.decide", it.id)


def _previous(before: Dispute, after: Dispute) -> dict[str, Any]:
    previous: dict[str, Any] = {}
    if before.status != after.status:
        previous["status"] = before.status
        previous["evidence_details"] = {"submission_count": before.submission_count}
    if before.metadata != after.metadata:
        previous["metadata"] = before.metadata or {}
    if before.evidence != after.evidence:
        old, new = before.evidence or {}, after.evidence or {}
        previous["evidence"] = {key: old.get(key) for key in new if old.get(key) != new[key]}
    return previous


def _merged_evidence(it: Dispute, evidence: Any) -> dict[str, Any] | None:
    after = merged(it.evidence, evidence)
    length = sum(len(value) for value in (after or {}).values() if isinstance(value, str))
    if length > TEXT_LIMIT:
        raise errors.invalid(
            f"The combined character count of all evidence fields cannot exceed {TEXT_LIMIT:,}.", param="evidence"
        )
    return after


def _check_compliance(it: Dispute, evidence: dict[str, Any]) -> None:
    if "visa_compliance" not in it.enhanced:
        return
    acknowledged = ((evidence.get("enhanced_evidence") or {}).get("visa_compliance") or {}).get("fee_acknowledged")
    if not acknowledged:
        raise errors.invalid(
            "To contest a Visa compliance dispute you must acknowledge its fee by setting "
            "`evidence[enhanced_evidence][visa_compliance][fee_acknowledged]` to true.",
            param="evidence[enhanced_evidence][visa_compliance][fee_acknowledged]",
        )


def _withdraw(account: StripeAccount, it: Dispute) -> Dispute:
    txn = book(
        account,
        it.id,
        -it.amount,
        it.currency,
        "adjustment",
        "dispute",
        fee=account.settings.dispute_fee,
        at_once=True,
        description=f"Chargeback withdrawal for {it.charge}",
        fee_description="Dispute fee",
    )
    return account.of(DISPUTES).put(replace(it, balance_transactions=(*it.balance_transactions, txn.id)))


def _reinstate(account: StripeAccount, it: Dispute) -> Dispute:
    returned = account.settings.dispute_fee if account.settings.dispute_fee_returned_on_win else 0
    if "visa_compliance" in it.enhanced:
        book(
            account, it.id, 0, "usd", "adjustment", "fee", fee=-COMPLIANCE_FEE, at_once=True, description="Contest fee"
        )
    txn = book(
        account,
        it.id,
        it.amount,
        it.currency,
        "adjustment",
        "dispute_reversal",
        fee=-returned,
        at_once=True,
        description=f"Chargeback reversal for {it.charge}",
        fee_description="Dispute fee",
    )
    return account.of(DISPUTES).put(replace(it, balance_transactions=(*it.balance_transactions, txn.id)))


def _escalate(account: StripeAccount, it: Dispute) -> Dispute:
    now = account.now()
    previous = {
        "status": it.status,
        "is_charge_refundable": True,
        "payment_method_details": {"card": {"case_type": "inquiry"}},
    }
    it = account.of(DISPUTES).put(
        replace(
            it,
            status="needs_response",
            case_type="chargeback",
            is_charge_refundable=False,
            submission_count=0,
            evidence=None,
            due_by=(now // DAY + account.settings.dispute_due_days) * DAY + DAY - 1,
        )
    )
    it = _withdraw(account, it)
    account.emit("charge.dispute.updated", it, previous)
    account.emit("charge.dispute.funds_withdrawn", it)
    account.timers.cancel("dispute.due", it.id)
    account.set_timer(float(it.due_by or now), "dispute.due", it.id)
    return it


def _end(account: StripeAccount, it: Dispute, status: str) -> Dispute:
    account.timers.cancel("dispute.due", it.id)
    it = account.of(DISPUTES).put(replace(it, status=status, is_charge_refundable=status != "lost"))
    if status == "won":
        it = _reinstate(account, it)
        account.emit("charge.dispute.funds_reinstated", it)
    account.emit("charge.dispute.closed", it)
    return it


def _prefilled(account: StripeAccount, charge: Charge) -> dict[str, Any] | None:
    """What Stripe fills in by itself."""
    customer = account.of(CUSTOMERS).get(charge.customer or "")
    billing = charge.paid_with.billing_details or {}
    filled = {
        "customer_name": billing.get("name") or (customer.name if customer else None),
        "customer_email_address": billing.get("email")
        or charge.receipt_email
        or (customer.email if customer else None),
        "product_description": charge.description,
    }
    return {name: value for name, value in filled.items() if value} or None


@timer("dispute.decide")
def _decide(account: StripeAccount, dispute_id: str) -> None:
    it = account.get(DISPUTES, dispute_id)
    if it.status in CLOSED:
        return
    text = str((it.evidence or {}).get("uncategorized_text") or "")
    if it.case_type == "inquiry":
        if ESCALATING in text:
            _escalate(account, it)
        elif WINNING in text or LOSING in text:
            _end(account, it, "warning_closed")
    elif WINNING in text:
        _end(account, it, "won")
    elif LOSING in text:
        _end(account, it, "lost")


@timer("dispute.due")
def _due(account: StripeAccount, dispute_id: str) -> None:
    it = account.get(DISPUTES, dispute_id)
    if it.status in OPEN:
        _end(account, it, "warning_closed" if it.case_type == "inquiry" else "lost")


@charging.after_charge.append
def _claim(account: StripeAccount, charge: Charge) -> None:
    claim = charge.paid_with.card.dispute if charge.paid_with.card is not None else None
    if claim is None:
        return
    authenticated = (charge.three_d_secure or {}).get("result") == "authenticated"
    if claim.protected and authenticated:
        return
    share, rest = divmod(charge.amount_captured, claim.count)
    for number in range(claim.count):
        open_dispute(
            account,
            account.get(CHARGES, charge.id),
            reason=claim.reason,
            amount=share + (rest if number == 0 else 0),
            case_type=claim.case_type,
            network_reason_code=claim.network_reason_code,
            compelling_evidence=claim.compelling_evidence,
        )
