"""How a run looks while it goes on and when it has ended: a line for each feature, then the summary."""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.domain.verdicts import Verdict
from harness.gherkin.launch import Result
from harness.record.model import ScenarioRecord

STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.BROKEN: "bold magenta",
    Verdict.TARGET_DEAD: "bold red",
    Verdict.NOT_OBSERVABLE: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.NOT_RUN: "dim",
}
WORST_FIRST = [Verdict.BROKEN, Verdict.TARGET_DEAD, Verdict.FAILED]
_WORST_SHOWN = 10
_SENTENCE = 400


class Progress:
    """Prints a line for each feature when the last of its scenarios has ended."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._total = self._done = 0
        self._left: Counter[str] = Counter()
        self._seen: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
        self._ms: Counter[str] = Counter()
        self._live = not quiet and console.is_terminal

    def planned(self, scenarios: Counter[str]) -> None:
        """Scenarios that will run, by feature."""
        self._left, self._total = Counter(scenarios), scenarios.total()
        if not self._quiet:
            count = f"{self._total} scenario{'s' * (self._total != 1)} in {len(scenarios)} feature"
            self._console.print(f"{count}{'s' * (len(scenarios) != 1)}", highlight=False)

    def finished(self, feature: str, record: ScenarioRecord) -> None:
        """A scenario ended."""
        self._done += 1
        self._left[feature] -= 1
        self._seen[feature][record.verdict] += 1
        self._ms[feature] += round(record.ms)
        if self._quiet:
            return
        self._clear()
        if self._left[feature] == 0:
            line = Text(f"  {feature}  ")
            line.append_text(_counts(self._seen[feature]))
            line.append(f"  {self._ms[feature] / 1000:.1f} s", style="dim")
            self._console.print(line, soft_wrap=True)
        if self._live and self._done < self._total:
            self._console.file.write(f"  {self._done}/{self._total}")
            self._console.file.flush()

    def close(self) -> None:
        """Take the running count off the screen."""
        self._clear()

    def _clear(self) -> None:
        if self._live:
            self._console.file.write("\r\x1b[2K")


def summary(console: Console, result: Result, seconds: float, reports: list[str], complaints: list[str]) -> None:
    """The end of a run: how many, which verdicts, how long, what was worst, where everything is."""
    if result.run is not None:
        records = result.run.scenarios
        counts = Counter(record.verdict for record in records)
        head = Text(f"\n{len(records)} scenario{'s' * (len(records) != 1)} in {seconds:.1f} s: ")
        console.print(head.append_text(_counts(counts)))
        worst = _worst(records)
        for record in worst[:_WORST_SHOWN]:
            console.print(_complaint(record), soft_wrap=True)
        if len(worst) > _WORST_SHOWN:
            console.print(f"  and {len(worst) - _WORST_SHOWN} more", style="dim")
        if known := _findings(records):
            console.print(f"Found   {known}", soft_wrap=True, highlight=False)
        if result.interrupted:
            console.print(f"Interrupted ({result.interrupted}): what ran is kept, and can be reported.", style="yellow")
        console.print(f"Run     {shown(result.run.path)}", soft_wrap=True, highlight=False)
    for report in reports:
        console.print(f"Report  {report}", soft_wrap=True, highlight=False)
    for complaint in complaints:
        say(complaint)


def summary_data(result: Result, seconds: float, reports: list[str], complaints: list[str]) -> dict[str, Any]:
    """The same for a script."""
    records = result.run.scenarios if result.run else []
    counts = Counter(record.verdict.value for record in records)
    return {
        "exit": result.code,
        "run": str(result.run.path) if result.run else None,
        "scenarios": len(records),
        "verdicts": dict(sorted(counts.items())),
        "seconds": round(seconds, 3),
        "interrupted": result.interrupted is not None,
        "failures": [
            {"id": one.id, "verdict": one.verdict.value, "reason": one.reason, "evidence": one.evidence}
            for one in _worst(records)
        ],
        "reports": reports,
        "problems": complaints,
    }


def say(sentence: str) -> None:
    """A sentence for the person, on standard error; indented lines belong to the sentence before them."""
    prefix = "payharness: " if sentence[:1].strip() else ""
    print(f"{prefix}{sentence}", file=sys.stderr)  # noqa: T201 - this is the command line


def clock() -> float:
    """Seconds of a clock that only goes forward."""
    return time.perf_counter()


def shown(path: Any) -> str:
    """A path relative to the working folder where it lies inside it."""
    from harness.gherkin.vocabulary import shown as relative

    return relative(path)


def _findings(records: list[ScenarioRecord]) -> str | None:
    """What was found out about defects, worst first; nothing where no scenario was named for one."""
    from harness.cli.findings import in_words
    from harness.proof.defects import catalogue
    from harness.reporting.findings import Standing, findings, share

    rows = findings(records, catalogue())
    if not any(row.named for row in rows):
        return None
    bad = [f"{row.id} ({row.severity.value})" for row in rows if row.standing is Standing.DEFECTIVE]
    more = f"; defective: {', '.join(bad[:_WORST_SHOWN])}" if bad else ""
    return f"{in_words(rows, share(records))}{more}"


def _worst(records: list[ScenarioRecord]) -> list[ScenarioRecord]:
    return sorted((r for r in records if r.verdict in WORST_FIRST), key=lambda r: (WORST_FIRST.index(r.verdict), r.id))


def _counts(counts: Counter[Verdict]) -> Text:
    parts = [Text(f"{counts[one]} {one.value}", style=STYLES[one]) for one in STYLES if counts[one]]
    return Text(", ").join(parts or [Text("none")])


def _complaint(record: ScenarioRecord) -> Text:
    text = Text("  ").append(record.verdict.value, style=STYLES[record.verdict]).append(f"  {record.id}")
    step = next((row for row in record.steps if row.error), None)
    if step is not None:
        text.append(f"\n      at {step.keyword} {step.text}", style="dim")
    if record.reason:
        text.append(f"\n      {record.reason[:_SENTENCE]}")
    return text
