"""The drawings: well-formed, readable without colour, and honest about what they leave out."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from reporting import synthetic_runs

from harness.domain.verdicts import Verdict
from harness.drawing import timeline, verdicts_by_risk, webhook_lanes
from harness.drawing.bars import by_risk
from harness.drawing.names import risk_of, title_of
from harness.drawing.palette import LOOKS
from harness.drawing.svg import short, visible
from harness.drawing.times import duration, moment, plain, since

SVG = "{http://www.w3.org/2000/svg}"


def _texts(svg):
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_mark_of_its_own_and_readable_text(verdict):
    look = LOOKS[verdict]
    light, dark = sorted((_luminance(look.fill), _luminance(look.text)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
    assert [one.mark for one in LOOKS.values()].count(look.mark) == 1


def test_a_bar_says_mark_and_count_of_each_verdict():
    svg = verdicts_by_risk(synthetic_runs.scenarios())
    words = _texts(svg)
    assert "webhooks" in words
    assert "2 of 2 passed" in words
    assert {"✓ 2", "✗ 1", "† 1", "! 1", "? 1", "– 1"} <= set(words)  # noqa: RUF001 - an en dash is the mark
    assert "card data: 1 not observable" in ET.fromstring(svg).findtext(f"{SVG}desc")


def test_risks_are_the_first_folder_below_features():
    assert risk_of("features/card_data/logs.feature") == "card data"
    assert risk_of("somewhere/features/webhooks/deep/er.feature") == "webhooks"
    assert risk_of("payments/cards.feature") == "payments"
    assert risk_of("alone.feature") == "other"
    assert list(by_risk(synthetic_runs.scenarios())) == sorted(by_risk(synthetic_runs.scenarios()))


def test_a_title_carries_the_values_of_its_example():
    row = synthetic_runs.scenario(1, name="A forged event (<forgery>)", example={"forgery": "no signature"})
    assert title_of(row) == "A forged event (no signature)"
    row = synthetic_runs.scenario(1, name="A card pays", example={"brand": "Visa", "currency": "JPY"})
    assert title_of(row) == "A card pays [brand: Visa, currency: JPY]"


def test_lanes_keep_the_order_of_each_side():
    words = _texts(webhook_lanes(synthetic_runs.disorder()))
    letters = [word for word in words if len(word) == 1]
    assert letters == list("ABCD") + list("BABBCD") + list("BA"), "made, delivered, handled"


def test_every_duplicate_leads_to_the_one_time_that_it_was_handled():
    svg = ET.fromstring(webhook_lanes(synthetic_runs.disorder()))
    paths = [element.get("d") for element in svg.iter(f"{SVG}path")]
    assert len(paths) == 6 + 4
    assert len([path for path in paths if path.startswith("M620") and path.endswith("680 54")]) == 3


def test_refused_and_lost_deliveries_are_dashed():
    svg = ET.fromstring(webhook_lanes(synthetic_runs.disorder()))
    assert len([one for one in svg.iter(f"{SVG}rect") if one.get("stroke-dasharray")]) == 2


@pytest.mark.parametrize("draw", [webhook_lanes, lambda _: verdicts_by_risk([])])
def test_nothing_recorded_is_a_drawing_too(draw):
    assert ET.fromstring(draw([])).tag == f"{SVG}svg"


def test_a_timeline_is_in_the_order_of_time_and_counts_a_delivery_once():
    record = synthetic_runs.scenarios()[2]
    words = _texts(timeline(record))
    calls = [word for word in words if "→" in word or word.startswith(("handled", "probe"))]
    assert calls[0] == "payment_intent.succeeded (as sent) → 200"
    assert "POST /v1/payment_intents → 200 key order-3" in calls
    assert not [word for word in calls if "/webhooks/stripe" in word], "the courier's own calls are its receipts"


def test_a_storm_is_drawn_in_part_and_the_rest_is_counted():
    record = synthetic_runs.scenario(1, exchanges=[synthetic_runs.exchange(1, i) for i in range(400)])
    assert "and 252 more, not drawn" in _texts(timeline(record))


def test_hostile_texts_stay_texts():
    record = synthetic_runs.scenarios()[8]
    for svg in (timeline(record), webhook_lanes(record.receipts), verdicts_by_risk([record])):
        assert {element.tag for element in ET.fromstring(svg).iter()} <= {
            f"{SVG}{tag}"
            for tag in ("svg", "title", "desc", "defs", "pattern", "g", "rect", "line", "path", "circle", "text")
        }


def test_what_hides_is_made_visible():
    assert visible("a\x00b\x1b[0m\x7f") == "a␀b␛[0m␡"
    assert visible("\u202eabc\u200b") == "⟨U+202E⟩abc⟨U+200B⟩"
    assert visible("a\r\nb\tc\n") == "a\nb\tc\n"
    assert visible("\ud800") == "⟨U+D800⟩"
    assert visible("日本語 🧾 größe") == "日本語 🧾 größe"


def test_long_ids_keep_both_ends():
    assert short("evt_1234567890abcdef", 12) == "evt_1234…def"
    assert len(short("x" * 500, 30)) == 30
    assert short("short", 12) == "short"


def test_times_are_said_as_a_reader_says_them():
    start = datetime(2026, 11, 23, tzinfo=UTC)
    said = [since(start, start + timedelta(seconds=s)) for s in (0.0124, 90, 7260, 3 * 86400 + 7200)]
    assert said == ["+0.012 s", "+1 min 30 s", "+2 h 1 min", "+3 d 2 h"]
    assert since(start, start - timedelta(seconds=1)) == "-1.000 s"
    assert [duration(ms) for ms in (0.42, 12.4, 1250, 125_000)] == ["0.4 ms", "12 ms", "1.25 s", "2 min 5 s"]
    assert moment("yesterday") is None
    assert plain("2026-11-23T17:02:03.000000+01:00") == "2026-11-23 16:02:03 UTC"
