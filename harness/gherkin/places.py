"""What a run is pointed at: feature files, folders, ``file::scenario``. Says what is not there, and what is nearest."""

from __future__ import annotations

import difflib
from pathlib import Path

from pytest_bdd.exceptions import GherkinParseError

from harness.gherkin import internals, lint


def missing(argument: str) -> str | None:
    """The sentence for an argument that points at nothing; ``None`` where something is there."""
    name, _, scenario = argument.partition("::")
    path = Path(name)
    if not path.exists():
        return f"there is nothing at {path}{_near_path(path)}"
    if scenario and path.suffix == ".feature":
        return _missing_scenario(path, scenario)
    return None


def _near_path(path: Path) -> str:
    folder = next((parent for parent in path.parents if parent.is_dir()), Path())
    part = path.relative_to(folder).parts[0] if path.is_relative_to(folder) else path.name
    near = difflib.get_close_matches(part, [one.name for one in folder.iterdir()], 1, 0.4)
    return f"; the nearest is {folder / near[0]}" if near else ""


def _missing_scenario(path: Path, scenario: str) -> str | None:
    try:
        _, document = internals.parse(path)
    except (GherkinParseError, KeyError, TypeError, UnicodeDecodeError):
        return None  # collection says what is wrong with the file
    titles = lint.titles(document.feature)
    wanted = scenario.partition("[")[0]
    if any(title.partition("[")[0] == wanted for title in titles):
        return None
    near = difflib.get_close_matches(wanted, titles, 1, 0)
    hint = f"; the nearest is {near[0]}" if near else ": it holds none"
    return f"no scenario is called {wanted!r} in {path}{hint}"
