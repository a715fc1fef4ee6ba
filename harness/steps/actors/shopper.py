"""The shopper: does what a buyer's browser does, towards the target and towards the provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.domain.money import Money
from harness.targets.contract import Answer

if TYPE_CHECKING:
    from harness.providers.shopper import Confirmation
    from harness.steps.world import Order, World


class Shopper:
    """One shopper with their own orders.

    ``world.shopper`` is the one every scenario has, ``world.another_shopper()`` makes more.
    """

    def __init__(self, world: World, name: str = "shopper") -> None:
        self.world = world
        self.name = name
        self.order: Order | None = None
        """The order this shopper made last."""
        self.confirmation: Confirmation | None = None
        """What the provider told the browser last (paid, declined with which code, authentication wanted)."""
        self.answers: list[Answer] = []
        """Every answer of the target to this shopper, in order."""

    async def orders(self, total: Money | str, *, email: str | None = None) -> Order:
        """Make an order of exactly this total ("49.99 EUR") from the target's catalogue.

        It becomes the current order.
        """
        raise NotImplementedError

    async def orders_lines(self, lines: Sequence[Mapping[str, Any]], currency: str = "eur", **fields: Any) -> Answer:
        """Ask for an order of these lines (``[{"sku", "quantity"}]``), with further fields as tampering would.

        The answer may be a refusal; where it is accepted, the order becomes the current one.
        """
        raise NotImplementedError

    async def changes_lines(self, lines: Sequence[Mapping[str, Any]]) -> Answer:
        """Change the goods of the current order."""
        raise NotImplementedError

    async def starts_payment(self, *, method: str = "embedded", capture: str = "automatic") -> Answer:
        """Start paying the current order (no money moves yet).

        ``method``: embedded or hosted; ``capture``: automatic or manual.
        """
        raise NotImplementedError

    async def pays(self, instrument: str, *, method: str = "embedded", capture: str = "automatic") -> Confirmation:
        """Start paying and confirm at the provider with an instrument in plain words.

        A demand for authentication is left open: see ``passes_authentication``.
        """
        raise NotImplementedError

    async def pays_hosted(self, instrument: str) -> Confirmation:
        """Pay on the provider's own page."""
        raise NotImplementedError

    async def confirms(self, instrument: str) -> Confirmation:
        """Confirm the payment already started, as the payment form does when "Pay" is pressed."""
        raise NotImplementedError

    async def tries_another_card(self, instrument: str = "a Visa card") -> Confirmation:
        """After a decline: pay the same order with another card."""
        raise NotImplementedError

    async def passes_authentication(self) -> Confirmation:
        """Complete the 3-D Secure challenge."""
        raise NotImplementedError

    async def fails_authentication(self) -> Confirmation:
        """Fail the 3-D Secure challenge."""
        raise NotImplementedError

    async def abandons_authentication(self) -> None:
        """Open the 3-D Secure challenge and walk away."""
        raise NotImplementedError

    async def clicks_pay(self, instrument: str = "a Visa card", *, times: int = 2) -> list[Answer]:
        """Press "Pay" several times at once: every click starts the payment, and confirms what it was given.

        Returns the starts' answers.
        """
        raise NotImplementedError

    async def returns(self, **query: str) -> Answer:
        """Come back to the shop's return page, with the query that the provider's redirect would carry unless given."""
        raise NotImplementedError

    async def looks(self) -> Answer:
        """Look at the order: what the shop tells the shopper now."""
        raise NotImplementedError

    async def cancels(self) -> Answer:
        """Cancel the order before it is paid."""
        raise NotImplementedError

    async def told(self) -> tuple[str | None, str | None]:
        """Decline code and sentence that the shop shows for the last attempt (waits until the shop knows of it)."""
        raise NotImplementedError
