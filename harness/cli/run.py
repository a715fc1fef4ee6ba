"""`payharness run`: scenarios against a target, a summary, and where the run and its report are."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from harness import resources
from harness.cli.progress import Progress, clock, say, shown, summary, summary_data
from harness.domain.verdicts import EXIT_BROKEN, EXIT_USAGE, HarnessError
from harness.gherkin.launch import Request, Result, launch
from harness.gherkin.places import missing

REPORTS = Path("reports")


def run(
    paths: Sequence[str] = (),
    *,
    target: str = "reference",
    provider: str | None = None,
    tags: str | None = None,
    workers: int = 1,
    run_dir: Path = Path("runs"),
    junit: Path | None = None,
    seed: int = 0,
    quiet: bool = False,
    as_json: bool = False,
    steps: str | None = None,
) -> int:
    """Run features, write the report, say what came of it; answers with the exit code.

    Without paths: the suite in the working folder, or else the product's own. ``steps`` names modules of another
    vocabulary.
    """
    began = clock()
    chosen = list(paths) or [default_suite()]
    wrong = [sentence for path in chosen if (sentence := missing(path))]
    if wrong:
        for sentence in wrong:
            say(sentence)
        return EXIT_USAGE
    console = Console(file=sys.stderr if as_json else sys.stdout, highlight=False, markup=False)
    progress = Progress(console, quiet=quiet or as_json)
    result = launch(Request(chosen, target, provider, tags, workers, run_dir, seed, steps), progress)
    progress.close()
    reports, complaints = _reports(result, junit)
    if complaints and result.code != EXIT_USAGE:
        result.code = EXIT_BROKEN
    complaints = [*result.problems, *complaints]
    if as_json:
        print(json.dumps(summary_data(result, clock() - began, reports, complaints), indent=1))  # noqa: T201 - the answer
    summary(console, result, clock() - began, reports, complaints)
    return result.code


def default_suite() -> str:
    """The features of the working folder, or else those that come with the product."""
    return "features" if Path("features").is_dir() else str(resources.features())


def _reports(result: Result, junit: Path | None) -> tuple[list[str], list[str]]:
    """Write what can be written: the reports' paths, and a sentence for what could not be."""
    if result.run is None or result.run.manifest is None:
        return [], []
    from harness import reporting

    written: list[Path] = []
    try:
        written += reporting.write(result.run.path, ["html"], REPORTS / result.run.info.id).values()
        if junit is not None:
            with tempfile.TemporaryDirectory() as scratch:
                made = reporting.write(result.run.path, ["junit"], Path(scratch))
                junit.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(made["junit"], junit)
            written.append(junit)
    except (reporting.ReportError, HarnessError, OSError) as error:
        return [shown(one) for one in written], [f"the report could not be written: {error}"]
    return [shown(one) for one in written], []
