"""What is inside a scenario: each step with the calls, deliveries, provider's records and observations under it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from markupsafe import Markup

from harness.domain.verdicts import StepStatus
from harness.drawing import timeline, webhook_lanes
from harness.drawing.palette import BAD, LOOKS
from harness.drawing.steps import StepClock
from harness.record.model import Exchange, JournalEntry, Reading, Receipt, ScenarioRecord, StepRow
from harness.reporting import wire

T = TypeVar("T")

MOST = 60
"""Most exchanges, deliveries, provider's records and observations of a scenario that a page repeats, each."""

STEP_MARKS = {StepStatus.UNDEFINED: "¿"} | {StepStatus(str(v)): look.mark for v, look in LOOKS.items()}


@dataclass(frozen=True, slots=True)
class Often:
    """Something that happened once, or several times in a row without a difference: what came last, and how often."""

    value: wire.Call | JournalEntry | Reading
    times: int
    text: str = ""


@dataclass(slots=True)
class Step:
    """A step with everything that happened under it; without a row: what belongs to none."""

    row: StepRow | None
    mark: str
    calls: list[Often] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    journal: list[Often] = field(default_factory=list)
    readings: list[Often] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether there is anything under the step."""
        return bool(self.calls or self.receipts or self.journal or self.readings)


@dataclass(frozen=True, slots=True)
class Drawings:
    """The drawings of a scenario; each may be empty."""

    lanes: Markup
    sequence: Markup


@dataclass(frozen=True, slots=True)
class Inside:
    """Everything inside a scenario, ready to be shown."""

    steps: list[Step]
    drawn: Drawings
    left_out: int
    whole: str


def bare_steps(record: ScenarioRecord) -> list[Step]:
    """The steps alone."""
    return [Step(row, STEP_MARKS[row.status]) for row in record.steps]


def drawings(record: ScenarioRecord) -> Drawings:
    """The swim-lane where webhooks were delivered; the sequence of all calls where somebody has to find out why."""
    return Drawings(
        lanes=webhook_lanes(record.receipts) if record.receipts else Markup(),
        sequence=timeline(record) if record.verdict in BAD and (record.exchanges or record.journal) else Markup(),
    )


def inside(record: ScenarioRecord, limit: int, drawn: Drawings) -> Inside:
    """Everything, with bodies of at most ``limit`` characters."""
    whole = whole_of(record)
    steps = bare_steps(record)
    outside = Step(None, "")
    when = StepClock(record)

    def place(index: int | None) -> Step:
        return steps[index] if index is not None and 0 <= index < len(steps) else outside

    seen = (record.exchanges, record.receipts, record.journal, record.readings)
    journal, readings = record.journal[:MOST], record.readings[:MOST]
    events = {receipt.event_id for receipt in record.receipts}
    for asked, often in _runs(record.exchanges[:MOST], _call_series, lambda one: one.status):
        place(asked.step).calls.append(Often(wire.call(asked, events, limit, whole), often))
    for receipt in record.receipts[:MOST]:
        # What the provider itself delivered was asked for at the end; it belongs where its time says.
        place(when.step(receipt.at, receipt.step)).receipts.append(receipt)
    for entry, often in _runs(journal, _entry_series, lambda one: (one.status, when.step(one.at))):
        text = wire.cut(compact(entry.params), limit, whole) if entry.params else ""
        place(when.step(entry.at)).journal.append(Often(entry, often, text))
    for reading, often in _runs(readings, lambda one: (one.step, one.probe), lambda one: one.value):
        place(reading.step).readings.append(Often(reading, often, wire.cut(compact(reading.value), limit, whole)))
    return Inside(
        steps=[*steps, outside] if outside.holds else steps,
        drawn=drawn,
        left_out=sum(max(len(many) - MOST, 0) for many in seen),
        whole=whole,
    )


def whole_of(record: ScenarioRecord) -> str:
    """The file of the run that holds everything that was recorded of a scenario."""
    return f"evidence/{record.evidence}.json" if record.evidence else "events.ndjson"


def compact(value: object) -> str:
    """A plain value as one line of JSON; a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _runs(many: Sequence[T], series: Callable[[T], object], state: Callable[[T], object]) -> Iterable[tuple[T, int]]:
    """The last of each run of things of one series and one state, and how many they were, where the run began."""
    runs: list[tuple[T, int]] = []
    latest: dict[object, int] = {}
    for one in many:
        name = series(one)
        at = latest.get(name)
        if at is not None and state(runs[at][0]) == state(one):
            runs[at] = (one, runs[at][1] + 1)
        else:
            latest[name] = len(runs)
            runs.append((one, 1))
    return runs


# Looking again until something has happened is one thing to a reader; every other call stands for itself.


def _call_series(one: Exchange) -> object:
    return (one.step, one.method, one.url) if one.actor == "probe" else id(one)


def _entry_series(one: JournalEntry) -> object:
    return (one.method, one.path) if one.method == "GET" and not one.fault else id(one)
