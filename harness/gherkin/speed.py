"""What makes a session of features quicker.

Steps find their definition in the vocabulary of their file instead of among all fixtures, and the garbage collector
looks less often through what a session makes once and keeps: modules, items, compiled pages.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
from pytest_bdd.parser import Step
from pytest_bdd.steps import StepFunctionContext

from harness.gherkin import internals
from harness.gherkin.collector import FeatureFile

_COLLECT_AFTER = (50_000, 20, 100)
"""Thresholds of the garbage collector; Python's own (700, 10, 10) take a tenth of a run."""


def install() -> Callable[[], None]:
    """Replace pytest-bdd's lookup for the items of features, and spare the garbage collector; returns the undo."""
    before = gc.get_threshold()
    gc.set_threshold(*_COLLECT_AFTER)
    give_back = internals.replace_step_lookup(_find)

    def undo() -> None:
        give_back()
        gc.set_threshold(*before)

    return undo


def _find(request: pytest.FixtureRequest, step: Step) -> StepFunctionContext | None:
    file = request.node.getparent(FeatureFile)
    definition = file.definition_of(step) if file is not None else None
    return definition.context if definition else None
