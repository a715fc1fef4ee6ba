"""Whose turn it is to ask the provider about a payment: one at a time in a process, one answer for all who waited."""

from __future__ import annotations

import asyncio
from math import inf
from weakref import WeakValueDictionary

from reference_impl.gateways.truth import PaymentTruth


class Turn:
    """The turn of one payment, and what the one before was answered."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.asked_at = -inf
        """Moment of the monotonic clock at which the last question was asked."""
        self.truth: PaymentTruth | None = None

    def answers(self, known_since: float, about: str | None) -> bool:
        """Whether the last question was asked late enough, and about enough."""
        if self.truth is None or self.asked_at < known_since:
            return False
        wants_refunds, wants_disputes = about in {"refund", "everything"}, about in {"dispute", "everything"}
        return not (wants_refunds and self.truth.refunds is None) and not (
            wants_disputes and self.truth.disputes is None
        )


_turns: WeakValueDictionary[str, Turn] = WeakValueDictionary()


def of(payment_id: str) -> Turn:
    """The turn of a payment; forgotten when nobody holds it any more."""
    return _turns.setdefault(payment_id, Turn())
