"""What is wrong with a feature is said before anything runs: place, sentence, next move."""

import pytest

HEAD = "Feature: F\n"


def refusal(suite, text, **options):
    suite.feature(text)
    result = suite.run(**options)
    assert (result.code, result.run) == (2, None)
    assert not (suite.folder / "runs").exists()
    return result.problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: not a feature: begin it with 'Feature: ...', in UTF-8"),
        ("Scenario: S\n  Given a shopper\n", "1: Misplaced or incorrect 'Scenario' keyword."),
        (HEAD + "  Scenario: S\n    Give a shopper\n", "2: 'S' has no steps: begin each of its lines with Given, When"),
        (HEAD + "  Scenario: S\n    Given a shopper\n    Them x\n", "4: "),
        (HEAD + "  Scenario: S\n    And a shopper\n", "3: First step in a scenario or background must start with"),
        (HEAD + "  Scenario:\n    Given a shopper\n", "2: this scenario has no name: say what it shows"),
        (
            HEAD + "  Scenario Outline: S <x>\n    Given a shopper\n",
            "2: 'S <x>' has no Examples: add a table of rows",
        ),
        (
            HEAD + "  Scenario Outline: S\n    Given a shopper\n    Examples:\n      | x |\n",
            "4: these Examples of 'S' have no rows: nothing would be tested",
        ),
        (
            HEAD
            + "  Scenario Outline: S <stat>\n    Given a shopper\n    Examples:\n      | state |\n      | paid |\n",
            "2: <stat> is no column of the Examples at line 4; the nearest is <state>",
        ),
        (
            HEAD + "  Scenario Outline: S <x>\n    Given a shopper\n    Examples:\n    | x |\n    | 1 |\n    | 1 |\n",
            "7: this row repeats the one at line 6: remove one of them",
        ),
        (
            "@webhoks\n" + HEAD + "  Scenario: S\n    Given a shopper\n",
            "1: @webhoks means nothing: the nearest is @webhooks",
        ),
        (
            HEAD + "  @defect-W999\n  Scenario: S\n    Given a shopper\n",
            "2: @defect-W999 means nothing: the nearest is @defect-W",
        ),
        (
            HEAD + "  @pci-6.2.44\n  Scenario: S\n    Given a shopper\n",
            "2: @pci-6.2.44 means nothing: the nearest is @pci-6.2.4",
        ),
        (
            HEAD + "  @cwe-abc\n  Scenario: S\n    Given a shopper\n",
            "2: @cwe-abc is not written as a CWE id is: write it as @cwe-347",
        ),
        (
            HEAD + "  Scenario: S\n    Given a shoper\n",
            '3: "Given a shoper" is not defined. The nearest sentences are "Given a shopper" (steps/shop.py:',
        ),
        (
            HEAD + "  Scenario: S\n    When a shopper\n",
            '3: "When a shopper" is not defined. The nearest sentences are "Given a shopper"',
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(shop, text, problem):
    problems = refusal(shop, text)
    assert problems[0].startswith(f"features/orders.feature:{problem}"), problems


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_runs_where_one_of_the_features_cannot_be_read(shop, workers):
    shop.feature(HEAD + "  Scenario: S\n    Given a shopper\n", path="features/good.feature")
    problems = refusal(shop, HEAD + "  Scenario: T\n    Given a shoper\n", workers=workers)
    assert any('"Given a shoper" is not defined' in line for line in problems)


def test_an_undefined_step_comes_with_the_definition_to_write(shop):
    problems = refusal(shop, HEAD + '  Scenario: S\n    When the moon says "boo" 3 times\n')
    assert "\n".join(problems).endswith(
        "    from harness.gherkin import when\n\n"
        "    @when('the moon says \"{value}\" {value2} times')\n"
        "    async def _(world: World, value: str, value2: str) -> None: ..."
    )


def test_everything_that_is_wrong_with_a_file_is_said_at_once(shop):
    problems = refusal(shop, "@nonsense\n" + HEAD + "  Scenario: S\n    Given a shoper\n  Scenario: S\n    Given x\n")
    places = [one.partition(": ")[0] for one in problems if one.startswith("features/")]
    assert places == [f"features/orders.feature:{line}" for line in (1, 4, 5, 6)]


def test_every_file_that_is_wrong_is_named(shop):
    shop.feature(HEAD + "  Scenario: S\n    Given x\n", "features/other.feature")
    problems = refusal(shop, HEAD + "  Scenario: S\n    Given y\n")
    assert [one.split(":")[0] for one in problems if one.startswith("features/")] == [
        "features/orders.feature",
        "features/other.feature",
    ]


def test_workers_refuse_in_the_same_words(shop):
    alone = refusal(shop, HEAD + "  Scenario: S\n    Given a shoper\n")
    assert refusal(shop, HEAD + "  Scenario: S\n    Given a shoper\n", workers=2) == alone


def test_text_that_is_not_utf8_is_refused(shop):
    (shop.folder / "features").mkdir()
    (shop.folder / "features/orders.feature").write_bytes(b"Feature: caf\xe9")
    assert shop.run().problems == ["features/orders.feature:1: not a feature: begin it with 'Feature: ...', in UTF-8"]


def test_a_step_module_that_cannot_be_imported_is_named(shop):
    shop.steps("from nowhere import nothing", "steps/broken.py")
    problems = refusal(shop, HEAD + "  Scenario: S\n    Given a shopper\n")
    assert problems == ["steps/broken.py:1: the steps cannot be loaded: ModuleNotFoundError: No module named 'nowhere'"]


def test_a_conftest_that_cannot_be_imported_is_named(shop):
    shop.write("features/conftest.py", "import nowhere")
    problems = refusal(shop, HEAD + "  Scenario: S\n    Given a shopper\n")
    assert "No module named 'nowhere'" in "\n".join(problems)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"provider": "strip"}, "there is no provider 'strip': choose from stripe"),
        ({"provider": "square"}, "target reference does not use square: its profile names stripe"),
        ({"tags": "criticl"}, "--tags: @criticl means nothing: the nearest is @critical"),
        ({"tags": "webhooks and"}, "--tags 'webhooks and' cannot be read at its end: a tag, 'not' or an opening"),
        ({"tags": "high"}, "no scenario in features has tags that satisfy 'high'"),
        ({"steps": "no.such.steps"}, "steps of no.such.steps cannot be loaded: No module named 'no'"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_options_that_cannot_be_followed_are_refused(shop, options, problem, workers):
    problems = refusal(shop, HEAD + "  Scenario: S\n    Given a shopper\n", workers=workers, **options)
    assert problems[0].startswith(problem), problems
