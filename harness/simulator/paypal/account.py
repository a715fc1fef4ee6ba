"""One simulated PayPal account: a client id, its tables, its tokens, its settings.

A room declares a kind of object at import time and reads it with ``of``::

    DISPUTES = table("dispute", Dispute, indexed=("capture",))
    account.of(DISPUTES).get("PP-D-1001")
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from harness.simulator.kernel.account import Account
from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.outbox import Delivery, Parcel
from harness.simulator.kernel.store import Stored, Table
from harness.simulator.paypal import events, registry
from harness.simulator.paypal.formats import ACCOUNT_ID, HEX, LONG_ID
from harness.simulator.paypal.oauth import Tokens
from harness.simulator.paypal.settings import Settings

T = TypeVar("T", bound=Stored)


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """A kind of object and the attributes by which it is looked up."""

    name: str
    type: type[T]
    indexed: tuple[str, ...]


def table(name: str, type_: type[T], *, indexed: tuple[str, ...] = ()) -> Kind[T]:
    """Declare a kind of object."""
    return Kind(name, type_, indexed)


EVENTS = table("event", events.Event, indexed=("event_type", "transaction"))


class PayPalAccount(Account):
    """The account of one REST application (a client id)."""

    def __init__(
        self, client_id: str, secret: str, seed: str, tokens: Tokens, *, remote_webhooks: bool = False
    ) -> None:
        super().__init__(client_id, seed)
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
        self._tables: dict[str, Table[Any]] = {}
        self._apply(Settings())

    # ---- objects -------------------------------------------------------------------------------

    def of(self, kind: Kind[T]) -> Table[T]:
        """The table of a kind."""
        found = self._tables.get(kind.name)
        if found is None:
            found = self._tables[kind.name] = Table(*kind.indexed)
        return found

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

    def capture_state(self) -> dict[str, Any]:
        """Tables and settings; versions are immutable, so that copying the tables is enough."""
        return {
            "tables": {name: found.copy() for name, found in self._tables.items()},
            "settings": replace(self.settings),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Back to captured tables and settings; access tokens live on."""
        self._tables = {name: found.copy() for name, found in state["tables"].items()}
        self._apply(replace(state["settings"]))

    def clear_state(self) -> None:
        """No objects, default settings; access tokens live on."""
        self._tables = {}
        self._apply(Settings())

    def settings_view(self) -> dict[str, Any]:
        """All settings."""
        return self.settings.view()

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change some settings."""
        from harness.simulator.paypal.state import instruments

        settings = self.settings.changed(changes)
        instruments.outcome(settings.default_instrument)
        self._apply(settings)

    def _apply(self, settings: Settings) -> None:
        self.settings = settings
        self.retry_schedule = tuple(settings.retry_schedule)
        self.delivery_timeout = settings.webhook_timeout
