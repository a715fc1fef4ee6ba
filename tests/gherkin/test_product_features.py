"""The product's own features: every step has exactly one definition, every tag means something, nothing is repeated."""

import importlib

import pytest

from harness import resources
from harness.gherkin import internals, lint
from harness.gherkin.tags import Tags
from harness.gherkin.vocabulary import Definition, Vocabulary
from harness.steps import MODULES

FEATURES = sorted(resources.features().rglob("*.feature"))


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary(
        Definition("", context)
        for name in MODULES
        for context in internals.definitions_in(importlib.import_module(name))
    )


@pytest.fixture(scope="module")
def tags():
    return Tags()


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.relative_to(resources.features()).as_posix())
def test_nothing_is_wrong_with_the_feature(path, vocabulary, tags):
    _, document = internals.parse(path)
    assert [f"{one.line}: {one.sentence}" for one in lint.problems(document, tags, vocabulary)] == []
