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
    """What falls due, soonest first; equals in the order in which they were set.

    There is one timer for a name with its arguments: setting it again moves it. Cancelled ones stay in the heap until
    their time, so that cancelling costs the same however many there are.
    """

    __slots__ = ("_heap", "_live", "_serial")

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._live: dict[tuple[str, tuple[Hashable, ...]], int] = {}
        self._serial = 0

    def set(self, due: float, name: str, *arguments: Hashable) -> None:
        """Let something happen at a moment (epoch seconds)."""
        self._serial += 1
        self._live[name, arguments] = self._serial
        heapq.heappush(self._heap, (due, self._serial, name, arguments))

    def cancel(self, name: str, *arguments: Hashable) -> None:
        """Forget a timer, if it is set."""
        self._live.pop((name, arguments), None)

    def next_due(self) -> float | None:
        """When the soonest timer is due."""
        heap = self._heap
        while heap and not self._is_live(heap[0]):
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def take(self, until: float) -> Timer | None:
        """Remove and return the soonest timer due at or before a moment."""
        due = self.next_due() if self._heap else None
        if due is None or due > until:
            return None
        timer = heapq.heappop(self._heap)
        del self._live[timer[2], timer[3]]
        return timer

    def copy(self) -> Timers:
        """The same future, apart."""
        twin = Timers()
        twin._heap = list(self._heap)
        twin._live = dict(self._live)
        twin._serial = self._serial
        return twin

    def __len__(self) -> int:
        return len(self._live)

    def _is_live(self, timer: Timer) -> bool:
        return self._live.get((timer[2], timer[3])) == timer[1]
