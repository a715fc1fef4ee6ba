"""What a proof says, and the file that keeps it: ``proof.json`` beside the runs."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from harness.domain.providers import Provider
from harness.domain.verdicts import EXIT_BROKEN, EXIT_FAILED, EXIT_PASSED, Verdict
from harness.proof.defects import twin_name

NAME = "proof.json"


class Outcome(StrEnum):
    """What came of one twin."""

    PROVEN = "proven"
    """The twin is red for the expected reason, and the reference is green."""
    STAYED_GREEN = "twin stayed green"
    """The scenario does not notice the defect."""
    OTHER_REASON = "red for another reason"
    """The scenario failed, and not because of the defect."""
    REFERENCE_RED = "reference is not green"
    """The scenario does not pass on the reference either."""
    BROKEN = "broken"
    """The proof could not be carried out."""


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the scenario ended on one target, and where that is kept."""

    verdict: Verdict
    reason: str | None = None
    run: str | None = None
    """Folder of the run, relative to that of the proof."""
    evidence: str | None = None
    sha256: str | None = None
    ms: float = 0.0


class ProofResult(msgspec.Struct, frozen=True):
    """One twin of a defect: the scenario named for it, on the twin and on the reference."""

    defect: str
    title: str
    severity: str
    scenario: str
    """Feature path and name, as in ``features/webhooks/duplicates.feature / The same event ...``."""
    expected: list[str]
    """Words that the reason had to contain."""
    outcome: Outcome
    sentence: str
    """What happened, for a reader."""
    twin: Seen | None = None
    reference: Seen | None = None
    seconds: float = 0.0
    provider: Provider = Provider.STRIPE
    """Whose payments the scenario ran with."""

    @property
    def name(self) -> str:
        """The twin's name, such as ``R08-paypal``."""
        return twin_name(self.defect, self.provider)

    @property
    def proven(self) -> bool:
        """Red for the expected reason, green on the reference."""
        return self.outcome is Outcome.PROVEN


class Proof(msgspec.Struct, frozen=True):
    """All results of one ``payharness prove``."""

    made: str
    """UTC, ISO 8601."""
    seconds: float
    results: list[ProofResult]

    def by_defect(self) -> dict[str, list[ProofResult]]:
        """The results by defect, one for each of its twins, for whoever shows them beside the evidence."""
        found: dict[str, list[ProofResult]] = {}
        for result in self.results:
            found.setdefault(result.defect, []).append(result)
        return found

    @property
    def exit_code(self) -> int:
        """0 all proven, 3 when a proof could not be carried out, else 1."""
        if not self.results or any(r.outcome is Outcome.BROKEN for r in self.results):
            return EXIT_BROKEN
        return EXIT_PASSED if all(r.proven for r in self.results) else EXIT_FAILED


def now() -> str:
    """The instant, as proofs write it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def write(proof: Proof, runs: Path) -> Path:
    """Keep a proof in a folder of runs; results of twins that were not proved this time stay as they were."""
    before, made = read(runs), {r.name for r in proof.results}
    kept = [r for r in before.results if r.name not in made] if before else []
    whole = msgspec.structs.replace(proof, results=sorted([*kept, *proof.results], key=lambda r: r.name))
    path = runs / NAME
    partial = path.with_suffix(".partial")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    partial.replace(path)
    return path


def read(runs: Path) -> Proof | None:
    """The proof that a folder of runs holds; ``None`` where there is none (or none that this version can read)."""
    try:
        return msgspec.json.decode((runs / NAME).read_bytes(), type=Proof)
    except (OSError, msgspec.DecodeError):
        return None
