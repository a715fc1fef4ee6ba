"""Hooks that a vocabulary or a suite may implement; the plugin itself imports no target."""

from __future__ import annotations

import pytest

from harness.gherkin.options import TargetFacts


@pytest.hookspec(firstresult=True)
def pytest_payharness_target(config: pytest.Config, name: str) -> TargetFacts | None:
    """Say what a target is: its providers and their mode. Raise ``pytest.UsageError`` where it is not one.

    Asked once, before collection. Where nobody answers, the target is taken to have every provider, simulated.
    """
