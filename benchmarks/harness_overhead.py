"""What the harness adds to a scenario: collection, lookup of steps, recording, sealing; nothing else happens in it.

500 scenarios of six async steps that do nothing, among 200 step definitions, each recording three exchanges, a receipt
and a journal entry, against the same scenarios run by plain pytest-bdd (without harness: no recording, no async).

    python benchmarks/harness_overhead.py [--scenarios 500] [--definitions 200]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BODY = '{"id": "pi_3NxQ0LeVZrkz", "amount": 4999, "currency": "eur", "client_secret": "pi_3NxQ0_secret_9fK3", "n": ['
BODY += ", ".join(str(number) for number in range(400)) + "]}"

STEPS = """
from harness.gherkin import given, when, then
from harness.record.model import Exchange, JournalEntry, Message, Receipt

BODY = {body!r}
HEADERS = {{"Authorization": "Bearer ot_1234567890abcdef", "Content-Type": "application/json", "Host": "127.0.0.1"}}

@given("a shopper number {{number:d}}")
async def _(number): ...

@when("the shopper pays {{amount}}")
async def _(amount, recorder):
    {record}

@then("the order is {{state}}")
async def _(state): ...

@then("nothing else happens")
async def _(): ...
"""
RECORD = """message = Message(HEADERS, BODY)
    for _ in range(3):
        recorder.exchange(Exchange("shopper", "POST", "http://127.0.0.1:1/orders", message, message, 201, 1.0))
    recorder.receipt(Receipt("evt_1", "payment_intent.succeeded", "stripe", "as sent", 200))
    recorder.journal(JournalEntry(1, "2026-11-23T16:00:00.000000Z", "POST", "/v1/payment_intents", 200))"""
SCENARIO = """
  Scenario: Number {number}
    Given a shopper number {number}
    When the shopper pays {number}.00 EUR
    Then the order is paid
    And the order is shipped
    And the order is closed
    And nothing else happens
"""
PLAIN = """
from pytest_bdd import given, when, then, parsers, scenarios
scenarios("features")

@given(parsers.parse("a shopper number {number:d}"))
def _(number): ...

@when(parsers.parse("the shopper pays {amount}"))
def _(amount): ...

@then(parsers.parse("the order is {state}"))
def _(state): ...

@then("nothing else happens")
def _(): ...
"""


def write(folder: Path, scenarios: int, definitions: int, *, recording: bool) -> None:
    """A suite of scenarios that do nothing, with definitions that none of them uses."""
    (folder / "features").mkdir(parents=True)
    (folder / "steps").mkdir()
    for feature in range(0, scenarios, 50):
        body = "".join(SCENARIO.format(number=n) for n in range(feature, min(feature + 50, scenarios)))
        (folder / f"features/f{feature}.feature").write_text(f"Feature: Number {feature}\n{body}")
    unused = "\n".join(
        f'@when("somebody number {n} does {{thing}} with {{another}}")\nasync def _(thing, another): ...\n'
        for n in range(definitions - 4)
    )
    (folder / "steps/all.py").write_text(STEPS.format(body=BODY, record=RECORD if recording else "pass") + unused)
    plain = (
        unused.replace('@when("', '@when(parsers.parse("').replace('")\nasync', '"))\ndef').replace("def def", "def")
    )
    (folder / "test_plain.py").write_text(PLAIN + plain)


def harness(folder: Path) -> float:
    """CPU seconds that a run took, all threads, sealing included."""
    from harness.gherkin.launch import Request, launch

    class Quiet:
        def planned(self, scenarios: object) -> None: ...
        def finished(self, feature: str, record: object) -> None: ...

    os.chdir(folder)
    began = time.process_time()
    result = launch(Request(["features"], runs=folder / "runs", steps=""), Quiet())
    took = time.process_time() - began
    assert result.code == 0, result.problems
    return took


def plain(folder: Path) -> float:
    """CPU seconds that plain pytest-bdd took."""
    import pytest

    os.chdir(folder)
    began = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(
            ["--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-c", os.devnull, "-q", "test_plain.py",
             "--rootdir", str(folder)]
        )  # fmt: skip
    assert code == 0, code
    return time.process_time() - began


def measure(kind: str, scenarios: int, definitions: int) -> float:
    """CPU milliseconds for each scenario, in a process of its own, start-up taken out by a run of one scenario."""
    seconds = []
    for count in (scenarios, 1):
        with tempfile.TemporaryDirectory() as scratch:
            write(Path(scratch), count, definitions, recording=kind == "recording")
            command = [sys.executable, __file__, "--inner", kind, scratch]
            said = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
            seconds.append(float(said.stdout))
    return (seconds[0] - seconds[1]) / (scenarios - 1) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--definitions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--inner", nargs=2, metavar=("KIND", "FOLDER"))
    options = parser.parse_args()
    if options.inner:
        kind, folder = options.inner
        print(plain(Path(folder)) if kind == "plain" else harness(Path(folder)))
        return
    names = {"plain": "pytest-bdd alone", "silent": "harness, nothing recorded", "recording": "harness, 5 records each"}
    print(f"{options.scenarios} scenarios of 6 steps, {options.definitions} definitions, best of {options.rounds}:")
    for kind, name in names.items():
        taken = [measure(kind, options.scenarios, options.definitions) for _ in range(options.rounds)]
        print(f"  {name:<28} {min(taken):6.2f} CPU ms a scenario (median {statistics.median(taken):.2f})")


if __name__ == "__main__":
    main()
