"""What may be refunded, and how a refund moves: pure rules, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reference_impl import money
from reference_impl.errors import Conflict, Invalid
from reference_impl.gateways.truth import RefundStatus


class RefundState(StrEnum):
    """State of a refund. ``unknown``: the provider has not said whether it has it; its amount counts all the same."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


REASONS = ("duplicate", "fraudulent", "requested_by_customer")
_GONE = frozenset({RefundState.FAILED, RefundState.CANCELLED})
_OF = {
    RefundStatus.PENDING: RefundState.PENDING,
    RefundStatus.SUCCEEDED: RefundState.SUCCEEDED,
    RefundStatus.FAILED: RefundState.FAILED,
    RefundStatus.CANCELLED: RefundState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a payment stands when a refund is asked for; amounts in minor units of ``currency``."""

    currency: str
    captured: int
    refunds: Sequence[tuple[str, int]]
    lost: int
    open_chargeback: bool


def remaining(position: Position) -> int:
    """What can still go back: captured, less every refund that has not failed, less what banks took for good."""
    return position.captured - sum(amount for state, amount in position.refunds if state not in _GONE) - position.lost


def amount_to_refund(position: Position, amount: int | None, currency: str | None) -> int:
    """The amount of a refund (``None`` asks for all that is left).

    Raises ``Conflict`` or ``Invalid`` for what must not go back.
    """
    if currency is not None and currency.lower() != position.currency:
        raise Invalid("wrong_currency", f"The payment was made in {position.currency.upper()}; only that goes back.")
    if position.captured <= 0:
        raise Conflict(
            "nothing_captured", "Nothing was captured, so nothing can be refunded; a hold is released instead."
        )
    if position.open_chargeback:
        raise Conflict("dispute_open", "The payment is disputed; a refund beside a chargeback would pay it back twice.")
    left = remaining(position)
    wanted = left if amount is None else amount
    if left <= 0:
        raise Conflict("nothing_left", "Everything that was captured has gone back already.")
    if trouble := money.problem(wanted, position.currency, partial=True):
        raise Invalid("invalid_amount", trouble)
    if wanted > left:
        raise Conflict(
            "refund_exceeds_payment", f"Only {money.formatted(left, position.currency)} can still be refunded."
        )
    return wanted


def state_of(status: RefundStatus) -> RefundState:
    """State that the provider's status stands for."""
    return _OF[status]


def next_state(current: RefundState, proposed: RefundState) -> RefundState:
    """The state after hearing ``proposed``: what has failed or was cancelled stays so.

    What has succeeded may still fail.
    """
    if current in _GONE:
        return current
    if current is RefundState.SUCCEEDED:
        return proposed if proposed is RefundState.FAILED else current
    return proposed
