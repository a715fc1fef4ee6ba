"""One sentence, one definition."""

import sys
from types import ModuleType

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pytest_bdd import parsers

from harness.gherkin import given, internals, step, then, when
from harness.gherkin.lexicon import lexicon, search
from harness.gherkin.vocabulary import Definition, Vocabulary, snippet


@given("a shopper")
def _():
    """Somebody who buys."""


@given("an order of {amount}")
async def _(amount): ...


@when("{count:Number} shoppers pay", types={"Number": int})
def _(count): ...


@when(parsers.re(r"(?P<who>nobody|everybody) pays"))
def _(who): ...


@step("anything goes")
def _(): ...


@then(parsers.cfparse("the orders are {states:Word+}", extra_types={"Word": str}))
def _(states): ...


DEFINITIONS = [Definition("", context) for context in internals.definitions_in(sys.modules[__name__])]


@pytest.fixture
def vocabulary():
    return Vocabulary(DEFINITIONS)


@pytest.mark.parametrize(
    ("kind", "text", "pattern"),
    [
        ("given", "a shopper", "a shopper"),
        ("given", "an order of 5 EUR", "an order of {amount}"),
        ("given", "An Order of 5 EUR", "an order of {amount}"),
        ("when", "12 shoppers pay", "{count:Number} shoppers pay"),
        ("when", "everybody pays", "(?P<who>nobody|everybody) pays"),
        ("then", "anything goes", "anything goes"),
        ("given", "anything goes", "anything goes"),
        ("then", "the orders are paid", "the orders are {states:Word+}"),
    ],
)
def test_a_step_finds_its_definition(vocabulary, kind, text, pattern):
    assert [one.pattern for one in vocabulary.find(kind, text)] == [pattern]


@pytest.mark.parametrize(("kind", "text"), [("when", "a shopper"), ("given", "a shoppers"), ("when", "shoppers pay")])
def test_a_step_of_another_kind_or_text_finds_none(vocabulary, kind, text):
    assert vocabulary.find(kind, text) == []


texts = st.one_of(
    st.sampled_from(
        ["a shopper", "an order of 5", "3 shoppers pay", "nobody pays", "anything goes", "the orders are x"]
    ),
    st.text(st.sampled_from("anordershopy {}:"), max_size=25),
)


@for_all(st.sampled_from(["given", "when", "then"]), texts)
def test_the_short_cut_by_first_words_finds_what_trying_everything_finds(kind, text):
    everything = [one for one in DEFINITIONS if one.kind in {None, kind} and one.context.parser.is_matching(text)]
    assert Vocabulary(DEFINITIONS).find(kind, text) == everything


def test_a_snippet_is_python_that_matches_its_own_step():
    text = 'the shopper\'s card "Visa" is declined 3 times for 5.50'
    namespace = {"World": object}
    exec(
        snippet("when", text).replace("    ", "", 1).replace("\n    @", "\n@").replace("\n    async", "\nasync"),
        namespace,
    )
    module = ModuleType("m")
    module.__dict__.update(namespace)
    (definition,) = [Definition("", context) for context in internals.definitions_in(module)]
    assert definition.matches("when", text)


def test_the_lexicon_is_searched_by_words_in_sentences_explanations_and_examples(tmp_path):
    (tmp_path / "f.feature").write_text(
        "Feature: F\n  Scenario Outline: S\n    Given an order of <x>\n    Examples:\n      | x |\n      | 7.77 USD |\n"
    )
    entries = lexicon([tmp_path], [__name__])
    assert [(one.keyword, one.pattern) for one in entries][:2] == [
        ("Given", "a shopper"),
        ("Given", "an order of {amount}"),
    ]
    assert [one.pattern for one in search(entries, "somebody BUYS")] == ["a shopper"]
    (found,) = search(entries, "7.77")
    assert (found.example, found.module) == ("an order of 7.77 USD", __name__)
    assert search(entries, "shopper refund") == []
    assert len(search(entries, "")) == len(DEFINITIONS)
