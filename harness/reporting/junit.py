"""JUnit XML for CI servers: a suite for each feature, a case for each scenario."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from harness import resources
from harness.domain.verdicts import StepStatus, Verdict
from harness.drawing.names import risk_of
from harness.record.model import ScenarioRecord
from harness.reporting.html import environment
from harness.reporting.material import Material
from harness.reporting.page import bare

OUTCOMES = {
    Verdict.PASSED: None,
    Verdict.FAILED: "failure",
    Verdict.BROKEN: "error",
    Verdict.TARGET_DEAD: "error",
    Verdict.NOT_OBSERVABLE: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.NOT_RUN: "skipped",
}
"""The element that a verdict becomes; JUnit knows no more than these."""


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario as JUnit sees it."""

    name: str
    classname: str
    seconds: float
    outcome: str | None
    verdict: str
    message: str
    details: str
    properties: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Suite:
    """A feature as JUnit sees it."""

    name: str
    started: str
    seconds: float
    counts: Counter[str | None]
    cases: list[Case]


def render(material: Material) -> str:
    """The document; valid for the parsers of Jenkins, GitLab and GitHub's usual actions."""
    ordered = sorted(material.scenarios, key=lambda record: record.feature)
    suites = [_suite(name, list(found)) for name, found in groupby(ordered, key=lambda record: record.feature)]
    counts = sum((suite.counts for suite in suites), Counter[str | None]())
    template = environment(resources.templates()).get_template("junit.xml")
    return template.render(info=material.info, suites=suites, counts=counts)


def _suite(name: str, records: list[ScenarioRecord]) -> Suite:
    return Suite(
        name=name,
        started=min((record.started for record in records if record.started), default="")[:19],
        seconds=sum(record.ms for record in records) / 1000,
        counts=Counter(OUTCOMES[record.verdict] for record in records),
        cases=[_case(record) for record in records],
    )


def _case(record: ScenarioRecord) -> Case:
    tags = [("tag", bare(tag)) for tag in record.tags]
    evidence = [("evidence", record.evidence)] if record.evidence else []
    return Case(
        name=record.id,
        classname=record.feature.removesuffix(".feature").replace("/", "."),
        seconds=record.ms / 1000,
        outcome=OUTCOMES[record.verdict],
        verdict=str(record.verdict),
        message=record.reason or str(record.verdict),
        details="" if record.verdict is Verdict.PASSED else _steps(record),
        properties=[("verdict", str(record.verdict)), ("risk", risk_of(record.feature)), *evidence, *tags],
    )


def _steps(record: ScenarioRecord) -> str:
    lines = []
    for row in record.steps:
        lines.append(f"{row.keyword.strip()} {row.text}  [{row.status}]")
        if row.error and row.status is not StepStatus.PASSED:
            lines.append(f"    {row.error}")
    return "\n".join(lines)
