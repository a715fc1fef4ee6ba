"""A small suite of features in a folder of its own, and ways to run it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from harness.gherkin.launch import Request, launch
from harness.record.model import ScenarioRecord

STEPS = """
import asyncio
import pytest
from harness.domain.verdicts import HarnessError, NotApplicable, NotObservable, TargetDead
from harness.gherkin import given, step, then, when

@given("a shopper")
async def _():
    await asyncio.sleep(0)

@when("the shopper pays {amount}")
async def _(amount): ...

@then("the order is {state}")
async def _(state):
    assert state == "paid", f"the order is unpaid, expected {state}"

@then("nothing is seen")
def _(): raise NotObservable("no probe shows the order: declare one in the profile")

@then("nothing applies")
def _(): raise NotApplicable("the target cannot capture later")

@then("the target dies")
def _(): raise TargetDead("the process ended with code 137")

@then("the harness breaks")
def _(): raise HarnessError("port 1 is taken: choose another one")

@then("something breaks")
async def _(): {}["missing"]

@then("the step is skipped")
def _(): pytest.skip("not today")
"""


class Watching:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.plan: Counter[str] = Counter()
        self.ended: list[ScenarioRecord] = []

    def planned(self, scenarios):
        self.plan = scenarios

    def finished(self, feature, record):
        self.ended.append(record)


class Suite:
    """Features and steps below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.watching = Watching()

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def feature(self, text, path="features/orders.feature"):
        return self.write(path, text)

    def steps(self, text=STEPS, path="steps/shop.py"):
        return self.write(path, text)

    def run(self, *paths, steps="", **options):
        """Run in this process, with the suite's own steps only."""
        self.watching = Watching()
        request = Request(paths or ("features",), runs=self.folder / "runs", steps=steps, **options)
        return launch(request, self.watching)

    def scenarios(self, **options):
        """Run, and answer with the scenarios by name."""
        result = self.run(**options)
        assert result.run is not None, result.problems
        return {one.name: one for one in result.run.scenarios}

    def command(self, *arguments):
        """Arguments of a process of its own that runs `python ...` in the suite's folder."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
        return {"args": [sys.executable, *arguments], "cwd": self.folder, "env": environment, "text": True}

    def pytest(self, *arguments, steps=""):
        """Run plain pytest in a process of its own."""
        plugins = ["no:cacheprovider", "pytest_bdd.plugin", "harness.gherkin.plugin", "xdist.plugin"]
        options = ["--disable-plugin-autoload", *(part for name in plugins for part in ("-p", name))]
        options += ["--payharness", f"--payharness-steps={steps}"]
        return subprocess.run(
            **self.command("-m", "pytest", *options, *arguments), capture_output=True, check=False, timeout=120
        )


@pytest.fixture
def suite(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return Suite(tmp_path)


@pytest.fixture
def shop(suite):
    """A suite that has steps already."""
    suite.steps()
    return suite
