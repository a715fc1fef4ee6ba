"""The page as one self-contained file: no asset, no network, its own content policy, readable without JavaScript."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

import jinja2
from markupsafe import Markup

from harness import resources
from harness.domain.verdicts import Verdict
from harness.drawing.palette import LOOKS
from harness.drawing.svg import short, visible
from harness.drawing.times import duration, plain
from harness.reporting.material import Material
from harness.reporting.page import MOST_CALLS, Drawings, Limits, Page, compact, drawings, page

BUDGET = 2_900_000
"""Size in bytes that a page should stay below, so that it can be mailed; bodies are cut shorter until it does."""

LIMITS = (
    Limits(16_384, 16_384),
    Limits(6000, 16_384),
    Limits(2500, 16_384),
    Limits(1000, 16_384),
    Limits(400, 8000),
    Limits(400, 2000, curl=False),
    Limits(100, 400, curl=False),
    Limits(0, 0, curl=False),
)
"""From the most generous to the meanest."""
_CALL, _CURL = 600, 350
"""Bytes of markup around a call and in its command, roughly: only to pass over limits that cannot fit."""


def render(material: Material) -> str:
    """The page of a run; the same run gives the same bytes."""
    drawn = {record.id: drawings(record) for record in material.scenarios}
    html = ""
    for limits in LIMITS:
        if limits is not LIMITS[-1] and _least(material, limits, drawn) > BUDGET:
            continue
        html = fill(page(material, limits, drawn))
        if len(html.encode()) <= BUDGET:
            break
    return html


def _least(material: Material, limits: Limits, drawn: Mapping[str, Drawings]) -> int:
    total = sum(len(one.lanes) + len(one.sequence) for one in drawn.values())
    for record in material.scenarios:
        passed = record.verdict is Verdict.PASSED
        limit = limits.passed if passed else limits.other
        for exchange in record.exchanges[:MOST_CALLS]:
            messages = [exchange.request, *([exchange.response] if exchange.response else [])]
            total += _CALL + (_CURL if limits.curl or not passed else 0)
            total += sum(min(len(message.body), limit) for message in messages)
    return total


def fill(shown: Page) -> str:
    """The template filled with what was prepared."""
    folder = resources.templates()
    style, script = ((folder / name).read_text("utf-8") for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    template = environment(folder).get_template("report.html")
    # Both files are ours and stand between their tags byte for byte, as the policy's digests ask.
    return template.render(page=shown, policy=policy, style=Markup(style), script=Markup(script))  # noqa: S704 - our own files


def environment(folder: Path) -> jinja2.Environment:
    """Jinja with escaping on for every template, and every text made visible before it is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"duration": duration, "time": plain, "short": short, "compact": compact, "count": _count}
    made.globals["LOOKS"] = LOOKS
    return made


def _finalize(value: object) -> object:
    return value if isinstance(value, Markup | int | float) else visible(value)


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
