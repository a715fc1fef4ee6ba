"""Virtual time: real time plus an offset, and the timers that wait for it.

A clock only moves forward. Timers are data (a name and its arguments), so that a frozen account carries its future
with it.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Hashable

Timer = tuple[float, int, str, tuple[Hashable, ...]]
"""When it is due (epoch seconds), a serial number that keeps the order of equals, what to do, with what."""


class Clock:
    """Epoch seconds of one account."""

    __slots__ = ("offset",)

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Epoch seconds, with fraction."""
        return time.time() + self.offset

    def move_to(self, moment: float) -> None:
        """Jump to a moment; one that has passed changes nothing."""
        self.offset += max(0.0, moment - self.now())


class Timers:
    """What falls due, soonest first; equals in the order in which they were set."""

    __slots__ = ("_heap", "_serial")

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._serial = 0

    def set(self, due: float, name: str, *arguments: Hashable) -> None:
        """Let something happen at a moment (epoch seconds)."""
        self._serial += 1
        heapq.heappush(self._heap, (due, self._serial, name, arguments))

    def cancel(self, name: str, *arguments: Hashable) -> None:
        """Forget every timer of this name whose arguments begin so."""
        kept = [timer for timer in self._heap if timer[2] != name or timer[3][: len(arguments)] != arguments]
        if len(kept) != len(self._heap):
            self._heap = kept
            heapq.heapify(self._heap)

    def next_due(self) -> float | None:
        """When the soonest timer is due."""
        return self._heap[0][0] if self._heap else None

    def take(self, until: float) -> Timer | None:
        """Remove and return the soonest timer due at or before a moment."""
        if self._heap and self._heap[0][0] <= until:
            return heapq.heappop(self._heap)
        return None

    def copy(self) -> Timers:
        """The same future, apart."""
        twin = Timers()
        twin._heap = list(self._heap)
        twin._serial = self._serial
        return twin

    def __len__(self) -> int:
        return len(self._heap)
