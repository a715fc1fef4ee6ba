"""Which definition a step's sentence belongs to: exactly one, or a sentence that says what is wrong.

pytest-bdd runs whichever matching definition it comes upon first; here two that match are refused before anything runs.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_bdd import parsers
from pytest_bdd.steps import StepFunctionContext

from harness.gherkin import internals


@dataclass(frozen=True)
class Definition:
    """A sentence of the vocabulary and the function behind it."""

    name: str
    context: StepFunctionContext

    @property
    def kind(self) -> str | None:
        """``given``, ``when``, ``then``; ``None`` for any."""
        return self.context.type

    @property
    def pattern(self) -> str:
        """The sentence, with its fields in braces."""
        return self.context.parser.name

    @property
    def place(self) -> str:
        """File and line, relative to the working folder where it lies inside it."""
        file, line = internals.source_of(self.context)
        return f"{shown(Path(file))}:{line}"

    @property
    def sentence(self) -> str:
        """As it is written in a feature: ``Given a shopper with ...``."""
        return f"{(self.kind or '*').capitalize()} {self.pattern}"

    @cached_property
    def literal(self) -> str:
        """What every matching sentence begins with, in lower case; empty where the parser is not known to have one."""
        parser = self.context.parser
        if isinstance(parser, parsers.parse):
            return parser.name.partition("{")[0].casefold()
        return parser.name.casefold() if isinstance(parser, parsers.string) else ""

    def matches(self, kind: str, text: str) -> bool:
        """Whether a step of this kind and text is this definition's."""
        if self.kind is not None and self.kind != kind:
            return False
        return text.casefold().startswith(self.literal) and bool(self.context.parser.is_matching(text))


class Vocabulary:
    """The definitions that some features see; remembers what it found for each sentence."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.definitions = list(definitions)
        self._found: dict[tuple[str, str], list[Definition]] = {}

    def find(self, kind: str, text: str) -> list[Definition]:
        """Definitions that match a step; the right number of them is one."""
        key = (kind, text)
        if key not in self._found:
            self._found[key] = [one for one in self.definitions if one.matches(kind, text)]
        return self._found[key]

    def problem(self, kind: str, text: str) -> str | None:
        """What is wrong with a step: undefined or ambiguous; ``None`` where exactly one definition matches."""
        found = self.find(kind, text)
        if len(found) == 1:
            return None
        step = f"{kind.capitalize()} {text}"
        if found:
            both = " and ".join(f"{one.place} ({one.pattern!r})" for one in found)
            return f'"{step}" is ambiguous: it matches {both}; make one of the sentences say more'
        near = "; ".join(f'"{one.sentence}" ({one.place})' for one in self.nearest(text))
        hint = f" The nearest sentences are {near}." if near else ""
        return f'"{step}" is not defined.{hint} Search with `payharness steps`, or write it:\n{snippet(kind, text)}'

    def nearest(self, text: str, count: int = 2) -> list[Definition]:
        """Definitions whose sentence resembles a text most."""
        scored = [
            (difflib.SequenceMatcher(None, one.pattern.casefold(), text.casefold()).ratio(), one)
            for one in self.definitions
        ]
        scored.sort(key=lambda pair: -pair[0])
        return [one for ratio, one in scored[:count] if ratio > 0.5]  # noqa: PLR2004 - below it the likeness is chance


def visible_to(node: internals.InMemoryModule) -> list[Definition]:
    """Definitions that the features of a node see."""
    return [Definition(name, context) for name, context in internals.visible_definitions(node)]


def snippet(kind: str, text: str) -> str:
    """A step definition to paste: quoted words and numbers become fields."""
    fields: list[str] = []

    def field(match: re.Match[str]) -> str:
        fields.append(f"value{len(fields) + 1}" if fields else "value")
        quote = '"' if match.group().startswith('"') else ""
        return f"{quote}{{{fields[-1]}}}{quote}"

    pattern = re.sub(r'"[^"]*"|\b\d+(?:\.\d+)?\b', field, text).replace("'", "\\'")
    arguments = ", ".join(["world: World", *(f"{name}: str" for name in fields)])
    return (
        f"    from harness.gherkin import {kind}\n\n    @{kind}('{pattern}')\n    async def _({arguments}) -> None: ..."
    )


def shown(path: Path) -> str:
    """A path as a person wants it: relative to the working folder where it lies inside it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
