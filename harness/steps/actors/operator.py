"""The operator: the merchant's staff, who capture, refund, contest and reconcile through the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.domain.money import Money
from harness.targets.contract import Answer

if TYPE_CHECKING:
    from harness.steps.world import World


class Operator:
    """``world.operator``; works on the current order unless told otherwise."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: list[Answer] = []
        """Every answer of the target to the operator, in order."""

    async def captures(
        self, amount: Money | str | None = None, *, times: int = 1, concurrently: bool = False
    ) -> list[Answer]:
        """Capture what was authorised, or a part of it."""
        raise NotImplementedError

    async def cancels(self) -> Answer:
        """Release the hold of an authorised payment."""
        raise NotImplementedError

    async def refunds(
        self,
        amount: Money | str | None = None,
        *,
        times: int = 1,
        concurrently: bool = False,
        key: str | None = None,
        reason: str | None = None,
    ) -> list[Answer]:
        """Refund all that is left, or ``amount``.

        With ``key`` every repetition carries the same idempotency key (one logical refund); without,
        each is one of its own.
        """
        raise NotImplementedError

    async def contests(self, text: str = "winning_evidence", *, submit: bool = True) -> Answer:
        """Send evidence for the order's dispute: "winning_evidence", "losing_evidence", or a text of one's own."""
        raise NotImplementedError

    async def accepts(self) -> Answer:
        """Accept the order's dispute as lost."""
        raise NotImplementedError

    async def reconciles(self) -> Answer:
        """Have the target ask the provider for what it missed; results ``drift`` and ``checked``."""
        raise NotImplementedError
