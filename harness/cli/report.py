"""``payharness report``."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from harness import reporting
from harness.compliance.catalogue import Saq
from harness.domain.verdicts import EXIT_BROKEN, EXIT_PASSED, EXIT_USAGE
from harness.record import store
from harness.record.stream import StoreError


def report(run: str | None, *, saq: str, formats: str, out: Path | None, run_dir: Path) -> int:
    """Write the reports of a run; says where they are, or in one sentence why there is none."""
    try:
        path = store.find(run, run_dir)
    except StoreError as error:
        return _say(str(error), EXIT_USAGE)
    questionnaire = {one.value.upper(): one for one in Saq}.get(saq.upper())
    if questionnaire is None:
        near = difflib.get_close_matches(saq.upper(), list(Saq), 1, 0)
        return _say(f"SAQ {saq} is not known; did you mean {near[0]}? There are {', '.join(Saq)}", EXIT_USAGE)
    try:
        written = reporting.write(path, formats.split(","), out or Path("reports") / path.name, questionnaire)
    except reporting.UnknownFormat as error:
        return _say(str(error), EXIT_USAGE)
    except (reporting.ReportError, StoreError) as error:
        return _say(str(error), EXIT_BROKEN)
    for place in written.values():
        print(place)  # noqa: T201 - this is the command line
    return EXIT_PASSED


def _say(sentence: str, code: int) -> int:
    print(f"payharness: {sentence}", file=sys.stderr)  # noqa: T201 - this is the command line
    return code
