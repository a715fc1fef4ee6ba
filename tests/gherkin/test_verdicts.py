"""From what a step raises to a verdict and a sentence."""

import pytest

from harness.domain.verdicts import (
    HarnessError,
    NotApplicable,
    NotObservable,
    StepStatus,
    TargetDead,
    Verdict,
    exit_code,
)
from harness.gherkin.verdicts import judge

FEATURE = """
    Feature: Verdicts
      Scenario Outline: <ending>
        Given a shopper
        Then <ending>
        And the order is paid
        Examples:
          | ending              |
          | the order is paid   |
          | the order is lost   |
          | nothing is seen     |
          | nothing applies     |
          | the target dies     |
          | the harness breaks  |
          | something breaks    |
          | the step is skipped |
"""


def test_each_ending_has_its_verdict_and_its_sentence(shop):
    shop.feature(FEATURE)
    result = shop.run()
    said = {one.name: (one.verdict, one.reason) for one in result.run.scenarios}
    place = said["something breaks"][1].rpartition(" ")[2]
    assert place.startswith("(shop.py:")
    assert said == {
        "the order is paid": (Verdict.PASSED, None),
        "the order is lost": (Verdict.FAILED, "the order is unpaid, expected lost"),
        "nothing is seen": (Verdict.NOT_OBSERVABLE, "no probe shows the order: declare one in the profile"),
        "nothing applies": (Verdict.NOT_APPLICABLE, "the target cannot capture later"),
        "the target dies": (Verdict.TARGET_DEAD, "the process ended with code 137"),
        "the harness breaks": (Verdict.BROKEN, "port 1 is taken: choose another one"),
        "something breaks": (Verdict.BROKEN, f"KeyError: 'missing' {place}"),
        "the step is skipped": (Verdict.NOT_RUN, "not today"),
    }
    assert result.code == 3
    for one in result.run.scenarios:
        ended = [row.status.value for row in one.steps]
        assert ended == (["passed"] * 3 if one.name == "the order is paid" else ["passed", one.verdict, "not run"])


def test_plain_pytest_shows_what_accuses_nobody_as_skipped(shop):
    shop.feature(FEATURE)
    told = shop.pytest("features", "-q", "-rs", "--tb=no").stdout
    assert "4 failed, 1 passed, 3 skipped" in told
    assert "not observable: no probe shows the order" in told


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_surroundings_that_break_make_a_scenario_broken(suite, when):
    suite.steps(f"""
        import pytest
        from harness.gherkin import given
        from harness.domain.verdicts import HarnessError

        @pytest.fixture(autouse=True)
        def surroundings():
            if {when!r} == "setup":
                raise HarnessError("the database does not start: is the disk full?")
            yield
            raise HarnessError("the database does not start: is the disk full?")

        @given("a shopper")
        def _(): ...
    """)
    suite.feature("Feature: F\n  Scenario: S\n    Given a shopper")
    scenario = suite.scenarios()["S"]
    assert (scenario.verdict, scenario.reason) == (
        Verdict.BROKEN,
        "the database does not start: is the disk full?",
    )
    assert [row.status for row in scenario.steps] == [StepStatus.NOT_RUN if when == "setup" else StepStatus.PASSED]


def test_a_simulator_only_scenario_is_not_applicable_on_a_sandbox(shop):
    shop.write(
        "conftest.py",
        """
        from harness.gherkin import TargetFacts
        from harness.domain.providers import Mode

        def pytest_payharness_target(name):
            return TargetFacts(name, mode=Mode.SANDBOX)
        """,
    )
    shop.feature(
        "Feature: F\n  @simulator-only\n  Scenario: S\n    Given a shopper\n  Scenario: T\n    Given a shopper"
    )
    scenarios = {one.name: one.verdict for one in shop.run(".").run.scenarios}
    assert scenarios == {"S": Verdict.NOT_APPLICABLE, "T": Verdict.PASSED}


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ([AssertionError("a"), NotObservable("b")], StepStatus.FAILED),
        ([AssertionError("a"), OSError("b")], StepStatus.BROKEN),
        ([AssertionError("a"), TargetDead("b")], StepStatus.TARGET_DEAD),
        ([NotApplicable("a"), NotObservable("b")], StepStatus.NOT_OBSERVABLE),
        ([ExceptionGroup("inner", [HarnessError("c")]), AssertionError("a")], StepStatus.BROKEN),
    ],
)
def test_a_group_of_exceptions_ends_as_its_gravest_member(members, status):
    assert judge(ExceptionGroup("several", members)).status is status


def test_an_exception_without_a_message_still_says_where():
    with pytest.raises(AssertionError) as caught:
        raise AssertionError
    assert judge(caught.value).reason.startswith("AssertionError without a message (test_verdicts.py:")


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["passed"], 0),
        (["passed", "not applicable", "not observable"], 0),
        (["passed", "failed"], 1),
        (["failed"], 1),
        (["target dead", "passed"], 1),
        (["failed", "broken"], 3),
        ([], 3),
        (["not observable"], 3),
        (["not run"], 3),
    ],
)
def test_exit_codes(verdicts, code):
    assert exit_code([Verdict(one) for one in verdicts]) == code
