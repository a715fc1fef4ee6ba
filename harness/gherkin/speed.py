"""Steps of features find their definition in the vocabulary of their file instead of among all fixtures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_bdd.parser import Step
from pytest_bdd.steps import StepFunctionContext

from harness.gherkin import internals
from harness.gherkin.collector import FeatureFile


def install() -> Callable[[], None]:
    """Replace pytest-bdd's lookup for the items of features; returns the undo."""
    return internals.replace_step_lookup(_find)


def _find(request: pytest.FixtureRequest, step: Step) -> StepFunctionContext | None:
    file = request.node.getparent(FeatureFile)
    definition = file.definition_of(step) if file is not None else None
    return definition.context if definition else None
