"""The JSON of early fraud warnings."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.early_fraud_warnings import EarlyFraudWarning
from harness.simulator.stripe.wire.render import Json, renders


@renders(EarlyFraudWarning, "radar.early_fraud_warning", expandable=("charge", "payment_intent"))
def early_fraud_warning(it: EarlyFraudWarning, account: StripeAccount) -> Json:
    """A warning."""
    return {
        "id": it.id,
        "object": "radar.early_fraud_warning",
        "actionable": it.actionable,
        "charge": it.charge,
        "created": it.created,
        "fraud_type": it.fraud_type,
        "livemode": account.livemode,
        "payment_intent": it.payment_intent,
    }
