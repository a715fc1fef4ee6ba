"""The complete run as one JSON document, for other programs."""

from __future__ import annotations

from collections import Counter

import msgspec

from harness.drawing.palette import LOOKS
from harness.reporting.material import Material

VERSION = 1
"""Version of the document's shape; grows when a field changes its meaning or goes away."""


def render(material: Material) -> str:
    """The document; what a run does not have is null.

    Keys: ``format``, ``run`` (``RunInfo``), ``summary`` (verdict to count), ``scenarios`` (``ScenarioRecord``),
    ``assessment``, ``manifest``, ``manifest_sha256``, ``proof``.
    """
    counts = Counter(record.verdict for record in material.scenarios)
    document = {
        "format": {"name": "payment-harness report", "version": VERSION},
        "run": material.info,
        "summary": {str(verdict): counts[verdict] for verdict in LOOKS},
        "scenarios": material.scenarios,
        "assessment": material.assessment,
        "manifest": material.manifest,
        "manifest_sha256": material.manifest_hash,
        "proof": material.proof,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
