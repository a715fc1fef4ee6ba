"""What a world writes down through: the steps need not know how a run is stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from harness.record.model import Exchange, JournalEntry, Receipt, ScanHit


class Record(Protocol):
    """What a world writes down through; ``harness.record.writer.Recorder`` is one."""

    def keep(self, value: str, label: str) -> None:
        """Keep a value out of the run."""

    def exchange(self, exchange: Exchange) -> None:
        """One request with its answer."""

    def receipt(self, receipt: Receipt) -> None:
        """What came of a delivery."""

    def journal(self, entries: Iterable[JournalEntry]) -> None:
        """Calls that reached the provider."""

    def reading(self, probe: str, value: Any) -> None:
        """One look at the target's state."""

    def hit(self, hit: ScanHit) -> None:
        """Something where it must not be."""

    def note(self, text: str, **data: Any) -> None:
        """A sentence worth keeping."""
