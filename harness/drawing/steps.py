"""Which step of a scenario went on at a moment, by the calls and looks that say their step."""

from __future__ import annotations

import bisect

from harness.drawing.times import began, moment
from harness.record.model import ScenarioRecord


class StepClock:
    """The steps of a scenario in time."""

    def __init__(self, record: ScenarioRecord) -> None:
        known = [(end, one.step) for one in record.exchanges if one.step is not None and (end := moment(one.at))]
        known += [(at, one.step) for one in record.readings if one.step is not None and (at := moment(one.at))]
        self._known = sorted(known)
        self._start = min((start for one in record.exchanges if (start := began(one))), default=None)

    def step(self, recorded: str, otherwise: int | None = None) -> int | None:
        """The step of a recorded time: that of the call that was under way or came next; ``otherwise`` outside all."""
        at = moment(recorded)
        if at is None or self._start is None or at < self._start:
            return otherwise
        index = bisect.bisect_left(self._known, (at,))
        return self._known[index][1] if index < len(self._known) else otherwise
