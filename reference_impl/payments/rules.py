"""How a payment moves, and what must hold before it counts: pure rules, no I/O."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reference_impl.gateways.truth import Intent, IntentStatus, Session


class PaymentState(StrEnum):
    """State of a payment, as the API shows it.

    ``failed`` is a declined attempt: another card may still pay. ``unknown``: nobody knows yet whether the provider
    has it.
    """

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


_OF_INTENT = {
    IntentStatus.CREATED: PaymentState.CREATED,
    IntentStatus.DECLINED: PaymentState.FAILED,
    IntentStatus.REQUIRES_ACTION: PaymentState.REQUIRES_ACTION,
    IntentStatus.PROCESSING: PaymentState.PROCESSING,
    IntentStatus.AUTHORISED: PaymentState.AUTHORISED,
    IntentStatus.PAID: PaymentState.PAID,
    IntentStatus.CANCELLED: PaymentState.CANCELLED,
}

_EARLY = frozenset(
    {
        PaymentState.UNKNOWN,
        PaymentState.CREATED,
        PaymentState.REQUIRES_ACTION,
        PaymentState.PROCESSING,
        PaymentState.FAILED,
    }
)
FINAL = frozenset({PaymentState.PAID, PaymentState.CANCELLED})
"""States that a payment never leaves."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a payment must look like at the provider to count for its order."""

    order_id: str
    payment_id: str
    amount: int
    currency: str
    live: bool


def next_state(current: PaymentState, proposed: PaymentState) -> PaymentState:
    """The state after hearing ``proposed``: forward only.

    Before the bank has agreed, attempts come and go; an authorisation ends in money or in its release; paid and
    cancelled are final.
    """
    if current in FINAL:
        return current
    if current is PaymentState.AUTHORISED:
        return proposed if proposed in FINAL else current
    return proposed if proposed is not PaymentState.UNKNOWN or current is PaymentState.UNKNOWN else current


def after(current: PaymentState, proposed: PaymentState, *, is_open: bool, over: bool) -> tuple[PaymentState, bool]:
    """State after hearing ``proposed``, and whether the payment may still take money.

    ``over``: a declined attempt was the last that this payment can make. A failed payment that was closed stays so,
    unless money came in all the same.
    """
    if current is PaymentState.FAILED and not is_open and is_early(proposed):
        return current, False
    state = next_state(current, proposed)
    return state, state not in FINAL and not (over and state is PaymentState.FAILED)


ACTION_REQUIRED = "PAYER_ACTION_REQUIRED"


def as_it_stands(intent: Intent, turned_back: str | None) -> Intent:
    """A payment whose approval the provider did not honour: declined, or for the shopper to act on.

    It stays so until it is approved anew, though the provider may go on calling it approved.
    """
    if turned_back is None or not is_early(state_of(intent)) or intent.over:
        return intent
    if turned_back == ACTION_REQUIRED:
        return dataclasses.replace(intent, status=IntentStatus.REQUIRES_ACTION)
    return dataclasses.replace(intent, status=IntentStatus.DECLINED, decline=turned_back)


def gone(intent_id: str, expected: Expected) -> Intent:
    """A payment that the provider has forgotten before anybody took it: it can take no money any more."""
    return Intent(
        id=intent_id,
        status=IntentStatus.CANCELLED,
        amount=expected.amount,
        amount_received=0,
        currency=expected.currency,
        livemode=expected.live,
        metadata={"order_id": expected.order_id, "payment_id": expected.payment_id},
        decline=None,
        charge=None,
        created=0,
        over=True,
    )


def state_of(intent: Intent) -> PaymentState:
    """State that an intent proposes."""
    return _OF_INTENT[intent.status]


def state_of_session(session: Session) -> PaymentState:
    """State that a hosted page proposes while it has no intent of its own; complete but unpaid is still on its way."""
    if session.expired:
        return PaymentState.CANCELLED
    return PaymentState.CREATED if session.open else PaymentState.PROCESSING


def mismatches(expected: Expected, intent: Intent) -> list[str]:
    """What does not fit: any of amount, currency, order, mode. An empty list lets a payment count."""
    checks: Mapping[str, bool] = {
        "amount": intent.amount == expected.amount,
        "currency": intent.currency == expected.currency,
        "order": intent.metadata.get("order_id") == expected.order_id
        and intent.metadata.get("payment_id") == expected.payment_id,
        "mode": intent.livemode == expected.live,
    }
    return [name for name, fits in checks.items() if not fits]


def counts(intent: Intent) -> bool:
    """Whether money is reserved or taken: only then does a mismatch matter."""
    return intent.status in {IntentStatus.AUTHORISED, IntentStatus.PAID}


def paid_in_full(intent: Intent, order_total: int) -> bool:
    """Whether an order may be fulfilled: all of its price is there."""
    return intent.status is IntentStatus.PAID and intent.amount_received == order_total


def is_early(state: PaymentState) -> bool:
    """Whether no money is reserved or taken."""
    return state in _EARLY
