"""The last look at a report before it is written: card data or a secret in it, and nothing is written at all.

Redaction happens before anything is recorded; this is a second net with patterns of its own, so that a hole in the
first does not become a document that is mailed around. It finds card numbers of a known brand and length with a valid
check digit, and secrets by the forms that providers give them. A card's verification code has no form to be found by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from harness.record.model import ScenarioRecord
from harness.reporting.errors import UnsafeReport
from harness.reporting.material import Material

# A run of digits inside a longer word, a decimal fraction or a masked number is not a card number.
_BEFORE, _AFTER = r"(?<![0-9A-Za-z*•.])", r"(?![0-9A-Za-z*•]|\.[0-9])"
_NUMBERS = re.compile(
    rf"{_BEFORE}(?:[0-9]{{13,19}}"
    r"|[0-9]{4}(?P<a>[ -])[0-9]{4}(?P=a)[0-9]{4}(?P=a)[0-9]{1,4}(?:(?P=a)[0-9]{1,3})?"
    rf"|[0-9]{{4}}(?P<b>[ -])[0-9]{{6}}(?P=b)[0-9]{{4,5}}){_AFTER}"
)
# The shapes of what the expression above can match: looking for these first is a hundred times as fast.
_SHAPE = bytes.maketrans(b"123456789-", b"000000000 ")
_SHAPES = (b"0" * 13, b"0000 0000 0000 0", b"0000 000000 0000")
_LONGEST = 24
_BRANDS = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}"
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12,15}"
    r"|(?:30[0-5][0-9]|3095|36[0-9]{2}|3[89][0-9]{2})[0-9]{10,15}"
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12,15}"
    r"|(?:62|81)[0-9]{14,17}"
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])[0-9]{8,15}"
)
_BACK, _AHEAD = 80, 160
"""Characters around the hint of a secret that its expression looks at."""
# Texts of which a match must hold one, which are quickly looked for; the expression itself.
_SECRETS = {
    "secret key": (("k_live_", "k_test_"), re.compile(r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{8,}")),
    "webhook secret": (("whsec_",), re.compile(r"\bwhsec_[0-9A-Za-z+/=_-]{8,}")),
    "client secret": (("_secret_",), re.compile(r"\b(?:pi|seti|src|cs)_[0-9A-Za-z_]+_secret_[0-9A-Za-z]{6,}")),
    "application secret": (("sq0csp-",), re.compile(r"\bsq0csp-[0-9A-Za-z_-]{16,}")),
    "access token": (("EAAA",), re.compile(r"\bEAAA[0-9A-Za-z_-]{50,}")),
    "bearer token": (("earer ",), re.compile(r"\b[Bb]earer [0-9A-Za-z._~+/=-]{12,}")),
    "private key": (("PRIVATE KEY",), re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    "password": (
        ("postgres", "mysql", "redis", "amqp"),
        re.compile(r"\b(?:postgres(?:ql)?|mysql|redis|amqp)(?:\+\w+)?://[^/\s:@]+:[^/\s:@\[\]]+@"),
    ),
}
_ESCAPES = ((b"\\\\", b"|"), (b'\\"', b"'"), (b"\\n", b"\n"), (b"\\r", b"\r"), (b"\\t", b"\t"))


def check(material: Material) -> None:
    """Raise ``UnsafeReport`` with the place where anything of a run must not be shown."""
    for record in material.scenarios:
        _search(record, f"scenario {record.id!r}", record)
    for name, part in (("run.json", material.info), ("the proof", material.proof)):
        _search(part, name, None)


def check_text(text: str, name: str) -> None:
    """Raise ``UnsafeReport`` where a report as it is about to be written must not be shown."""
    for kind, masked, position in find(text):
        line = text.count("\n", 0, position) + 1
        raise UnsafeReport(_sentence(kind, masked, f"{name}, line {line}"))


def find(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, masked value, position) of everything in a text that must not be shown."""
    data = text.encode("utf-8", "replace")
    shape = data.translate(_SHAPE)
    for wanted in _SHAPES:
        at = shape.find(wanted)
        while at >= 0:
            around = data[max(at - 1, 0) : at + _LONGEST].decode("utf-8", "replace")
            match = _NUMBERS.match(around, min(at, 1))
            digits = re.sub(r"[ -]", "", match[0]) if match else ""
            if _BRANDS.fullmatch(digits) and _luhn(digits):
                yield "card number", f"{digits[:6]}******{digits[-4:]}", len(data[:at].decode("utf-8", "replace"))
            at = shape.find(wanted, at + (len(match[0]) if match else 1))
    for kind, (hints, pattern) in _SECRETS.items():
        for hint in hints:
            at = text.find(hint)
            while at >= 0:
                around = text[max(at - _BACK, 0) : at + _AHEAD]
                if match := pattern.search(around):
                    yield kind, f"{match[0][:8]}…", at
                at = text.find(hint, at + len(hint))


def _search(part: Any, name: str, record: ScenarioRecord | None) -> None:
    if not _suspicious(part):  # nearly always the end of it
        return
    for place, text in _texts(msgspec.to_builtins(part), ""):
        for kind, masked, _ in find(text):
            where = f"{name}, {place}" + (f" (evidence/{record.evidence}.json)" if record and record.evidence else "")
            raise UnsafeReport(_sentence(kind, masked, where))


def _suspicious(part: Any) -> bool:
    """Whether anything may be found in a part: a look at its JSON as one text, ten times as fast as at each text.

    What JSON escapes stands there as a character that no expression above tells from the one it is; where there is
    another escape, the texts themselves are asked.
    """
    data = msgspec.json.encode(part)
    for escape, plain in _ESCAPES:
        data = data.replace(escape, plain)
    return b"\\" in data or any(find(data.decode()))


def _sentence(kind: str, masked: str, place: str) -> str:
    return (
        f"no report was written: it would show a {kind} ({masked}) from {place}. The run itself holds it: "
        "keep that folder to yourself, name the value to the redaction and run the scenario again"
    )


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{place}, a key" if place else "a key", str(key)
            yield from _texts(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _texts(inner, f"{place} {number}")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield place, str(value)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digits of a two-digit product are added
    return total % 10 == 0
