"""`payharness verify`: whether a run is as it was sealed."""

from __future__ import annotations

from pathlib import Path

from harness.cli.progress import say, shown
from harness.domain.verdicts import EXIT_BROKEN, EXIT_FAILED, EXIT_PASSED, EXIT_USAGE
from harness.record import store
from harness.record.stream import StoreError
from harness.record.verify import verify as findings_of


def verify(run: str | None = None, *, run_dir: Path = Path("runs")) -> int:
    """Check one run; exit 0 where nothing was touched, 1 with a sentence for each finding, 2 where there is no run."""
    try:
        path = store.find(run, run_dir)
    except StoreError as error:
        say(str(error))
        return EXIT_USAGE
    try:
        findings = findings_of(path)
    except StoreError as error:
        say(str(error))
        return EXIT_BROKEN
    for finding in findings:
        say(finding.sentence)
    if findings:
        return EXIT_FAILED
    print(f"{shown(path)} is as it was sealed.")  # noqa: T201 - the answer
    return EXIT_PASSED
