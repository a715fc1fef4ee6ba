"""What a run says of each defect: seen, shown to be absent, or why nothing is known."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.domain.verdicts import EXIT_FAILED, EXIT_PASSED, EXIT_USAGE, Verdict
from harness.proof.defects import catalogue
from harness.record.model import ScenarioRecord
from harness.reporting.findings import Standing, findings, share


def record(verdict, *tags, reason=None, name="S", evidence="EV-0001", provider="stripe"):
    return ScenarioRecord(
        f"{name} {verdict.value}",
        "f.feature",
        "F",
        None,
        name,
        {},
        provider,
        list(tags),
        verdict,
        reason,
        evidence=evidence,
    )


def standing(*records, defect="W01"):
    return next(row for row in findings(records, catalogue()) if row.id == defect)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([Verdict.PASSED], Standing.SOUND),
        ([Verdict.PASSED, Verdict.FAILED], Standing.DEFECTIVE),
        ([Verdict.PASSED, Verdict.TARGET_DEAD], Standing.DEFECTIVE),
        ([Verdict.PASSED, Verdict.NOT_OBSERVABLE], Standing.SOUND),
        ([Verdict.NOT_OBSERVABLE, Verdict.NOT_APPLICABLE], Standing.NOT_OBSERVABLE),
        ([Verdict.NOT_APPLICABLE], Standing.NOT_APPLICABLE),
        ([Verdict.BROKEN], Standing.NOT_RUN),
        ([Verdict.NOT_RUN, Verdict.NOT_APPLICABLE], Standing.NOT_RUN),
        ([], Standing.NOT_RUN),
    ],
)
def test_what_was_seen_decides_and_nothing_else_does(verdicts, expected):
    found = standing(*(record(one, "@defect-W01", reason="because", name=f"S{n}") for n, one in enumerate(verdicts)))
    assert found.standing is expected


def test_every_defect_of_the_catalogue_has_one_row():
    rows = findings([record(Verdict.PASSED, "@defect-W01")], catalogue())
    assert sorted(row.id for row in rows) == sorted(catalogue())


def test_a_defect_that_was_seen_says_what_was_seen_and_where():
    seen = record(
        Verdict.FAILED, "@high", "@defect-W01", reason="the order is paid", evidence="EV-0007", provider="square"
    )
    found = standing(record(Verdict.PASSED, "@defect-W01"), seen)
    assert (found.said, found.evidence, found.providers) == ("the order is paid", ["EV-0007"], ["square"])
    assert (found.ran, found.named) == (2, 2)


def test_what_cannot_be_seen_says_what_would_make_it_visible():
    reason = "the target shows no ledger; give its profile the operation 'ledger'"
    found = standing(record(Verdict.NOT_OBSERVABLE, "@defect-W01", reason=reason))
    assert found.remedy == found.said == reason


def test_the_worst_that_was_seen_comes_first():
    rows = findings(
        [record(Verdict.FAILED, "@defect-W34", name="low"), record(Verdict.FAILED, "@defect-W01", name="critical")],
        catalogue(),
    )
    assert [row.id for row in rows[:2]] == ["W01", "W34"]


def test_the_share_counts_what_the_target_can_take_part_in():
    found = share([record(one) for one in (Verdict.PASSED, Verdict.NOT_OBSERVABLE, Verdict.NOT_APPLICABLE)])
    assert (found.observed, found.applicable) == (1, 2)


def test_the_command_writes_text_and_json(monkeypatch):
    from harness.record.model import RunInfo
    from harness.record.reader import Run

    info = RunInfo("r", "2026-01-01T00:00:00Z", "shop", ["stripe"], "simulated", [], {})

    def loaded(records):
        monkeypatch.setattr(Run, "load", classmethod(lambda cls, which, folder: Run(None, info, records, None)))

    loaded([record(Verdict.FAILED, "@defect-W01", reason="the order is paid")])
    done = CliRunner().invoke(app, ["findings"])
    assert done.exit_code == EXIT_FAILED
    assert "defective (1)" in done.stdout
    assert "W01  critical" in done.stdout
    assert "the order is paid" in done.stdout
    written = json.loads(CliRunner().invoke(app, ["findings", "--format", "json"]).stdout)
    assert len(written["findings"]) == len(catalogue())
    assert written["findings"][0]["standing"] == "defective"
    loaded([record(Verdict.PASSED, "@defect-W01")])
    assert CliRunner().invoke(app, ["findings"]).exit_code == EXIT_PASSED


def test_a_run_or_a_format_that_does_not_exist_is_refused(tmp_path):
    done = CliRunner().invoke(app, ["findings", "nothing", "--run-dir", str(tmp_path)])
    assert (done.exit_code, done.stderr.startswith("payharness: ")) == (EXIT_USAGE, True)
    done = CliRunner().invoke(app, ["findings", "--format", "xml"])
    assert done.exit_code == EXIT_USAGE
    assert "text or json" in done.stderr
