"""What the page shows, prepared: no logic is left for the template but loops and conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from harness.compliance import catalogue
from harness.domain.ids import is_evidence_id
from harness.domain.verdicts import Verdict
from harness.drawing import verdicts_by_risk
from harness.drawing.bars import by_risk, in_words
from harness.drawing.names import risk_of, title_of
from harness.drawing.palette import BAD, LOOKS, UNSEEN, Look
from harness.drawing.times import duration, moment
from harness.proof.model import ProofResult
from harness.record.model import ScenarioRecord
from harness.reporting.inside import Step, bare_steps, whole_of
from harness.reporting.material import Material


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, with the place on the page that explains it, where there is one."""

    name: str
    target: str | None


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
    whole: str
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
    beside: list[tuple[str, list[str]]]
    """By risk, what each provider of the run came to, in words; empty where there is one provider only."""
    differing: list[tuple[str, list[Scenario]]]
    """Scenarios that did not end alike with every provider: (title, one for each provider)."""
    bad: list[Scenario]
    unseen: list[tuple[Verdict, Look, list[tuple[str, list[Scenario]]]]]
    defects: list[tuple[str, str, str, list[Scenario], list[ProofResult]]]
    weaknesses: list[tuple[str, catalogue.Weakness, int]]
    """(tag, what it names, how many scenarios look for it)."""
    all_tags: list[tuple[str, int]]
    took: str
    by_id: dict[str, Scenario]
    by_evidence: dict[str, Scenario]


def page(material: Material) -> Page:
    """The page of a run, without what is inside its scenarios."""
    ordered = sorted(
        enumerate(material.scenarios), key=lambda pair: (risk_of(pair[1].feature), pair[1].feature, pair[0])
    )
    explained = _explained(material)
    shown = [_scenario(record, number, explained) for number, (_, record) in enumerate(ordered, 1)]
    counts = Counter(record.verdict for record in material.scenarios)
    tags = sorted(Counter(bare(tag) for one in material.scenarios for tag in set(one.tags)).items())
    urgency = {verdict: place for place, verdict in enumerate(BAD)}
    return Page(
        material=material,
        scenarios=shown,
        groups=_groups(shown),
        headline=headline(counts),
        counts=[(verdict, look, counts[verdict]) for verdict, look in LOOKS.items()],
        risks=[(risk, found.total(), in_words(found)) for risk, found in by_risk(material.scenarios).items()],
        bars=verdicts_by_risk(material.scenarios) if material.scenarios else Markup(),
        beside=_beside(material),
        differing=_differing(shown),
        bad=sorted((one for one in shown if one.bad), key=lambda one: urgency[one.record.verdict]),
        unseen=_unseen(shown),
        defects=_defects(material, shown),
        weaknesses=[(tag, one, n) for tag, n in tags if isinstance(one := catalogue.resolve(tag), catalogue.Weakness)],
        all_tags=tags,
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


def _scenario(record: ScenarioRecord, number: int, explained: set[str]) -> Scenario:
    name = record.evidence if record.evidence and is_evidence_id(record.evidence) else None
    return Scenario(
        record=record,
        anchor=name or f"scenario-{number}",
        title=title_of(record),
        look=LOOKS[record.verdict],
        risk=risk_of(record.feature),
        tags=[Tag(bare(tag), bare(tag) if bare(tag) in explained else None) for tag in record.tags],
        steps=bare_steps(record),
        whole=whole_of(record),
        bad=record.verdict in BAD,
    )


def _took(material: Material) -> str:
    start, end = moment(material.info.started), moment(material.info.finished)
    return duration((end - start).total_seconds() * 1000) if start and end else ""


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


def _beside(material: Material) -> list[tuple[str, list[str]]]:
    providers = material.info.providers
    if len(providers) < 2:  # noqa: PLR2004 - one alone has nobody beside it
        return []
    of_each = [by_risk([one for one in material.scenarios if one.provider == name]) for name in providers]
    risks = sorted({risk for found in of_each for risk in found})
    return [(risk, [in_words(found.get(risk, Counter())) for found in of_each]) for risk in risks]


def _differing(shown: Sequence[Scenario]) -> list[tuple[str, list[Scenario]]]:
    same: dict[tuple[str, str, str], list[Scenario]] = {}
    for one in shown:
        key = (one.record.feature, one.title, "|".join(one.record.example.values()))
        same.setdefault(key, []).append(one)
    return [(title, found) for (_, title, _), found in same.items() if len({one.record.verdict for one in found}) > 1]


def _explained(material: Material) -> set[str]:
    """Tags for which the page has a section."""
    assessment = material.assessment
    rows = [*assessment.rows, *assessment.beyond] if assessment else []
    used = {bare(tag) for one in material.scenarios for tag in one.tags}
    known = {tag for tag in used if tag.startswith("defect-") or isinstance(catalogue.resolve(tag), catalogue.Weakness)}
    return {f"pci-{row.id}" for row in rows} | known


def bare(tag: str) -> str:
    """A tag without its ``@``."""
    return tag.removeprefix("@")


def _defects(
    material: Material, shown: Sequence[Scenario]
) -> list[tuple[str, str, str, list[Scenario], list[ProofResult]]]:
    """(id, title, severity, scenarios named for it, proofs) of every defect that the run or its proof speaks of."""
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
        rows.append((defect, title, severity, scenarios, proved.get(defect, [])))
    return rows
