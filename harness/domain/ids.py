"""Stable ids: what a scenario, a run and a piece of evidence are called."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_RUN = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{6}$")
_EVIDENCE = re.compile(r"^EV-\d{4,}$")


def run_id(started: datetime, token: str) -> str:
    """Id of a run: ``20261123T160203Z-a1b2c3`` (UTC start, six hex digits that tell runs of one second apart)."""
    return f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{token}"


def is_run_id(text: str) -> bool:
    """Whether a text has the form of a run id (and so cannot be a path)."""
    return bool(_RUN.match(text))


def evidence_id(number: int) -> str:
    """Id of a piece of evidence: ``EV-0001``."""
    return f"EV-{number:04d}"


def is_evidence_id(text: str) -> bool:
    """Whether a text has the form of an evidence id."""
    return bool(_EVIDENCE.match(text))


def scenario_id(feature: str, rule: str | None, scenario: str, example: str | None, provider: str | None) -> str:
    """Stable id of a scenario: feature path + rule + scenario + example row + provider; never a line number."""
    parts = [feature, *([rule] if rule else []), scenario]
    text = " / ".join(parts)
    if example:
        text += f" [{example}]"
    return f"{text} [{provider}]" if provider else text
