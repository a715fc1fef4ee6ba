"""An order of a shopper's, as the scenario knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.domain.money import Money
from harness.providers import Ticket


@dataclass(slots=True)
class Order:
    """One order of a shopper, with the payment that was started for it (filled by ``Shopper.starts_payment``)."""

    id: str
    token: str
    total: Money
    lines: list[dict[str, Any]] = field(default_factory=list)
    method: str = ""
    capture: str = ""
    payment_id: str | None = None
    provider_id: str | None = None
    """The provider's id of the payment (``pi_...``).

    Or of its hosted page (``cs_...``) until the shopper has paid there.
    """
    client_secret: str | None = None
    publishable_key: str | None = None
    redirect_url: str | None = None
    hosted: bool = False
    """Whether a hosted page was ever opened for it."""
    earlier: list[str] = field(default_factory=list)
    """Ids of payments that were started for it before the present one."""

    @property
    def ticket(self) -> Ticket:
        """What the shop gave the shopper's browser to pay with."""
        return Ticket(self.provider_id, self.client_secret, self.publishable_key, self.total)

    @property
    def names(self) -> list[str]:
        """Everything by which an event or a call can be told to be about this order."""
        return [name for name in (self.id, self.payment_id, self.provider_id, *self.earlier) if name]
