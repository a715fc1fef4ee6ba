"""A scenario as a sequence in time: who called whom, what was answered, what the provider and the probes saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from markupsafe import Markup

from harness.drawing.names import title_of
from harness.drawing.palette import ACCENT, INK, MUTED, PAPER, RULE
from harness.drawing.steps import StepClock
from harness.drawing.svg import MONO, drawing, element, short, text
from harness.drawing.times import began, moment, since
from harness.record.model import INBOX, Exchange, Receipt, ScenarioRecord

WIDTH, ROW, TOP, CLOCK, LABELS = 980, 27, 44, 84, 470
LIMIT = 150
"""Most rows that one drawing shows; the rest is said in words."""

_ORDER = ("shopper", "operator", "attacker", "courier", "target", "provider")
_PROVIDER_PATHS = ("/v1/", "/_sim/")
_LAST = datetime.max.replace(tzinfo=UTC)
_BAD = "#b42318"
_SERVER_ERROR = 500
_NOTHING = object()


@dataclass(slots=True)
class _Row:
    at: datetime | None
    start: str
    end: str
    words: str
    bad: bool = False
    step: int | None = None


def timeline(scenario: ScenarioRecord) -> Markup:
    """Arrows between the actors, the target and the provider, in the order of time; at most ``LIMIT`` of them."""
    rows = sorted(_rows(scenario), key=lambda row: row.at or _LAST)
    shown, rest = rows[:LIMIT], len(rows) - LIMIT
    lanes = [name for name in _ORDER if any(name in {row.start, row.end} for row in shown)] or ["target"]
    gap = (LABELS - CLOCK - 85) / max(len(lanes) - 1, 1)
    x = {name: CLOCK + 30 + gap * index for index, name in enumerate(lanes)}
    first = shown[0].at if shown else None
    parts, y, step = [], TOP, None
    for row in shown:
        if row.step not in {None, step} and (heading := _heading(scenario, row.step, y)):
            step, y = row.step, y + ROW
            parts.append(heading)
        parts.append(_arrow(row, y + ROW / 2, x, first))
        y += ROW
    if rest > 0:
        parts.append(text(0, y + 20, f"and {rest} more, not drawn", size=12, fill=MUTED))
        y += ROW
    spoken = f"{len(rows)} calls and observations between {', '.join(lanes)}"
    lines = [_lane(name, x[name], y + 8) for name in lanes]
    return drawing(WIDTH, y + 10, f"Timeline: {title_of(scenario)}", spoken, *lines, *parts)


def _rows(scenario: ScenarioRecord) -> Iterator[_Row]:
    carried = bool(scenario.receipts)
    providers = {_origin(one.url) for one in scenario.exchanges if urlsplit(one.url).path.startswith(_PROVIDER_PATHS)}
    seen: dict[str, object] = {}
    when = StepClock(scenario)
    for one in scenario.exchanges:
        if one.actor == "courier" and carried:  # a receipt says the same, and more
            continue
        if one.actor == "probe" and seen.get(one.url) == one.status:  # looking again is not news
            continue
        seen[one.url] = one.status
        start = one.actor if one.actor in _ORDER and one.actor != "provider" else "operator"
        end = "provider" if _origin(one.url) in providers else "target"
        bad = not one.status or one.status >= _SERVER_ERROR
        yield _Row(began(one), "target" if one.actor == "probe" else start, end, _call(one), bad, one.step)
    for receipt in scenario.receipts:
        step = when.step(receipt.at, receipt.step)
        yield _Row(moment(receipt.at), "courier", "target", _delivery(receipt), not receipt.status, step)
    for at, event in sorted({(r.processed, r.event_type) for r in scenario.receipts if r.processed}):
        yield _Row(moment(at), "target", "target", f"handled {event}")
    yield from _entries(scenario)
    looks: dict[str, object] = {}
    for reading in scenario.readings:
        if reading.probe != INBOX and looks.get(reading.probe, _NOTHING) != reading.value:
            looks[reading.probe] = reading.value
            words = f"probe {reading.probe} = {reading.value}"
            yield _Row(moment(reading.at), "target", "target", words, step=reading.step)


def _entries(scenario: ScenarioRecord) -> Iterator[_Row]:
    before = None
    for entry in scenario.journal:
        key = f"  key {short(entry.idempotency_key, 18)}" if entry.idempotency_key else ""
        fault = f"  fault: {entry.fault}" if entry.fault else ""
        words = f"{entry.method} {entry.path} → {entry.status or 'cut'}{key}{fault}"
        if words != before or entry.method != "GET":
            yield _Row(moment(entry.at), "target", "provider", words, bool(fault) or entry.status >= _SERVER_ERROR)
        before = words


def _origin(url: str) -> str:
    return urlsplit(url).netloc


def _heading(scenario: ScenarioRecord, step: int | None, y: float) -> Markup | None:
    if step is None or not 0 <= step < len(scenario.steps):
        return None
    row = scenario.steps[step]
    words = short(f"{row.keyword.strip()} {row.text}", 64)
    return element(
        "g",
        element("rect", x=LABELS - 8, y=y + 3, width=WIDTH - LABELS + 8, height=ROW - 5, rx=3, fill=PAPER),
        text(LABELS, y + ROW / 2 + 4, words, size=12, font_weight=600),
    )


def _call(one: Exchange) -> str:
    return f"{one.method} {urlsplit(one.url).path} → {one.status or one.error or 'no answer'}"


def _delivery(one: Receipt) -> str:
    return f"{one.event_type} ({one.variant}) → {one.status or one.error or 'no answer'}"


def _lane(name: str, x: float, height: float) -> Markup:
    return element(
        "g",
        element("rect", x=x - 34, y=0.5, width=68, height=24, rx=4, fill=PAPER, stroke=RULE),
        text(x, 17, name, size=12.5, text_anchor="middle", font_weight=600),
        element("line", x1=x, x2=x, y1=26, y2=height, stroke=RULE, stroke_dasharray="2 4"),
    )


def _arrow(row: _Row, y: float, x: dict[str, float], first: datetime | None) -> Markup:
    colour = _BAD if row.bad else ACCENT
    start, end = x[row.start], x[row.end]
    parts = [
        text(CLOCK - 18, y + 4, since(first, row.at), size=11, fill=MUTED, text_anchor="end"),
        text(LABELS, y + 4, short(row.words, 78), size=11.5, fill=_BAD if row.bad else INK, font_family=MONO),
    ]
    if start == end:
        parts.append(element("circle", cx=start, cy=y, r=4.5, fill="#ffffff", stroke=colour, stroke_width=2))
    else:
        tip = -7 if end > start else 7
        parts += [
            element("line", x1=start, x2=end + tip / 2, y1=y, y2=y, stroke=colour, stroke_width=1.6),
            element("path", d=f"M{end:g} {y:g}l{tip} -4v8z", fill=colour),
        ]
    return element("g", element("title", row.words), *parts)
