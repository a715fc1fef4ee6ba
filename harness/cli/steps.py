"""`payharness steps`: the sentences that a scenario may be made of."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.cli.progress import say
from harness.cli.run import default_suite
from harness.domain.verdicts import EXIT_PASSED, EXIT_USAGE, HarnessError
from harness.gherkin.lexicon import Entry, lexicon, search


def steps(words: str = "") -> int:
    """Print the sentences that hold every word, each with where it is defined and how a feature uses it."""
    try:
        found = search(lexicon([Path(default_suite())]), words)
    except HarnessError as error:
        say(str(error))
        return EXIT_USAGE
    if not found:
        say(f"no sentence holds {words!r}: try fewer words, or none for the whole vocabulary")
        return EXIT_USAGE
    console = Console(file=sys.stdout, highlight=False, markup=False)
    module = ""
    for entry in found:
        if entry.module != module:
            module = entry.module
            console.print(Text(f"\n{module}", style="bold"))
        _print(console, entry)
    console.print(f"\n{len(found)} sentence{'s' * (len(found) != 1)}")
    return EXIT_PASSED


def _print(console: Console, entry: Entry) -> None:
    line = Text("  ").append(f"{entry.keyword:<6}", style="cyan").append(entry.pattern)
    console.print(line.append(f"   {entry.place}", style="dim"), soft_wrap=True)
    for more in (entry.doc, f"e.g. {entry.example}" if entry.example and entry.example != entry.pattern else ""):
        if more:
            console.print(Text(f"         {more}", style="dim"), soft_wrap=True)
