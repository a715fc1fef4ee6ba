"""`payharness prove`: the table of red twins, line by line as they come in."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.domain.providers import Provider
from harness.domain.verdicts import EXIT_BROKEN, EXIT_USAGE
from harness.proof.defects import UnknownDefectError
from harness.proof.model import NAME, Outcome, Proof, ProofResult
from harness.proof.prove import prove as run_proof
from harness.proof.twins import NoTwinError, NoTwinsOfProviderError, select

_MARKS = {
    Outcome.PROVEN: "red, as it should be",
    Outcome.STAYED_GREEN: "STAYED GREEN",
    Outcome.OTHER_REASON: "RED FOR ANOTHER REASON",
    Outcome.REFERENCE_RED: "REFERENCE NOT GREEN",
    Outcome.BROKEN: "BROKEN",
}


def prove(names: Sequence[str], *, provider: str | None, workers: int, run_dir: Path) -> int:
    """Prove twins, print each result as it comes, then the table; answers with the exit code."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        providers = _providers(provider)
        count = len(select(names, providers))
    except (UnknownDefectError, NoTwinError, NoTwinsOfProviderError, _UnknownProviderError) as error:
        _say(error.args[0])
        return EXIT_USAGE
    out.print(
        f"Red twins: {count}. Each must turn its scenario red, and the reference must keep it green.", markup=False
    )
    with contextlib.suppress(ValueError):  # only the main thread has signals
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        proof = run_proof(
            names,
            providers=providers,
            runs=run_dir,
            workers=workers,
            on_result=lambda *news: _progress(out, *news),
        )
    except KeyboardInterrupt:
        _say(f"interrupted; what was proven until then is in {run_dir / NAME}")
        return EXIT_BROKEN
    _table(out, proof)
    for result in proof.results:
        if not result.proven:
            out.print(f"{result.name}: {result.outcome.value}: {result.sentence}", markup=False)
            out.print(f"    scenario: {result.scenario}", markup=False)
    proven = sum(r.proven for r in proof.results)
    out.print(f"{proven} of {count} proven in {proof.seconds:.0f} s; {run_dir / NAME}", markup=False)
    return proof.exit_code


class _UnknownProviderError(LookupError):
    """A word of ``--provider`` that is no provider of this version."""


def _providers(words: str | None) -> list[Provider]:
    found = []
    for word in (words or "").split(","):
        name = word.strip().lower()
        if name and name not in {one.value for one in Provider}:
            known = ", ".join(one.value for one in Provider)
            raise _UnknownProviderError(f"there is no provider {word.strip()!r} to prove with: choose from {known}")
        if name:
            found.append(Provider(name))
    return list(dict.fromkeys(found))


def _progress(out: Console, result: ProofResult, done: int, total: int) -> None:
    mark = _MARKS[result.outcome]
    out.print(f"[{done:>{len(str(total))}}/{total}] {result.name} {mark} ({result.seconds:.1f} s)", markup=False)


def _table(out: Console, proof: Proof) -> None:
    table = Table("twin", "provider", "what is wrong", "scenario", "verdict", "because", "reference")
    for result in proof.results:
        table.add_row(
            result.name,
            result.provider.value,
            result.title,
            result.scenario.partition(" / ")[2] or result.scenario,
            result.twin.verdict.value if result.twin else "-",
            result.sentence.splitlines()[0][:160] if result.sentence else "",
            result.reference.verdict.value if result.reference else "-",
        )
    Console(highlight=False, width=None if out.is_terminal else 200).print(table, markup=False)


def _say(sentence: str) -> None:
    print(f"payharness: {sentence}", file=sys.stderr)  # noqa: T201 - this is the command line
