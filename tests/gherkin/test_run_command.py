"""``payharness run``: what it says, how it ends, what it leaves, also where it is cut short."""

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from harness.cli.run import run
from harness.domain.verdicts import Verdict
from harness.record import store
from harness.record.reader import Run
from harness.record.verify import verify

GOOD = "Feature: Good\n  Scenario: Paid\n    Given a shopper\n    Then the order is paid\n"
BAD = "Feature: Bad\n  Scenario: Lost\n    Given a shopper\n    Then the order is lost\n"
LONG = """
    Feature: Long
      Scenario: A first
        Given a shopper
      Scenario: B hangs
        Given a shopper
        When it hangs
        Then the order is paid
      Scenario: C never
        Given a shopper
"""
HANGS = """
    import asyncio, os, pathlib, pytest
    from harness.gherkin import when

    @pytest.fixture(scope="session", autouse=True)
    def laboratory(payharness_options):
        yield
        pathlib.Path(f"left by {payharness_options.worker}").touch()

    @when("it hangs")
    async def _():
        pathlib.Path("hanging").write_text(str(os.getpid()))
        await asyncio.sleep(300)

    @when("the worker is killed")
    async def _():
        os.kill(os.getpid(), 9)
"""


@pytest.fixture
def command(shop):
    def call(**options):
        return run(["features"], steps="", **options)

    return call


def test_a_run_that_passes_says_so_and_where_everything_is(shop, command, capsys):
    shop.feature(GOOD)
    assert command() == 0
    out = capsys.readouterr().out
    (made,) = store.runs(Path("runs"))
    assert out.splitlines()[0] == "1 scenario in 1 feature"
    assert "  features/orders.feature  1 passed  " in out
    assert "1 scenario in " in out
    assert f"Run     {made}" in out
    assert "\x1b" not in out
    assert verify(made) == []


def test_a_run_writes_its_report(shop, command, capsys):
    shop.feature(GOOD)
    assert command(junit=Path("out/junit.xml")) == 0
    (made,) = store.runs(Path("runs"))
    assert f"Report  reports/{made.name}/report.html" in capsys.readouterr().out
    assert "<html" in Path(f"reports/{made.name}/report.html").read_text()
    assert "<testsuite" in Path("out/junit.xml").read_text()
    assert verify(made) == []


def test_a_failure_is_shown_with_its_step_and_its_sentence(shop, command, capsys):
    shop.feature(GOOD, "features/good.feature")
    shop.feature(BAD, "features/bad.feature")
    assert command() == 1
    out = capsys.readouterr().out
    assert "2 scenarios in " in out
    assert "1 passed, 1 failed" in out
    assert (
        "  failed  features/bad.feature / Lost [stripe]\n"
        "      at Then the order is lost\n"
        "      the order is unpaid, expected lost\n"
    ) in out


def test_quiet_prints_the_summary_only(shop, command, capsys):
    shop.feature(GOOD)
    assert command(quiet=True) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0].startswith("1 scenario in ")
    assert [line.split()[0] for line in lines[1:]] == ["Run", "Report"]


def test_json_on_standard_output_is_for_scripts(shop, command, capsys):
    shop.feature(BAD)
    assert command(as_json=True) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["verdicts"] == {"failed": 1}
    assert (data["exit"], data["scenarios"], data["interrupted"]) == (1, 1, False)
    assert data["failures"][0]["reason"] == "the order is unpaid, expected lost"
    assert data["failures"][0]["evidence"] == "EV-0001"
    assert Path(data["run"]).is_dir()


