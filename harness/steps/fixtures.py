"""Fixtures of the behaviour suite: the laboratory of a worker, the world of a scenario; and what a target is."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator

import pytest

from harness.gherkin.options import Options, ScenarioContext, TargetFacts
from harness.gherkin.portal import Portal
from harness.record.writer import Recorder
from harness.steps.laboratory import Lab
from harness.steps.world import World
from harness.targets import ProfileError, load


def pytest_payharness_target(config: pytest.Config, name: str) -> TargetFacts:
    """What a target is, from its profile; a mistake in it ends the session with its sentence."""
    del config
    try:
        profile = load(name)
    except ProfileError as error:
        raise pytest.UsageError(str(error)) from error
    versions = {"stripe": importlib.metadata.version("stripe")}
    return TargetFacts(profile.target.name, tuple(profile.target.providers), profile.target.mode, versions)


@pytest.fixture(scope="session")
def lab(payharness_options: Options, portal: Portal) -> Iterator[Lab]:
    """The laboratory of this worker: providers, target, clients.

    Started with the first scenario, ended with the last.
    """
    run = payharness_options.run.name if payharness_options.run else ""
    found = Lab(load(payharness_options.target), providers=payharness_options.providers, run_id=run)
    portal.call(found.start)
    yield found
    portal.call(found.close)


@pytest.fixture
def world(lab: Lab, recorder: Recorder, portal: Portal, current_scenario: ScenarioContext) -> Iterator[World]:
    """The world of this scenario."""
    found = World(lab.turn_to(current_scenario.provider or lab.provider), recorder, current_scenario.random)
    portal.call(found.begin)
    yield found
    portal.call(found.end)
