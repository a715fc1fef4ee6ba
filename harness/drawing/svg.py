"""The few SVG elements that the drawings are made of. Whatever is put in is escaped and made visible."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from harness.drawing import palette

SANS = "-apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, monospace"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# C1 controls, direction overrides, zero-width characters, lone surrogates: what could make a reader see another text.
_DECEPTIVE = re.compile("[\x80-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_ODD = re.compile(f"{_CONTROL.pattern}|{_DECEPTIVE.pattern}|\r")


def visible(text: object) -> str:
    """The text with every character that hides or breaks markup replaced by something a reader can see."""
    said = str(text)
    if not _ODD.search(said):  # nearly always, and a report asks a million times
        return said
    spelled = _CONTROL.sub(lambda m: chr(0x2400 + ord(m[0])) if m[0] != "\x7f" else "\u2421", said)
    return (
        _DECEPTIVE.sub(lambda m: f"\u27e8U+{ord(m[0]):04X}\u27e9", spelled)
        .replace("\r\n", "\n")
        .replace("\r", "\u240d\n")
    )


def short(text: str, length: int) -> str:
    """The text on one line, cut in its middle where it is longer than ``length``: ids differ at both ends."""
    line = " ".join(visible(text).split())
    if len(line) <= length:
        return line
    tail = (length - 1) // 3
    return f"{line[: length - 1 - tail]}…{line[-tail:]}" if tail else line[:length]


def element(name: str, *children: object, **attributes: object) -> Markup:
    """An element; ``stroke_width=2`` becomes ``stroke-width="2"``, None leaves an attribute out."""
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup(f"<{name}{pairs}/>")  # noqa: S704 - every value was escaped above
    inner = "".join(child if isinstance(child, Markup) else escape(visible(child)) for child in children)
    return Markup(f"<{name}{pairs}>{inner}</{name}>")  # noqa: S704 - every value and child was escaped above


def text(x: float, y: float, words: object, *, size: float | None = None, **more: object) -> Markup:
    """A line of text whose baseline begins at (x, y); what is not said is inherited from the group around it."""
    return element("text", words, x=x, y=y, font_size=size, **more)


def drawing(width: float, height: float, title: str, description: str, *children: Markup) -> Markup:
    """A whole drawing that scales to its container, named for those who hear it instead of seeing it."""
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_label=title,
        font_family=SANS,
        font_size=13,
        fill=palette.INK,
    )


def hatches(looks: list[palette.Look]) -> Markup:
    """Definitions of the hatched fills."""
    return element(
        "defs",
        *(
            element(
                "pattern",
                element("rect", width=6, height=6, fill=look.fill),
                element("rect", width=1.6, height=6, fill="#ffffff", fill_opacity=0.45),
                id=look.name,
                width=6,
                height=6,
                patternUnits="userSpaceOnUse",
                patternTransform="rotate(45)",
            )
            for look in looks
            if look.hatched
        ),
    )


def fill_of(look: palette.Look) -> str:
    """Value of ``fill`` that paints a verdict."""
    return f"url(#{look.name})" if look.hatched else look.fill


def _value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{round(value, 2):g}" if isinstance(value, float) else escape(visible(value))
