"""From the scenarios of a run to the rows of a questionnaire: what they suggest, and with which evidence. Pure.

The harness suggests and supports; a human decides. A failed scenario suggests *Not in Place*, a passed one supports
*In Place*, everything else is no evidence and is never counted as either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from harness.compliance import catalogue
from harness.compliance.catalogue import Mark, Saq
from harness.domain.verdicts import Verdict
from harness.record.model import ScenarioRecord
from harness.record.reader import Run
from harness.record.store import EVIDENCE

_COUNTED = (Verdict.PASSED, Verdict.FAILED)


class Suggestion(StrEnum):
    """What the scenarios of a row say to the one who fills the questionnaire in."""

    NOT_IN_PLACE = "suggests Not in Place"
    SUPPORTS = "supports In Place"
    NO_EVIDENCE = "no evidence"


class Support(msgspec.Struct, frozen=True):
    """One scenario that speaks to a row, with the evidence that it left (id and SHA-256, both ``None`` without any)."""

    scenario: str
    verdict: Verdict
    evidence: str | None
    sha256: str | None
    defects: list[str]
    reason: str | None


class Row(msgspec.Struct, frozen=True):
    """One requirement (or condition of eligibility) with what this run has to say to it."""

    id: str
    title: str
    mark: Mark
    methods: list[str]
    evidence: str
    suggestion: Suggestion
    verdicts: dict[str, int]
    """How many scenarios ended with which verdict."""
    scenarios: list[Support]


class Share(msgspec.Struct, frozen=True):
    """Of all rows of a questionnaire: how many the harness could ever speak to, and how many this run did."""

    rows: int
    automatic: int
    partly: int
    spoken: int
    """Rows with at least one passed or failed scenario in this run."""

    @property
    def reachable(self) -> int:
        """Rows that the harness can speak to at all."""
        return self.automatic + self.partly


class Assessment(msgspec.Struct, frozen=True):
    """A questionnaire seen through one run."""

    standard: str
    saq: Saq
    run: str
    share: Share
    eligibility: list[Row]
    """Conditions for the use of this questionnaire."""
    rows: list[Row]
    """Every requirement of the questionnaire, in the standard's order."""
    beyond: list[Row]
    """Requirements that the run has evidence on and this questionnaire does not ask for."""
    unknown: list[str]
    """Requirement tags that name nothing in the catalogue."""


def assess(run: Run, saq: Saq | str) -> Assessment:
    """A run's say on a questionnaire; raises ``ValueError`` for a questionnaire that is not A, A-EP or D.

    Evidence of a run that is not sealed yet has no hash.
    """
    return assess_scenarios(run.scenarios, saq, run=run.info.id, hashes=evidence_hashes(run))


def evidence_hashes(run: Run) -> dict[str, str]:
    """SHA-256 of the evidence files of a sealed run, by evidence id (``EV-0001``)."""
    files = run.manifest.files if run.manifest else {}
    return {Path(name).stem: seal.sha256 for name, seal in files.items() if name.startswith(f"{EVIDENCE}/")}


def assess_scenarios(
    scenarios: Iterable[ScenarioRecord], saq: Saq | str, *, run: str = "", hashes: Mapping[str, str] | None = None
) -> Assessment:
    """The say of some scenarios on a questionnaire; ``hashes`` are SHA-256 by evidence id."""
    questionnaire = Saq(saq)
    spoken: dict[str, list[Support]] = {}
    for record in scenarios:
        support = _support(record, hashes or {})
        for requirement in _tagged(record, "pci"):
            spoken.setdefault(requirement, []).append(support)
    known = catalogue.requirements()
    asked = [r for r in known.values() if questionnaire in r.saq]
    rows = [_row(r, spoken.get(r.id, [])) for r in asked]
    return Assessment(
        standard=catalogue.STANDARD,
        saq=questionnaire,
        run=run,
        share=_share(rows),
        eligibility=[_condition(e, spoken) for e in catalogue.eligibility() if questionnaire in e.saq],
        rows=rows,
        beyond=[_row(r, spoken[r.id]) for r in known.values() if questionnaire not in r.saq and r.id in spoken],
        unknown=sorted(set(spoken) - set(known)),
    )


def suggestion(verdicts: Iterable[Verdict]) -> Suggestion:
    """What verdicts suggest together: one failure outweighs every success; nothing else counts."""
    seen = set(verdicts)
    if Verdict.FAILED in seen:
        return Suggestion.NOT_IN_PLACE
    return Suggestion.SUPPORTS if Verdict.PASSED in seen else Suggestion.NO_EVIDENCE


def _tagged(record: ScenarioRecord, kind: str) -> list[str]:
    tags = (tag.removeprefix("@").partition("-") for tag in record.tags)
    return list(dict.fromkeys(rest for found, _, rest in tags if found == kind))


def _support(record: ScenarioRecord, hashes: Mapping[str, str]) -> Support:
    return Support(
        scenario=record.id,
        verdict=record.verdict,
        evidence=record.evidence,
        sha256=hashes.get(record.evidence or ""),
        defects=_tagged(record, "defect"),
        reason=record.reason,
    )


def _row(entry: catalogue.Requirement, scenarios: list[Support]) -> Row:
    return Row(
        id=entry.id,
        title=entry.title,
        mark=entry.mark,
        methods=list(entry.methods),
        evidence=entry.evidence,
        suggestion=suggestion(s.verdict for s in scenarios),
        verdicts=dict(Counter(s.verdict.value for s in scenarios)),
        scenarios=scenarios,
    )


def _condition(entry: catalogue.Eligibility, spoken: Mapping[str, list[Support]]) -> Row:
    scenarios = list({s.scenario: s for number in entry.requirements for s in spoken.get(number, [])}.values())
    return Row(
        id=entry.id,
        title=entry.title,
        mark=Mark.PARTLY,
        methods=["Examine"],
        evidence=entry.evidence,
        suggestion=suggestion(s.verdict for s in scenarios),
        verdicts=dict(Counter(s.verdict.value for s in scenarios)),
        scenarios=scenarios,
    )


def _share(rows: Sequence[Row]) -> Share:
    marks = Counter(row.mark for row in rows)
    return Share(
        rows=len(rows),
        automatic=marks[Mark.AUTOMATIC],
        partly=marks[Mark.PARTLY],
        spoken=sum(any(s.verdict in _COUNTED for s in row.scenarios) for row in rows),
    )
