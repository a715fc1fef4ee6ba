"""Delivery plans: which events are carried when, how often, in which form, signed how. Pure.

A *variant* is one delivery's form: validly signed, unless its name says otherwise. A *forgery* is a variant that no
provider would send. A *plan* turns events into batches; the parcels of one batch are carried at the same moment, the
batches one after another.

    plan("twice")(events)                       every event twice, one after the other
    plan("six times at once")(events)           six copies of each event at the same moment
    plan("shuffled", seed=7)(events)            all events, in an order drawn from the seed
    every_order(events)                         every permutation, as plans of their own
"""

from __future__ import annotations

import itertools
import json
import random
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from harness.courier.events import Event, altered, printed
from harness.courier.signing import RIGHTLY, UNSIGNED, Key, Part, Signing
from harness.domain.verdicts import HarnessError

MINUTE, DAY = 60.0, 86_400.0
LARGE = 2 * 1024 * 1024
"""Bytes of a large body."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery to be made: an event in a form. ``again``: whether it is carried again until it is accepted."""

    event: Event
    body: bytes
    variant: str = "as sent"
    signing: Signing = RIGHTLY
    tamper: Callable[[bytes], bytes] | None = None
    """Changes the body after it was signed."""
    path_suffix: str = ""
    after: float = 0.0
    """Seconds to wait before it is carried."""
    again: bool = True


@dataclass(frozen=True, slots=True)
class Variant:
    """A form of delivery.

    ``body`` makes the bytes from the event; ``again``: a provider would repeat it until accepted.
    """

    body: Callable[[Event], bytes] = lambda event: event.body
    signing: Signing = RIGHTLY
    tamper: Callable[[bytes], bytes] | None = None
    path_suffix: str = ""
    again: bool = True

    def parcel(self, event: Event, name: str, signing: Signing | None = None) -> Parcel:
        """The event in this form."""
        return Parcel(
            event, self.body(event), name, signing or self.signing, self.tamper, self.path_suffix, 0.0, self.again
        )


Batch = Sequence[Parcel]
Plan = Callable[[Sequence[Event]], list[Batch]]


def _changed(**changes: Any) -> Callable[[Event], bytes]:
    return lambda event: altered(event, **changes).body


def _compact(event: Event) -> bytes:
    return json.dumps(event.document, separators=(",", ":"), ensure_ascii=False).encode()


def _reindented(event: Event) -> bytes:
    return json.dumps(event.document, indent=7, ensure_ascii=True).encode() + b"\r\n"


def _reordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _reordered(value[key]) for key in reversed(list(value))}
    return [_reordered(item) for item in value] if isinstance(value, list) else value


def _renamed(event: Event) -> bytes:
    return altered(event, id=f"evt_{secrets.token_hex(12)}").body


def _about_nobody(event: Event) -> bytes:
    text = event.body.decode()
    for one in {event.object_id, *re.findall(r'"((?:pi|ch|re|du|cs|py)_\w+)"', text)}:
        if one:
            text = text.replace(one, f"{one.split('_')[0]}_{secrets.token_hex(12)}")
    return _renamed(Event.of(json.loads(text)))


def _without_optional_fields(event: Event) -> bytes:
    kept = {"id", "object", "status", "amount", "currency", "payment_intent", "charge", "metadata", "livemode"}
    inside = {key: value for key, value in event.object.items() if key in kept}
    document = {key: value for key, value in event.document.items() if key not in {"request", "pending_webhooks"}}
    return printed({**document, "data": {"object": inside}})


def _with_unknown_fields(event: Event) -> bytes:
    news = {"payharness_new_field": {"nested": [1, None, "é"]}, "payharness_new_flag": True}
    return altered(event, object={**event.object, **news}, **news).body


def _large(event: Event) -> bytes:
    return altered(event, object={**event.object, "description": "x" * LARGE}).body


def _nested(event: Event) -> bytes:
    head = printed({**event.document, "id": f"evt_{secrets.token_hex(12)}", "data": {"object": 0}})
    return head.replace(b'"object": 0', b'"object": ' + b'{"a":' * 1000 + b"1" + b"}" * 1000)


def _raised_amount(body: bytes) -> bytes:
    """Change figures after signing, as somebody on the way would."""
    changed = re.sub(rb'("amount(?:_received)?": )\d+', rb"\g<1>1", body)
    return changed if changed != body else body.replace(b"\n", b"\n ", 1) + b" "


