"""The pytest plugin of the harness: ``.feature`` files as tests, async steps, verdicts, a recorded run.

Nothing happens unless it is asked for: ``pytest features/ --payharness``, or ``payharness = true`` among pytest's ini
options and features among what is to be run. ``payharness run`` asks for it with a list of plugins of its own
(``harness.gherkin.launch``).

For whoever writes steps:

    from harness.gherkin.decorators import given, when, then, step     # sync or async functions

    payharness_options   session    Options: target, providers, run folder, worker, workers, seed
    recorder             session    Recorder: exchange, receipt, journal, reading, hit, note, keep
    portal               session    Portal: runs coroutines from synchronous fixtures, on the loop that steps use
    redactor             session    Redactor: what keeps secrets out of everything that is written
    provider             scenario   Provider that the scenario runs with
    current_scenario     scenario   ScenarioContext: id, feature, name, example, provider, tags, random (seeded)
    datatable, docstring            ``None`` where a step has none

Step modules are pytest plugins: ``harness.steps.MODULES`` names those of the product; a suite has its own in
``conftest.py`` or ``steps/*.py`` beside its features. A module may implement ``pytest_payharness_target``
(``harness.gherkin.hooks``) to say what a target is. How an exception becomes a verdict: ``harness.gherkin.verdicts``.

This module is loaded by every pytest of an environment that has the product installed; it imports the rest when asked.
"""

from __future__ import annotations

from typing import Any

import pytest

from harness.gherkin import options

_NOT_AWAITED = (
    "error:coroutine .* was never awaited:RuntimeWarning",
    "error:Exception ignored in. <coroutine object:pytest.PytestUnraisableExceptionWarning",
)
"""A step that forgot an ``await`` did not do what it says: the scenario is broken, not passed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks."""
    from harness.gherkin import hooks

    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Bring in the parts, once this session asked for them; last, when pytest-bdd and the workers' input are there."""
    if not options.asked_for(config) or config.option.help:
        return
    from harness.gherkin import collector, fixtures, portal, recorder, session, speed

    if not config.pluginmanager.has_plugin("pytest-bdd") and not config.pluginmanager.has_plugin("pytest_bdd.plugin"):
        config.pluginmanager.import_plugin("pytest_bdd.plugin")
    state = config.stash[session.KEY] = session.Session(config)
    portal.enter(state.portal)
    config.add_cleanup(lambda: portal.leave(state.portal))
    config.add_cleanup(speed.install())
    for line in _NOT_AWAITED:
        config.addinivalue_line("filterwarnings", line)
    config.pluginmanager.register(collector.Collecting(), "payharness-collecting")
    config.pluginmanager.register(recorder.Recording(state), "payharness-recording")
    config.pluginmanager.register(fixtures, "payharness-fixtures")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the run is."""
    from harness.gherkin import session

    if session.KEY in node.config.stash:
        node.workerinput["payharness_run"] = str(session.of(node.config).begin_run())
