"""``payharness findings``: what a run found out about each defect of the catalogue."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from harness.domain.verdicts import EXIT_FAILED, EXIT_PASSED, EXIT_USAGE
from harness.proof.defects import catalogue
from harness.record.reader import Run
from harness.record.stream import StoreError
from harness.reporting.findings import ORDER, Finding, Share, Standing, findings, share

FORMATS = ("text", "json")
STYLES = {
    Standing.DEFECTIVE: "red",
    Standing.NOT_OBSERVABLE: "yellow",
    Standing.NOT_RUN: "dim",
    Standing.SOUND: "green",
    Standing.NOT_APPLICABLE: "dim",
}
_SENTENCE = 300
"""Characters of a sentence that are shown; the evidence has the whole."""


def show(which: str | None, *, form: str, run_dir: Path) -> int:
    """Print the findings of a run, what wants doing first; answers with the exit code."""
    if form not in FORMATS:
        return _say(f"findings are written as {' or '.join(FORMATS)}, not as {form!r}")
    try:
        run = Run.load(which, run_dir)
    except StoreError as error:
        return _say(str(error))
    rows, seen = findings(run.scenarios, catalogue()), share(run.scenarios)
    if form == "json":
        print(msgspec.json.format(msgspec.json.encode(_data(run, rows, seen)), indent=1).decode())  # noqa: T201 - the answer
    else:
        _text(Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True), run, rows, seen)
    return EXIT_FAILED if any(row.standing is Standing.DEFECTIVE for row in rows) else EXIT_PASSED


def in_words(rows: Sequence[Finding], seen: Share) -> str:
    """How many defects stand how, and what share of the suite was observable, in one line."""
    counts = Counter(row.standing for row in rows)
    parts = [f"{counts[one]} {one.value}" for one in ORDER if counts[one]]
    part = f"{seen.observed} of {seen.applicable} applicable scenarios were observable"
    return f"{len(rows)} defects of the catalogue: {', '.join(parts)}; {part}"


def _data(run: Run, rows: Sequence[Finding], seen: Share) -> dict[str, object]:
    info = run.info
    return {
        "run": info.id,
        "target": info.target,
        "providers": info.providers,
        "mode": info.mode,
        "observable": seen,
        "findings": rows,
    }


def _text(console: Console, run: Run, rows: Sequence[Finding], seen: Share) -> None:
    console.print(f"Run {run.info.id}, target {run.info.target}, {', '.join(run.info.providers)} ({run.info.mode})")
    for standing in ORDER:
        chosen = [row for row in rows if row.standing is standing]
        if chosen:
            console.print(Text(f"\n{standing.value} ({len(chosen)})", style=STYLES[standing]))
        for row in chosen:
            console.print(f"  {row.id}  {row.severity.value:<8}  {row.title}")
            console.print(f"       {row.said[:_SENTENCE]}", style="dim")
            if standing is Standing.DEFECTIVE:
                console.print(
                    f"       evidence {', '.join(row.evidence[:5]) or 'in the record of the run'}", style="dim"
                )
    console.print(f"\n{in_words(rows, seen)}")


def _say(sentence: str) -> int:
    print(f"payharness: {sentence}", file=sys.stderr)  # noqa: T201 - this is the command line
    return EXIT_USAGE
