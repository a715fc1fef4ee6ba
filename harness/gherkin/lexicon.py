"""The vocabulary as a list to search, with an example of each sentence from the features; needs no pytest session."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_bdd.exceptions import GherkinParseError

from harness.domain.verdicts import HarnessError
from harness.gherkin import internals, lint
from harness.gherkin.vocabulary import Definition, Vocabulary


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence of the vocabulary."""

    keyword: str
    """``Given``, ``When``, ``Then``, or ``*`` where any of them may stand."""
    pattern: str
    module: str
    place: str
    doc: str
    example: str
    """A step of a feature that it matches; empty where no feature uses it."""


def lexicon(features: Sequence[Path], modules: Iterable[str] | None = None) -> list[Entry]:
    """Every sentence of the step modules (by default the product's), by module and in their order there.

    Raises ``HarnessError`` where a module cannot be loaded.
    """
    if modules is None:
        modules = getattr(importlib.import_module("harness.steps"), "MODULES", ())
    defined: list[tuple[str, Definition]] = []
    for name in modules:
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            raise HarnessError(f"steps of {name} cannot be loaded: {error}") from error
        defined += [(name, Definition("", context)) for context in internals.definitions_in(module)]
    examples = _examples(Vocabulary(one for _, one in defined), features)
    return [_entry(module, one, examples.get(id(one), "")) for module, one in defined]


def search(entries: Iterable[Entry], words: str) -> list[Entry]:
    """Entries that hold every word, in the sentence, its explanation or its example."""
    wanted = words.casefold().split()
    return [
        one
        for one in entries
        if all(word in f"{one.keyword} {one.pattern} {one.doc} {one.example}".casefold() for word in wanted)
    ]


def _entry(module: str, one: Definition, example: str) -> Entry:
    doc = inspect.getdoc(one.context.step_func) or ""
    keyword = (one.kind or "*").capitalize()
    return Entry(keyword, one.pattern, module, one.place, doc.partition("\n")[0], example)


def _examples(vocabulary: Vocabulary, features: Sequence[Path]) -> dict[int, str]:
    found: dict[int, str] = {}
    for kind, text in _steps(features):
        for definition in vocabulary.find(kind, text)[:1]:
            found.setdefault(id(definition), text)
    return found


def _steps(features: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for path in (file for folder in features for file in sorted(folder.rglob("*.feature"))):
        try:
            _, document = internals.parse(path)
        except (GherkinParseError, KeyError, TypeError, UnicodeDecodeError):
            continue  # `payharness run` says what is wrong with it
        yield from lint.steps_of(document.feature)
