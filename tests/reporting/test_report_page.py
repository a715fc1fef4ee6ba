"""The HTML report: safe, self-contained, complete, the same every time."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shlex
from html.parser import HTMLParser

import pytest
from reporting import synthetic_runs

from harness import reporting
from harness.domain.providers import Provider
from harness.domain.verdicts import Verdict
from harness.proof import model as proofs
from harness.record.model import ScenarioRecord
from harness.reporting import html as html_report

VOID = {"meta", "br", "input", "link", "img", "hr"}
SHAPES = {"rect", "line", "path", "circle"}


class Outline(HTMLParser):
    """Elements, attributes and texts of a page; complains where elements do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.stack: list[str] = []
        self.feed(html)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SHAPES
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if self.stack:
            self.texts.setdefault(self.stack[-1], []).append(data)

    def text(self) -> str:
        return " ".join(" ".join(found) for tag, found in self.texts.items() if tag not in {"script", "style"})


@pytest.fixture(scope="module")
def html(some_run, tmp_path_factory):
    return reporting.write(some_run, ["html"], tmp_path_factory.mktemp("out"))["html"].read_text("utf-8")


@pytest.fixture(scope="module")
def outline(html):
    return Outline(html)


def test_what_a_target_says_never_becomes_markup(outline):
    tags = [tag for tag, _ in outline.elements]
    assert tags.count("script") == 1
    assert tags.count("style") == 1
    assert "img" not in tags
    assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
    assert "<script>alert('x')</script>" in outline.text()


def test_characters_that_hide_or_turn_text_are_spelled_out(html):
    assert "\x00" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "⟨U+202E⟩" in html
    assert "␀" in html


def test_nothing_is_fetched_from_anywhere(outline):
    attributes = [(name, value) for _, found in outline.elements for name, value in found.items()]
    assert not [name for name, _ in attributes if name in {"src", "srcset", "action", "data", "poster"}]
    assert {value[0] for name, value in attributes if name == "href"} == {"#"}
    assert not re.search(r"url\(|@import", "".join(outline.texts["style"]))


