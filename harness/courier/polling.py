"""Carrying events of a provider that cannot reach the target: polled, signed here, delivered locally.

Real test mode does not deliver to loopback, and a target that was started elsewhere knows another secret than the
simulator. So events are read from the provider's list of events and carried by the courier, through the same handler
code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from harness.courier.courier import Carried, Courier
from harness.courier.events import Event
from harness.courier.plan import parcels

Source = Callable[[str | None], Awaitable[Sequence[Mapping[str, Any]]]]
"""Events made after the one of an id, oldest first."""


class Poller:
    """Polls a source and carries what is new, until it is closed; can be held."""

    def __init__(
        self,
        source: Source,
        courier: Courier,
        *,
        every: float = 1.0,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self._source, self._courier, self._every, self._on_error = source, courier, every, on_error
        self._after: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._busy = asyncio.Lock()
        self.held = False
        self.carried: list[Carried] = []

    async def start(self, after: str | None) -> None:
        """Begin with the events after this one."""
        self._after = after
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop polling."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def once(self) -> int:
        """Look now, and carry what is new unless it is held; answers how many events there were."""
        async with self._busy:
            found = [Event.of(document) for document in await self._source(self._after)]
            if self.held or not found:
                return 0
            for parcel in parcels(found):
                self.carried += await self._courier.carry_until_accepted(parcel)
                self._after = parcel.event.id
            return len(found)

    def skip_to(self, event_id: str | None) -> None:
        """Leave out everything up to this event: somebody else carries it, or nobody."""
        self._after = event_id or self._after

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except Exception as error:  # noqa: BLE001 - a poll that fails is tried again; the reason is handed on
                if self._on_error:
                    self._on_error(error)
            await asyncio.sleep(self._every)
