"""Operations of early fraud warnings, and the control call that opens one."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.app_hooks import control
from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state.early_fraud_warnings import EARLY_FRAUD_WARNINGS, EarlyFraudWarning, warn
from harness.simulator.stripe.state.kinds import CHARGES
from harness.simulator.stripe.wire import early_fraud_warnings as wire
from harness.simulator.stripe.wire.render import render

__all__ = ["wire"]


@operation("GET /v1/radar/early_fraud_warnings/{early_fraud_warning}")
def retrieve_early_fraud_warning(call: Call, warning_id: str) -> EarlyFraudWarning:
    """Read a warning."""
    return call.account.get(EARLY_FRAUD_WARNINGS, warning_id, "early_fraud_warning")


@operation("GET /v1/radar/early_fraud_warnings")
def list_early_fraud_warnings(call: Call) -> Listing:
    """Warnings, newest first."""
    for index in ("charge", "payment_intent"):
        if call.params.get(index):
            return call.listing(EARLY_FRAUD_WARNINGS, index=index, keys=(call.params[index],))
    return call.listing(EARLY_FRAUD_WARNINGS)


@control
def open_early_fraud_warning(
    account: StripeAccount, method: str, path: str, arguments: dict[str, Any]
) -> dict[str, Any] | None:
    """``POST /_sim/early_fraud_warnings {"charge", "fraud_type"?}``."""
    if (method, path) != ("POST", "early_fraud_warnings"):
        return None
    charge = account.get(CHARGES, str(arguments.get("charge", "")), "charge")
    return render(warn(account, charge, str(arguments.get("fraud_type", "misc"))), account)
