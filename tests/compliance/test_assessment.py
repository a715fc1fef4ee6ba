"""An assessment suggests and supports, and never counts what was not seen."""

from pathlib import Path

import pytest

from harness.compliance.assessment import Suggestion, assess, assess_scenarios, suggestion
from harness.compliance.catalogue import Saq
from harness.domain.verdicts import Verdict
from harness.record.model import FileSeal, Manifest, RunInfo, ScenarioRecord
from harness.record.reader import Run


def build_scenario(name, *tags, verdict=Verdict.PASSED, evidence=None):
    return ScenarioRecord(
        id=f"features/x.feature / {name} [stripe]",
        feature="features/x.feature",
        feature_title="X",
        rule=None,
        name=name,
        example={},
        provider="stripe",
        tags=list(tags),
        verdict=verdict,
        evidence=evidence,
    )


def row(assessment, number):
    return next(r for r in [*assessment.rows, *assessment.beyond, *assessment.eligibility] if r.id == number)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], Suggestion.NO_EVIDENCE),
        ([Verdict.PASSED, Verdict.PASSED], Suggestion.SUPPORTS),
        ([Verdict.PASSED, Verdict.FAILED], Suggestion.NOT_IN_PLACE),
        ([Verdict.BROKEN, Verdict.NOT_OBSERVABLE, Verdict.NOT_APPLICABLE, Verdict.NOT_RUN], Suggestion.NO_EVIDENCE),
        ([Verdict.TARGET_DEAD], Suggestion.NO_EVIDENCE),
        ([Verdict.BROKEN, Verdict.PASSED], Suggestion.SUPPORTS),
    ],
)
def test_only_failed_and_passed_scenarios_count(verdicts, expected):
    assert suggestion(verdicts) is expected


def test_a_row_carries_its_scenarios_with_evidence_and_hash():
    records = [
        build_scenario("forged", "@pci-6.2.4", "@defect-W01", evidence="EV-0001"),
        build_scenario("tampered", "pci-6.2.4", verdict=Verdict.FAILED, evidence="EV-0002"),
    ]
    found = row(assess_scenarios(records, "A-EP", hashes={"EV-0001": "aa" * 32, "EV-0002": "bb" * 32}), "6.2.4")
    assert found.suggestion is Suggestion.NOT_IN_PLACE
    assert found.verdicts == {"passed": 1, "failed": 1}
    assert [(s.evidence, s.sha256) for s in found.scenarios] == [("EV-0001", "aa" * 32), ("EV-0002", "bb" * 32)]
    assert found.scenarios[0].defects == ["W01"]


def test_the_share_counts_rows_and_not_scenarios():
    records = [build_scenario(str(i), "@pci-8.3.1", "@pci-6.2.4") for i in range(5)]
    share = assess_scenarios(records, Saq.A).share
    assert (share.rows, share.automatic, share.spoken) == (27, 4, 1)
    assert share.reachable == share.automatic + share.partly < share.rows


def test_broken_scenarios_do_not_make_a_row_spoken_to():
    records = [build_scenario("x", "@pci-8.3.1", verdict=Verdict.BROKEN)]
    assert assess_scenarios(records, "A").share.spoken == 0


def test_what_the_questionnaire_does_not_ask_is_kept_apart():
    found = assess_scenarios([build_scenario("forged", "@pci-6.2.4")], "A")
    assert all(r.id != "6.2.4" for r in found.rows)
    assert [r.id for r in found.beyond] == ["6.2.4"]


def test_scans_for_card_data_speak_to_eligibility():
    records = [build_scenario("no code is kept", "@pci-3.3.1.2", "@pci-3.5.1", evidence="EV-0007")]
    found = row(assess_scenarios(records, "A"), "A-storage")
    assert found.suggestion is Suggestion.SUPPORTS
    assert len(found.scenarios) == 1


def test_a_tag_that_names_nothing_is_reported():
    assert assess_scenarios([build_scenario("x", "@pci-6.9.9")], "D").unknown == ["6.9.9"]


def test_an_unknown_questionnaire_is_refused():
    with pytest.raises(ValueError, match="B-IP"):
        assess_scenarios([], "B-IP")


def test_a_sealed_run_gives_the_hashes_of_its_evidence():
    info = RunInfo("20261123T160203Z-a1b2c3", "", "reference", ["stripe"], "simulated", [], {})
    files = {"evidence/EV-0001.json": FileSeal("ab" * 32, 10), "events.ndjson": FileSeal("cd" * 32, 10)}
    scenarios = [build_scenario("forged", "@pci-6.2.4", evidence="EV-0001")]
    sealed = Manifest(info.id, files, "root", None, "seal")
    found = assess(Run(Path("runs/x"), info, scenarios, sealed), "D")
    assert found.run == info.id
    assert row(found, "6.2.4").scenarios[0].sha256 == "ab" * 32
    unsealed = assess(Run(Path("runs/x"), info, scenarios, None), "D")
    assert row(unsealed, "6.2.4").scenarios[0].sha256 is None
