"""The provider as an actor: its truth, its moods, and what happens on its side without the merchant.

Moods and the clock exist only where the provider is simulated; on a sandbox they raise ``NotApplicable``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.domain.money import Money

if TYPE_CHECKING:
    from harness.providers.base import ChargeTruth, DisputeTruth, PaymentTruth, RefundTruth
    from harness.steps.world import Order, World


class ProviderActor:
    """``world.provider``.

    Calls of the target are named in plain words: "start a payment", "retrieve a payment", "capture",
    "cancel a payment", "refund", "retrieve a refund", "submit evidence", "accept a dispute", "start a hosted
    payment", "any call"
    (``harness.providers.base.CALLS``).
    """

    def __init__(self, world: World) -> None:
        self.world = world

    # truth

    async def payment(self, order: Order | None = None) -> PaymentTruth:
        """The payment behind the order, as the provider knows it."""
        raise NotImplementedError

    async def payments(self, order: Order | None = None) -> list[PaymentTruth]:
        """Every payment object that the target made for the order (more than one is a double payment in the making)."""
        raise NotImplementedError

    async def charges(self, order: Order | None = None) -> list[ChargeTruth]:
        """Every attempt to charge for the order."""
        raise NotImplementedError

    async def refunds(self, order: Order | None = None) -> list[RefundTruth]:
        """Every refund of the order's payment."""
        raise NotImplementedError

    async def disputes(self, order: Order | None = None) -> list[DisputeTruth]:
        """Every dispute about the order's payment."""
        raise NotImplementedError

    # moods

    async def is_slow(self, seconds: float, call: str = "any call", *, times: int | None = None) -> None:
        """Answers only after ``seconds``."""
        raise NotImplementedError

    async def answers(
        self, status: int, call: str = "any call", *, times: int | None = 1, code: str | None = None
    ) -> None:
        """Answers with an error before it does anything (409, 429, 500, 503, ...)."""
        raise NotImplementedError

    async def resets(self, call: str = "any call", *, times: int | None = 1) -> None:
        """Cuts the connection before it does anything."""
        raise NotImplementedError

    async def refuses(self, call: str = "any call", *, times: int | None = None) -> None:
        """Takes no connection."""
        raise NotImplementedError

    async def hangs(self, seconds: float, call: str = "any call", *, times: int | None = 1) -> None:
        """Does what was asked, and answers so late that the caller has given up."""
        raise NotImplementedError

    async def drops_response(self, call: str, *, times: int | None = 1) -> None:
        """Does what was asked, then the connection is cut: the caller cannot know."""
        raise NotImplementedError

    async def is_down(self) -> None:
        """Nothing is answered but 503, until ``recovers``."""
        raise NotImplementedError

    async def recovers(self) -> None:
        """Every mood is over."""
        raise NotImplementedError

    # what happens on its side

    async def opens_dispute(
        self, kind: str = "fraudulent", *, amount: Money | str | None = None, order: Order | None = None
    ) -> DisputeTruth:
        """The cardholder disputes the order's charge: "fraudulent", "product not received", "inquiry", ..."""
        raise NotImplementedError

    async def decides_dispute(self, outcome: str) -> DisputeTruth:
        """Decide: "won", "lost", "warning closed" or "escalated"."""
        raise NotImplementedError

    async def warns_of_fraud(self) -> None:
        """The issuer reports the charge as fraudulent, without disputing it."""
        raise NotImplementedError

    async def refunds_outside(self, amount: Money | str | None = None) -> RefundTruth:
        """Somebody refunds in the provider's dashboard: the target only hears of it."""
        raise NotImplementedError

    async def advances(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        """Time passes at the provider; everything that falls due happens."""
        raise NotImplementedError

    async def calls(self, call: str = "any call", *, order: Order | None = None) -> Sequence[dict[str, Any]]:
        """Journal entries of the target's calls in this scenario.

        In order (``harness.record.model.JournalEntry`` fields as a dict).
        """
        raise NotImplementedError
