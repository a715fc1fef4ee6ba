"""The operator: the merchant's staff, who capture, refund, contest and reconcile through the target."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from harness.domain.money import Money
from harness.steps.actors.common import money
from harness.targets import Answer

if TYPE_CHECKING:
    from harness.steps.world import World


class Operator:
    """``world.operator``; works on the current order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: list[Answer] = []
        """Every answer of the target to the operator, in order."""

    async def captures(
        self, amount: Money | str | None = None, *, times: int = 1, concurrently: bool = False
    ) -> list[Answer]:
        """Capture what was authorised, or a part of it."""
        values = self._about(amount)
        return await _repeated(lambda: self._asks("capture", values), times, concurrently)

    async def cancels(self) -> Answer:
        """Release the hold of an authorised payment."""
        return await self._asks("cancel_payment", self._about(None))

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

        With ``key`` every repetition carries the same idempotency key (one refund); without, each is one of its own.
        """
        values = {**self._about(amount), "key": key, "reason": reason}
        return await _repeated(lambda: self._asks("refund", values), times, concurrently)

    async def contests(self, text: str = "winning_evidence", *, submit: bool = True) -> Answer:
        """Send evidence for the order's dispute: "winning_evidence", "losing_evidence", or a text of one's own."""
        dispute = await self._dispute()
        return await self._asks("submit_evidence", {"dispute_id": dispute, "text": text, "submit": submit})

    async def accepts(self) -> Answer:
        """Accept the order's dispute as lost."""
        return await self._asks("accept_dispute", {"dispute_id": await self._dispute()})

    async def reconciles(self) -> Answer:
        """Have the target ask the provider for what it missed; results ``drift`` and ``checked``."""
        return await self._asks("reconcile", {})

    def _about(self, amount: Money | str | None) -> dict[str, Any]:
        wanted = money(amount) if amount is not None else None
        return {
            "order_id": self.world.order.id,
            "amount": wanted.minor if wanted else None,
            "currency": wanted.currency if wanted else None,
        }

    async def _dispute(self) -> str:
        """The provider's id of the order's latest dispute, once the target knows of it."""
        found = await self.world.eventually(self.world.observer.disputes, what="the disputes that the shop knows of")
        return str(found[-1]["provider_id"])

    async def _asks(self, operation: str, values: dict[str, Any]) -> Answer:
        answer = await self.world.target.run(operation, values, actor="operator")
        self.answers.append(answer)
        return answer


async def _repeated(ask: Callable[[], Awaitable[Answer]], times: int, concurrently: bool) -> list[Answer]:
    if concurrently:
        return list(await asyncio.gather(*(ask() for _ in range(times))))
    return [await ask() for _ in range(times)]
