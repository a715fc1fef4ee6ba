"""Early fraud warnings: the issuer suspects a charge, before anybody disputes it.

Source: Stripe API reference, "Early Fraud Warning"; Stripe, "Testing".
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount, table
from harness.simulator.stripe.state import charging
from harness.simulator.stripe.state.objects import Charge


class EarlyFraudWarning(Struct, frozen=True, gc=False, kw_only=True):
    """A warning. ``actionable``: the charge can still be refunded before it is disputed."""

    id: str
    created: int
    charge: str
    payment_intent: str | None
    fraud_type: str
    actionable: bool = True


EARLY_FRAUD_WARNINGS = table(
    "radar.early_fraud_warning",
    EarlyFraudWarning,
    prefix="issfr_",
    noun="early_fraud_warning",
    indexed=("charge", "payment_intent"),
)

FRAUD_TYPES = (
    "card_never_received",
    "fraudulent_card_application",
    "made_with_counterfeit_card",
    "made_with_lost_card",
    "made_with_stolen_card",
    "misc",
    "unauthorized_use_of_card",
)


def warn(account: StripeAccount, charge: Charge, fraud_type: str = "misc") -> EarlyFraudWarning:
    """Open a warning on a charge.

    Raises:
        StripeError: 400, unknown type of fraud, or a charge that took no money.
    """
    if fraud_type not in FRAUD_TYPES:
        raise errors.invalid_value("fraud_type", list(FRAUD_TYPES))
    if charge.status != "succeeded":
        raise errors.invalid(f"The charge {charge.id} did not succeed; nobody can warn of it.", param="charge")
    warning = EarlyFraudWarning(
        id=account.new_id(EARLY_FRAUD_WARNINGS),
        created=account.now(),
        charge=charge.id,
        payment_intent=charge.payment_intent,
        fraud_type=fraud_type,
        actionable=not charge.refunded and not charge.disputed,
    )
    account.of(EARLY_FRAUD_WARNINGS).add(warning)
    account.emit("radar.early_fraud_warning.created", warning)
    return warning


def charge_settled(account: StripeAccount, charge_id: str) -> None:
    """The charge was refunded in full or disputed: its warnings can no longer be acted upon."""
    if not account.of(EARLY_FRAUD_WARNINGS).live:
        return
    for warning in account.of(EARLY_FRAUD_WARNINGS).by("charge", charge_id):
        if warning.actionable:
            after = account.of(EARLY_FRAUD_WARNINGS).put(replace(warning, actionable=False))
            account.emit("radar.early_fraud_warning.updated", after, {"actionable": True})


def _by_card(account: StripeAccount, charge: Charge) -> None:
    """The test card that brings a warning."""
    card = charge.paid_with.card
    if card is not None and card.early_fraud_warning:
        warn(account, charge)


charging.after_charge.append(_by_card)
