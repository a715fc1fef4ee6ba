"""Which scenarios an expression over tags selects: ``webhooks and not (slow or low)``.

expression := term ("or" term)*      term := factor ("and" factor)*
factor     := "not" factor | "(" expression ")" | tag, with or without its @
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

Selects = Callable[[Collection[str]], bool]

_TOKEN = re.compile(r"\s*(?:([()])|@?([^\s()@]+))")


class SelectionError(ValueError):
    """An expression that cannot be read; the message says where, and what was expected."""


class Selection(NamedTuple):
    """A parsed expression: the tags it names, and whether a scenario's tags satisfy it."""

    tags: tuple[str, ...]
    selects: Selects


def parse(text: str) -> Selection:
    """Read an expression; raises ``SelectionError``."""
    tokens = _tokens(text)
    reader = _Reader(text, tokens)
    selects = reader.expression()
    reader.end()
    return Selection(tuple(dict.fromkeys(reader.named)), selects)


def _tokens(text: str) -> list[tuple[str, int]]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            place = len(text) - len(text[at:].lstrip()) + 1
            raise SelectionError(f"--tags {text!r} cannot be read at character {place}: write 'a and not (b or c)'")
        word = match.group(1) or match.group(2)
        found.append((word, match.end() - len(word) + 1))
        at = match.end()
    return found


class _Reader:
    def __init__(self, text: str, tokens: list[tuple[str, int]]) -> None:
        self.text = text
        self.tokens = tokens
        self.named: list[str] = []

    def expression(self) -> Selects:
        terms = [self.term()]
        while self.took("or"):
            terms.append(self.term())
        return terms[0] if len(terms) == 1 else lambda tags: any(term(tags) for term in terms)

    def term(self) -> Selects:
        factors = [self.factor()]
        while self.took("and"):
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else lambda tags: all(factor(tags) for factor in factors)

    def factor(self) -> Selects:
        if self.took("not"):
            inner = self.factor()
            return lambda tags: not inner(tags)
        if self.took("("):
            inner = self.expression()
            if not self.took(")"):
                raise self.wrong("a closing parenthesis")
            return inner
        if not self.tokens or self.tokens[0][0] in {"and", "or", ")"}:
            raise self.wrong("a tag, 'not' or an opening parenthesis")
        tag = self.tokens.pop(0)[0]
        self.named.append(tag)
        return lambda tags: tag in tags

    def end(self) -> None:
        if self.tokens:
            raise self.wrong("'and', 'or' or the end")

    def took(self, word: str) -> bool:
        if self.tokens and self.tokens[0][0] == word:
            self.tokens.pop(0)
            return True
        return False

    def wrong(self, expected: str) -> SelectionError:
        where = f"character {self.tokens[0][1]} ({self.tokens[0][0]!r})" if self.tokens else "its end"
        return SelectionError(f"--tags {self.text!r} cannot be read at {where}: {expected} is expected there")
