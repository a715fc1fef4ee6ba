"""The attacker: forges, tampers, replays, guesses, races.

Never holds the webhook secret, unless the scenario says that it leaked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness.record.model import Receipt
from harness.targets.contract import Answer

if TYPE_CHECKING:
    from harness.steps.world import Order, World


class Attacker:
    """``world.attacker``."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: list[Answer] = []
        self.receipts: list[Receipt] = []
        """What came of every forged delivery; the last one is ``receipts[-1]``."""

    async def delivers(self, event: str, forgery: str, *, order: Order | None = None) -> Receipt:
        """Deliver an invented event about the current order ("payment succeeded", "dispute won", or a provider type).

        ``forgery`` in plain words, see ``harness.courier.plan.FORGERIES``: "no signature", "an empty signature",
        "a garbage signature", "a signature made with another secret", "a signature made with an empty secret",
        "a body altered after signing", "a signature from ten minutes ago", "a signature under the test scheme only",
        ...
        """
        raise NotImplementedError

    async def replays(self, event: str, *, age: float) -> Receipt:
        """Deliver a genuine, earlier delivery again, byte for byte, with the signature it had ``age`` seconds ago."""
        raise NotImplementedError

    async def posts(self, body: bytes, headers: Mapping[str, str] | None = None) -> Receipt:
        """Post anything at all to the webhook door."""
        raise NotImplementedError

    async def claims_success(self, **query: str) -> Answer:
        """Open the return page of the current, unpaid order with a query that claims that it was paid."""
        raise NotImplementedError

    async def uses_another_orders_payment(self, paid: Order) -> Answer:
        """Open the return page of the current order with the identifiers of another order's successful payment."""
        raise NotImplementedError

    async def guesses_orders(self, victim: Order) -> list[Answer]:
        """Try every shopper's operation on somebody else's order.

        Without a token, with one's own, with a made-up one.
        """
        raise NotImplementedError

    async def works_as_staff(self, order: Order | None = None) -> list[Answer]:
        """Try every operator's operation without a token, with a shopper's, with a made-up one."""
        raise NotImplementedError

    async def sends_ids(self, ids: Sequence[str]) -> list[Answer]:
        """Ask for orders of these ids (path traversal, quotes, control characters)."""
        raise NotImplementedError

    async def posts_card_data(self) -> list[Answer]:
        """Put card numbers and security codes.

        Canaries of this run, into every field of every operation, header and query.
        """
        raise NotImplementedError
