"""What readers call a risk and a scenario."""

from __future__ import annotations

from pathlib import PurePosixPath

from harness.record.model import ScenarioRecord


def risk_of(feature: str) -> str:
    """The risk that a feature file belongs to: the first folder below ``features``."""
    parts = PurePosixPath(feature.replace("\\", "/")).parts
    if "features" in parts:
        parts = parts[len(parts) - parts[::-1].index("features") :]
    return parts[0].replace("_", " ") if len(parts) > 1 else "other"


def title_of(record: ScenarioRecord) -> str:
    """The name of a scenario with the values of its example row put in; values that the name does not use follow it."""
    title, rest = record.name, []
    for column, value in record.example.items():
        if f"<{column}>" in record.name:
            title = title.replace(f"<{column}>", value)
        elif value not in record.name:
            rest.append(f"{column}: {value}")
    return f"{title} [{', '.join(rest)}]" if rest else title
