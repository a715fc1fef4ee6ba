"""From an exception to a verdict (``harness.domain.verdicts``) and one sentence.

    AssertionError, pytest.fail           failed
    NotObservable, NotApplicable          not observable, not applicable
    TargetDead                            target dead
    pytest.skip, pytest.xfail, Ctrl-C     not run
    a step without a definition           undefined (the scenario is broken)
    anything else                         broken

A group of exceptions (several tasks of one step) ends as its gravest member does.
"""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from pytest_bdd.exceptions import StepDefinitionNotFoundError

from harness.domain.verdicts import HarnessError, NotApplicable, NotObservable, StepStatus, TargetDead, Verdict
from harness.gherkin.options import Outcome

_LIMIT = 4000
_GRAVEST_FIRST = [
    StepStatus.UNDEFINED,
    StepStatus.BROKEN,
    StepStatus.TARGET_DEAD,
    StepStatus.FAILED,
    StepStatus.NOT_OBSERVABLE,
    StepStatus.NOT_APPLICABLE,
    StepStatus.NOT_RUN,
]


def judge(error: BaseException) -> Outcome:
    """How a step ends that raised this, and why."""
    if isinstance(error, BaseExceptionGroup):
        return min((judge(one) for one in error.exceptions), key=lambda one: _GRAVEST_FIRST.index(one.status))
    status = _status(error)
    return Outcome(status, _sentence(error, status)[:_LIMIT])


def verdict_of(status: StepStatus) -> Verdict:
    """The verdict of a scenario whose gravest step ended so."""
    return Verdict.BROKEN if status is StepStatus.UNDEFINED else Verdict(status.value)


def graver(one: Verdict, other: Verdict) -> Verdict:
    """The one that decides, of a scenario's own verdict and that of its surroundings."""
    return min(one, other, key=_ORDER.index)


_ORDER = [
    Verdict.BROKEN,
    Verdict.TARGET_DEAD,
    Verdict.FAILED,
    Verdict.NOT_OBSERVABLE,
    Verdict.NOT_APPLICABLE,
    Verdict.NOT_RUN,
    Verdict.PASSED,
]


def _status(error: BaseException) -> StepStatus:
    by_type: list[tuple[type[BaseException], StepStatus]] = [
        (StepDefinitionNotFoundError, StepStatus.UNDEFINED),
        (NotObservable, StepStatus.NOT_OBSERVABLE),
        (NotApplicable, StepStatus.NOT_APPLICABLE),
        (TargetDead, StepStatus.TARGET_DEAD),
        (pytest.xfail.Exception, StepStatus.NOT_RUN),  # before `fail`, which it is a kind of
        (pytest.skip.Exception, StepStatus.NOT_RUN),
        (KeyboardInterrupt, StepStatus.NOT_RUN),
        (pytest.exit.Exception, StepStatus.NOT_RUN),
        (pytest.fail.Exception, StepStatus.FAILED),
        (AssertionError, StepStatus.FAILED),
    ]
    return next((status for type_, status in by_type if isinstance(error, type_)), StepStatus.BROKEN)


def _sentence(error: BaseException, status: StepStatus) -> str:
    text = str(error).strip()
    if isinstance(error, KeyboardInterrupt):
        return "interrupted before it ended"
    if isinstance(error, pytest.PytestUnraisableExceptionWarning) and error.__cause__:
        return f"{error.__cause__}: a step forgot to await it"
    if status is StepStatus.BROKEN and not isinstance(error, HarnessError):
        return f"{type(error).__name__}: {text or 'no message'} ({_place(error)})"
    if isinstance(error, AssertionError):
        text = text.partition("\nassert ")[0]  # the sentence; pytest adds the comparison that it was made of
    if text:
        return text
    return f"{type(error).__name__} without a message ({_place(error)})"


def _place(error: BaseException) -> str:
    """Where it was raised: the innermost frame outside installed packages."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename and "/lib/python" not in frame.filename]
    if not frames:
        return "place unknown"
    last = (own or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
