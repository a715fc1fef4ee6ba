"""Everything that a report is made of, read once from a run; the formats read nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.compliance.assessment import Assessment, assess, evidence_hashes
from harness.proof import model as proofs
from harness.proof.defects import Defect, catalogue
from harness.record import manifest as seals
from harness.record import store
from harness.record.model import Manifest, RunInfo, ScenarioRecord
from harness.record.reader import Run


@dataclass(slots=True)
class Material:
    """A run and what belongs to it."""

    path: Path
    info: RunInfo
    scenarios: list[ScenarioRecord]
    manifest: Manifest | None = None
    manifest_hash: str | None = None
    assessment: Assessment | None = None
    defects: Mapping[str, Defect] = field(default_factory=dict)
    proof: proofs.Proof | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the evidence files, by evidence id."""


def gather(path: Path, saq: str) -> Material:
    """Read a run; one that was cut short is sealed first as it was found, marked interrupted.

    Raises ``StoreError`` where the run cannot be read or is still under way, ``ValueError`` for an unknown SAQ.
    """
    if not (path / seals.NAME).is_file():
        store.seal(path, interrupted=True)
    run = Run.load(path)
    return Material(
        path=path,
        info=run.info,
        scenarios=run.scenarios,
        manifest=run.manifest,
        manifest_hash=seals.hash_of(path),
        assessment=assess(run, saq),
        defects=catalogue(),
        proof=proofs.read(path.parent),
        hashes=evidence_hashes(run),
    )
