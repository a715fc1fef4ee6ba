"""Feature files are tests: their ids, providers, tags, selection and steps of their own."""

import subprocess

import pytest

from harness.domain.verdicts import Verdict

FEATURE = """
    @webhooks @cwe-347
    Feature: Orders

      Background:
        Given a shopper

      @critical @defect-W01
      Scenario Outline: An order is <state> after <amount>
        When the shopper pays <amount>
        Then the order is <state>

        Examples:
          | amount   | state |
          | 5.00 EUR | paid  |

        @low
        Examples: others
          | amount   | state |
          | 9.00 EUR | paid  |

      @refunds
      Rule: Returning::things
        Background:
          When the shopper pays 1 EUR
        @high
        Scenario: A return
          Then the order is paid
"""


def test_a_scenario_has_a_stable_id_of_path_rule_name_row_and_provider(shop):
    shop.feature(FEATURE, "suite/features/orders/returns.feature")
    shop.steps(path="suite/steps/shop.py")
    shop.run("suite/features")
    assert [one.id for one in shop.watching.ended] == [
        "features/orders/returns.feature / An order is <state> after <amount> [5.00 EUR | paid] [stripe]",
        "features/orders/returns.feature / An order is <state> after <amount> [9.00 EUR | paid] [stripe]",
        "features/orders/returns.feature / Returning::things / A return [stripe]",
    ]


def test_ids_do_not_depend_on_the_working_folder(shop, monkeypatch):
    shop.feature(FEATURE)
    shop.run("features")
    here = [one.id for one in shop.watching.ended]
    monkeypatch.chdir(shop.folder / "features")
    shop.run("orders.feature")
    assert [one.id for one in shop.watching.ended] == here


def test_a_scenario_carries_its_tags_in_the_order_they_are_written(shop):
    shop.feature(FEATURE)
    shop.run()
    assert [one.tags for one in shop.watching.ended] == [
        ["webhooks", "cwe-347", "critical", "defect-W01"],
        ["webhooks", "cwe-347", "critical", "defect-W01", "low"],
        ["webhooks", "cwe-347", "refunds", "high"],
    ]


def test_a_scenario_knows_its_example_its_rule_and_its_backgrounds(shop):
    shop.feature(FEATURE)
    shop.run()
    row, _, last = shop.watching.ended
    assert (row.name, row.example) == ("An order is paid after 5.00 EUR", {"amount": "5.00 EUR", "state": "paid"})
    assert (last.rule, last.feature_title, last.provider) == ("Returning::things", "Orders", "stripe")
    assert [step.text for step in last.steps] == ["a shopper", "the shopper pays 1 EUR", "the order is paid"]
    assert [(step.keyword, step.line) for step in last.steps] == [("Given", 5), ("When", 24), ("Then", 27)]


def test_node_ids_read_as_the_specification_and_select(shop):
    shop.feature(FEATURE)
    listed = shop.pytest("features", "--collect-only", "-q").stdout.splitlines()
    assert listed[:3] == [
        "features/orders.feature::An order is <state> after <amount>[5.00 EUR-paid-stripe]",
        "features/orders.feature::An order is <state> after <amount>[9.00 EUR-paid-stripe]",
        "features/orders.feature::Returning:things / A return[stripe]",
    ]
    for argument in [listed[2], "features/orders.feature::Returning:things / A return"]:
        shop.run(argument)
        assert [one.name for one in shop.watching.ended] == ["A return"]


@pytest.mark.parametrize(
    ("options", "count"),
    [(["-k", "return"], 1), (["-m", "low"], 1), (["-m", "defect-W01"], 2), (["-m", "webhooks and not refunds"], 2)],
)
def test_pytests_own_selection_works_on_names_and_tags(shop, options, count):
    shop.feature(FEATURE)
    told = shop.pytest("features", "-q", "--strict-markers", *options).stdout
    assert f"{count} passed" in told


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("critical", ["An order is paid after 5.00 EUR", "An order is paid after 9.00 EUR"]),
        ("@low or @high", ["An order is paid after 9.00 EUR", "A return"]),
        ("webhooks and not (low or refunds)", ["An order is paid after 5.00 EUR"]),
        ("not defect-W01", ["A return"]),
    ],
)
def test_an_expression_over_tags_selects(shop, expression, names):
    shop.feature(FEATURE)
    shop.run(tags=expression)
    assert [one.name for one in shop.watching.ended] == names