_OTHER_VERSION = "2019-12-03"

VARIANTS: Mapping[str, Variant] = {
    "as sent": Variant(),
    "compact": Variant(_compact),
    "with its keys in another order": Variant(lambda event: printed(_reordered(event.document))),
    "indented differently": Variant(_reindented),
    "with another API version": Variant(_changed(api_version=_OTHER_VERSION)),
    "of the wrong mode": Variant(_changed(livemode=True), again=False),
    "of another account": Variant(_changed(account="acct_1PayharnessOther"), again=False),
    "of an unknown type": Variant(
        lambda e: altered(e, type="payharness.never.heard_of", id=f"evt_{secrets.token_hex(12)}").body
    ),
    "about an object nobody knows": Variant(_about_nobody, again=False),
    "under a new event id": Variant(_renamed),
    "without optional fields": Variant(_without_optional_fields),
    "with fields nobody knows": Variant(_with_unknown_fields),
    "with no object inside": Variant(lambda e: printed({**e.document, "id": _new_id(), "data": {}}), again=False),
    "with a list for an object": Variant(
        lambda e: printed({**e.document, "id": _new_id(), "data": {"object": [1]}}), again=False
    ),
    "nested a thousand deep": Variant(_nested, again=False),
    "with malformed JSON": Variant(lambda event: event.body[:-20] + b',"cut', again=False),
    "with an empty body": Variant(lambda _: b"", again=False),
    "with a body of two megabytes": Variant(_large, again=False),
    "signed for a rotated secret too": Variant(signing=Signing(parts=(Part(key=Key.WRONG), Part()))),
    "signed under the test scheme only": Variant(signing=Signing(parts=(Part("v0"),)), again=False),
    "signed under both schemes": Variant(signing=Signing(parts=(Part(), Part("v0")))),
    "with a timestamp from the future": Variant(signing=Signing(shift=3600), again=False),
    "with a timestamp from ten minutes ago": Variant(signing=Signing(shift=-10 * MINUTE), again=False),
    "to the address with a slash added": Variant(path_suffix="/"),
    "from a page of another origin": Variant(
        signing=Signing(extra={"Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/"})
    ),
}
"""Forms in which a provider, its network or a proxy could deliver."""

FORGERIES: Mapping[str, Variant] = {
    "no signature": Variant(signing=UNSIGNED),
    "an empty signature": Variant(signing=Signing(literal="")),
    "a garbage signature": Variant(signing=Signing(literal="t=yesterday;v1=not-hex,,=,v1")),
    "a signature made with another secret": Variant(signing=Signing(parts=(Part(key=Key.WRONG),))),
    "a signature made with an empty secret": Variant(signing=Signing(parts=(Part(key=Key.EMPTY),))),
    "a body altered after signing": Variant(tamper=_raised_amount),
    "a signature from ten minutes ago": Variant(signing=Signing(shift=-10 * MINUTE)),
    "a signature from yesterday": Variant(signing=Signing(shift=-DAY)),
    "a signature from the future": Variant(signing=Signing(shift=3600)),
    "a signature under the test scheme only": Variant(signing=Signing(parts=(Part("v0"),))),
    "a true test signature beside a false one": Variant(signing=Signing(parts=(Part("v1", Key.WRONG), Part("v0")))),
    "a debugging header instead of a signature": Variant(
        signing=Signing(
            parts=(),
            extra={
                "X-Debug": "1",
                "X-Skip-Signature": "true",
                "X-Djstripe-Webhook-Secret": "whsec_test",
                "X-Test-Mode": "1",
            },
        )
    ),
    "the real secret": Variant(),
}
"""What an attacker tries; the last one is an attacker whom the secret leaked to."""


def _new_id() -> str:
    return f"evt_{secrets.token_hex(12)}"


def variant(name: str) -> Variant:
    """A form by its name; an unknown one names the nearest."""
    return _named(name, VARIANTS, "form of delivery")


def forgery(name: str) -> Variant:
    """A forgery by its name; a form of delivery may serve as one."""
    return _named(name, {**VARIANTS, **FORGERIES}, "forgery")


def _named(name: str, table: Mapping[str, Variant], what: str) -> Variant:
    if name in table:
        return table[name]
    close = get_close_matches(name, table, 1, 0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(table)}"
    raise HarnessError(f"no {what} is called {name!r}; {hint}")


# plans

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
