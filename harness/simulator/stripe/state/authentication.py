"""3-D Secure: when a card asks for a challenge, and what the charge shows of it. Stripe, "3D Secure authentication"."""

from __future__ import annotations

from enum import Enum
from typing import Any

from harness.simulator.stripe.state.objects import PaymentMethod


class Demand(Enum):
    """What has to happen before a card can be charged or set up."""

    NOTHING = "nothing"
    CHALLENGE = "challenge"
    REFUSED = "refused"
    """Off session, and the issuer wants the shopper: ``authentication_required``."""
    BROKEN = "broken"
    """The lookup ends in a processing error."""


AUTHENTICATED: dict[str, Any] = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "exemption_indicator_applied": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": "8d5b3f2a-64a6-4d11-8b5a-8c9b7a0e2b51",
    "version": "2.2.0",
}
FRICTIONLESS: dict[str, Any] = {**AUTHENTICATED, "authentication_flow": "frictionless"}
NOT_ENROLLED: dict[str, Any] = {
    **AUTHENTICATED,
    "authentication_flow": None,
    "electronic_commerce_indicator": "06",
    "result": "attempt_acknowledged",
    "result_reason": None,
}
ABANDONED: dict[str, Any] = {
    **AUTHENTICATED,
    "electronic_commerce_indicator": None,
    "result": "failed",
    "result_reason": "rejected",
}


def demand(it: PaymentMethod, requested: str | None, *, off_session: bool, setup: bool = False) -> Demand:
    """What a card demands now.

    Args:
        it: the payment method.
        requested: ``request_three_d_secure`` (None: automatic).
        off_session: nobody is there to answer a challenge.
        setup: a setup rather than a payment.
    """
    card = it.card
    if card is None:
        return Demand.NOTHING
    asked = requested in {"any", "challenge"} and not off_session
    kind = card.authentication
    if kind in {"none", "not_supported", "frictionless"}:
        return Demand.NOTHING
    if kind == "optional" and not asked:
        return Demand.NOTHING
    if off_session:
        if kind == "set_up" or (kind in {"unless_set_up", "required"} and it.ready_off_session):
            return Demand.NOTHING
        return Demand.REFUSED
    if card.authentication_fails:
        return Demand.BROKEN
    if kind == "set_up" and setup and not asked:
        return Demand.NOTHING
    return Demand.CHALLENGE


def without_challenge(it: PaymentMethod, requested: str | None) -> dict[str, Any] | None:
    """``three_d_secure`` of a charge that met no challenge."""
    if it.card is None:
        return None
    if it.card.authentication == "frictionless":
        return FRICTIONLESS
    if requested in {"any", "challenge"} and it.card.authentication == "none":
        return NOT_ENROLLED
    return None
