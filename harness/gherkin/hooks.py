"""Hooks that a vocabulary or a suite may implement; the plugin itself imports no target."""

from __future__ import annotations

import pytest

from harness.gherkin.options import TargetFacts
from harness.record.model import ScenarioRecord


@pytest.hookspec(firstresult=True)
def pytest_payharness_target(config: pytest.Config, name: str) -> TargetFacts | None:
    """Say what a target is: its providers and their mode. Raise ``pytest.UsageError`` where it is not one.

    Asked once, before collection. Where nobody answers, the target is taken to have every provider, simulated.
    """


@pytest.hookspec
def pytest_payharness_scenario(config: pytest.Config, nodeid: str, record: ScenarioRecord) -> None:
    """Told when a scenario ended, in the process that began the run; ``record`` holds the rows, not what was seen."""
