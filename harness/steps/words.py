"""Words that stand between braces in a step: amounts, numbers, states, instruments, and what they mean to the actors.

Patterns are narrow, so that no two sentences of the vocabulary match the same step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from harness.domain.money import Money
from harness.record.model import Receipt
from harness.targets.contract import Answer

if TYPE_CHECKING:
    from harness.steps.world import World

T = TypeVar("T")

STATES: Mapping[str, str] = {
    "unpaid": "unpaid",
    "authorised": "authorised",
    "paid": "paid",
    "partly refunded": "part_refunded",
    "refunded": "refunded",
    "disputed": "disputed",
    "lost": "lost",
    "cancelled": "cancelled",
}
"""States of an order: as a feature says them, as the house calls them."""


def _written(pattern: str) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Mark a converter with the pattern of the text that it takes, as the ``parse`` library reads it."""

    def mark(convert: Callable[[str], T]) -> Callable[[str], T]:
        convert.pattern = pattern  # type: ignore[attr-defined]  # functions have attributes; parse looks for this one
        return convert

    return mark


@_written(r"-?\d+(?:\.\d+)? [A-Z]{3}")
def amount(text: str) -> Money:
    """Money in words ("49.99 EUR")."""
    return Money.parse(text)


@_written(r"\d+")
def number(text: str) -> int:
    """A count."""
    return int(text)


@_written("|".join(sorted(STATES, key=len, reverse=True)))
def state(text: str) -> str:
    """State of an order."""
    return STATES[text]


@_written(r"an? [^,\"]+")
def card(text: str) -> str:
    """An instrument; ``fixtures/instruments.toml`` says what it is at each provider."""
    return text


@_written(r"[a-z][^\",]*")
def phrase(text: str) -> str:
    """A few words without a comma."""
    return text


@_written(r"[a-z'].*")
def phrases(text: str) -> list[str]:
    """Several phrases, separated by commas."""
    return [part.strip() for part in text.split(",")]


@_written(r"[a-z'][^\"]*")
def event(text: str) -> str:
    """Name of an event in plain words, between quotation marks."""
    return text


TYPES: Mapping[str, Callable[[str], Any]] = {
    "Amount": amount,
    "Number": number,
    "State": state,
    "Card": card,
    "Phrase": phrase,
    "Phrases": phrases,
    "Event": event,
}
"""Converters for ``given``, ``when`` and ``then``."""


def one_of(words: Iterable[str]) -> Callable[[str], str]:
    """A converter that takes just these words."""

    @_written("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
    def convert(text: str) -> str:
        return text

    return convert


def remember(world: World, answer: Answer | Receipt) -> None:
    """Keep the answer that the next ``Then`` speaks of."""
    world.memory["answer"] = answer


def last_answer(world: World) -> Answer | Receipt:
    """The answer that the scenario speaks of: to a request, or to a delivery."""
    answer = world.memory.get("answer")
    if not isinstance(answer, Answer | Receipt):
        raise AssertionError("no request of this scenario got an answer yet; a When that asks the shop must come first")  # noqa: TRY004 - a verdict on the feature
    return answer


def describe(answer: Answer | Receipt) -> str:
    """What came back, in one phrase."""
    if isinstance(answer, Answer):
        return answer.describe()
    came = f"was answered {answer.status}" if answer.status else f"got no answer: {answer.error}"
    return f"{answer.event_type} ({answer.variant}) {came}"
