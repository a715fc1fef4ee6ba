"""``Recorder``: what steps, actors and the plugin call to write down what they saw.

Everything passes the redactor before it is encoded; nothing else writes into a run while it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from harness.record.model import Exchange, JournalEntry, Message, Reading, Receipt, ScanHit, ScenarioRecord, StepRow
from harness.record.redaction import Redactor
from harness.record.stream import Stream, now

BODY_LIMIT = 16 * 1024
_MARGIN = 4 * 1024
"""Redacted beyond the limit before it is cut, so that a secret on the edge is seen whole."""


class Recorder:
    """Writes what is seen of a run, under the scenario and the step that go on at that moment; safe from any thread."""

    def __init__(self, stream: Stream, redactor: Redactor) -> None:
        self._stream = stream
        self._redactor = redactor
        self.scenario: str | None = None
        """Id of the scenario that goes on."""
        self.step: int | None = None
        """Index of the step that goes on, counted from 0."""

    def keep(self, value: str, label: str) -> None:
        """Keep a value out of the run from now on: it is written as ``[label]``, in every usual encoding of it."""
        self._redactor.keep(value, label)

    def exchange(self, exchange: Exchange) -> None:
        """One HTTP request with its answer."""
        clean = self._redactor.text
        self._write(
            "exchange",
            msgspec.structs.replace(
                exchange,
                url=clean(exchange.url),
                request=self._message(exchange.request),
                response=self._message(exchange.response) if exchange.response else None,
                error=clean(exchange.error) if exchange.error else None,
                at=exchange.at or now(),
                step=self.step if exchange.step is None else exchange.step,
            ),
        )

    def receipt(self, receipt: Receipt) -> None:
        """What came of one webhook delivery."""
        step = self.step if receipt.step is None else receipt.step
        self._append("receipt", msgspec.structs.replace(receipt, at=receipt.at or now(), step=step))

    def journal(self, entries: JournalEntry | Iterable[JournalEntry]) -> None:
        """Calls that reached a simulated provider."""
        for entry in [entries] if isinstance(entries, JournalEntry) else entries:
            self._append("journal", entry)

    def reading(self, probe: str, value: Any) -> None:
        """One look at the target's state through a probe."""
        self._append("reading", Reading(probe, value, at=now(), step=self.step))

    def hit(self, hit: ScanHit) -> None:
        """Something that must not be where it was found."""
        self._append("hit", hit)

    def note(self, text: str, **data: Any) -> None:
        """A sentence worth keeping, with values beside it."""
        self._append("note", {"text": text, **data})

    # what the plugin calls

    def run_started(self, planned: Iterable[ScenarioRecord]) -> None:
        """The scenarios that were selected, before the first of them runs."""
        self._append("run.started", {"planned": list(planned)})

    def scenario_started(self, record: ScenarioRecord) -> None:
        """From here on everything belongs to this scenario."""
        self.scenario, self.step = record.id, None
        self._append("scenario.started", record)

    def step_finished(self, index: int, row: StepRow) -> None:
        """One step came to its end."""
        self._append("step.finished", {"index": index, **msgspec.to_builtins(row)})

    def scenario_finished(self, record: ScenarioRecord) -> None:
        """The verdict; what is recorded afterwards belongs to the run."""
        data = {"verdict": record.verdict, "reason": record.reason, "ms": record.ms, "steps": record.steps}
        self._append("scenario.finished", data)
        self.scenario = self.step = None

    def run_interrupted(self, reason: str) -> None:
        """The run ends before its last scenario."""
        self._append("run.interrupted", {"reason": reason})

    def run_finished(self) -> None:
        """Every selected scenario has its verdict."""
        self._append("run.finished", {})

    def clean(self, text: str) -> str:
        """A text as it may be shown or written."""
        return self._redactor.text(text)

    def _append(self, kind: str, data: Any) -> None:
        plain = msgspec.to_builtins(data)
        clean = self._redactor.value(plain)
        if kind != "note":
            _restore(plain, clean)
        self._write(kind, clean)

    def _write(self, kind: str, clean: Any) -> None:
        self._stream.append(kind, self.scenario, clean)

    def _message(self, message: Message) -> Message:
        body = message.body
        return Message(
            headers={name: self._redactor.header(name, value) for name, value in message.headers.items()},
            body=self._redactor.text(body[: BODY_LIMIT + _MARGIN])[:BODY_LIMIT],
            size=message.size or len(body.encode("utf-8", "replace")),
        )


def _restore(plain: dict[str, Any], clean: dict[str, Any]) -> None:
    """Put back what the harness itself counted: serial numbers, statuses, milliseconds, lines.

    Sooner or later one of them equals a card's code that is kept out of the run. It says nothing of a card, and without
    it the record cannot be read again.
    """
    for name, value in plain.items():
        if isinstance(value, int | float) and name != "value":
            clean[name] = value
        elif name in {"steps", "planned"}:
            for one, redacted in zip(value, clean[name], strict=True):
                _restore(one, redacted)