def test_a_scenario_runs_once_for_each_provider_of_the_target(shop):
    shop.write(
        "conftest.py",
        """
        import pytest
        from harness.gherkin import TargetFacts
        from harness.domain.providers import Provider

        @pytest.hookimpl
        def pytest_payharness_target(name):
            return TargetFacts(name, (Provider.STRIPE, Provider.SQUARE))
        """,
    )
    shop.steps("""
        from harness.gherkin import given

        @given("a shopper")
        def _(provider, current_scenario):
            assert current_scenario.provider is provider
    """)
    text = "Feature: F\n  Scenario: S\n    Given a shopper"
    shop.feature(text, "features/any.feature")
    shop.feature(text, "features/providers/stripe/own.feature")
    shop.feature(text, "features/providers/paypal/own.feature")
    shop.run(".")
    assert sorted(one.id for one in shop.watching.ended) == [
        "features/any.feature / S [square]",
        "features/any.feature / S [stripe]",
        "features/providers/stripe/own.feature / S [stripe]",
    ]
    shop.run(".", provider="square")
    assert [one.id for one in shop.watching.ended] == ["features/any.feature / S [square]"]


@pytest.mark.parametrize("place", ["conftest.py", "features/conftest.py", "steps/own.py"])
def test_a_suite_has_steps_of_its_own_and_they_hide_those_of_the_product(suite, place):
    suite.write("product_steps.py", "from harness.gherkin import given\n@given('a shopper')\ndef _(): raise OSError\n")
    suite.write(place, "from harness.gherkin import given\n@given('a shopper')\ndef _(): pass\n")
    suite.feature("Feature: F\n  Scenario: S\n    Given a shopper")
    told = suite.pytest("features", "-q", "-p", "product_steps", steps="product_steps")
    assert "1 passed" in told.stdout, told.stdout


def test_a_suite_has_tags_of_its_own(shop):
    shop.write("tags.toml", '[tags]\nblack-friday = "the week that pays the year"\n')
    shop.feature("@black-friday\nFeature: F\n  Scenario: S\n    Given a shopper\n  Scenario: T\n    Given a shopper")
    assert shop.run(tags="black-friday").code == 0
    assert len(shop.watching.ended) == 2


def test_tables_and_texts_under_a_step_arrive_and_are_optional(suite):
    suite.steps("""
        from harness.gherkin import given, step

        @given("a basket")
        async def _(datatable, docstring):
            assert (datatable, docstring) == ([["sku", "count"], ["mug", "2"]], None)

        @step("a note")
        def _(datatable, docstring):
            assert (datatable, docstring) == (None, "two\\nlines")
    """)
    suite.feature('''
        Feature: F
          Scenario: S
            Given a basket
              | sku | count |
              | mug | 2     |
            And a note
              """
              two
              lines
              """
    ''')
    assert suite.scenarios()["S"].verdict is Verdict.PASSED


def test_steps_may_clean_up_after_the_scenario(suite):
    suite.steps("""
        from harness.gherkin import given, then
        seen = []

        @given("something borrowed", target_fixture="borrowed")
        async def _():
            seen.append("borrowed")
            yield
            seen.append("given back")

        @then("it was {what}")
        def _(what):
            assert seen == what.split(" and ")
    """)
    suite.feature("""
        Feature: F
          Scenario: First
            Given something borrowed
            Then it was borrowed
          Scenario: Second
            Then it was borrowed and given back
    """)
    scenarios = suite.scenarios()
    assert {one.verdict for one in scenarios.values()} == {Verdict.PASSED}