def test_the_content_policy_allows_this_script_and_this_style_and_nothing_else(outline):
    policy = next(found["content"] for tag, found in outline.elements if found.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256("".join(outline.texts[tag]).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [found for _, found in outline.elements if "style" in found], "the policy forbids style attributes"


def test_every_link_leads_somewhere_and_every_place_has_one_name(outline):
    ids = [found["id"] for tag, found in outline.elements if "id" in found and tag != "pattern"]
    links = {found["href"][1:] for tag, found in outline.elements if tag == "a"}
    assert len(ids) == len(set(ids))
    assert links <= set(ids)
    assert {"pci-6.2.4", "defect-W17", "EV-0003"} <= links


def test_every_verdict_is_said_in_words_beside_its_colour(outline):
    assert [v for v in Verdict if f" {v}" not in outline.text()] == []


def test_failures_come_before_everything_else_with_their_sentence(html):
    first = html.index("the order was fulfilled 2 times, expected once")
    assert first < html.index('id="checklist"') < html.index('id="scenarios"')
    assert re.search(r'<details class="scenario failed" id="EV-\d+"[^>]* open>', html)


def test_what_was_not_judged_is_listed_with_its_reason(html):
    unseen = html[html.index('id="unseen"') : html.index('id="checklist"')]
    assert "no log channel: declare [probes.log] in the target profile" in unseen
    assert "the target declares no operation submit_evidence" in unseen


def test_signature_idempotency_key_and_event_id_are_marked(html):
    assert re.search(r"signature <mark>t=1764000123,v1=", html)
    assert re.search(r"Stripe-Signature: <mark>t=1764000123,v1=[0-9a-f]{64}</mark>", html)
    assert re.search(r"idempotency-key: <mark>order-0-910</mark>", html)
    assert re.search(r"event <mark>evt_A</mark>", html)


def test_each_exchange_stands_under_its_step_as_a_curl_command(some_run, outline):
    commands = [text for text in outline.texts["pre"] if text.startswith("curl ")]
    words = shlex.split(commands[0])
    assert words[:4] == ["curl", "-X", "POST", "http://127.0.0.1:8000/orders"]
    assert any(word.startswith("authorization: Bearer [") for word in words)
    assert words[-2] == "--data-binary"


def test_the_swim_lane_shows_duplicates_order_and_what_was_never_handled(html):
    lane = next(svg for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL) if "duplicate 2 of 3" in svg)
    assert lane.count("duplicate") == 2
    assert lane.count(">handled<") == 2
    assert "forged: no signature" in lane
    assert "connection refused" in lane


def test_the_checklist_suggests_and_leaves_the_decision_to_a_human(some_run, tmp_path):
    html = reporting.write(some_run, ["html"], tmp_path, saq="D")["html"].read_text("utf-8")
    checklist = html[html.index('id="checklist"') : html.index('id="defects"')]
    assert "The harness suggests; a human decides." in checklist
    assert "suggests Not in Place" in checklist
    assert re.search(r"<code class=\"hash\">EV-000[0-9] [0-9a-f]{64}</code>", checklist)


def test_the_evidence_index_lists_every_sealed_file_and_how_to_verify(some_run, html):
    index = html[html.index('id="evidence"') :]
    assert f"payharness verify {some_run.name}" in index
    assert all(f"evidence/EV-{number:04d}.json" in index for number in range(1, 10))
    assert "events.ndjson" in index


def test_the_same_run_gives_the_same_bytes(some_run, tmp_path):
    formats = ["html", "json", "junit"]
    first, second = (reporting.write(some_run, formats, tmp_path / folder) for folder in "ab")
    assert [first[f].read_bytes() for f in formats] == [second[f].read_bytes() for f in formats]


def test_an_interrupted_run_is_reported_and_says_so(tmp_path):
    run = synthetic_runs.written(tmp_path / "runs", synthetic_runs.scenarios(), seal=False)
    html = reporting.write(run, ["html"], tmp_path / "out")["html"].read_text("utf-8")
    assert "<b>Interrupted.</b>" in html
    assert (run / "manifest.json").is_file(), "what was there is sealed first"


def test_a_run_without_scenarios_is_reported_as_one_that_shows_nothing(tmp_path):
    run = synthetic_runs.written(tmp_path / "runs", [])
    html = reporting.write(run, ["html"], tmp_path / "out")["html"].read_text("utf-8")
    Outline(html)
    assert "No scenario ran, so nothing is shown by this run." in html


def test_a_full_suite_stays_small_enough_to_mail(tmp_path):
    run = synthetic_runs.written(tmp_path / "runs", synthetic_runs.many(150))
    page = reporting.write(run, ["html"], tmp_path / "out")["html"]
    assert page.stat().st_size < 3_000_000
    html = page.read_text("utf-8")
    assert len(_unpacked(html)) == html.count(" data-packed=") >= 147
    assert len(re.findall(r'class="step passed"', html)) >= 3 * 147, "steps stay readable without scripts"
    assert "they stand in <code>evidence/EV-0150.json</code> as well" in html


def test_where_room_is_short_failures_stay_open_and_the_rest_is_packed_whole(some_run, tmp_path, monkeypatch):
    monkeypatch.setattr(html_report, "OPEN_LIMITS", html_report.PACKED_LIMITS[:1])
    plain = reporting.write(some_run, ["html"], tmp_path / "plain")["html"].read_text("utf-8")
    monkeypatch.setattr(html_report, "BUDGET", 120_000)
    packed = reporting.write(some_run, ["html"], tmp_path / "packed")["html"].read_text("utf-8")
    Outline(packed)
    opened = re.findall(r'<details class="scenario ([a-z-]+)" id="EV-\d+" data-verdict="[a-z-]+" open>', packed)
    assert opened, "what failed is not packed first"
    assert not {"passed", "not-observable"} & set(opened)
    fragments = _unpacked(packed)
    assert len(fragments) + len(opened) == 9
    for fragment in fragments:
        Outline(fragment)
        assert fragment.strip() in plain


def test_what_is_cut_says_how_much_and_where_the_whole_is(tmp_path, monkeypatch):
    run = synthetic_runs.written(tmp_path / "runs", [synthetic_runs.many(1)[0]])
    monkeypatch.setattr(html_report, "OPEN_LIMITS", (1000,))
    html = reporting.write(run, ["html"], tmp_path / "out")["html"].read_text("utf-8")
    assert re.search(r"… [\d,]+ more characters: evidence/EV-0001\.json", html)


def _unpacked(html):
    package = re.search(r'<script type="text/plain" id="package">([A-Za-z0-9+/=]+)</script>', html)
    return json.loads(gzip.decompress(base64.b64decode(package[1]))) if package else []


def test_a_scenario_with_a_storm_of_calls_shows_some_and_counts_the_rest(tmp_path):
    stormy: ScenarioRecord = synthetic_runs.scenario(
        1,
        exchanges=[synthetic_runs.exchange(1, i) for i in range(500)],
        receipts=[synthetic_runs.receipt(f"evt_{i}", i) for i in range(500)],
    )
    run = synthetic_runs.written(tmp_path / "runs", [stormy])
    html = reporting.write(run, ["html"], tmp_path / "out")["html"].read_text("utf-8")
    assert "880 further records of this scenario are not repeated here" in html
    assert "and 460 more deliveries, not drawn" in html


def test_the_proof_of_a_defect_stands_beside_its_scenarios(tmp_path):
    run = synthetic_runs.written(tmp_path / "runs", synthetic_runs.scenarios())
    kept = [
        proofs.ProofResult(
            "W17", "twice", "high", "x", ["2 times"], proofs.Outcome.PROVEN, "The twin fulfilled twice."
        ),
        proofs.ProofResult("W18", "race", "high", "y", [], proofs.Outcome.STAYED_GREEN, "The twin passed."),
        proofs.ProofResult(
            "W17", "twice", "high", "x", [], proofs.Outcome.BROKEN, "It never ran.", provider=Provider.PAYPAL
        ),
    ]
    proofs.write(proofs.Proof("2026-11-23T15:00:00Z", 12.0, kept), tmp_path / "runs")
    html = reporting.write(run, ["html"], tmp_path / "out")["html"].read_text("utf-8")
    table = html[html.index('<section id="defects">') : html.index('<section id="scenarios">')]
    assert "1 of 3 proven" in table
    assert re.search(r'id="defect-W17">.*?✓ proven</b> <span>The twin fulfilled twice\.', table, re.DOTALL)
    assert re.search(r'id="defect-W17">(?:(?!</tr>).)*?paypal</code> <b>✗ broken</b>', table, re.DOTALL)
    assert re.search(r'id="defect-W18">.*?✗ twin stayed green</b>', table, re.DOTALL)


def test_one_provider_has_nobody_beside_it(html):
    assert 'class="beside"' not in html


def test_two_providers_stand_beside_each_other(tmp_path):
    both = [
        synthetic_runs.scenario(1, name="A card pays"),
        synthetic_runs.scenario(2, name="A card pays", id="paypal-1", provider="paypal"),
        synthetic_runs.scenario(3, name="A hold is captured"),
        synthetic_runs.scenario(4, Verdict.FAILED, name="A hold is captured", id="paypal-2", provider="paypal"),
    ]
    run = synthetic_runs.written(tmp_path / "runs", both, providers=["stripe", "paypal"])
    html = reporting.write(run, ["html"], tmp_path / "out")["html"].read_text("utf-8")
    assert "driven through <b>Stripe and PayPal</b>" in html
    table = html[html.index('class="beside"') : html.index('<section id="failures">')]
    assert "<th>Stripe</th><th>PayPal</th>" in table
    assert "<td>payments</td><td>2 passed</td><td>1 passed, 1 failed</td>" in table
    assert "1 scenario did not end alike" in table
    assert re.search(r"A hold is captured</td>.*Stripe</a>: passed.*PayPal</a>: failed", table, re.DOTALL)
    assert "A card pays" not in table
