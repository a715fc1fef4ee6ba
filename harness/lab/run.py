"""``Run``: a recorded run, as a notebook wants it."""

from __future__ import annotations

import difflib
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from harness.drawing.bars import in_words
from harness.drawing.names import title_of
from harness.drawing.palette import BAD, LOOKS
from harness.drawing.svg import visible
from harness.drawing.times import plain
from harness.lab import frames
from harness.record import reader
from harness.record.model import RunInfo, ScenarioRecord

if TYPE_CHECKING:
    import pandas as pd

_LISTED = 20
_BADGE = Markup(
    '<span style="background:{};color:{};border-radius:4px;padding:1px 8px;white-space:nowrap">{} {} {}</span>'
)
_ROW = Markup('<tr><td>{}</td><td style="text-align:left">{}</td><td style="text-align:left">{}</td></tr>')
_SUMMARY = Markup("<div><b>Run {}</b><br>{}<br><br>{}<table>{}</table>{}</div>")


class UnknownScenario(LookupError):  # noqa: N818 - reads as what is wrong
    """No scenario, or more than one, goes by these words; the message names the nearest."""


class Run:
    """A run with its scenarios, as records and as data frames."""

    def __init__(self, recorded: reader.Run) -> None:
        self.recorded = recorded

    @classmethod
    def load(cls, which: str | Path | None = None, folder: str | Path = "runs") -> Run:
        """Read a run by its path, by its id in ``folder``, or the last one of it.

        Raises ``harness.record.stream.StoreError`` where there is no such run.
        """
        return cls(reader.Run.load(which, folder))

    @property
    def info(self) -> RunInfo:
        """What was tested, with what."""
        return self.recorded.info

    @property
    def path(self) -> Path:
        """The folder of the run."""
        return self.recorded.path

    @property
    def scenarios(self) -> list[ScenarioRecord]:
        """Every scenario, whole."""
        return self.recorded.scenarios

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row for each scenario."""
        return frames.scenarios(self.scenarios)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """A row for each step."""
        return frames.steps(self.scenarios)

    @cached_property
    def exchanges(self) -> pd.DataFrame:
        """A row for each HTTP exchange."""
        return frames.exchanges(self.scenarios)

    @cached_property
    def receipts(self) -> pd.DataFrame:
        """A row for each webhook delivery."""
        return frames.receipts(self.scenarios)

    @cached_property
    def journal(self) -> pd.DataFrame:
        """A row for each call that reached a simulated provider."""
        return frames.journal(self.scenarios)

    @cached_property
    def readings(self) -> pd.DataFrame:
        """A row for each look at the target's state."""
        return frames.readings(self.scenarios)

    def scenario(self, words: str) -> ScenarioRecord:
        """The scenario of this id, evidence id, name or title, or the one whose id or title holds these words.

        Raises ``UnknownScenario`` where there is none, or more than one.
        """
        exact = [one for one in self.scenarios if words in {one.id, one.evidence, one.name, title_of(one)}]
        found = exact or [one for one in self.scenarios if words.lower() in f"{title_of(one)} {one.id}".lower()]
        if len(found) == 1:
            return found[0]
        if found:
            listed = "\n".join(f"  {one.evidence}  {one.id}" for one in found[:_LISTED])
            raise UnknownScenario(f"{len(found)} scenarios go by {words!r}; name one by its evidence id:\n{listed}")
        near = difflib.get_close_matches(words, [title_of(one) for one in self.scenarios], 1, 0)
        hint = f"the nearest is {near[0]!r}" if near else "the run has no scenario"
        raise UnknownScenario(f"no scenario goes by {words!r}; {hint}")

    def __repr__(self) -> str:
        counts = Counter(one.verdict for one in self.scenarios)
        cut = ", interrupted" if self.info.interrupted else ""
        return f"<Run {self.info.id}: {in_words(counts)}{cut}>"

    def _repr_html_(self) -> str:
        info, counts = self.info, Counter(one.verdict for one in self.scenarios)
        badges = Markup(" ").join(
            _BADGE.format(look.fill, look.text, look.mark, counts[verdict], verdict)
            for verdict, look in LOOKS.items()
            if counts[verdict]
        )
        bad = [one for verdict in BAD for one in self.scenarios if one.verdict is verdict]
        rows = Markup().join(
            _ROW.format(one.verdict, visible(one.id), visible(one.reason or "")) for one in bad[:_LISTED]
        )
        more = f"and {len(bad) - _LISTED} more" if len(bad) > _LISTED else ""
        cut = " · interrupted" if info.interrupted else ""
        head = f"{info.target} through {', '.join(info.providers)} ({info.mode}), {plain(info.started)}{cut}"
        return str(_SUMMARY.format(info.id, visible(head), badges or "no scenario", rows, more))
