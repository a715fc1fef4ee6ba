"""JSON and JUnit: complete, valid, and nothing that a CI server would misread."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from reporting import synthetic_runs

from harness import reporting
from harness.domain.verdicts import Verdict


@pytest.fixture(scope="module")
def written(some_run, tmp_path_factory):
    return reporting.write(some_run, ["json", "junit"], tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def suites(written):
    return ET.fromstring(written["junit"].read_bytes())


def test_json_holds_the_whole_run(written):
    document = json.loads(written["json"].read_bytes())
    assert document["format"] == {"name": "payment-harness report", "version": 1}
    assert document["run"]["target"] == "reference"
    assert document["summary"] == {str(v): {"passed": 2, "failed": 2}.get(v, 1) for v in Verdict}
    third = next(one for one in document["scenarios"] if one["name"].startswith("An event that comes twice"))
    assert [one["event_id"] for one in third["receipts"]] == ["evt_B", "evt_A", "evt_B", "evt_B", "evt_C", "evt_D"]
    assert len(document["manifest"]["files"]) >= 9
    assert document["assessment"]["saq"] == "A"


def test_junit_has_a_suite_for_each_feature_and_a_case_for_each_scenario(suites):
    assert suites.tag == "testsuites"
    assert len(suites) == 6
    assert {case.get("name") for case in suites.iter("testcase")} >= {
        "features/webhooks/disorder.feature / A lost event is found again [stripe]"
    }
    assert sum(int(suite.get("tests")) for suite in suites) == int(suites.get("tests")) == 9


def test_junit_tells_a_failing_target_from_a_broken_surrounding_and_from_silence(suites):
    outcomes = {}
    for case in suites.iter("testcase"):
        verdict = next(p.get("value") for p in case.iter("property") if p.get("name") == "verdict")
        outcomes.setdefault(verdict, set()).update(child.tag for child in case if child.tag != "properties")
    assert outcomes == {
        "passed": set(),
        "failed": {"failure"},
        "broken": {"error"},
        "target dead": {"error"},
        "not observable": {"skipped"},
        "not applicable": {"skipped"},
        "not run": {"skipped"},
    }
    assert (suites.get("failures"), suites.get("errors"), suites.get("skipped")) == ("2", "2", "3")


def test_junit_says_why_and_where_the_evidence_is(suites):
    skipped = [one.get("message") for one in suites.iter("skipped")]
    assert "not observable: no log channel: declare [probes.log] in the target profile" in skipped
    failed = next(case for case in suites.iter("testcase") if "comes twice" in case.get("name"))
    properties = [(p.get("name"), p.get("value")) for p in failed.iter("property")]
    assert [value for name, value in properties if name == "evidence" and value.startswith("EV-")]
    assert ("tag", "defect-W17") in properties
    assert "Then the order is paid  [failed]" in failed.find("failure").text


def test_junit_stays_well_formed_whatever_a_target_answers(suites):
    hostile = next(case for case in suites.iter("testcase") if "Hostile" in case.get("name"))
    assert "<script>alert('x')</script>" in hostile.find("failure").get("message")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["htm"], "'htm' is not a format of reports; did you mean html?"),
        (["xml"], "'xml' is not a format of reports"),
        (["html", "pdf"], "this version does not write pdf yet; it writes html, json, junit"),
        (["sarif"], "this version does not write sarif yet"),
        ([""], "no format was named: choose from html, json, junit"),
    ],
)
def test_a_format_that_does_not_exist_is_refused_before_anything_is_written(asked, sentence, some_run, tmp_path):
    with pytest.raises(reporting.UnknownFormat) as caught:
        reporting.write(some_run, asked, tmp_path / "out")
    assert sentence in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named_with_the_next_move(some_run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(reporting.UnwritableReport, match="choose another folder with --out"):
        reporting.write(some_run, ["html"], tmp_path / "file" / "out")


def test_formats_are_read_generously(some_run, tmp_path):
    assert set(reporting.write(some_run, [" HTML", "html", "JUnit "], tmp_path)) == {"html", "junit"}


def test_an_empty_run_is_valid_junit(tmp_path):
    run = synthetic_runs.written(tmp_path / "runs", [])
    suites = ET.fromstring(reporting.write(run, ["junit"], tmp_path / "out")["junit"].read_bytes())
    assert suites.get("tests") == "0"
