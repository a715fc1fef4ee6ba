"""One simulated Square merchant: an access token, a main location, tables, settings."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.kernel.tabled import TabledAccount, table
from harness.simulator.square import events, registry
from harness.simulator.square.formats import HEX, UPPER
from harness.simulator.square.settings import CURRENCIES, Settings

API_VERSION = "2026-09-16"
"""The application's default version."""


EVENTS = table("event", events.Event, indexed=("type",))


class SquareAccount(TabledAccount[Settings]):
    """The merchant of one access token."""

    def __init__(self, token: str, seed: str, *, remote_webhooks: bool = False) -> None:
        super().__init__(token, seed, Settings)
        self.token = token
        self.remote_webhooks = remote_webhooks
        """Whether webhook listeners may be anywhere, not on loopback only."""
        self.base_url = ""
        """Where this simulator is reached, as the last caller wrote it."""
        own = Ids(f"{seed}/{token}/identity")
        self.merchant_id = f"ML{own.spelled(UPPER, 11)}"
        self.main_location_id = f"L{own.spelled(UPPER, 12)}"
        self.application_id = f"sandbox-sq0idb-{own.text(22)}"
        self.fingerprints = own.spelled(HEX, 32)
        """What fingerprints of cards are keyed with: the same card looks the same within an application only."""
        self.opened = int(self.clock.now() * 1000)
        self.revoked = False

    # ---- objects -------------------------------------------------------------------------------

    def now(self) -> int:
        """Epoch milliseconds by the account's clock."""
        return int(self.clock.now() * 1000)

    def listed(self) -> int:
        """The moment up to which lists and searches know what was made, in epoch milliseconds."""
        return self.now() - int(self.settings.list_lag_seconds * 1000)

    @property
    def currency(self) -> str:
        """The one currency that this merchant takes."""
        return CURRENCIES[self.settings.country]

    def identity(self) -> dict[str, str]:
        """What a client needs to know of the merchant."""
        return {
            "access_token": self.token,
            "application_id": self.application_id,
            "location_id": self.main_location_id,
            "merchant_id": self.merchant_id,
            "country": self.settings.country,
            "currency": self.currency,
        }

    # ---- hooks of the kernel -------------------------------------------------------------------

    def fire(self, name: str, *arguments: Hashable) -> None:
        """A timer is due."""
        registry.timers[name](self, *arguments)

    def compose(self, delivery: Delivery) -> Parcel | None:
        """What an attempt carries, signed now."""
        return events.composed(self, delivery)

    def delivery_settled(self, delivery: Delivery, *, delivered: bool) -> None:
        """A listener that never answers well is disabled in the end."""
        events.settled(self, delivery, delivered=delivered)

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change some settings."""
        settings = self.settings.changed(changes)
        if settings.country != self.settings.country and self.holds("payment"):
            raise ValueError("The merchant's country cannot change once there are payments; reset the account first.")
        self.apply(settings)
