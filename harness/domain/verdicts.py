"""What can be said of a scenario, and what decides it.

Only ``passed`` counts as evidence. ``failed`` accuses the target; ``broken`` accuses the harness or its surroundings;
the rest say why nothing could be seen. The exceptions below are how a step says which one it is: a plain
``AssertionError`` is ``failed``, any other exception is ``broken``.

    Unobserved
     +-- NotObservable    no channel could have seen the effect
     +-- NotApplicable    the target has no such capability
    TargetDead            the target ended or stopped answering
    HarnessError          the harness or its surroundings broke: say what, where and the next move
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Verdict of a scenario."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    NOT_OBSERVABLE = "not observable"
    NOT_APPLICABLE = "not applicable"
    TARGET_DEAD = "target dead"
    NOT_RUN = "not run"


class StepStatus(StrEnum):
    """Status of one step row; ``undefined`` means that no step definition matched."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    UNDEFINED = "undefined"
    NOT_OBSERVABLE = "not observable"
    NOT_APPLICABLE = "not applicable"
    TARGET_DEAD = "target dead"
    NOT_RUN = "not run"


class Unobserved(Exception):  # noqa: N818 - a verdict, not an error
    """The scenario ends without a finding."""


class NotObservable(Unobserved):
    """No channel could have seen the effect; the message names the channel that would make it visible."""


class NotApplicable(Unobserved):
    """The target has no such capability; the message names it."""


class TargetDead(Exception):  # noqa: N818 - a verdict, not an error
    """The target ended or stopped answering; the message says how it was noticed."""


class HarnessError(Exception):
    """The harness or its surroundings broke; the message says what happened, where, and the next move."""


EXIT_PASSED, EXIT_FAILED, EXIT_USAGE, EXIT_BROKEN = 0, 1, 2, 3


def exit_code(verdicts: list[Verdict]) -> int:
    """Exit code of a run: 3 when anything broke, else 1 when the target failed or died, else 0.

    A run in which nothing passed proves nothing and is broken too.
    """
    if Verdict.BROKEN in verdicts:
        return EXIT_BROKEN
    if Verdict.FAILED in verdicts or Verdict.TARGET_DEAD in verdicts:
        return EXIT_FAILED
    return EXIT_PASSED if Verdict.PASSED in verdicts else EXIT_BROKEN