def test_two_workers_give_the_same_verdicts_and_evidence(shop, command, capsys):
    shop.feature(GOOD, "features/good.feature")
    shop.feature(BAD, "features/bad.feature")
    assert [command(workers=count) for count in (1, 2)] == [1, 1]
    one, two = (Run.load(made) for made in store.runs(Path("runs")))
    assert [(r.id, r.verdict, r.reason, r.evidence) for r in one.scenarios] == [
        (r.id, r.verdict, r.reason, r.evidence) for r in two.scenarios
    ]
    assert {r.worker for r in one.scenarios} == {"main"}
    assert {r.worker for r in two.scenarios} <= {"gw0", "gw1"}
    assert (one.info.workers, two.info.workers) == (1, 2)
    assert verify(two.path) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"tags": "criticl"}, "payharness: --tags: @criticl means nothing: the nearest is @critical"),
        ({"provider": "strip"}, "payharness: there is no provider 'strip': choose from stripe"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(shop, command, capsys, options, sentence):
    shop.feature(GOOD)
    assert command(**options) == 2
    said = capsys.readouterr()
    assert said.err.startswith(sentence)
    assert said.out.strip() == ""


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("featurs", "there is nothing at featurs; the nearest is features"),
        (
            "features/order.feature",
            "there is nothing at features/order.feature; the nearest is features/orders.feature",
        ),
        ("zzz", "there is nothing at zzz"),
        ("../../nowhere/at/all", "there is nothing at ../../nowhere/at/all"),
        (
            "features/orders.feature::Payd",
            "no scenario is called 'Payd' in features/orders.feature; the nearest is Paid",
        ),
    ],
)
def test_a_path_that_is_not_there_names_the_nearest(shop, capsys, path, sentence):
    shop.feature(GOOD)
    assert run([path], steps="") == 2
    assert f"payharness: {sentence}" in capsys.readouterr().err


def test_a_folder_without_features_is_wrong_usage(shop, capsys):
    (shop.folder / "empty").mkdir()
    assert run(["empty"], steps="") == 2
    assert "there is no scenario in empty" in capsys.readouterr().err


def test_a_run_folder_that_cannot_be_made_is_broken_surroundings(shop, command, capsys):
    shop.feature(GOOD)
    Path("runs").write_text("a file")
    for workers in (1, 2):
        assert command(workers=workers) == 3
        assert "cannot be used" in capsys.readouterr().err


def test_a_disk_that_fills_up_ends_the_run_in_a_sentence_and_keeps_what_was_recorded(shop):
    shop.steps(
        """
        import pathlib, resource
        from harness.gherkin import when

        @when("the disk is full")
        def _(payharness_options):
            size = (payharness_options.run / "events.ndjson").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        """,
        "steps/full.py",
    )
    shop.feature(
        "Feature: Full\n  Scenario: A\n    Given a shopper\n  Scenario: B\n    When the disk is full\n"
        "    Then the order is paid\n  Scenario: C\n    Given a shopper\n"
    )
    ended = subprocess.run(**started(shop), capture_output=True, check=False, timeout=100)
    assert ended.returncode == 3, ended.stderr
    assert "is full: free some space; what was recorded until now is kept" in ended.stderr
    assert "Traceback" not in ended.stderr
    made = Run.load(None, shop.folder / "runs")
    assert [one.verdict for one in made.scenarios] == [Verdict.PASSED, Verdict.BROKEN, Verdict.NOT_RUN]


# cut short


def started(suite, **options):
    code = f"import sys; from harness.cli.run import run; sys.exit(run(['features'], steps='', **{options!r}))"
    return suite.command("-c", code)


def has_finished(suite, name):
    lines = [line for path in suite.folder.glob("runs/*/events*.ndjson") for line in path.read_text().splitlines()]
    return any('"kind":"scenario.finished"' in line and name in line for line in lines)


