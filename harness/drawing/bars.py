"""Verdicts by risk: one stacked bar for each area of the suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from harness.domain.verdicts import Verdict
from harness.drawing.names import risk_of
from harness.drawing.palette import LOOKS, MUTED
from harness.drawing.svg import drawing, element, fill_of, hatches, text
from harness.record.model import ScenarioRecord

WIDTH, ROW, BAR = 600, 46, 20


def by_risk(scenarios: Sequence[ScenarioRecord]) -> dict[str, Counter[Verdict]]:
    """How often each verdict was given, by risk; the risks in alphabetical order."""
    counts: dict[str, Counter[Verdict]] = {}
    for one in scenarios:
        counts.setdefault(risk_of(one.feature), Counter())[one.verdict] += 1
    return dict(sorted(counts.items()))


def verdicts_by_risk(scenarios: Sequence[ScenarioRecord]) -> Markup:
    """One bar for each risk, divided by verdict; each part carries its mark and its count."""
    risks = by_risk(scenarios)
    total = sum(risks.values(), Counter[Verdict]())
    present = [verdict for verdict in LOOKS if total[verdict]]
    bars = [_bar(index, risk, counts) for index, (risk, counts) in enumerate(risks.items())]
    legend, depth = _legend(present, total, ROW * len(risks) + 22)
    spoken = "; ".join(f"{risk}: {in_words(counts)}" for risk, counts in risks.items())
    return drawing(WIDTH, depth, "Verdicts by risk", spoken, hatches([LOOKS[v] for v in present]), *bars, legend)


def in_words(counts: Counter[Verdict]) -> str:
    """The counts as a reader says them: ``12 passed, 1 failed``."""
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in LOOKS if counts[verdict]) or "nothing ran"


def _bar(index: int, risk: str, counts: Counter[Verdict]) -> Markup:
    total, top = counts.total(), index * ROW
    parts, x = [], 0.0
    for verdict, look in LOOKS.items():
        if not counts[verdict]:
            continue
        width = WIDTH * counts[verdict] / total
        parts.append(
            element(
                "rect",
                element("title", f"{risk}: {counts[verdict]} {verdict}"),
                x=x,
                y=top + 22,
                width=max(width - 1.5, 1),
                height=BAR,
                rx=2,
                fill=fill_of(look),
            )
        )
        label = f"{look.mark} {counts[verdict]}"
        if width > 9 * len(label):
            parts.append(_label(x + width / 2, top + 36.5, label, look.text, look.fill))
        x += width
    said = f"{counts[Verdict.PASSED]} of {total} passed"
    return element(
        "g",
        text(0, top + 15, risk, size=14, font_weight=600),
        text(WIDTH, top + 15, said, size=13, fill=MUTED, text_anchor="end"),
        *parts,
    )


def _label(x: float, y: float, words: str, ink: str, halo: str) -> Markup:
    # The halo keeps the words readable on a hatched fill.
    return text(
        x,
        y,
        words,
        size=12,
        fill=ink,
        text_anchor="middle",
        font_weight=600,
        stroke=halo,
        stroke_width=3,
        paint_order="stroke",
    )


def _legend(present: list[Verdict], total: Counter[Verdict], top: float) -> tuple[Markup, float]:
    x, items = 0.0, []
    for verdict in present:
        look, words = LOOKS[verdict], f"{verdict} {total[verdict]}"
        width = 42 + 7.6 * len(words)
        if x + width > WIDTH:
            x, top = 0.0, top + 24
        items += [
            element("rect", x=x, y=top - 12, width=18, height=16, rx=2, fill=fill_of(look)),
            _label(x + 9, top, look.mark, look.text, look.fill),
            text(x + 24, top, words, size=12.5, fill=MUTED),
        ]
        x += width
    return element("g", *items), top + 12
