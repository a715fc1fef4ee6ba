"""Fixtures that steps build on; registered only in sessions of the harness."""

from __future__ import annotations

import pytest

from harness.gherkin import session
from harness.gherkin.options import Options, ScenarioContext
from harness.gherkin.portal import Portal
from harness.record.redaction import Redactor
from harness.record.writer import Recorder


@pytest.fixture(scope="session")
def payharness_options(request: pytest.FixtureRequest) -> Options:
    """Target, providers, run folder, worker and seed of this session."""
    return session.of(request.config).options


@pytest.fixture(scope="session")
def recorder(request: pytest.FixtureRequest) -> Recorder:
    """Where everything that is seen is written down; it knows the scenario and the step that go on."""
    return session.of(request.config).begin_recording(None)


@pytest.fixture(scope="session")
def redactor(request: pytest.FixtureRequest) -> Redactor:
    """What takes card data and secrets out of everything that is written."""
    return session.of(request.config).redactor


@pytest.fixture(scope="session")
def portal(request: pytest.FixtureRequest) -> Portal:
    """The session's event loop, for fixtures that are not coroutines: ``portal.call(coroutine_function, *args)``."""
    return session.of(request.config).portal


@pytest.fixture
def current_scenario(request: pytest.FixtureRequest) -> ScenarioContext:
    """The scenario that goes on: id, tags, provider, and its own random stream."""
    current = session.of(request.config).current
    assert current is not None, "current_scenario is a fixture of scenarios; this test is none"
    return current


@pytest.fixture
def datatable() -> None:
    """``None`` for a step that has no table; pytest-bdd hands over the rows where it has one."""


@pytest.fixture
def docstring() -> None:
    """``None`` for a step that has no text under it; pytest-bdd hands over the text where it has one."""
