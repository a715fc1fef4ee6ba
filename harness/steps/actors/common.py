"""What several actors share."""

from __future__ import annotations

from harness.domain.money import Money


def money(amount: Money | str) -> Money:
    """Money as it is, or read from words ("49.99 EUR")."""
    return Money.parse(amount) if isinstance(amount, str) else amount
