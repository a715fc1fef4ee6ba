"""Reading a run: what notebooks and reports start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.record import manifest, store
from harness.record.assembly import assemble
from harness.record.model import Event, Manifest, RunInfo, ScenarioRecord
from harness.record.stream import StoreError


class Run:
    """One run, sealed or cut short."""

    def __init__(self, path: Path, info: RunInfo, scenarios: list[ScenarioRecord], sealed: Manifest | None) -> None:
        self.path = path
        self.info = info
        self.scenarios = scenarios
        """In the order of their ids."""
        self.manifest = sealed
        """``None`` for a run that was cut short and not sealed since."""

    @classmethod
    def load(cls, which: str | Path | None = None, folder: str | Path = "runs") -> Run:
        """Read a run by its path, by its id in ``folder``, or the last one of it.

        Raises ``StoreError`` where there is no such run, or where it cannot be read.
        """
        path = store.find(which, Path(folder))
        info = store.read_info(path)
        file = path / manifest.NAME
        if not file.is_file():
            return cls(path, msgspec.structs.replace(info, interrupted=True), assemble(store.lines(path)), None)
        try:
            sealed = manifest.decode(file.read_bytes())
            evidence = sorted((path / store.EVIDENCE).glob("EV-*.json"), key=lambda one: (len(one.name), one.name))
            scenarios = [msgspec.json.decode(one.read_bytes(), type=ScenarioRecord) for one in evidence]
        except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
            raise StoreError(f"run {path} cannot be read ({error}): see `payharness verify {path}`") from error
        return cls(path, info, scenarios, sealed)

    def events(self) -> Iterator[Event]:
        """Every event in order of time."""
        return store.events(self.path)
