"""What the page shows, prepared: no logic is left for the template but loops and conditions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup

from harness.compliance import catalogue
from harness.domain.ids import is_evidence_id
from harness.domain.verdicts import StepStatus, Verdict
from harness.drawing import timeline, verdicts_by_risk, webhook_lanes
from harness.drawing.bars import by_risk, in_words
from harness.drawing.names import risk_of, title_of
from harness.drawing.palette import BAD, LOOKS, UNSEEN, Look
from harness.drawing.times import duration, moment
from harness.proof.model import ProofResult
from harness.record.model import Exchange, JournalEntry, Reading, Receipt, ScenarioRecord, StepRow
from harness.reporting import wire
from harness.reporting.material import Material

MOST_CALLS = 60
"""Most exchanges, receipts or journal lines of a scenario that the page repeats; the evidence file holds all."""

STEP_MARKS = {StepStatus.UNDEFINED: "¿"} | {StepStatus(str(v)): look.mark for v, look in LOOKS.items()}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, with what it stands for, and the section of the page that explains it, where one does."""

    name: str
    means: str
    target: str | None


@dataclass(slots=True)
class Step:
    """A step with everything that happened under it."""

    row: StepRow | None
    mark: str
    calls: list[wire.Call] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether there is anything under the step."""
        return bool(self.calls or self.receipts or self.readings)


@dataclass(slots=True)
class Scenario:
    """A scenario, ready to be shown."""

    record: ScenarioRecord
    anchor: str
    title: str
    look: Look
    risk: str
    tags: list[Tag]
    steps: list[Step]
    journal: list[tuple[JournalEntry, str]]
    drawn: Drawings
    whole: str
    left_out: int
    search: str
    bad: bool


@dataclass(slots=True)
class Page:
    """Context of the template."""

    material: Material
    scenarios: list[Scenario]
    groups: list[tuple[str, list[tuple[str, str, list[Scenario]]]]]
    """By risk, then by feature: (risk, [(feature file, title, scenarios)])."""
    headline: str
    counts: list[tuple[Verdict, Look, int]]
    risks: list[tuple[str, int, str]]
    bars: Markup
    bad: list[Scenario]
    unseen: list[tuple[Verdict, Look, list[tuple[str, list[Scenario]]]]]
    defects: list[tuple[str, str, str, list[Scenario], ProofResult | None]]
    all_tags: list[tuple[str, int]]
    took: str
    by_id: dict[str, Scenario]
    by_evidence: dict[str, Scenario]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the recorded messages a page repeats, in characters of a body: it has to be small enough to mail."""

    passed: int
    """In scenarios that passed."""
    other: int
    """In all other scenarios."""
    curl: bool = True
    """Whether calls of scenarios that passed are repeated as curl commands, too."""


@dataclass(frozen=True, slots=True)
class Drawings:
    """The drawings of one scenario."""

    lanes: Markup
    sequence: Markup


def drawings(record: ScenarioRecord) -> Drawings:
    """The swim-lane where webhooks were delivered; the sequence of all calls where somebody has to find out why."""
    return Drawings(
        lanes=webhook_lanes(record.receipts) if record.receipts else Markup(),
        sequence=timeline(record) if record.verdict in BAD and (record.exchanges or record.journal) else Markup(),
    )


def page(material: Material, limits: Limits, drawn: Mapping[str, Drawings]) -> Page:
    """The page of a run; ``drawn`` holds the drawings by scenario id."""
    ordered = sorted(
        enumerate(material.scenarios), key=lambda pair: (risk_of(pair[1].feature), pair[1].feature, pair[0])
    )
    explained = _explained(material)
    shown = [
        _scenario(record, number, explained, limits, drawn[record.id], material)
        for number, (_, record) in enumerate(ordered, 1)
    ]
    counts = Counter(record.verdict for record in material.scenarios)
    urgency = {verdict: place for place, verdict in enumerate(BAD)}
    return Page(
        material=material,
        scenarios=shown,
        groups=_groups(shown),
        headline=headline(counts),
        counts=[(verdict, look, counts[verdict]) for verdict, look in LOOKS.items()],
        risks=[(risk, found.total(), in_words(found)) for risk, found in by_risk(material.scenarios).items()],
        bars=verdicts_by_risk(material.scenarios) if material.scenarios else Markup(),
        bad=sorted((one for one in shown if one.bad), key=lambda one: urgency[one.record.verdict]),
        unseen=_unseen(shown),
        defects=_defects(material, shown),
        all_tags=sorted(Counter(bare(tag) for one in material.scenarios for tag in set(one.tags)).items()),
        took=_took(material),
        by_evidence={one.anchor: one for one in shown if one.anchor == one.record.evidence},
        by_id={one.record.id: one for one in shown},
    )


def headline(counts: Counter[Verdict]) -> str:
    """The run in one sentence."""
    total, passed = counts.total(), counts[Verdict.PASSED]
    if not total:
        return "No scenario ran, so nothing is shown by this run."
    if passed == total:
        return f"All {total} scenarios passed."
    said = [f"{passed} of {total} scenarios passed"]
    if counts[Verdict.FAILED]:
        said.append(f"the target failed {counts[Verdict.FAILED]}")
    if counts[Verdict.TARGET_DEAD]:
        said.append(f"it died in {counts[Verdict.TARGET_DEAD]}")
    if counts[Verdict.BROKEN]:
        said.append(f"{counts[Verdict.BROKEN]} broke for reasons outside the target")
    if unseen := sum(counts[verdict] for verdict in UNSEEN):
        said.append(f"{unseen} could not be judged")
    return "; ".join(said) + "."


