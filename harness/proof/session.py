"""Runs of single scenarios against one target, each in a process of its own that ends with us.

SessionError    the run could not be carried out; the message carries the tail of what the process said
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from harness import resources
from harness.domain.providers import Provider
from harness.record import store
from harness.record.model import ScenarioRecord
from harness.record.reader import Run
from harness.record.stream import StoreError

_LOG = "session.log"
_GUARD = Path(resources.__file__).with_name("guard.py")
_GRACE_SECONDS = 10.0
_HERMETIC = (
    *("--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-p", "harness.gherkin.plugin"),
    *("-p", "no:cacheprovider", "-c", os.devnull, "-q", "--tb=no", "--no-header", "--import-mode=importlib"),
)
"""What keeps other plugins and settings of the surroundings out of a run, as ``payharness run`` does."""


class SessionError(Exception):
    """A run of the proof could not be carried out."""


class Session:
    """One finished run."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def hash_of(self, record: ScenarioRecord) -> str | None:
        """SHA-256 of a scenario's evidence file."""
        files = self.run.manifest.files if self.run.manifest else {}
        seal = files.get(f"{store.EVIDENCE}/{record.evidence}.json")
        return seal.sha256 if seal else None


class Sessions:
    """The runs that are under way; leaving the context ends them all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def run(self, scenarios: Sequence[str], target: str, provider: Provider, runs: Path, *, within: float) -> Session:
        """Run scenarios (``webhooks/duplicates.feature::Name[row]``) against a target; record in ``runs``.

        No other provider than ``provider`` is started. ``within``: seconds after which the run is ended. Raises
        ``SessionError`` where there is no run to read.
        """
        runs.mkdir(parents=True, exist_ok=True)
        before = set(store.runs(runs))
        log = runs / _LOG
        nodes = [str(resources.features() / scenario) for scenario in scenarios]
        options = ["--payharness", f"--payharness-target={target}", f"--payharness-runs={runs}"]
        options.append(f"--payharness-provider={provider.value}")
        command = [sys.executable, "-m", "pytest", *_HERMETIC, "--rootdir", str(resources.root()), *options, *nodes]
        with log.open("wb") as out:
            process = self._start(command, out.fileno())
            try:
                process.wait(within)
            except subprocess.TimeoutExpired:
                _end(process)
                raise SessionError(f"it did not end within {within:g} s; see {log}") from None
            finally:
                with self._lock:
                    self._running.discard(process)
        made = [path for path in store.runs(runs) if path not in before]
        if not made:
            raise SessionError(f"it ended with exit code {process.returncode} and left no run. {_tail(log)}")
        try:
            return Session(Run.load(made[-1]))
        except StoreError as error:
            raise SessionError(str(error)) from error

    def end(self) -> None:
        """End every run that is under way."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for process in running:
            process.send_signal(signal.SIGINT)  # all of them first, so that they end beside each other
        for process in running:
            _end(process)

    def _start(self, command: Sequence[str], out: int) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise SessionError("it was interrupted before it began")
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "NO_PROXY": "127.0.0.1,localhost"},
                start_new_session=True,
            )
            self._running.add(process)
            return process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let it seal its run, then end its group."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tail(log: Path, lines: int = 12) -> str:
    said = "\n".join(log.read_text("utf-8", "replace").strip().splitlines()[-lines:])
    return f"The last it said ({log}):\n{said}" if said else "It said nothing."
