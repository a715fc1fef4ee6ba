"""Operations of refunds, and the control call that makes one outside the merchant's own integration."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.app_hooks import control
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import refunds
from harness.simulator.stripe.state.kinds import CHARGES, PAYMENT_INTENTS, REFUNDS
from harness.simulator.stripe.state.objects import Refund
from harness.simulator.stripe.wire import refunds as wire
from harness.simulator.stripe.wire.render import render

__all__ = ["wire"]


@operation("POST /v1/refunds")
def create(call: Call) -> Refund:
    """Give back what was paid."""
    params = call.params
    charge = refunds.charge_to_refund(call.account, params.get("charge"), params.get("payment_intent"))
    return refunds.create(call.account, charge, params)


@operation("GET /v1/refunds")
def listed(call: Call) -> Listing:
    """All, those of a charge, or those of a payment intent."""
    charge, intent = call.params.get("charge"), call.params.get("payment_intent")
    if charge is not None:
        call.account.get(CHARGES, charge, "charge", status=400)
        return call.listing(
            REFUNDS, index="charge", keys=(charge,), keep=lambda it: intent in {None, it.payment_intent}
        )
    if intent is not None:
        call.account.get(PAYMENT_INTENTS, intent, "payment_intent", status=400)
        return call.listing(REFUNDS, index="payment_intent", keys=(intent,))
    return call.listing(REFUNDS)


@operation("GET /v1/refunds/{refund}")
def retrieve(call: Call, refund: str) -> Refund:
    """One."""
    return call.account.get(REFUNDS, refund)


@operation("POST /v1/refunds/{refund}")
def update(call: Call, refund: str) -> Refund:
    """Change its metadata."""
    return refunds.update(call.account, call.account.get(REFUNDS, refund), call.params.get("metadata"))


@operation("POST /v1/refunds/{refund}/cancel")
def cancel(call: Call, refund: str) -> Refund:
    """Call it back, as long as it has not settled."""
    return refunds.cancel(call.account, call.account.get(REFUNDS, refund))


@control
def outside(account: StripeAccount, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """``POST /_sim/refunds {"charge", "amount"?, "reason"?}``: somebody at the dashboard.

    ``POST /_sim/refunds/{id}/fail {"reason"?}``: the bank sends the money back.
    """
    match (method, *path.split("/")):
        case ("POST", "refunds"):
            charge = account.get(CHARGES, str(arguments.get("charge", "")), "charge")
            amount = arguments.get("amount")
            if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
                raise ValueError("amount is an integer in minor units.")
            wanted = {name: arguments.get(name) for name in ("amount", "reason")}
            return render(refunds.create(account, charge, wanted), account)
        case ("POST", "refunds", refund_id, "fail"):
            reason = str(arguments.get("reason") or "expired_or_canceled_card")
            return render(refunds.fail(account, refund_id, reason), account)
    return None
