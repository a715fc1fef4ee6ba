"""One simulated PayPal account: a client id, its tables, its tokens, its settings."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.kernel.tabled import TabledAccount, table
from harness.simulator.paypal import events, registry
from harness.simulator.paypal.formats import ACCOUNT_ID, HEX, LONG_ID
from harness.simulator.paypal.oauth import Tokens
from harness.simulator.paypal.settings import Settings

EVENTS = table("event", events.Event, indexed=("event_type", "transaction"))


class PayPalAccount(TabledAccount[Settings]):
    """The account of one REST application (a client id)."""

    def __init__(
        self, client_id: str, secret: str, seed: str, tokens: Tokens, *, remote_webhooks: bool = False
    ) -> None:
        super().__init__(client_id, seed, Settings)
        self.client_id = client_id
        self.secret = secret
        """Empty until a call brings one (a browser's token needs none)."""
        self.remote_webhooks = remote_webhooks
        """Whether webhook listeners may be anywhere, not on loopback only."""
        self.base_url = ""
        """Where this simulator is reached, as the last caller wrote it."""
        self.request_id: str | None = None
        """``PayPal-Request-Id`` of the call that is being executed."""
        own = Ids(f"{seed}/{client_id}/identity")
        self.merchant_id = own.spelled(ACCOUNT_ID, 13)
        self.payer_id = own.spelled(ACCOUNT_ID, 13)
        self.app_id = f"APP-{own.spelled(LONG_ID, 17)}"
        self.tokens = tokens
        """All access tokens of the simulator; this account's are issued and revoked there."""
        self.token_ids = own
        """Source of their text, apart from other ids: a reset repeats ids, never tokens."""

    # ---- objects -------------------------------------------------------------------------------

    def long_id(self) -> str:
        """A fresh id of 17 upper-case letters and digits."""
        return self.ids.spelled(LONG_ID, 17)

    def hex_id(self, length: int) -> str:
        """Fresh hexadecimal text."""
        return self.ids.spelled(HEX, length)

    def now(self) -> int:
        """Epoch seconds, whole, by the account's clock."""
        return int(self.clock.now())

    # ---- hooks of the kernel -------------------------------------------------------------------

    def fire(self, name: str, *arguments: Hashable) -> None:
        """A timer is due."""
        registry.timers[name](self, *arguments)

    def compose(self, delivery: Delivery) -> Parcel | None:
        """What an attempt carries, signed now."""
        return events.composed(self, delivery, self.of(EVENTS).get(delivery.event))

    def delivery_settled(self, delivery: Delivery, *, delivered: bool) -> None:
        """PayPal's events do not count their deliveries."""

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change some settings."""
        from harness.simulator.paypal.state import instruments

        settings = self.settings.changed(changes)
        instruments.outcome(settings.default_instrument)
        self.apply(settings)
