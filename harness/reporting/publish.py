"""Writing reports: all of them are made and looked through first, then each is put in place whole."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.reporting import guard, html, junit, machine
from harness.reporting.errors import UnknownFormat, UnwritableReport
from harness.reporting.material import Material, gather

FORMATS: dict[str, tuple[str, Callable[[Material], str]]] = {
    "html": ("report.html", html.render),
    "json": ("report.json", machine.render),
    "junit": ("junit.xml", junit.render),
}
"""Name of a format: its file, and what makes it."""

LATER = frozenset({"csv", "pdf", "sarif", "oscal"})
"""Formats that are planned and that this version cannot write."""


def write(run_path: Path, formats: Sequence[str], out_dir: Path, saq: str = "A") -> dict[str, Path]:
    """Write the reports of a run in some formats into a folder; the same run gives the same bytes.

    Raises ``UnknownFormat``, ``UnsafeReport`` (nothing is written), ``UnwritableReport``, ``StoreError`` where the run
    cannot be read, and ``ValueError`` for a questionnaire that is not A, A-EP or D.
    """
    chosen = known(formats)
    material = gather(run_path, saq)
    guard.check(material)
    rendered = {name: FORMATS[name][1](material) for name in chosen}
    for name, text in rendered.items():
        guard.check_text(text, FORMATS[name][0])
    return {name: _put(out_dir / FORMATS[name][0], text) for name, text in rendered.items()}


def known(formats: Sequence[str]) -> list[str]:
    """The formats, each once; raises ``UnknownFormat``."""
    chosen = list(dict.fromkeys(name.strip().lower() for name in formats if name.strip()))
    there = ", ".join(FORMATS)
    if not chosen:
        raise UnknownFormat(f"no format was named: choose from {there}")
    for name in chosen:
        if name in LATER:
            raise UnknownFormat(f"this version does not write {name} yet; it writes {there}")
        if name not in FORMATS:
            near = difflib.get_close_matches(name, FORMATS, 1, 0.3)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UnknownFormat(f"{name!r} is not a format of reports; {hint}This version writes {there}")
    return chosen


def _put(path: Path, text: str) -> Path:
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, "utf-8", newline="\n")
        os.replace(partial, path)  # noqa: PTH105 - the atomic one, by its name
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        why = error.strerror or error
        raise UnwritableReport(f"{path} cannot be written ({why}): choose another folder with --out") from error
    return path
