"""One row for each step, one verdict for each scenario, written while they happen.

All rows are planned as ``not run``; hooks of pytest-bdd open and close them; what no hook closes (``pytest.skip`` in
a step) is closed from the exception that pytest reports. Results cross from workers to their controller through the
report's ``user_properties``, where the controller takes them out again, so that no report of another plugin carries
them.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import msgspec
import pytest
from pytest_bdd.parser import Step

from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import NotApplicable, StepStatus, Verdict
from harness.gherkin import session, verdicts
from harness.gherkin.collector import SCENARIO
from harness.gherkin.options import Outcome, ScenarioContext
from harness.record.model import ScenarioRecord, StepRow
from harness.record.stream import StoreError, now
from harness.record.writer import Recorder

PROPERTY = "payharness"


class Going:
    """The scenario that goes on: its record, and the row that is open."""

    def __init__(self, record: ScenarioRecord, recorder: Recorder, worker: str) -> None:
        rows = [msgspec.structs.replace(row) for row in record.steps]
        self.record = msgspec.structs.replace(record, steps=rows, started=now(), worker=worker)
        self.recorder = recorder
        self.index = -1
        self.open = False
        self._began = self._step_began = time.perf_counter()

    @property
    def row(self) -> StepRow:
        """The row that was opened last."""
        return self.record.steps[self.index]

    def open_row(self) -> None:
        """The next step begins."""
        self.index += 1
        self.open = True
        self.recorder.step = self.index
        self._step_began = time.perf_counter()

    def close_row(self, outcome: Outcome) -> None:
        """The open step ends."""
        self.row.status = outcome.status
        self.row.error = None if outcome.reason is None else self.recorder.clean(outcome.reason)
        self.row.ms = round((time.perf_counter() - self._step_began) * 1000, 3)
        self.open = False
        self.recorder.step_finished(self.index, self.row)

    def ends(self, outcome: Outcome) -> None:
        """A phase of the scenario ended with an exception: close the open row, and let the gravest phase decide."""
        if self.open:
            self.close_row(outcome)
        if outcome.status is StepStatus.UNDEFINED:
            outcome = Outcome(outcome.status, self.row.error)
        verdict = verdicts.verdict_of(outcome.status)
        if self.record.reason is None or verdicts.graver(verdict, self.record.verdict) is not self.record.verdict:
            self.record.verdict = verdict
            self.record.reason = self.recorder.clean(outcome.reason or "")

    def finish(self) -> ScenarioRecord:
        """Everything is over: the verdict stands."""
        if self.record.reason is None:
            steps = self.record.steps
            done = bool(steps) and all(row.status is StepStatus.PASSED for row in steps)
            self.record.verdict = Verdict.PASSED if done else Verdict.NOT_RUN
            self.record.reason = None if done else "no step of it ran"
        self.record.ms = round((time.perf_counter() - self._began) * 1000, 3)
        self.recorder.scenario_finished(self.record)
        return self.record


class Recording:
    """pytest's and pytest-bdd's hooks of execution."""

    def __init__(self, state: session.Session) -> None:
        self.state = state
        self.going: Going | None = None

    # the run

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Open the run once it is known that there is something to record."""
        items = [item for item in session.items if SCENARIO in item.stash]
        if not items or session.config.option.collectonly:
            return
        says = not self.state.is_worker or self.state.options.worker == "gw0"
        self._guard(lambda: self.state.begin_recording([item.stash[SCENARIO] for item in items] if says else None))

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Close the scenario that goes on: what ran is kept, and is no finding."""
        if self.going is not None:
            self.going.ends(verdicts.judge(excinfo.value))
            self._finished()
        reason = str(excinfo.value) or "Ctrl-C"
        self.state.interrupted = reason
        began = self.state.recorder is not None or (self.state.distributes and self.state.options.run is not None)
        if began and self.state.stopped is None:
            self._guard(lambda: self._recorder().run_interrupted(reason))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """Seal the run after everything else has ended, workers and fixtures included."""
        try:
            return (yield)
        finally:
            if self.state.recorder is not None and self.state.interrupted is None:
                self._guard(lambda: self._recorder().run_finished())
            self._guard(self.state.end_recording)

    # one scenario

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Plan every row; say which scenario goes on."""
        if SCENARIO not in item.stash:
            return
        record, options = item.stash[SCENARIO], self.state.options
        self.going = Going(record, self._recorder(), options.worker)
        self.state.current = ScenarioContext(
            id=record.id,
            feature=record.feature,
            name=record.name,
            example=record.example,
            provider=Provider(record.provider) if record.provider else None,
            tags=frozenset(record.tags),
            random=options.random_for(record.id),
        )
        self._guard(lambda: self._recorder().scenario_started(self._going().record))
        if "simulator-only" in record.tags and options.mode is not Mode.SIMULATED:
            raise NotApplicable("needs a simulated provider; this target speaks to a sandbox")

    @pytest.hookimpl
    def pytest_bdd_before_step(self) -> None:
        """A step begins."""
        if self.going is not None:
            self.going.open_row()

    @pytest.hookimpl
    def pytest_bdd_after_step(self) -> None:
        """A step ended well."""
        if self.going is not None:
            self.going.close_row(Outcome(StepStatus.PASSED))

    @pytest.hookimpl
    def pytest_bdd_step_error(self, exception: BaseException) -> None:
        """A step ended badly."""
        if self.going is not None and self.going.open:
            self.going.close_row(verdicts.judge(exception))

    @pytest.hookimpl
    def pytest_bdd_step_func_lookup_error(self, step: Step) -> None:
        """A step has no definition."""
        if self.going is not None:
            self.going.open_row()
            self.going.close_row(Outcome(StepStatus.UNDEFINED, f'"{step.keyword} {step.name}" is not defined'))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Draw the verdict from what the phase raised; what accuses nobody is reported as skipped."""
        report = yield
        if self.going is None or SCENARIO not in item.stash:
            return report
        if call.excinfo is not None:
            outcome = verdicts.judge(call.excinfo.value)
            self._guard(lambda: self._going().ends(outcome))
            if outcome.status in {StepStatus.NOT_OBSERVABLE, StepStatus.NOT_APPLICABLE}:
                report.outcome = "skipped"
                report.longrepr = (str(item.path), item.location[1] or 0, f"{outcome.status}: {outcome.reason}")
        if call.when == "teardown":
            record = self._finished()
            if record is not None:
                report.user_properties.append((PROPERTY, _plain(record)))
        return report

    # results, wherever they come from

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result of a scenario; on a controller, of any worker's."""
        if self.state.is_worker:
            return
        for name, value in report.user_properties:
            if name == PROPERTY:
                record = msgspec.convert(value, ScenarioRecord)
                self.state.config.hook.pytest_payharness_scenario(
                    config=self.state.config, nodeid=report.nodeid, record=record
                )
        report.user_properties = [one for one in report.user_properties if one[0] != PROPERTY]

    def _recorder(self) -> Recorder:
        return self.state.begin_recording(None)

    def _going(self) -> Going:
        assert self.going is not None
        return self.going

    def _finished(self) -> ScenarioRecord | None:
        going, self.going, self.state.current = self.going, None, None
        if going is None:
            return None
        self._guard(going.finish)
        return going.record

    def _guard(self, act: Any) -> None:
        """Do what writes into the run; where it cannot be written the session ends, and keeps what it has."""
        try:
            act()
        except StoreError as error:
            if self.state.stopped is None:
                self.state.stopped = error
                self.state.interrupted = str(error)
                pytest.exit(str(error), returncode=3)


def _plain(record: ScenarioRecord) -> dict[str, Any]:
    """A result as workers send it: the rows, without what was recorded under them."""
    plain: dict[str, Any] = msgspec.to_builtins(record)
    return plain
