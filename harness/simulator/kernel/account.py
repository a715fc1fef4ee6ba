"""Everything that belongs to one account of a simulated provider: time, ids, timers, keys, faults, journal, outbox.

A provider derives its own account from this one, adds its tables and settings, and overrides what is marked as hook.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any

from harness.simulator.kernel.clock import Clock, Timers
from harness.simulator.kernel.faults import Faults
from harness.simulator.kernel.idempotency import Idempotency
from harness.simulator.kernel.ids import Ids
from harness.simulator.kernel.journal import Journal
from harness.simulator.kernel.outbox import RETRY, Delivery, Outbox, Parcel


class Account(ABC):
    """One account. Nothing in it is shared with another one."""

    delivery_timeout: float = 30.0
    """Seconds of real time that a webhook endpoint has for its answer."""
    retry_schedule: tuple[float, ...] = ()
    """Seconds from a failed attempt to the next one."""

    def __init__(self, key: str, seed: str) -> None:
        """``key`` tells accounts apart; ``seed`` is the simulator's."""
        self.key = key
        self.seed = seed
        self.clock = Clock()
        self.timers = Timers()
        self.ids = Ids(f"{seed}/{key}")
        self.idempotency = Idempotency()
        self.faults = Faults()
        self.journal = Journal()
        self.outbox = Outbox(self)
        self.moving = asyncio.Lock()
        self._frozen: dict[str, dict[str, Any]] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_due = 0.0

    # ---- hooks ---------------------------------------------------------------------------------

    @abstractmethod
    def fire(self, name: str, *arguments: Hashable) -> None:
        """Hook: a timer of the provider's is due."""

    @abstractmethod
    def compose(self, delivery: Delivery) -> Parcel | None:
        """Hook: what an attempt carries, signed now; None where the event or its endpoint is gone."""

    @abstractmethod
    def delivery_settled(self, delivery: Delivery, *, delivered: bool) -> None:
        """Hook: a delivery was accepted, or given up."""

    @abstractmethod
    def capture_state(self) -> dict[str, Any]:
        """Hook: the provider's part of a frozen state, apart from what happens next."""

    @abstractmethod
    def restore_state(self, state: dict[str, Any]) -> None:
        """Hook: go back to the provider's part of a frozen state, which stays usable."""

    @abstractmethod
    def clear_state(self) -> None:
        """Hook: the provider's part as it was at the beginning."""

    @abstractmethod
    def settings_view(self) -> dict[str, Any]:
        """Hook: the settings as the control interface shows them."""

    @abstractmethod
    def change_settings(self, changes: dict[str, Any]) -> None:
        """Hook: change settings; raises ``ValueError`` with a sentence for an unknown one or a wrong value."""

    # ---- time ----------------------------------------------------------------------------------

    def set_timer(self, due: float, name: str, *arguments: Hashable) -> None:
        """Let something happen at a moment, whether or not anybody calls."""
        self.timers.set(due, name, *arguments)
        self._arm()

    def catch_up(self) -> int:
        """Let happen what is due; how much it was."""
        fired = 0
        while (timer := self.timers.take(self.clock.now())) is not None:
            self._fire(timer[2], timer[3])
            fired += 1
        return fired

    async def advance(self, seconds: float) -> int:
        """Move the clock; everything that falls due happens in order, at its own time. How much it was."""
        async with self.moving:
            target = self.clock.now() + seconds
            fired = 0
            await self.outbox.drained(self.delivery_timeout)
            while (timer := self.timers.take(target)) is not None:
                self.clock.move_to(timer[0])
                self._fire(timer[2], timer[3])
                fired += 1
                await self.outbox.drained(self.delivery_timeout)
            self.clock.move_to(target)
            self._disarm()
            self._arm()
            return fired

    async def idle(self, seconds: float) -> bool:
        """Wait until no delivery is under way and no timer is due; False when that took longer."""
        self.catch_up()
        return await self.outbox.drained(seconds)

    # ---- named states --------------------------------------------------------------------------

    def freeze(self, name: str) -> None:
        """Keep the account as it is now under a name. Faults and the journal are not part of it."""
        self._frozen[name] = {
            "offset": self.clock.offset,
            "timers": self.timers.copy(),
            "ids": self.ids.copy(),
            "idempotency": self.idempotency.copy(),
            "outbox": self.outbox.freeze(),
            "provider": self.capture_state(),
        }

    def restore(self, name: str) -> None:
        """Go back to a named state; raises ``KeyError`` for a name that was never frozen."""
        state = self._frozen[name]
        self.clock.offset = state["offset"]
        self.timers = state["timers"].copy()
        self.ids = state["ids"].copy()
        self.idempotency = state["idempotency"].copy()
        self.restore_state(state["provider"])
        self.outbox.thaw(state["outbox"])
        self._disarm()
        self._arm()

    def reset(self) -> None:
        """Back to the beginning: no objects, no keys, no faults, no journal, real time; frozen states stay."""
        self.outbox.stop()
        self.outbox = Outbox(self)
        self.clock = Clock()
        self.timers = Timers()
        self.ids = Ids(f"{self.seed}/{self.key}")
        self.idempotency = Idempotency()
        self.faults = Faults()
        self.journal = Journal()
        self.clear_state()
        self._disarm()

    def reseed(self, seed: str) -> None:
        """Draw ids from another seed from here on."""
        self.seed = seed
        self.ids = Ids(f"{seed}/{self.key}")

    @property
    def frozen(self) -> list[str]:
        """Names of the frozen states."""
        return list(self._frozen)

    # ---- inside --------------------------------------------------------------------------------

    def _fire(self, name: str, arguments: tuple[Hashable, ...]) -> None:
        if name == RETRY:
            self.outbox.retry(str(arguments[0]))
        else:
            self.fire(name, *arguments)

    def _arm(self) -> None:
        due = self.timers.next_due()
        if due is None or (self._alarm is not None and self._alarm_due <= due):
            return
        self._disarm()
        self._alarm_due = due
        self._alarm = asyncio.get_running_loop().call_later(max(0.0, due - self.clock.now()), self._ring)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _ring(self) -> None:
        self._alarm = None
        if not self.moving.locked():
            self.catch_up()
            self._arm()
