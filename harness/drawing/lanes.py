"""The webhook swim-lane: what the provider made, what reached the target and in which order, what the target handled.

Each column is in its own order, so crossing lines are deliveries that overtook each other, and lines that spread from
one event are its duplicates. Letters name the events, so that the picture can be read without its colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from harness.drawing.palette import EVENTS, MUTED, PAPER, RULE
from harness.drawing.svg import drawing, element, short, text
from harness.drawing.times import duration, moment, since
from harness.record.model import Receipt

WIDTH, ROW, TOP, BOX = 860, 50, 34, 40
LIMIT = 40
"""Most deliveries that one drawing shows; the rest is said in words."""

_COLUMNS = ((0, 270, "Provider made"), (330, 290, "Courier delivered"), (680, 180, "Target handled"))
_ACCEPTED = 2
"""First digit of a status that takes a delivery on."""
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Box:
    key: object
    event: str
    head: str
    foot: str
    at: datetime | None
    dashed: bool = False


def webhook_lanes(receipts: Sequence[Receipt], title: str = "Webhooks: made, delivered, handled") -> Markup:
    """Three columns of boxes joined by lines; at most ``LIMIT`` deliveries are drawn."""
    shown = sorted(receipts, key=lambda r: moment(r.at) or _NEVER)[:LIMIT]
    made, delivered, handled = _made(shown), _delivered(shown), _handled(shown)
    letters = {box.event: _letter(number) for number, box in enumerate(made)}
    colours = {box.event: EVENTS[number % len(EVENTS)] for number, box in enumerate(made)}
    rows = max(len(made), len(delivered), len(handled), 1)
    lines = _lines(shown, made, delivered, handled, colours)
    columns = [_column(index, boxes, letters, colours) for index, boxes in enumerate((made, delivered, handled))]
    rest = len(receipts) - len(shown)
    height = TOP + rows * ROW + (24 if rest else 0)
    note = [text(0, height - 10, f"and {rest} more deliveries, not drawn", fill=MUTED)] if rest else []
    spoken = f"{len(receipts)} deliveries of {len(made)} events, {len(handled)} of them seen handled"
    return drawing(WIDTH, height, title, spoken, lines, *columns, *note)


def _made(receipts: Sequence[Receipt]) -> list[_Box]:
    events: dict[str, _Box] = {}
    for one in receipts:
        events.setdefault(
            one.event_id,
            _Box(
                one.event_id, one.event_id, one.event_type or "(no type)", one.event_id, moment(one.created or one.at)
            ),
        )
    return sorted(events.values(), key=lambda box: box.at or _NEVER)


def _delivered(receipts: Sequence[Receipt]) -> list[_Box]:
    first = moment(receipts[0].at) if receipts else None
    boxes = []
    for number, one in enumerate(receipts):
        outcome = f"answered {one.status}" if one.status else one.error or "no answer"
        foot = f"{outcome} in {duration(one.ms)} · {since(first, moment(one.at))}".rstrip(" ·")
        boxes.append(_Box(number, one.event_id, one.variant, foot, moment(one.at), one.status // 100 != _ACCEPTED))
    return boxes


def _handled(receipts: Sequence[Receipt]) -> list[_Box]:
    seen: dict[tuple[str, str], _Box] = {}
    for one in receipts:
        if one.processed:
            key = (one.event_id, one.processed)
            seen.setdefault(key, _Box(key, one.event_id, "handled", "", moment(one.processed)))
    boxes = sorted(seen.values(), key=lambda box: box.at or _NEVER)
    start = min((at for one in receipts if (at := moment(one.at))), default=None)
    for box in boxes:
        box.foot = since(start, box.at)
    return boxes


def _lines(
    receipts: Sequence[Receipt], made: list[_Box], delivered: list[_Box], handled: list[_Box], colours: dict[str, str]
) -> Markup:
    row_made = {box.key: row for row, box in enumerate(made)}
    row_handled = {box.key: row for row, box in enumerate(handled)}
    drawn = []
    for row, (box, one) in enumerate(zip(delivered, receipts, strict=True)):
        dash = "4 4" if box.dashed else None
        drawn.append(_curve(0, row_made[one.event_id], row, colours[one.event_id], dash))
        if one.processed:
            drawn.append(_curve(1, row, row_handled[one.event_id, one.processed], colours[one.event_id], None))
    return element("g", *drawn, fill="none", stroke_width=2)


def _curve(column: int, row: int, to_row: int, colour: str, dash: str | None) -> Markup:
    x1, x2 = _COLUMNS[column][0] + _COLUMNS[column][1], _COLUMNS[column + 1][0]
    y1, y2 = (TOP + r * ROW + BOX / 2 for r in (row, to_row))
    bend = (x2 - x1) / 2
    path = f"M{x1} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2} {y2:g}"
    return element("path", d=path, stroke=colour, stroke_dasharray=dash)


def _column(index: int, boxes: list[_Box], letters: dict[str, str], colours: dict[str, str]) -> Markup:
    x, width, heading = _COLUMNS[index]
    heads, feet, marks, shapes = [], [], [], []
    for row, box in enumerate(boxes):
        y, colour = TOP + row * ROW, colours[box.event]
        room = int((width - 48) / 7.6)
        dash = "4 3" if box.dashed else None
        outline = {"width": width - 1, "height": BOX, "rx": 5, "stroke": colour, "stroke_dasharray": dash}
        shapes.append(element("rect", x=x + 0.5, y=y + 0.5, **outline))
        marks.append(element("circle", cx=x + 20, cy=y + BOX // 2, r=11, fill=colour))
        marks.append(text(x + 20, y + BOX // 2 + 4, letters[box.event]))
        heads.append(text(x + 39, y + 17, short(box.head, room)))
        feet.append(text(x + 39, y + 32, short(box.foot, room + 3)))
    if not boxes:
        feet.append(text(x, TOP + 24, "nothing seen"))
    return element(
        "g",
        element("line", x1=x, x2=x + width, y1=22.5, y2=22.5, stroke=RULE),
        element("g", *shapes, fill=PAPER),
        element("g", *marks, fill="#ffffff", font_size=11.5, font_weight=600, text_anchor="middle"),
        element("g", text(x, 14, heading, size=13), *heads, font_size=12.5, font_weight=600),
        element("g", *feet, font_size=11.5, fill=MUTED),
    )


def _letter(number: int) -> str:
    lap, letter = divmod(number, len(_ALPHABET))
    return f"{_ALPHABET[letter]}{lap or ''}"
