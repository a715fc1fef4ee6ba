"""The page as one self-contained file: no asset, no network, its own content policy, readable without JavaScript."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from harness import resources
from harness.domain.providers import Provider, listed
from harness.drawing.palette import LOOKS
from harness.drawing.svg import short, visible
from harness.drawing.times import duration, plain
from harness.reporting import guard
from harness.reporting.inside import MOST, Drawings, compact, drawings, inside
from harness.reporting.material import Material
from harness.reporting.page import Page, Scenario, page

BUDGET = 2_900_000
"""Size in bytes that a page should stay below, so that it can be mailed."""

OPEN_LIMITS, PACKED_LIMITS = (16_384, 6000, 2500), (6000, 600)
"""Longest body shown, in characters, from the most generous to the meanest: with everything open, or packed."""

_SAMPLE, _HOPELESS = 16, 1.25
"""Every how many scenarios are packed to see how much all would be; and how far beyond the budget is beyond hope."""

_CALL = 1000
"""Bytes of markup around a call, roughly: only to pass over limits that cannot fit."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """What is inside the scenarios, by id: open on the page, or packed together."""

    open: Mapping[str, Markup]
    packed: Mapping[str, int]
    """Place in the package."""
    package: str = ""
    """Base64 of the gzipped JSON list of the packed fragments."""


def render(material: Material) -> str:
    """The page of a run; the same run gives the same bytes.

    Everything stands open on the page where that fits. Otherwise the insides of scenarios are compressed, those that
    passed first: a script opens them, and without one the steps stay readable and name the evidence file. Where even
    that does not fit, bodies of messages are cut.
    """
    templates = environment(resources.templates())
    shown = page(material)
    drawn = {record.id: drawings(record) for record in material.scenarios}
    base = len(fill(templates, shown, Bodies({}, {})).encode())
    for limit in OPEN_LIMITS:
        if base + _least(material, limit) <= BUDGET:
            bodies = _bodies(templates, shown, drawn, limit)
            if base + sum(len(body.encode()) for body in bodies.values()) <= BUDGET:
                return fill(templates, shown, Bodies(bodies, {}))
    html = ""
    for limit in PACKED_LIMITS:
        if limit != PACKED_LIMITS[-1] and base + _packed(templates, shown, drawn, limit) > _HOPELESS * BUDGET:
            continue
        html = fill(templates, shown, pack(shown, _bodies(templates, shown, drawn, limit), BUDGET - base))
        if len(html.encode()) <= BUDGET:
            break
    return html


def pack(shown: Page, bodies: Mapping[str, Markup], room: int) -> Bodies:
    """Leave the insides of what did not pass open, in a third of the room; pack everything else."""
    left, opened = room // 3, {}
    for one in sorted(shown.scenarios, key=lambda one: not one.bad):
        body = bodies[one.record.id]
        if one.bad and len(body.encode()) <= left:
            left -= len(body.encode())
            opened[one.record.id] = body
    rest = [one.record.id for one in shown.scenarios if one.record.id not in opened]
    fragments = msgspec.json.encode([str(bodies[one]) for one in rest])
    guard.check_text(fragments.decode(), "the packed part of report.html")
    package = base64.b64encode(gzip.compress(fragments, 6, mtime=0)).decode()
    return Bodies(opened, {one: number for number, one in enumerate(rest)}, package)


def _bodies(
    templates: jinja2.Environment,
    shown: Page,
    drawn: Mapping[str, Drawings],
    limit: int,
    some: Sequence[Scenario] | None = None,
) -> dict[str, Markup]:
    macros: Any = templates.get_template("inside.html").make_module()
    chosen = shown.scenarios if some is None else some
    return {one.record.id: macros.body(one, inside(one.record, limit, drawn[one.record.id])) for one in chosen}


def _packed(templates: jinja2.Environment, shown: Page, drawn: Mapping[str, Drawings], limit: int) -> float:
    """How large the package of everything would be, in bytes of base64, by a sample of the scenarios."""
    some = shown.scenarios[::_SAMPLE]
    bodies = _bodies(templates, shown, drawn, limit, some)
    data = gzip.compress("".join(bodies.values()).encode(), 6, mtime=0)
    return len(data) * 4 / 3 * len(shown.scenarios) / max(len(some), 1)


def _least(material: Material, limit: int) -> int:
    messages = [
        message
        for record in material.scenarios
        for one in record.exchanges[:MOST]
        if one.actor != "probe"  # repeated looks are shown once
        for message in (one.request, one.response)
        if message
    ]
    return sum(_CALL // 2 + min(len(message.body), limit) for message in messages)


def fill(templates: jinja2.Environment, shown: Page, bodies: Bodies) -> str:
    """The template filled with what was prepared."""
    folder = resources.templates()
    style, script = ((folder / name).read_text("utf-8") for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    # Both files are ours and stand between their tags byte for byte, as the policy's digests ask.
    ours = {"style": Markup(style), "script": Markup(script)}  # noqa: S704 - our own files
    return templates.get_template("report.html").render(page=shown, bodies=bodies, policy=policy, **ours)


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
    made.filters["provider"] = _provider
    made.filters["listed"] = listed
    made.globals["LOOKS"] = LOOKS
    return made


def _finalize(value: object) -> object:
    return value if isinstance(value, Markup | int | float) else visible(value)


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _provider(name: str) -> str:
    """A provider as it writes its own name; a name that is not known, as it is."""
    return Provider(name).spelled if name in list(Provider) else name
