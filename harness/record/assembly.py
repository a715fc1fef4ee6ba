"""From a stream of events back to scenarios: pure, the same for a sealed run and for one that was cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from harness.domain.ids import evidence_id
from harness.domain.verdicts import Verdict
from harness.record.model import (
    INBOX,
    Exchange,
    JournalEntry,
    Line,
    Reading,
    Receipt,
    ScanHit,
    ScenarioRecord,
    StepRow,
)
from harness.record.stream import StoreError

CUT_SHORT = "the run ended while this scenario was running"
NEVER_STARTED = "the run ended before this scenario began"


class _Planned(msgspec.Struct):
    planned: list[ScenarioRecord]


class _Index(msgspec.Struct):
    index: int


class _End(msgspec.Struct):
    verdict: Verdict
    reason: str | None
    ms: float
    steps: list[StepRow]


_PLANNED, _STARTED = msgspec.json.Decoder(_Planned), msgspec.json.Decoder(ScenarioRecord)
_INDEX, _ROW, _END = msgspec.json.Decoder(_Index), msgspec.json.Decoder(StepRow), msgspec.json.Decoder(_End)
_SEEN: dict[str, tuple[msgspec.json.Decoder[Any], Callable[[ScenarioRecord], list[Any]]]] = {
    "exchange": (msgspec.json.Decoder(Exchange), lambda record: record.exchanges),
    "receipt": (msgspec.json.Decoder(Receipt), lambda record: record.receipts),
    "journal": (msgspec.json.Decoder(JournalEntry), lambda record: record.journal),
    "reading": (msgspec.json.Decoder(Reading), lambda record: record.readings),
    "hit": (msgspec.json.Decoder(ScanHit), lambda record: record.hits),
}


def assemble(events: Iterable[Line]) -> list[ScenarioRecord]:
    """Every scenario of a run in the order of their ids, numbered as evidence in that order.

    One that began and never ended is ``broken``; one that was selected and never began is ``not run``.
    """
    planned: dict[str, ScenarioRecord] = {}
    begun: list[ScenarioRecord] = []
    open_: dict[tuple[str, str], ScenarioRecord] = {}
    for event in events:
        if event.kind == "run.started":
            for record in _PLANNED.decode(event.data).planned:
                planned.setdefault(record.id, record)
        elif event.scenario is None:
            continue
        elif event.kind == "scenario.started":
            record = _STARTED.decode(event.data)
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


def _add(record: ScenarioRecord, event: Line) -> None:
    try:
        _take(record, event)
    except (msgspec.DecodeError, LookupError, TypeError, ValueError) as error:
        place = f"event {event.seq} ({event.kind}) of worker {event.worker}"
        raise StoreError(f"{place} cannot be read ({error}): the run was changed or damaged") from error


def _take(record: ScenarioRecord, event: Line) -> None:
    if event.kind == "step.finished":
        record.steps[_INDEX.decode(event.data).index] = _ROW.decode(event.data)
    elif event.kind == "scenario.finished":
        end = _END.decode(event.data)
        record.verdict, record.reason, record.ms, record.steps = end.verdict, end.reason, end.ms, end.steps
    elif event.kind in _SEEN:
        decoder, where = _SEEN[event.kind]
        seen = decoder.decode(event.data)
        where(record).append(seen)
        if isinstance(seen, Reading) and seen.probe == INBOX and isinstance(seen.value, dict):
            _handled(record, seen.value)


def _handled(record: ScenarioRecord, row: dict[str, Any]) -> None:
    """Note on the receipts of an event when the target says that it handled it; a refused delivery was not."""
    for receipt in record.receipts:
        if receipt.event_id == row.get("event_id") and receipt.status // 100 == 2:  # noqa: PLR2004 - HTTP
            receipt.processed = row.get("handled_at")
