"""Delivery plans: which events are carried when, how often, in which form, signed how. Pure.

A *plan* turns events into batches; the parcels of one batch are carried at the same moment, the batches one after
another. The forms themselves are in ``forms``.

    plan("twice")(events)                       every event twice, one after the other
    plan("six times at once")(events)           six copies of each event at the same moment
    plan("shuffled", seed=7)(events)            all events, in an order drawn from the seed
    every_order(events)                         every permutation, as plans of their own
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from harness.courier.events import Event, altered
from harness.courier.forms import (
    DAY,
    FORGERIES,
    LARGE,
    MINUTE,
    PAYPAL_FORGERIES,
    VARIANTS,
    Parcel,
    Variant,
    forgery,
    variant,
)
from harness.domain.verdicts import HarnessError

__all__ = [
    "DAY",
    "FORGERIES",
    "LARGE",
    "MINUTE",
    "PAYPAL_FORGERIES",
    "VARIANTS",
    "Batch",
    "Parcel",
    "Plan",
    "Variant",
    "copies",
    "delayed",
    "dropped",
    "every_order",
    "forgery",
    "in_crowds",
    "in_order",
    "later",
    "parcels",
    "plan",
    "shuffled",
    "variant",
]

Batch = Sequence[Parcel]
Plan = Callable[[Sequence[Event]], list[Batch]]

_NUMBERS = {
    word: number
    for number, word in enumerate(
        ["zero", "once", "twice", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
}
_COPIES = re.compile(r"(?:(\w+) times|(once|twice))(?P<at_once> at once)?\Z")
_LATER = re.compile(r"again after (\w+) (minute|hour|day)s?\Z")
_SECONDS = {"minute": MINUTE, "hour": 3600.0, "day": DAY}


def plan(words: str, *, seed: int = 0) -> Plan:
    """A plan by its name.

    "in order", "in reverse order", "shuffled", "twice", "six times", "30 times at once", "all at once", ...
    """
    if words == "in order":
        return in_order
    if words == "in reverse order":
        return lambda events: in_order(list(reversed(events)))
    if words == "shuffled":
        return shuffled(seed)
    if words == "all at once":
        return lambda events: [parcels(events)]
    if words in {"twice and shuffled", "twice, shuffled"}:
        return lambda events: shuffled(seed)([*events, *events])
    if words == "twice, shuffled, at once":
        return lambda events: in_crowds(shuffled(seed)([*events, *events]))
    if found := _COPIES.match(words):
        return copies(_number(found[1] or found[2], words), concurrently=bool(found["at_once"]))
    if found := _LATER.match(words):
        return later(_number(found[1], words) * _SECONDS[found[2]])
    raise HarnessError(
        f"no delivery plan is called {words!r}; write 'in order', 'in reverse order', 'shuffled', 'all at once', "
        "'twice', 'six times', 'six times at once' or 'again after three days'"
    )


def parcels(events: Iterable[Event], form: str = "as sent") -> list[Parcel]:
    """Each event in a form."""
    shape = variant(form)
    return [shape.parcel(event, form) for event in events]


def in_order(events: Sequence[Event]) -> list[Batch]:
    """One after another, as given."""
    return [[parcel] for parcel in parcels(events)]


def shuffled(seed: int) -> Plan:
    """One after another, in an order drawn from the seed."""

    def make(events: Sequence[Event]) -> list[Batch]:
        chosen = list(events)
        random.Random(seed).shuffle(chosen)  # noqa: S311 - an order, not a secret
        return in_order(chosen)

    return make


def in_crowds(batches: Sequence[Batch], size: int = 16) -> list[Batch]:
    """The same parcels, so many of them at the same moment."""
    flat = [parcel for batch in batches for parcel in batch]
    return [flat[start : start + size] for start in range(0, len(flat), size)]


def copies(count: int, *, concurrently: bool = False, form: str = "as sent") -> Plan:
    """Every event ``count`` times: one after the other, or at the same moment."""

    def make(events: Sequence[Event]) -> list[Batch]:
        batches: list[Batch] = []
        for parcel in parcels(events, form):
            many = [replace(parcel, variant=_numbered(parcel.variant, number, count)) for number in range(1, count + 1)]
            batches += [many] if concurrently else [[one] for one in many]
        return batches

    return make


def delayed(seconds: float) -> Plan:
    """In order, each this many seconds after the one before."""
    return lambda events: [[replace(parcel, after=seconds)] for parcel in parcels(events)]


def dropped(*places: int) -> Plan:
    """In order, without those at these places (counted from 1)."""
    return lambda events: in_order([event for number, event in enumerate(events, 1) if number not in places])


def later(seconds: float) -> Plan:
    """Every event again, freshly signed, though it was made ``seconds`` ago."""

    def make(events: Sequence[Event]) -> list[Batch]:
        aged = [altered(event, created=int(event.created - seconds)) for event in events]
        return [[replace(parcel, variant=f"again after {seconds:g} s")] for parcel in parcels(aged)]

    return make


def every_order(events: Sequence[Event]) -> Iterator[list[Batch]]:
    """Every permutation of the events; mind that n events have n! of them."""
    for chosen in itertools.permutations(events):
        yield in_order(chosen)


def _numbered(form: str, number: int, count: int) -> str:
    return form if count == 1 else f"{form}, {number} of {count}"


def _number(word: str, words: str) -> int:
    if word.isdigit():
        return int(word)
    if word in _NUMBERS:
        return _NUMBERS[word]
    raise HarnessError(f"{word!r} in {words!r} is not a number; write it in digits")
