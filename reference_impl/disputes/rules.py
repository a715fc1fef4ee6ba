"""What a dispute's status means for the order and the books: pure rules, no I/O. Statuses are the provider's words.

Source: Stripe, "How disputes work": a ``warning_`` is a question and moves no money; the same events tell of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OPEN = frozenset({"needs_response", "under_review", "appeal_needs_response", "appeal_under_review"})
LOST = "lost"
WON = "won"
ANSWERABLE = frozenset({"needs_response", "warning_needs_response", "appeal_needs_response"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the disputes of a payment come to: is a chargeback open, is one lost, and how much is gone or at stake."""

    open: bool
    lost: bool
    disputed: int
    lost_amount: int


def is_inquiry(status: str) -> bool:
    """Whether the bank only asks."""
    return status.startswith("warning_")


def standing(disputes: Iterable[tuple[str, int]]) -> Standing:
    """The standing that ``(status, amount)`` of every dispute of a payment comes to."""
    found = list(disputes)
    return Standing(
        open=any(status in OPEN for status, _ in found),
        lost=any(status == LOST for status, _ in found),
        disputed=sum(amount for status, amount in found if status in OPEN or status == LOST),
        lost_amount=sum(amount for status, amount in found if status == LOST),
    )
