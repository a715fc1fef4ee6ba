"""What counts as a proof: red for that reason on the twin, green on the reference; all else says what is missing."""

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from harness.domain.providers import Provider
from harness.domain.verdicts import EXIT_BROKEN, EXIT_FAILED, EXIT_PASSED, HarnessError, Verdict
from harness.proof import model, prove, twins
from harness.proof.defects import UnknownDefectError, catalogue
from harness.proof.model import Outcome, Proof, ProofResult
from harness.proof.session import SessionError
from harness.proof.twins import NoTwinError, NoTwinsOfProviderError, Twin
from harness.record.model import ScenarioRecord

TWINS = twins.twins()
TWIN = Twin(
    defect="W17", override="W17.py", feature="webhooks/duplicates.feature", scenario="Twice", because=["fulfilled", "2"]
)


def build_record(verdict, reason=None, *, provider="stripe", **example):
    return ScenarioRecord(
        id=f"features/webhooks/duplicates.feature / Twice {example}",
        feature="features/webhooks/duplicates.feature",
        feature_title="",
        rule=None,
        name="Twice",
        example=example,
        provider=provider,
        tags=[],
        verdict=verdict,
        reason=reason,
        evidence="EV-0001",
    )


def observed(*records, problem=None):
    run = SimpleNamespace(scenarios=list(records), path=Path("runs/proof/W17/20261123T160203Z-a1b2c3"))
    session = SimpleNamespace(run=run, hash_of=lambda record: "ab" * 32) if records else None
    return prove._Observed(session, problem, 1.0)


GREEN = build_record(Verdict.PASSED)


@pytest.mark.parametrize(
    ("red", "green", "outcome"),
    [
        (build_record(Verdict.FAILED, "the order was Fulfilled 2 times"), GREEN, Outcome.PROVEN),
        (build_record(Verdict.TARGET_DEAD, "fulfilled 2 and died"), GREEN, Outcome.PROVEN),
        (build_record(Verdict.PASSED), GREEN, Outcome.STAYED_GREEN),
        (build_record(Verdict.FAILED, "the state is lost"), GREEN, Outcome.OTHER_REASON),
        (build_record(Verdict.BROKEN, "fulfilled 2"), GREEN, Outcome.BROKEN),
        (build_record(Verdict.NOT_OBSERVABLE, "fulfilled 2"), GREEN, Outcome.BROKEN),
        (build_record(Verdict.FAILED, "fulfilled 2"), build_record(Verdict.FAILED, "no"), Outcome.REFERENCE_RED),
    ],
)
def test_only_red_for_the_expected_reason_beside_green_is_a_proof(red, green, outcome):
    result = prove._conclude(TWIN, observed(red), observed(green))
    assert result.outcome is outcome
    assert result.proven is (outcome is Outcome.PROVEN)
    assert result.sentence


def test_a_run_that_could_not_be_carried_out_is_broken_and_says_why():
    result = prove._conclude(TWIN, observed(problem="no port"), observed(GREEN))
    assert (result.outcome, result.sentence) == (Outcome.BROKEN, "no port")


def test_of_an_outline_the_row_that_failed_for_the_reason_speaks():
    rows = [build_record(Verdict.PASSED, n="1"), build_record(Verdict.FAILED, "fulfilled 2 times", n="2")]
    greens = [build_record(Verdict.PASSED, n="1"), build_record(Verdict.PASSED, n="2")]
    result = prove._conclude(TWIN, observed(*rows), observed(*greens))
    assert result.proven
    assert result.scenario == rows[1].id


def test_of_another_providers_rows_none_speaks():
    paypal = msgspec.structs.replace(TWIN, provider=Provider.PAYPAL)
    rows = [build_record(Verdict.FAILED, "fulfilled 2"), build_record(Verdict.PASSED, provider="paypal")]
    result = prove._conclude(paypal, observed(*rows), observed(build_record(Verdict.PASSED, provider="paypal")))
    assert (result.outcome, result.name, result.provider) == (Outcome.STAYED_GREEN, "W17-paypal", Provider.PAYPAL)


def test_a_result_names_run_evidence_and_hash():
    result = prove._conclude(TWIN, observed(build_record(Verdict.FAILED, "fulfilled 2")), observed(GREEN))
    assert result.twin.run == "proof/W17/20261123T160203Z-a1b2c3"
    assert (result.twin.evidence, result.twin.sha256) == ("EV-0001", "ab" * 32)


def build_result(outcome, defect="W17", provider=Provider.STRIPE):
    return ProofResult(defect, "t", "high", "s", [], outcome, "because", provider=provider)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([Outcome.PROVEN], EXIT_PASSED),
        ([Outcome.PROVEN, Outcome.STAYED_GREEN], EXIT_FAILED),
        ([Outcome.OTHER_REASON], EXIT_FAILED),
        ([Outcome.STAYED_GREEN, Outcome.BROKEN], EXIT_BROKEN),
        ([], EXIT_BROKEN),
    ],
)
def test_the_exit_code_tells_what_was_not_proven(outcomes, code):
    assert Proof("now", 1, [build_result(o) for o in outcomes]).exit_code == code


def test_proving_some_keeps_what_is_known_of_the_others(tmp_path):
    then = [build_result(Outcome.PROVEN, "W01"), build_result(Outcome.BROKEN)]
    model.write(Proof("then", 1, [*then, build_result(Outcome.BROKEN, provider=Provider.PAYPAL)]), tmp_path)
    model.write(Proof("now", 1, [build_result(Outcome.PROVEN)]), tmp_path)
    kept = {one.name: one.outcome for one in model.read(tmp_path).results}
    assert kept == {"W01": Outcome.PROVEN, "W17": Outcome.PROVEN, "W17-paypal": Outcome.BROKEN}