def _scenario(
    record: ScenarioRecord, number: int, explained: set[str], limits: Limits, drawn: Drawings, material: Material
) -> Scenario:
    passed = record.verdict is Verdict.PASSED
    cuts = wire.Cuts(limits.passed if passed else limits.other, limits.curl or not passed, _whole(record))
    name = record.evidence if record.evidence and is_evidence_id(record.evidence) else None
    bad = record.verdict in BAD
    exchanges, receipts, journal = (
        record.exchanges[:MOST_CALLS],
        record.receipts[:MOST_CALLS],
        record.journal[:MOST_CALLS],
    )
    seen, kept = (record.exchanges, record.receipts, record.journal), (exchanges, receipts, journal)
    left_out = sum(len(many) for many in seen) - sum(len(many) for many in kept)
    search = [record.name, record.feature, record.feature_title, record.rule or "", record.reason or "", name or ""]
    return Scenario(
        record=record,
        anchor=name or f"scenario-{number}",
        title=title_of(record),
        look=LOOKS[record.verdict],
        risk=risk_of(record.feature),
        tags=[_tag(bare(tag), explained, material) for tag in record.tags],
        steps=_steps(record, exchanges, receipts, cuts),
        journal=[(entry, wire.cut(compact(entry.params) if entry.params else "", cuts)) for entry in journal],
        drawn=drawn,
        whole=cuts.whole,
        left_out=left_out,
        search=" ".join([*search, *record.example.values(), *record.tags, *(row.text for row in record.steps)]).lower(),
        bad=bad,
    )


def _steps(
    record: ScenarioRecord, exchanges: Sequence[Exchange], receipts: Sequence[Receipt], cuts: wire.Cuts
) -> list[Step]:
    steps = [Step(row, STEP_MARKS[row.status]) for row in record.steps]
    outside = Step(None, "")
    events = {receipt.event_id for receipt in record.receipts}

    def place(index: int | None) -> Step:
        return steps[index] if index is not None and 0 <= index < len(steps) else outside

    for exchange in exchanges:
        place(exchange.step).calls.append(wire.call(exchange, events, cuts))
    for receipt in receipts:
        place(receipt.step).receipts.append(receipt)
    for reading in record.readings[:MOST_CALLS]:
        place(reading.step).readings.append(reading)
    return [*steps, outside] if outside.holds else steps


def _whole(record: ScenarioRecord) -> str:
    return f"evidence/{record.evidence}.json" if record.evidence else "events.ndjson"


def _took(material: Material) -> str:
    start, end = moment(material.info.started), moment(material.info.finished)
    return duration((end - start).total_seconds() * 1000) if start and end else ""


def compact(value: object) -> str:
    """A plain value as one line of JSON; a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _groups(shown: Iterable[Scenario]) -> list[tuple[str, list[tuple[str, str, list[Scenario]]]]]:
    grouped = []
    for risk, members in groupby(shown, key=lambda one: one.risk):
        files = [(feature, list(found)) for feature, found in groupby(members, key=lambda one: one.record.feature)]
        grouped.append((risk, [(feature, found[0].record.feature_title, found) for feature, found in files]))
    return grouped


def _unseen(shown: Sequence[Scenario]) -> list[tuple[Verdict, Look, list[tuple[str, list[Scenario]]]]]:
    found = []
    for verdict in UNSEEN:
        reasons: dict[str, list[Scenario]] = {}
        for one in shown:
            if one.record.verdict is verdict:
                reasons.setdefault(one.record.reason or "no reason was recorded", []).append(one)
        if reasons:
            found.append((verdict, LOOKS[verdict], sorted(reasons.items())))
    return found


def _explained(material: Material) -> set[str]:
    """Tags for which the page has a section."""
    assessment = material.assessment
    rows = [*assessment.rows, *assessment.beyond] if assessment else []
    used = {bare(tag) for one in material.scenarios for tag in one.tags if bare(tag).startswith("defect-")}
    return {f"pci-{row.id}" for row in rows} | used


def _tag(name: str, explained: set[str], material: Material) -> Tag:
    known = material.defects.get(name.removeprefix("defect-")) or catalogue.resolve(name)
    return Tag(name, known.title if known else "", name if name in explained else None)


def bare(tag: str) -> str:
    """A tag without its ``@``."""
    return tag.removeprefix("@")


def _defects(
    material: Material, shown: Sequence[Scenario]
) -> list[tuple[str, str, str, list[Scenario], ProofResult | None]]:
    """(id, title, severity, scenarios named for it, proof) of every defect that the run or its proof speaks of."""
    proved = material.proof.by_defect() if material.proof else {}
    named: dict[str, list[Scenario]] = {defect: [] for defect in proved}
    for one in shown:
        for tag in one.tags:
            if tag.name.startswith("defect-"):
                named.setdefault(tag.name.removeprefix("defect-"), []).append(one)
    rows = []
    for defect, scenarios in sorted(named.items()):
        known = material.defects.get(defect)
        title, severity = (known.title, str(known.severity)) if known else ("not in the catalogue", "")
        rows.append((defect, title, severity, scenarios, proved.get(defect)))
    return rows
