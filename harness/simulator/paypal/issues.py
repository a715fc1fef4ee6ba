"""What PayPal's issues mean, and which call may answer which (for ``PayPal-Mock-Response``).

The names are the identifiers of PayPal's API; ``data/issues.toml`` holds them with a description each.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


def describe(issue: str) -> str:
    """One sentence for an issue; its name in words where nothing more is known."""
    known: str | None = _data()["descriptions"].get(issue)
    return known or f"{issue.replace('_', ' ').capitalize()}."


def mocked(operation: str, issue: str) -> int | None:
    """The status with which an operation (``POST /v2/...``) answers an issue; None where it never does."""
    for status, issues in _data()["operations"].get(operation, {}).items():
        if issue in issues:
            return int(status)
    return None


@functools.cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("data/issues.toml").read_text())
