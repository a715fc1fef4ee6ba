"""Running features without typing pytest: what ``payharness run`` is made of.

pytest runs in this process with a list of plugins of its own, so that nothing else that is installed has a say: an
environment full of pytest plugins costs seconds, and this starts in one.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from harness.domain.verdicts import EXIT_BROKEN, EXIT_USAGE, HarnessError, exit_code
from harness.gherkin import session
from harness.gherkin.suite import FEATURES
from harness.record.model import ScenarioRecord
from harness.record.reader import Run


@dataclass(frozen=True, slots=True)
class Request:
    """What to run. ``paths`` are feature files, folders, or ``file::scenario``; ``steps`` replaces the vocabulary."""

    paths: Sequence[str]
    target: str = "reference"
    provider: str | None = None
    tags: str | None = None
    workers: int = 1
    runs: Path = Path("runs")
    seed: int = 0
    steps: str | None = None


@dataclass(slots=True)
class Result:
    """What came of it: the exit code, the run where one was recorded, and sentences for what went wrong around it."""

    code: int = EXIT_BROKEN
    run: Run | None = None
    problems: list[str] = field(default_factory=list)
    interrupted: str | None = None
    """What cut the run short: Ctrl-C, a request to end."""


class Watcher(Protocol):
    """Told how the run goes on."""

    def planned(self, scenarios: Counter[str]) -> None:
        """Scenarios that will run, by feature."""

    def finished(self, feature: str, record: ScenarioRecord) -> None:
        """A scenario ended; ``feature`` as in ``planned``."""


def launch(request: Request, watcher: Watcher) -> Result:
    """Run features to the end, or to Ctrl-C; never raises for what a person or the surroundings can cause."""
    listener = _Listener(watcher)
    said = io.StringIO()
    with _hermetic(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = int(pytest.main(_arguments(request), plugins=[listener]))
    return _result(request, code, listener, said.getvalue())


def _arguments(request: Request) -> list[str]:
    here = Path.cwd()
    suite = next((one.parent for one in (here, *here.parents) if one.name == FEATURES), here)
    plugins = ["pytest_bdd.plugin", "harness.gherkin.plugin", *(["xdist.plugin"] if request.workers > 1 else [])]
    options = [
        *(part for name in plugins for part in ("-p", name)),
        "--disable-plugin-autoload",
        *("-p", "no:cacheprovider"),
        *("-c", os.devnull, "--rootdir", str(here), "--confcutdir", str(suite)),
        *("-q", "--tb=no", "--no-header", "--import-mode=importlib"),
        "--payharness",
        f"--payharness-target={request.target}",
        f"--payharness-runs={request.runs.absolute()}",
        f"--payharness-seed={request.seed}",
    ]
    if request.provider:
        options.append(f"--payharness-provider={request.provider}")
    if request.tags:
        options.append(f"--payharness-tags={request.tags}")
    if request.steps is not None:
        options.append(f"--payharness-steps={request.steps}")
    if request.workers > 1:
        options += ["-n", str(request.workers), "--dist", "worksteal"]
    return [*options, *request.paths]


class _Listener:
    """The plugin through which a run is watched; on the controller only, where there are workers."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.problems: list[str] = []
        self.broke: list[str] = []
        self._config: pytest.Config | None = None
        self._told = False
        self._said: set[str] = set()

    @property
    def state(self) -> session.Session | None:
        return self._config.stash.get(session.KEY, None) if self._config else None

    @pytest.hookimpl
    def pytest_configure(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            said = str(report.longrepr)
            self.problems += [] if said in self._said else said.splitlines()  # each worker says the same
            self._said.add(said)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._tell([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._tell(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_payharness_scenario(self, nodeid: str, record: ScenarioRecord) -> None:
        self.watcher.finished(nodeid.partition("::")[0], record)

    @pytest.hookimpl
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.broke.append(f"the harness stopped: {excinfo.typename}: {excinfo.value} ({excinfo.traceback[-1]})")

    def _tell(self, ids: Sequence[str]) -> None:
        if ids and not self._told and not self.problems:
            self._told = True
            self.watcher.planned(Counter(one.partition("::")[0] for one in ids))


def _result(request: Request, code: int, listener: _Listener, said: str) -> Result:
    state = listener.state
    result = Result(problems=listener.problems)
    if listener.problems or code == pytest.ExitCode.USAGE_ERROR:
        sentences = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.strip()]
        return Result(EXIT_USAGE, problems=listener.problems or sentences)
    if state is None or state.options.run is None:
        if code == pytest.ExitCode.NO_TESTS_COLLECTED:
            return Result(EXIT_USAGE, problems=[_nothing(request)])
        result.problems = [*listener.broke, *([str(state.stopped)] if state and state.stopped else [])]
        result.interrupted = state.interrupted if state else None
        return result
    try:
        result.run = Run.load(state.options.run)
        result.code = exit_code([one.verdict for one in result.run.scenarios])
    except HarnessError as error:
        result.problems.append(str(error))
    result.interrupted = state.interrupted
    result.problems += listener.broke
    if state.stopped:
        result.problems.append(str(state.stopped))
    if result.interrupted or result.problems:
        result.code = EXIT_BROKEN
    return result


def _nothing(request: Request) -> str:
    where = ", ".join(request.paths)
    if request.tags:
        return f"no scenario in {where} has tags that satisfy {request.tags!r}: see the tags in the features"
    return f"there is no scenario in {where} that this target's providers can run"


@contextlib.contextmanager
def _hermetic() -> Iterator[None]:
    """No plugins but ours, in workers too; a request to end from outside ends the run as Ctrl-C does."""
    before = dict(os.environ)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    in_main = threading.current_thread() is threading.main_thread()
    old: Any = signal.signal(signal.SIGTERM, _interrupt) if in_main else None
    try:
        yield
    finally:
        if in_main:
            signal.signal(signal.SIGTERM, old)
        for name in ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt("asked to end (SIGTERM)")