@contextlib.contextmanager
def hanging(suite, **options):
    """A run that has come to the step that hangs, in a process group of its own."""
    suite.steps(HANGS, "steps/hangs.py")
    suite.feature(LONG)
    process = subprocess.Popen(
        **started(suite, **options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        flag = suite.folder / "hanging"
        while not (flag.exists() and flag.read_text() and has_finished(suite, "A first")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "it did not begin"
            time.sleep(0.05)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_ran_and_is_sealed_and_reported(shop, number):
    with hanging(shop) as process:
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 3
    made = Run.load(None, shop.folder / "runs")
    assert {one.name: one.verdict for one in made.scenarios} == {
        "A first": Verdict.PASSED,
        "B hangs": Verdict.NOT_RUN,
        "C never": Verdict.NOT_RUN,
    }
    assert [row.status.value for row in made.scenarios[1].steps] == ["passed", "not run", "not run"]
    assert made.scenarios[1].reason == "interrupted before it ended"
    assert (shop.folder / "left by main").exists()
    assert made.info.interrupted
    assert verify(made.path) == []
    why = "Ctrl-C" if number == signal.SIGINT else "asked to end (SIGTERM)"
    assert f"Interrupted ({why}): what ran is kept, and can be reported." in out
    assert [event.data for event in made.events() if event.kind == "run.interrupted"] == [{"reason": why}]
    assert (shop.folder / f"reports/{made.info.id}/report.html").exists()


@pytest.mark.parametrize("everyone", [True, False], ids=["to the group", "to the controller"])
def test_an_interrupted_run_of_workers_keeps_what_ran(shop, everyone):
    with hanging(shop, workers=2) as process:
        if everyone:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 3
        worker = int((shop.folder / "hanging").read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)
    made = Run.load(None, shop.folder / "runs")
    assert {path.name for path in shop.folder.glob("left by *")} == {"left by gw0", "left by gw1"}
    verdicts = {one.name: one.verdict for one in made.scenarios}
    assert verdicts["A first"] is Verdict.PASSED
    assert verdicts["B hangs"] in {Verdict.NOT_RUN, Verdict.BROKEN}
    assert made.info.interrupted
    assert verify(made.path) == []


def test_a_run_that_is_killed_is_readable_and_can_be_sealed(shop):
    with hanging(shop) as process:
        process.kill()
        process.wait()
    made = Run.load(None, shop.folder / "runs")
    assert {one.name: one.verdict for one in made.scenarios} == {
        "A first": Verdict.PASSED,
        "B hangs": Verdict.BROKEN,
        "C never": Verdict.NOT_RUN,
    }
    assert made.manifest is None
    store.seal(made.path, interrupted=True)
    assert verify(made.path) == []


def test_a_worker_that_is_killed_costs_its_scenario_only(shop):
    shop.steps(HANGS, "steps/hangs.py")
    shop.feature(
        "Feature: Crash\n  Scenario: A\n    Given a shopper\n  Scenario: B\n    Given a shopper\n"
        "    When the worker is killed\n  Scenario: C\n    Given a shopper\n  Scenario: D\n    Given a shopper\n"
    )
    ended = subprocess.run(**started(shop, workers=2), capture_output=True, check=False, timeout=100)
    assert ended.returncode == 3
    made = Run.load(None, shop.folder / "runs")
    assert {one.name: one.verdict for one in made.scenarios} == {
        "A": Verdict.PASSED,
        "B": Verdict.BROKEN,
        "C": Verdict.PASSED,
        "D": Verdict.PASSED,
    }
    assert [row.status.value for row in made.scenarios[1].steps] == ["passed", "not run"]
    assert made.scenarios[1].reason == "the run ended while this scenario was running"
    assert verify(made.path) == []


def test_what_a_step_prints_does_not_disturb_the_summary(shop, command, capsys):
    shop.steps("from harness.gherkin import given\n@given('noise')\ndef _(): print('NOISE')\n", "steps/noise.py")
    shop.feature("Feature: F\n  Scenario: S\n    Given noise\n")
    assert command() == 0
    assert "NOISE" not in capsys.readouterr().out


def test_the_product_has_features_where_the_working_folder_has_none(tmp_path, monkeypatch):
    from harness.cli.run import default_suite

    monkeypatch.chdir(tmp_path)
    assert (Path(default_suite()) / "payments").is_dir()
    (tmp_path / "features").mkdir()
    assert default_suite() == "features"
