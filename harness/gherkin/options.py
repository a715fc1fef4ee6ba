"""What a session was asked to do, read once from pytest's options."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import StepStatus


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What the plugin must know of a target before the first scenario; answered by ``pytest_payharness_target``."""

    name: str
    providers: Sequence[Provider] = (Provider.STRIPE,)
    mode: Mode = Mode.SIMULATED
    versions: Mapping[str, str] = field(default_factory=dict)
    """Names and versions worth keeping with the run, beside those of the harness."""


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a session; the fixture ``payharness_options``."""

    target: str
    """``reference``, or the path of a target profile."""
    providers: tuple[Provider, ...]
    """Providers that every scenario runs with: those asked for, or else those of the target."""
    mode: Mode
    runs: Path
    """Folder that holds the runs."""
    run: Path | None
    """Folder of this run; ``None`` until a scenario was selected."""
    worker: str
    """``main``, or the id of this worker (``gw0``)."""
    workers: int
    seed: int
    """Seed of everything random; ``random_for`` gives each scenario its own stream."""
    tags: str | None
    record_undefined: bool
    """Run a scenario whose step has no definition up to that step, instead of refusing its feature."""

    def random_for(self, scenario_id: str) -> random.Random:
        """A random stream that depends on the seed and the scenario alone, never on the order of scenarios."""
        return random.Random(f"{self.seed}/{scenario_id}")  # noqa: S311 - test data, not secrets


@dataclass(frozen=True, slots=True)
class ScenarioContext:
    """The scenario that runs: the fixture ``current_scenario``."""

    id: str
    feature: str
    name: str
    example: Mapping[str, str]
    provider: Provider | None
    tags: frozenset[str]
    random: random.Random
    """Seeded by the run's seed and the scenario's id."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step or a scenario ended, and the sentence that says why."""

    status: StepStatus
    reason: str | None = None


def add_options(parser: pytest.Parser) -> None:
    """Options of the plugin; none of them changes anything without ``--payharness`` or the ini key of that name."""
    group = parser.getgroup("payharness", "payment-harness: feature files as tests")
    add = group.addoption
    add("--payharness", action="store_true", help="Collect .feature files and record the run.")
    add("--payharness-target", default="reference", metavar="NAME|PROFILE", help="Integration under test.")
    add("--payharness-provider", default=None, metavar="A,B", help="Providers; default: those of the target.")
    add("--payharness-tags", default=None, metavar="EXPR", help='Scenarios by tag: "webhooks and not (slow or low)".')
    add("--payharness-runs", default="runs", metavar="DIR", help="Folder that holds the runs.")
    add("--payharness-seed", default=0, type=int, metavar="N", help="Seed of everything random.")
    add(
        "--payharness-steps",
        default=None,
        metavar="MODULE,...",
        help="Vocabulary to load instead of the product's own; empty: only that of the suite.",
    )
    add(
        "--payharness-undefined",
        choices=("refuse", "record"),
        default="refuse",
        help="A step without a definition: refuse its feature (default), or run up to it and record it.",
    )
    parser.addini("payharness", "Collect .feature files and record the run.", type="bool", default=False)


def asked_for(config: pytest.Config) -> bool:
    """Whether this pytest run wants the plugin: it says so, or its ini file does and there are features to run."""
    if config.getoption("--payharness"):
        return True
    if not config.getini("payharness"):
        return False
    here = config.invocation_params.dir
    return any(_has_features(here / argument.partition("::")[0]) for argument in config.args)


def _has_features(path: Path) -> bool:
    if not path.is_dir():
        return path.suffix == ".feature"
    for _, folders, files in os.walk(path):
        if any(name.endswith(".feature") for name in files):
            return True
        folders[:] = [name for name in folders if not name.startswith(".") and name not in {"node_modules", "venv"}]
    return False
