"""The observer: sees the target's state through whatever channel it offers, and says plainly when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.domain.money import Money
from harness.record.model import JournalEntry, ScanHit

if TYPE_CHECKING:
    from harness.steps.world import Order, World


class Observer:
    """``world.observer``. Every method reads; none waits, except those that say so."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def order_state(self, order: Order | None = None) -> str:
        """State of the order in the target's own words.

        Mapped to the house's (``unpaid, authorised, paid, ...``) by the profile.
        """
        raise NotImplementedError

    async def payment_state(self, order: Order | None = None) -> str:
        """State of the order's payment."""
        raise NotImplementedError

    async def becomes(self, *states: str, order: Order | None = None, within: float | None = None) -> str:
        """Wait until the order's state is one of these; fail with the state that was seen last."""
        raise NotImplementedError

    async def stays(self, *states: str, order: Order | None = None) -> str:
        """Wait until nothing is under way any more (``world.settles``), then demand one of these states."""
        raise NotImplementedError

    async def fulfilments(self, order: Order | None = None) -> int:
        """How often the order was fulfilled."""
        raise NotImplementedError

    async def effects(self, kind: str | None = None, order: Order | None = None) -> list[dict[str, Any]]:
        """Side effects of the order (fulfilment, mails): ``[{kind, key, at}]``."""
        raise NotImplementedError

    async def captured(self, order: Order | None = None) -> Money:
        """What the target believes it captured."""
        raise NotImplementedError

    async def refunded(self, order: Order | None = None) -> Money:
        """What the target believes it refunded."""
        raise NotImplementedError

    async def disputed(self, order: Order | None = None) -> Money:
        """What the target believes is disputed."""
        raise NotImplementedError

    async def refunds(self, order: Order | None = None) -> list[dict[str, Any]]:
        """The target's refunds: ``[{id, provider_id, amount, state}]``."""
        raise NotImplementedError

    async def disputes(self, order: Order | None = None) -> list[dict[str, Any]]:
        """The target's disputes: ``[{provider_id, state, amount, evidence_due_by}]``."""
        raise NotImplementedError

    async def warnings(self, order: Order | None = None) -> list[Any]:
        """What the target warns its staff of (early fraud warnings, drift)."""
        raise NotImplementedError

    async def ledger(self, order: Order | None = None) -> list[dict[str, Any]]:
        """Ledger entries of one order."""
        raise NotImplementedError

    async def books_balance(self) -> None:
        """Demand that the target's ledger balances in every currency."""
        raise NotImplementedError

    async def books_equal(self, order: Order | None = None) -> None:
        """Demand that captured.

        Refunded and disputed amounts of the order equal the provider's (waits until nothing is under way).
        """
        raise NotImplementedError

    async def inbox(self) -> list[dict[str, Any]]:
        """The target's webhook inbox since the scenario began.

        ``[{event_id, type, status, received_at, handled_at, attempts, last_error}]``.
        """
        raise NotImplementedError

    async def journal(self, method: str | None = None, path: str | None = None) -> list[JournalEntry]:
        """Calls of the target to the simulated provider in this scenario; ``path`` is a glob.

        Raises ``NotObservable`` on a sandbox.
        """
        raise NotImplementedError

    async def idempotency_keys(self, method: str = "POST", path: str = "/v1/*") -> list[str | None]:
        """Idempotency keys of those calls, in order, ``None`` where a call carried none."""
        raise NotImplementedError

    async def traces(self) -> list[ScanHit]:
        """Search all that the target left behind for card data and secrets: logs, database, answers, URLs, calls.

        Plain, spaced, URL- and base64-encoded. Raises ``NotObservable`` where the target shows neither logs nor
        database.
        """
        raise NotImplementedError