def test_each_scenario_has_a_random_stream_of_its_own_that_the_seed_decides(suite):
    suite.steps("""
        from harness.gherkin import given

        @given("a number")
        def _(current_scenario, recorder):
            recorder.note("drawn", value=current_scenario.random.randrange(10**9))
    """)
    suite.feature("Feature: F\n  Scenario: A\n    Given a number\n  Scenario: B\n    Given a number")

    def drawn(**options):
        events = suite.run(**options).run.events()
        return {event.scenario: event.data["value"] for event in events if event.kind == "note"}

    first = drawn(seed=1)
    assert len(set(first.values())) == 2
    assert drawn(seed=1, workers=2) == first
    assert drawn(seed=2) != first


def test_an_example_with_a_card_number_does_not_reach_the_disk(shop):
    shop.feature("""
        Feature: F
          Scenario Outline: Paid with <number>
            When the shopper pays <number>
            Examples:
              | number           |
              | 4242424242424242 |
    """)
    result = shop.run()
    assert [one.name for one in result.run.scenarios] == ["Paid with 424242******4242"]
    for path in result.run.path.rglob("*.*json"):
        assert "4242424242424242" not in path.read_text()


def test_without_being_asked_for_the_plugin_does_nothing(shop):
    shop.feature(FEATURE)
    shop.write("test_other.py", "def test_other(): pass")
    command = shop.command("-m", "pytest", "--disable-plugin-autoload", "-p", "harness.gherkin.plugin", "-q")
    told = subprocess.run(**command, capture_output=True, check=False)
    assert "1 passed" in told.stdout
    assert not (shop.folder / "runs").exists()


def test_an_ini_key_asks_for_it_and_no_run_is_made_where_no_scenario_runs(shop):
    shop.feature(FEATURE)
    shop.write("test_other.py", "def test_other(): pass")
    shop.write("pytest.ini", "[pytest]\npayharness = true\n")
    options = ["--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-p", "harness.gherkin.plugin", "-q"]
    told = subprocess.run(**shop.command("-m", "pytest", *options, "test_other.py"), capture_output=True, check=False)
    assert "1 passed" in told.stdout, told.stdout
    assert not (shop.folder / "runs").exists()
    options += ["--payharness-steps=", "features"]
    told = subprocess.run(**shop.command("-m", "pytest", *options), capture_output=True, check=False)
    assert "3 passed" in told.stdout, told.stdout


def test_an_ini_key_costs_nothing_where_no_feature_is_asked_for(shop):
    shop.feature(FEATURE)
    shop.write("test_other.py", "import sys\ndef test_other(): assert 'harness.gherkin.session' not in sys.modules")
    shop.write("pytest.ini", "[pytest]\npayharness = true\n")
    options = ["--disable-plugin-autoload", "-p", "harness.gherkin.plugin", "-q"]
    told = subprocess.run(**shop.command("-m", "pytest", *options, "test_other.py"), capture_output=True, check=False)
    assert "1 passed" in told.stdout, told.stdout


def test_python_modules_that_bind_scenarios_go_on_working_beside_features(shop):
    shop.write(
        "other/theirs.feature", "Feature: T\n  Scenario: Theirs\n    Given something of theirs\n    And a shopper\n"
    )
    shop.write(
        "other/test_theirs.py",
        """
        from pytest_bdd import given, scenarios
        scenarios("theirs.feature")

        @given("something of theirs")
        def _(): ...
        """,
    )
    shop.feature(FEATURE)
    told = shop.pytest("features", "other/test_theirs.py", "-q")
    assert "4 passed" in told.stdout, told.stdout


def test_conftest_files_above_the_suite_are_none_of_its_business(shop, monkeypatch):
    shop.write("suite/features/orders.feature", "Feature: F\n  Scenario: S\n    Given a shopper\n")
    shop.steps(path="suite/steps/shop.py")
    shop.write("conftest.py", "raise RuntimeError('this is another project')")
    shop.write("suite/conftest.py", "")
    for folder, path in [("suite", "features"), ("suite/features", ".")]:
        monkeypatch.chdir(shop.folder / folder)
        assert shop.run(path).code == 0
