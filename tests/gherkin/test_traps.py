"""Seven traps of pytest-bdd 9, each answered."""

import json
import xml.etree.ElementTree as ET

from harness.domain.verdicts import StepStatus, Verdict

PLENTY = """
    Feature: Orders

      Scenario Outline: An order is <state>
        Given a shopper
        Then the order is <state>
        And the order is paid
        Examples:
          | state |
          | paid  |
          | lost  |

      Scenario: Nobody sees
        Given a shopper
        Then nothing is seen
        And the order is paid
"""


def rows(scenario):
    return [(row.text, row.status) for row in scenario.steps]


def test_results_of_workers_are_not_lost(shop):
    """Trap 1: ``--cucumberjson`` under xdist is empty."""
    shop.feature(PLENTY)
    alone = shop.scenarios()
    shared = shop.scenarios(workers=2)
    assert {name: (one.verdict, rows(one)) for name, one in alone.items()} == {
        name: (one.verdict, rows(one)) for name, one in shared.items()
    }
    assert {one.name: len(one.steps) for one in shop.watching.ended} == dict.fromkeys(shared, 3)


def test_what_crosses_workers_does_not_end_in_the_junit_file_of_pytest(shop):
    shop.feature(PLENTY)
    for options in ([], ["-n", "2"]):
        shop.pytest("features", "--junitxml=junit.xml", *options)
        text = (shop.folder / "junit.xml").read_text()
        assert "payharness" not in text
        assert len(ET.fromstring(text).findall(".//testcase")) == 3


def test_an_undefined_step_is_recorded_as_undefined(shop):
    """Trap 2: a step without a definition leaves no trace, and the scenario looks green."""
    shop.feature("""
        Feature: Orders
          Scenario: Unheard of
            Given a shopper
            When the moon rises
            Then the order is paid
    """)
    result = shop.pytest("features", "--payharness-undefined=record")
    assert result.returncode == 1
    run = json.loads(next((shop.folder / "runs").glob("*/evidence/EV-0001.json")).read_text())
    assert run["verdict"] == "broken"
    assert run["reason"] == '"When the moon rises" is not defined'
    assert [row.get("status", "not run") for row in run["steps"]] == ["passed", "undefined", "not run"]


def test_a_skip_inside_a_step_closes_the_step_and_leaves_the_rest_not_run(shop):
    """Trap 3: ``pytest.skip()`` in a step shows the step as passed, and later ones vanish."""
    shop.feature("""
        Feature: Orders
          Scenario: Skipped
            Given a shopper
            Then the step is skipped
            And the order is paid
    """)
    scenario = shop.scenarios()["Skipped"]
    assert [row.status for row in scenario.steps] == [StepStatus.PASSED, StepStatus.NOT_RUN, StepStatus.NOT_RUN]
    assert (scenario.verdict, scenario.reason) == (Verdict.NOT_RUN, "not today")
    assert scenario.steps[1].error == "not today"


def test_steps_after_a_failure_are_not_run(shop):
    """Trap 4: steps after a failure are shown as failed."""
    shop.feature(PLENTY)
    lost = shop.scenarios()["An order is lost"]
    assert [row.status for row in lost.steps] == [StepStatus.PASSED, StepStatus.FAILED, StepStatus.NOT_RUN]
    assert lost.reason == "the order is unpaid, expected lost"


def test_an_async_step_is_awaited(suite):
    """Trap 5: ``async def`` steps pass without being awaited."""
    suite.steps("""
        import asyncio
        from harness.gherkin import given, then

        seen = []

        @given("fifty at once")
        async def _():
            async def one(number):
                await asyncio.sleep(0)
                seen.append((number, asyncio.get_running_loop()))
            await asyncio.gather(*(one(number) for number in range(50)))

        @then("all of them ran on the loop of this step")
        async def _():
            assert len(seen) == 50
            assert {loop for _, loop in seen} == {asyncio.get_running_loop()}

        @then("it fails late")
        async def _():
            await asyncio.sleep(0)
            raise AssertionError("after the first await")
    """)
    suite.feature("""
        Feature: Async
          Scenario: A race
            Given fifty at once
            Then all of them ran on the loop of this step
          Scenario: A late failure
            Then it fails late
    """)
    scenarios = suite.scenarios()
    assert scenarios["A race"].verdict is Verdict.PASSED
    assert (scenarios["A late failure"].verdict, scenarios["A late failure"].reason) == (
        Verdict.FAILED,
        "after the first await",
    )


def test_a_coroutine_that_a_step_forgot_to_await_is_no_pass(suite):
    suite.steps("""
        from harness.gherkin import given

        async def pays(): ...

        @given("a forgetful step")
        async def _():
            pays()
    """)
    suite.feature("""
        Feature: Async
          Scenario: Forgotten
            Given a forgetful step
    """)
    scenario = suite.scenarios()["Forgotten"]
    assert scenario.verdict is Verdict.BROKEN
    assert "pays" in scenario.reason
    assert "never awaited" in scenario.reason


def test_an_async_step_of_pytest_bdds_own_decorators_is_no_pass(suite):
    suite.steps("""
        from pytest_bdd import given

        @given("something that is never awaited")
        async def _(): ...
    """)
    suite.feature("Feature: F\n  Scenario: S\n    Given something that is never awaited\n")
    assert suite.scenarios()["S"].verdict is Verdict.BROKEN


def test_two_scenarios_of_one_name_are_refused(shop):
    """Trap 6: of two scenarios of one name in a file the last silently wins, also across rules."""
    shop.feature("""
        Feature: Orders
          Scenario: The same
            Given a shopper
          Rule: Another
            Scenario: The same
              Given a shopper
    """)
    result = shop.run()
    assert (result.code, result.run) == (2, None)
    assert result.problems == [
        "features/orders.feature:5: two scenarios are called 'The same' (the other at line 2): rename one"
    ]


def test_a_step_that_two_definitions_match_is_refused(shop):
    """Trap 7: where two definitions match one step, the wrong one may run."""
    shop.steps(
        """
        from harness.gherkin import when

        @when("the shopper pays {amount} twice")
        def _(amount): ...
        """,
        "steps/twice.py",
    )
    shop.feature("""
        Feature: Orders
          Scenario: Twice
            When the shopper pays 5 EUR twice
    """)
    result = shop.run()
    assert result.code == 2
    assert len(result.problems) == 1
    assert result.problems[0].startswith('features/orders.feature:3: "When the shopper pays 5 EUR twice" is ambiguous')
    assert "steps/shop.py:10 ('the shopper pays {amount}')" in result.problems[0]
    assert "steps/twice.py:3 ('the shopper pays {amount} twice')" in result.problems[0]
