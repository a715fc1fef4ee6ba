"""Exact values that must not be written, in every usual encoding of them: canaries, credentials, tokens of orders.

A run keeps thousands of them, and every text is searched for all. Long ones that look like a token (letters, digits,
the signs of base64, percent-encoding and ids) are found through an index of pieces: of every run of such characters
each eighth piece of eight is looked up, and an index that holds all eight alignments of a value misses none. So a text
costs the same however many values are kept; the few others are looked for one by one.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus

SHORT = 6
"""Values shorter than this are removed only where they stand alone: three digits are part of every number."""

_PIECE = 8
_LONG = 2 * _PIECE - 1
"""Length from which every place of a value covers a whole piece."""
_TOKEN = r"[A-Za-z0-9_+/=%.~\-]"  # noqa: S105 - the characters of one
_RUN = re.compile(rf"{_TOKEN}{{{_LONG},}}")
_ANY_RUN = re.compile(rf"{_TOKEN}+")


class _Form(NamedTuple):
    """One way in which a value may be written, its mark, and where it must stand (``None``: anywhere)."""

    text: str
    mark: str
    alone: re.Pattern[str] | None


class Kept:
    """The values, and what is written instead of each; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: dict[str, str] = {}
        self._index: dict[str, list[tuple[_Form, int]]] = {}
        self._spoken: list[_Form] = []
        self._brief: list[_Form] = []

    def add(self, value: str, label: str) -> bool:
        """Keep one more value; whether it was new."""
        mark = f"[{label}]"
        with self._lock:
            if not value or self._marks.get(value) == mark:
                return False
            self._marks[value] = mark
            for text in set(_forms(value)):
                form = _Form(text, mark, _alone(text))
                if _RUN.fullmatch(text):
                    self._take_in(form)
                elif len(text) >= SHORT and not _ANY_RUN.fullmatch(text):
                    self._spoken = _with(self._spoken, form)
                else:
                    self._brief = _with(self._brief, form)
        return True

    def remove(self, text: str) -> str:
        """A text with the label of each value instead of it.

        What may hold another comes first: values with blanks, then long tokens, then short ones.
        """
        text = _replaced(text, self._spoken)
        if self._index:
            text = _RUN.sub(self._removed, text)
        return _replaced(text, self._brief)

    def _take_in(self, form: _Form) -> None:
        for offset in range(_PIECE):
            piece = form.text[offset : offset + _PIECE]
            # A new list each time: another thread may be reading the old one.
            others = [one for one in self._index.get(piece, []) if (one[0].text, one[1]) != (form.text, offset)]
            self._index[piece] = [*others, (form, offset)]

    def _removed(self, match: re.Match[str]) -> str:
        run, hits = match[0], []
        for at in range(0, len(run) - _PIECE + 1, _PIECE):
            for form, offset in self._index.get(run[at : at + _PIECE], ()):
                if at >= offset and run.startswith(form.text, at - offset):
                    hits.append((at - offset, -len(form.text), form))
        if not hits:
            return run
        parts, end = [], 0
        for start, _, form in sorted(hits, key=lambda hit: hit[:2]):
            if start >= end:
                parts += [run[end:start], form.mark]
                end = start + len(form.text)
        return "".join([*parts, run[end:]])


def _with(forms: list[_Form], form: _Form) -> list[_Form]:
    return sorted([*(one for one in forms if one.text != form.text), form], key=lambda one: -len(one.text))


def _replaced(text: str, forms: list[_Form]) -> str:
    for form in forms:
        if form.text in text:
            text = form.alone.sub(form.mark, text) if form.alone else text.replace(form.text, form.mark)
    return text


def _alone(form: str) -> re.Pattern[str] | None:
    """Where a short value stands alone; ``None`` for one that is removed wherever it is."""
    if len(form) >= SHORT:
        return None
    return re.compile(rf"(?:(?<=[\"'=>:\s])|(?<![\s\S])){re.escape(form)}(?![\w.:\-])")


def _forms(value: str) -> Iterator[str]:
    """A value as it is, and as it looks where it was encoded or is part of something that was."""
    yield value
    if len(value) < SHORT:
        return
    yield from (quote(value, safe=""), quote(value), quote_plus(value), json.dumps(value)[1:-1])
    raw = value.encode()
    yield from (raw.hex(), raw.hex().upper())
    for offset in range(3):
        # Inside a longer base64 text a value has three faces, and its edges depend on its neighbours, too.
        padded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        start, end = (0, 2, 3)[offset], len(padded) - ((offset + len(raw)) % 3 != 0)
        core = padded[start:end]
        if len(core) >= SHORT:
            yield core
            yield core.replace("+", "-").replace("/", "_")
