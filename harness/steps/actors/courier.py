"""The courier as an actor: carries the provider's events to the target, well or badly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.record.model import Receipt

if TYPE_CHECKING:
    from harness.courier.events import Event
    from harness.courier.plan import Plan
    from harness.steps.world import World


class CourierActor:
    """``world.courier``. Events are named in plain words ("payment succeeded") or by the provider's type."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.receipts: list[Receipt] = []
        """What came of every delivery this scenario carried itself.

        The provider's own deliveries are in ``world.deliveries()``.
        """

    async def holds(self) -> None:
        """From now on the provider makes events but does not send them; the courier carries them."""
        raise NotImplementedError

    async def waits_for(self, *events: str) -> list[Event]:
        """Wait until the provider has made these events about the current order, and return them (oldest first).

        Without names: every event made about the order since the scenario began, once no more come.
        """
        raise NotImplementedError

    async def carries(self, plan: Plan | str, *events: str, seed: int = 0) -> list[Receipt]:
        """Carry the held events (all, or those named) by a plan of ``harness.courier.plan``.

        A plan in plain words: "in order", "in reverse order", "shuffled", "twice", "six times", "six times at once",
        "again after three days", ... Every delivery that is not accepted is carried again until it is, as the provider
        would.
        """
        raise NotImplementedError

    async def delivers(
        self, event: str, variant: str = "as sent", *, times: int = 1, concurrently: bool = False
    ) -> list[Receipt]:
        """Carry one held event in a variant, validly signed unless the variant says otherwise.

        Variants (``harness.courier.plan.VARIANTS``): "as sent", "compact", "with its keys in another order", "indented
        differently",
        "with another API version", "of the wrong mode", "of an unknown type", "under a new event id", "signed for a
        rotated secret too",
        "with a timestamp from the future", "with malformed JSON", "with an empty body", "with a body of two megabytes",
        ...
        """
        raise NotImplementedError

    async def delivers_in(self, order: Sequence[str]) -> list[Receipt]:
        """Carry the held events in the order of these names; those not named follow at the end."""
        raise NotImplementedError

    async def loses(self, *events: str) -> int:
        """Give up the held events (all, or those named) for good; returns how many."""
        raise NotImplementedError

    async def redelivers(self, *events: str, times: int = 1) -> list[Receipt]:
        """Carry events again that were already delivered in this scenario."""
        raise NotImplementedError

    async def releases(self) -> list[Receipt]:
        """Carry all that is held, in order, and let the provider deliver by itself again."""
        raise NotImplementedError
