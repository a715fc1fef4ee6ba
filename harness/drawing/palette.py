"""How a verdict looks: a word, a mark and a colour, so that nobody has to tell green from red.

Text on each fill keeps a contrast of at least 4.5 : 1 (WCAG 2.2, "Contrast (Minimum)").
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.domain.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """Mark and colours of a verdict."""

    mark: str
    fill: str
    text: str = "#ffffff"
    hatched: bool = False

    @property
    def name(self) -> str:
        """Name of the fill's hatching pattern inside a drawing."""
        return f"hatch{self.fill[1:]}"


LOOKS = {
    Verdict.PASSED: Look("✓", "#1a7f4b"),
    Verdict.FAILED: Look("✗", "#b42318"),
    Verdict.TARGET_DEAD: Look("†", "#6b1f3f"),
    Verdict.BROKEN: Look("!", "#b54708"),
    Verdict.NOT_OBSERVABLE: Look("?", "#475467", hatched=True),
    Verdict.NOT_APPLICABLE: Look("–", "#cdd5df", "#1d2939", hatched=True),  # noqa: RUF001 - an en dash is the mark
    Verdict.NOT_RUN: Look("·", "#eaecf0", "#1d2939", hatched=True),
}
"""Every verdict, in the order in which bars and legends show them."""

BAD = (Verdict.FAILED, Verdict.TARGET_DEAD, Verdict.BROKEN)
"""Verdicts that somebody has to act on, most urgent first."""

UNSEEN = (Verdict.NOT_OBSERVABLE, Verdict.NOT_APPLICABLE, Verdict.NOT_RUN)
"""Verdicts that say why nothing was found out."""

INK, MUTED, RULE, PAPER, ACCENT = "#101828", "#475467", "#d0d5dd", "#f6f7f9", "#2b4acb"
EVENTS = ("#2b4acb", "#0e7090", "#9e3fb0", "#a15c07", "#3b7c0f", "#c11574", "#344054", "#6938ef")
"""Colours that tell events apart; each event also carries a letter."""
