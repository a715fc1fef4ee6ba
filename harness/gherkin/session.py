"""The state of one pytest session: what was asked for, the run that is written, the results that came in."""

from __future__ import annotations

import importlib
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from harness.domain.providers import Provider
from harness.gherkin import selection, tags
from harness.gherkin.options import Options, ScenarioContext, TargetFacts
from harness.gherkin.portal import Portal
from harness.gherkin.spoken import spoken
from harness.gherkin.suite import Suites
from harness.gherkin.vocabulary import Definition, Vocabulary
from harness.record import store
from harness.record.model import RunInfo, ScenarioRecord
from harness.record.redaction import Redactor
from harness.record.stream import StoreError, Stream
from harness.record.writer import Recorder

_VERSIONS = ("payment-harness", "pytest", "pytest-bdd", "stripe", "paypal-server-sdk", "squareup")


class Session:
    """One pytest session of the harness; found with ``of(config)``."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.tags = tags.Tags()
        self.suites = Suites(config)
        self.portal = Portal()
        self.redactor = Redactor()
        self.recorder: Recorder | None = None
        self.current: ScenarioContext | None = None
        self.interrupted: str | None = None
        self.stopped: StoreError | None = None
        self._vocabularies: dict[tuple[int, ...], Vocabulary] = {}
        self._stream: Stream | None = None
        self._marks: set[str] = set()
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        self.is_worker = bool(worker)
        self._load_vocabulary()
        self.target = self._target()
        self.selection = self._selection()
        self.options = Options(
            target=config.getoption("--payharness-target"),
            providers=self._providers(),
            mode=self.target.mode,
            runs=config.invocation_params.dir / config.getoption("--payharness-runs"),
            run=Path(worker["payharness_run"]) if worker else None,
            worker=worker.get("workerid", "main"),
            workers=worker.get("workercount", getattr(config.option, "numprocesses", None) or 1),
            seed=config.getoption("--payharness-seed"),
            tags=config.getoption("--payharness-tags"),
            record_undefined=config.getoption("--payharness-undefined") == "record",
        )

    @property
    def distributes(self) -> bool:
        """Whether this process hands scenarios to workers and runs none itself."""
        return not self.is_worker and bool(getattr(self.config.option, "tx", None))

    def vocabulary(self, definitions: list[Definition]) -> Vocabulary:
        """The vocabulary made of these definitions; features that see the same share one."""
        key = tuple(id(one.context) for one in definitions)
        return self._vocabularies.setdefault(key, Vocabulary(definitions))

    def begin_run(self) -> Path:
        """Make the folder of this run, once; raises ``StoreError``."""
        if self.options.run is None:
            info = RunInfo(
                id="",
                started="",
                target=self.target.name,
                providers=[one.value for one in self.options.providers],
                mode=self.target.mode.value,
                arguments=spoken(self.config.invocation_params.args),
                versions=_versions() | dict(self.target.versions),
                seed=self.options.seed,
                workers=self.options.workers,
                commit=_commit(self.config.rootpath),
                host=platform.platform(),
            )
            self.options = replace(self.options, run=store.create(self.options.runs, info))
        assert self.options.run is not None
        return self.options.run

    def begin_recording(self, planned: list[ScenarioRecord] | None) -> Recorder:
        """Open this process's stream, once; ``planned`` is what was selected, where this process says so."""
        if self.recorder is None:
            alone = not self.is_worker and not self.distributes
            self._stream = store.open_stream(self.begin_run(), self.options.worker, alone=alone)
            self.recorder = Recorder(self._stream, self.redactor)
            if planned is not None:
                self.recorder.run_started(planned)
        return self.recorder

    def end_recording(self) -> None:
        """Close this process's stream; the process that began the run seals it."""
        if self._stream is not None:
            self._stream.close()
        run = self.options.run
        if run is None or self.is_worker:
            return
        if store.is_empty(run):
            store.discard(run)
            self.options = replace(self.options, run=None)
        else:
            store.seal(run, interrupted=self.interrupted is not None)

    def _load_vocabulary(self) -> None:
        asked = self.config.getoption("--payharness-steps")
        if asked is None:
            names = list(getattr(importlib.import_module("harness.steps"), "MODULES", ()))
        else:
            names = [name for name in asked.split(",") if name]
        for name in names:
            try:
                self.config.pluginmanager.import_plugin(name)
            except Exception as error:  # whatever a module may raise when it is imported
                raise pytest.UsageError(f"steps of {name} cannot be loaded: {error.__cause__ or error}") from error

    def _target(self) -> TargetFacts:
        name = self.config.getoption("--payharness-target")
        found: TargetFacts | None = self.config.hook.pytest_payharness_target(config=self.config, name=name)
        return found or TargetFacts(name)

    def _providers(self) -> tuple[Provider, ...]:
        asked = self.config.getoption("--payharness-provider")
        if not asked:
            return tuple(self.target.providers)
        return tuple(dict.fromkeys(_provider(word.strip(), self.target) for word in asked.split(",")))

    def _selection(self) -> selection.Selection | None:
        text = self.config.getoption("--payharness-tags")
        try:
            return selection.parse(text) if text else None
        except selection.SelectionError as error:
            raise pytest.UsageError(str(error)) from error

    def declare_marks(self, tags: Iterable[str]) -> None:
        """Let tags be marks, which pytest-bdd makes of them, also where only declared marks are allowed."""
        for tag in tags:
            if tag not in self._marks:
                self._marks.add(tag)
                self.config.addinivalue_line("markers", f"{tag}: tag of a feature")

    def take_words(self, feature: Path) -> None:
        """Let the words of a feature's suite be tags."""
        for file in self.suites.words(feature):
            self.tags.add_words(file)

    def check_selection(self) -> None:
        """Refuse an expression over tags that mean nothing, to the product and to the suites that will be collected."""
        if self.selection is None:
            return
        for argument in self.config.args:
            path = self.config.invocation_params.dir / argument.partition("::")[0]
            for feature in [path] if path.is_file() else path.rglob("*.feature"):
                self.take_words(feature)
        for tag in self.selection.tags:
            try:
                self.tags.check(tag)
            except tags.TagError as error:
                raise pytest.UsageError(f"--tags: {error}") from error


KEY = pytest.StashKey[Session]()


def of(config: pytest.Config) -> Session:
    """The harness's session of a pytest session."""
    return config.stash[KEY]


def _provider(word: str, target: TargetFacts) -> Provider:
    names = ", ".join(one.value for one in Provider)
    try:
        found = Provider(word.lower())
    except ValueError as error:
        raise pytest.UsageError(f"there is no provider {word!r}: choose from {names}") from error
    if found not in target.providers:
        offered = ", ".join(one.value for one in target.providers) or "none"
        raise pytest.UsageError(f"target {target.name} does not use {word}: its profile names {offered}")
    return found


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit(folder: Path) -> str | None:
    """The commit that is checked out where the tests lie, with ``+`` where files differ from it."""
    try:
        git = ["git", "-C", str(folder)]
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=True)
        state = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return head.stdout.strip() + ("+" if state.stdout.strip() else "")