def test_the_file_says_which_provider_each_result_is_for(tmp_path):
    both = [build_result(Outcome.PROVEN), build_result(Outcome.BROKEN, provider=Provider.PAYPAL)]
    written = msgspec.json.decode(model.write(Proof("now", 1, both), tmp_path).read_bytes())
    assert [one["provider"] for one in written["results"]] == ["stripe", "paypal"]
    assert [one.provider for one in model.read(tmp_path).by_defect()["W17"]] == [Provider.STRIPE, Provider.PAYPAL]


def test_no_proof_reads_as_none(tmp_path):
    assert model.read(tmp_path) is None
    (tmp_path / model.NAME).write_text("{")
    assert model.read(tmp_path) is None


@pytest.mark.parametrize("unknown", ["W177", "W17-adyen", "Z99-paypal"])
def test_unknown_names_are_refused_with_the_nearest(unknown):
    with pytest.raises(UnknownDefectError, match=r"did you mean|without an id proves all"):
        twins.select([unknown])


def test_a_defect_without_a_twin_is_refused_by_name():
    missing = next(d for d in catalogue() if d not in {t.defect for t in twins.twins().values()})
    with pytest.raises(NoTwinError, match=missing):
        twins.select([missing])


def test_a_defect_without_a_twin_of_that_provider_names_those_it_has():
    alone = next(
        t for t in twins.twins().values() if t.provider is Provider.STRIPE and f"{t.defect}-paypal" not in TWINS
    )
    for wanted in ([f"{alone.defect}-paypal"], []), ([alone.defect], [Provider.PAYPAL]):
        with pytest.raises(NoTwinError, match=f"with paypal; it has {alone.name}"):
            twins.select(*wanted)


def test_a_provider_without_twins_names_those_with_some(monkeypatch):
    others = {name: one for name, one in TWINS.items() if one.provider is not Provider.SQUARE}
    monkeypatch.setattr(twins, "twins", lambda: others)
    with pytest.raises(NoTwinsOfProviderError, match="for square; there are some for stripe, paypal"):
        twins.select([], [Provider.SQUARE])


def test_a_defect_stands_for_all_its_twins_and_a_name_for_one():
    both = next(t for t in TWINS.values() if t.provider is Provider.PAYPAL and t.defect in TWINS)
    assert {both.defect, f"{both.defect}-paypal"} <= {t.name for t in twins.select([both.defect])}
    assert {t.defect for t in twins.select([both.defect])} == {both.defect}
    assert [t.name for t in twins.select([f"{both.defect}-paypal"])] == [f"{both.defect}-paypal"]
    assert [t.name for t in twins.select([f"{both.defect}-stripe"])] == [both.defect]
    assert [t.name for t in twins.select([both.defect], [Provider.PAYPAL])] == [f"{both.defect}-paypal"]


def test_a_provider_alone_stands_for_all_its_twins():
    assert {t.provider for t in twins.select([], [Provider.PAYPAL])} == {Provider.PAYPAL}
    assert twins.select() == list(TWINS.values())


def test_names_may_be_written_in_small_letters_and_more_than_once():
    assert [t.name for t in twins.select(["w09-PAYPAL", "W09-paypal", "W09-paypal"])] == ["W09-paypal"]


class Asked:
    """Stands for the runs under way: a real one takes seconds, and what counts here is what it is asked for."""

    def __init__(self):
        self.runs = []

    def run(self, scenarios, target, provider, runs, *, within):
        self.runs.append((provider, runs.name, len(scenarios)))
        raise SessionError("not in this test")


def test_a_run_of_the_proof_starts_no_other_provider_than_the_twins(tmp_path):
    asked = Asked()
    for provider, chosen in prove._by_provider(list(TWINS.values())).items():
        assert {t.provider for t in chosen} == {provider}
        prove._observe(asked, chosen, prove.REFERENCE, tmp_path / f"reference-{provider}")
    assert [(provider, name) for provider, name, _ in asked.runs] == [
        (Provider.STRIPE, "reference-stripe"),
        (Provider.PAYPAL, "reference-paypal"),
        (Provider.SQUARE, "reference-square"),
    ]


def test_a_profile_starts_the_twin_in_place_of_the_reference():
    source = (
        'name = "reference"\n'
        'command = ["{python}", "-m", "reference_impl", "database"]\n'
        'command = ["{python}", "-m", "reference_impl", "serve"]\n'
    )
    made = twins.profile(TWIN, source)
    assert made.count('twin.py", "W17"') == 1
    assert '"-m", "reference_impl", "database"' in made
    assert 'name = "twin W17"' in made


def test_the_profile_of_a_paypal_twin_starts_it_by_its_name():
    paypal = msgspec.structs.replace(TWIN, provider=Provider.PAYPAL)
    made = twins.profile(paypal, 'name = "reference"\ncommand = ["{python}", "-m", "reference_impl", "serve"]\n')
    assert 'twin.py", "W17-paypal", "serve"' in made
    assert 'name = "twin W17-paypal"' in made


def test_a_profile_that_starts_something_else_is_refused():
    with pytest.raises(HarnessError, match="twin of W17"):
        twins.profile(TWIN, 'command = ["shop"]')
