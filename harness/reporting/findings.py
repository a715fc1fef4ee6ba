"""What a run found out about each defect of the catalogue: one row each, with how it is known. Pure.

``defective`` means that it was seen in effect; ``sound`` that a scenario which can show it ran, had a channel, and
passed. Everything else says why nothing is known: nobody is accused of what was not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from harness.domain.verdicts import Verdict
from harness.proof.defects import Defect, Severity
from harness.record.model import ScenarioRecord

_TAG = "defect-"
_SEVERITIES = list(Severity)


class Standing(StrEnum):
    """What is known of a defect; the first that holds counts, in this order."""

    DEFECTIVE = "defective"
    SOUND = "sound"
    NOT_OBSERVABLE = "not observable"
    NOT_RUN = "not run"
    NOT_APPLICABLE = "not applicable"


_OF: Mapping[Verdict, Standing] = {
    Verdict.FAILED: Standing.DEFECTIVE,
    Verdict.TARGET_DEAD: Standing.DEFECTIVE,
    Verdict.PASSED: Standing.SOUND,
    Verdict.NOT_OBSERVABLE: Standing.NOT_OBSERVABLE,
    Verdict.BROKEN: Standing.NOT_RUN,
    Verdict.NOT_RUN: Standing.NOT_RUN,
    Verdict.NOT_APPLICABLE: Standing.NOT_APPLICABLE,
}
ORDER = (
    Standing.DEFECTIVE,
    Standing.NOT_OBSERVABLE,
    Standing.NOT_RUN,
    Standing.SOUND,
    Standing.NOT_APPLICABLE,
)
"""In which they are listed: what wants doing first."""


class Finding(msgspec.Struct, frozen=True):
    """One defect of the catalogue, as far as one run can speak of it.

    ``said``: the sentence that says what was seen, or why nothing was. ``evidence``: ids of the evidence for it.
    ``scenarios``: ids of the scenarios that it rests on; ``ran`` of those named for the defect, ``named`` in the run.
    ``remedy``: what would make it observable.
    """

    id: str
    title: str
    severity: Severity
    standing: Standing
    said: str
    evidence: list[str]
    scenarios: list[str]
    providers: list[str]
    ran: int
    named: int
    remedy: str | None = None


class Share(msgspec.Struct, frozen=True):
    """How much of what was to be seen could be: ``observed`` of the scenarios that the target can take part in."""

    observed: int
    applicable: int


def findings(scenarios: Iterable[ScenarioRecord], catalogue: Mapping[str, Defect]) -> list[Finding]:
    """A row for each defect of the catalogue: what wants doing first, the worst of it first."""
    named: dict[str, list[ScenarioRecord]] = {}
    for one in scenarios:
        for tag in one.tags:
            name = tag.removeprefix("@")
            if name.startswith(_TAG):
                named.setdefault(name.removeprefix(_TAG), []).append(one)
    rows = [_finding(defect, named.get(defect.id, [])) for defect in catalogue.values()]
    return sorted(rows, key=lambda row: (ORDER.index(row.standing), _SEVERITIES.index(row.severity)))


def share(scenarios: Iterable[ScenarioRecord]) -> Share:
    """What share of the suite was observable."""
    verdicts = [one.verdict for one in scenarios]
    applicable = [one for one in verdicts if one not in {Verdict.NOT_APPLICABLE, Verdict.NOT_RUN}]
    seen = [one for one in applicable if one in {Verdict.PASSED, Verdict.FAILED, Verdict.TARGET_DEAD}]
    return Share(len(seen), len(applicable))


def _finding(defect: Defect, named: Sequence[ScenarioRecord]) -> Finding:
    standing = next((one for one in Standing if any(_OF[record.verdict] is one for record in named)), Standing.NOT_RUN)
    grounds = [record for record in named if _OF[record.verdict] is standing]
    ran = sum(_OF[record.verdict] in {Standing.DEFECTIVE, Standing.SOUND} for record in named)
    return Finding(
        id=defect.id,
        title=defect.title,
        severity=defect.severity,
        standing=standing,
        said=_said(standing, grounds, len(named)),
        evidence=[record.evidence for record in grounds if record.evidence],
        scenarios=[record.id for record in grounds],
        providers=sorted({record.provider for record in grounds if record.provider}),
        ran=ran,
        named=len(named),
        remedy=grounds[0].reason if standing is Standing.NOT_OBSERVABLE else None,
    )


def _said(standing: Standing, grounds: Sequence[ScenarioRecord], named: int) -> str:
    if not named:
        return "no scenario of this run is named for it"
    first = grounds[0]
    if standing is Standing.SOUND:
        rest = named - len(grounds)
        unseen = f"; {rest} more could not show it" if rest else ""
        many = f"{len(grounds)} scenarios that can show it passed" if len(grounds) > 1 else f"{first.name!r} passed"
        return f"{many}{unseen}"
    return first.reason or f"{first.name!r} ended {first.verdict.value}"
