"""A recorded run as data frames and drawings."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from reporting import synthetic_runs

from harness.domain.verdicts import Verdict
from harness.lab import Run, UnknownScenario, timeline, verdicts_by_risk, webhook_lanes
from harness.record.stream import StoreError

FRAMES = ("frame", "steps", "exchanges", "receipts", "journal", "readings")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run.load(synthetic_runs.written(tmp_path_factory.mktemp("runs"), synthetic_runs.scenarios()))


def test_a_row_for_each_scenario_with_its_risk_severity_and_counts(run):
    frame = run.frame.set_index("name")
    assert len(frame) == 9
    twice = frame.loc["An event that comes twice is acted on once"]
    assert (twice.risk, twice.severity, twice.verdict) == ("webhooks", "high", "failed")
    assert (twice.steps, twice.exchanges, twice.receipts) == (4, 4, 6)
    assert set(run.frame.verdict) == {str(v) for v in Verdict}


def test_times_are_timestamps_in_utc(run):
    assert str(run.receipts["at"].dt.tz) == "UTC"
    handled = run.receipts.dropna(subset=["processed"])
    assert ((handled["processed"] - handled["created"]) > pd.Timedelta(0)).all()


def test_exchanges_show_path_and_idempotency_key(run):
    row = run.exchanges[run.exchanges.method == "POST"].iloc[0]
    assert row.path.startswith("/")
    assert run.exchanges.idempotency_key.notna().any()


@pytest.mark.parametrize("name", FRAMES)
def test_a_run_without_scenarios_has_the_same_columns(name, run, tmp_path):
    empty = Run.load(synthetic_runs.written(tmp_path, []))
    assert list(getattr(empty, name).columns) == list(getattr(run, name).columns)
    assert len(getattr(empty, name)) == 0


def test_a_notebook_shows_the_run_in_words_and_escapes_what_the_target_said(run):
    html = run._repr_html_()
    assert "2 passed" in html
    assert "the order was fulfilled 2 times" in html
    assert "<script>" not in html
    assert "2 passed, 2 failed, 1 target dead" in repr(run)


def test_drawings_are_svg_that_a_notebook_shows(run, tmp_path):
    drawings = [
        verdicts_by_risk(run),
        timeline(run, "An event that comes twice is acted on once"),
        webhook_lanes(run, run.scenario("comes twice")),
    ]
    for one in drawings:
        assert one._repr_svg_().startswith("<svg")
        assert "<script" not in one.svg
    assert drawings[0].save(tmp_path / "risk.svg").read_text("utf-8") == drawings[0].svg


def test_a_scenario_is_found_by_name_id_evidence_id_or_words(run):
    found = run.scenario("An event that comes twice is acted on once")
    assert run.scenario(found.id) is run.scenario(found.evidence) is run.scenario("COMES TWICE") is found


def test_an_unknown_scenario_names_the_nearest_and_an_ambiguous_one_lists_them(run):
    with pytest.raises(UnknownScenario, match="the nearest is 'Two refunds race'"):
        run.scenario("Two refund races")
    with pytest.raises(UnknownScenario, match=r"2 scenarios go by 'refunds/races'(.|\n)*EV-"):
        run.scenario("refunds/races")


def test_a_run_that_is_not_there_is_said_in_one_sentence(tmp_path):
    with pytest.raises(StoreError, match="there is no run"):
        Run.load(folder=tmp_path)


def test_an_interrupted_run_loads_and_says_so(tmp_path):
    cut = Run.load(synthetic_runs.written(tmp_path, synthetic_runs.scenarios(), seal=False))
    assert "interrupted" in repr(cut)
    assert len(cut.frame) == 9


def test_importing_the_lab_does_not_load_pandas():
    code = "import sys, harness.lab; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
