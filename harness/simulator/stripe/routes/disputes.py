"""Operations of disputes, and the control calls by which a bank opens and decides them."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.app_hooks import control
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import disputes
from harness.simulator.stripe.state.kinds import CHARGES, DISPUTES, PAYMENT_INTENTS
from harness.simulator.stripe.state.objects import Dispute
from harness.simulator.stripe.wire import disputes as wire
from harness.simulator.stripe.wire.render import render

__all__ = ["wire"]


@operation("GET /v1/disputes")
def listed(call: Call) -> Listing:
    """All, those of a charge, or those of a payment intent."""
    charge, intent = call.params.get("charge"), call.params.get("payment_intent")
    if charge is not None:
        call.account.get(CHARGES, charge, "charge", status=400)
        return call.listing(DISPUTES, index="charge", keys=(charge,))
    if intent is not None:
        call.account.get(PAYMENT_INTENTS, intent, "payment_intent", status=400)
        return call.listing(DISPUTES, index="payment_intent", keys=(intent,))
    return call.listing(DISPUTES)


@operation("GET /v1/disputes/{dispute}")
def retrieve(call: Call, dispute: str) -> Dispute:
    """One."""
    return call.account.get(DISPUTES, dispute, "dispute")


@operation("POST /v1/disputes/{dispute}")
def update(call: Call, dispute: str) -> Dispute:
    """Collect evidence, and submit it (which is the default)."""
    return disputes.submit(call.account, call.account.get(DISPUTES, dispute, "dispute"), call.params)


@operation("POST /v1/disputes/{dispute}/close")
def close(call: Call, dispute: str) -> Dispute:
    """Accept it."""
    return disputes.close(call.account, call.account.get(DISPUTES, dispute, "dispute"))


@control
def bank(account: StripeAccount, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """``POST /_sim/disputes {"charge", "reason"?, "amount"?, "inquiry"?}`` and ``/{id}/resolve {"outcome"}``."""
    match (method, *path.split("/")):
        case ("POST", "disputes"):
            charge = account.get(CHARGES, str(arguments.get("charge", "")), "charge")
            reason = str(arguments.get("reason") or "fraudulent")
            amount = arguments.get("amount")
            if reason not in disputes.NETWORK_CODES:
                raise ValueError(f"Unknown reason {reason!r}; reasons are: {', '.join(disputes.NETWORK_CODES)}.")
            if not charge.captured:
                raise ValueError(f"Charge {charge.id} was not captured; there is nothing to dispute.")
            if amount is not None and (
                isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= charge.amount_captured
            ):
                raise ValueError(
                    f"amount is in minor units, from 1 to the {charge.amount_captured} that were captured."
                )
            case_type = "inquiry" if arguments.get("inquiry") else str(arguments.get("case_type") or "chargeback")
            if case_type not in {"inquiry", "chargeback", "compliance"}:
                raise ValueError(f"Unknown case_type {case_type!r}; use inquiry, chargeback or compliance.")
            it = disputes.open_dispute(account, charge, reason=reason, amount=amount, case_type=case_type)
            return render(it, account)
        case ("POST", "disputes", dispute_id, "resolve"):
            it = account.get(DISPUTES, dispute_id, "dispute")
            return render(disputes.resolve(account, it, str(arguments.get("outcome", ""))), account)
    return None
