"""From a stream of events back to scenarios: pure, the same for a sealed run and for one that was cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from harness.domain.ids import evidence_id
from harness.domain.verdicts import Verdict
from harness.record.model import (
    INBOX,
    Event,
    Exchange,
    JournalEntry,
    Reading,
    Receipt,
    ScanHit,
    ScenarioRecord,
    StepRow,
)
from harness.record.stream import StoreError

CUT_SHORT = "the run ended while this scenario was running"
NEVER_STARTED = "the run ended before this scenario began"

_SEEN: dict[str, tuple[type[msgspec.Struct], Callable[[ScenarioRecord], list[Any]]]] = {
    "exchange": (Exchange, lambda record: record.exchanges),
    "receipt": (Receipt, lambda record: record.receipts),
    "journal": (JournalEntry, lambda record: record.journal),
    "reading": (Reading, lambda record: record.readings),
    "hit": (ScanHit, lambda record: record.hits),
}


def assemble(events: Iterable[Event]) -> list[ScenarioRecord]:
    """Every scenario of a run in the order of their ids, numbered as evidence in that order.

    One that began and never ended is ``broken``; one that was selected and never began is ``not run``.
    """
    planned: dict[str, ScenarioRecord] = {}
    begun: list[ScenarioRecord] = []
    open_: dict[tuple[str, str], ScenarioRecord] = {}
    for event in events:
        if event.kind == "run.started":
            for data in event.data["planned"]:
                record = msgspec.convert(data, ScenarioRecord)
                planned.setdefault(record.id, record)
        elif event.scenario is None:
            continue
        elif event.kind == "scenario.started":
            record = msgspec.convert(event.data, ScenarioRecord)
            record.verdict, record.reason = Verdict.BROKEN, CUT_SHORT
            open_[event.worker, event.scenario] = record
            begun.append(record)
        elif (event.worker, event.scenario) in open_:
            _add(open_[event.worker, event.scenario], event)
    ran = {record.id for record in begun}
    for record in planned.values():
        if record.id not in ran:
            record.reason = NEVER_STARTED
            begun.append(record)
    begun.sort(key=lambda record: (record.id, record.started))
    for number, record in enumerate(begun, 1):
        record.evidence = evidence_id(number)
    return begun


def _add(record: ScenarioRecord, event: Event) -> None:
    try:
        _take(record, event)
    except (msgspec.ValidationError, LookupError, TypeError, ValueError) as error:
        place = f"event {event.seq} ({event.kind}) of worker {event.worker}"
        raise StoreError(f"{place} cannot be read ({error}): the run was changed or damaged") from error


def _take(record: ScenarioRecord, event: Event) -> None:
    if event.kind == "step.finished":
        row = dict(event.data)
        record.steps[row.pop("index")] = msgspec.convert(row, StepRow)
    elif event.kind == "scenario.finished":
        record.verdict = Verdict(event.data["verdict"])
        record.reason, record.ms = event.data["reason"], event.data["ms"]
        record.steps = msgspec.convert(event.data["steps"], list[StepRow])
    elif event.kind in _SEEN:
        type_, where = _SEEN[event.kind]
        seen = msgspec.convert(event.data, type_)
        where(record).append(seen)
        if isinstance(seen, Reading) and seen.probe == INBOX and isinstance(seen.value, dict):
            _handled(record, seen.value)


def _handled(record: ScenarioRecord, row: dict[str, Any]) -> None:
    """Note on the receipts of an event when the target says that it handled it; a refused delivery was not."""
    for receipt in record.receipts:
        if receipt.event_id == row.get("event_id") and receipt.status // 100 == 2:  # noqa: PLR2004 - HTTP
            receipt.processed = row.get("handled_at")
