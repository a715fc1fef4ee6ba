"""Another JSON body with the checksum of a genuine one: CRC-32 can be steered by four bytes. Pure.

PayPal signs the CRC-32 of a body and not the body, so that a captured signature fits every body with that checksum. A
receiver is safe because it asks the provider before it releases anything.
"""

from __future__ import annotations

import json
import secrets
import string
import zlib
from collections.abc import Mapping
from typing import Any

from harness.domain.verdicts import HarnessError

_MASK = 0xFFFFFFFF
_SAFE = frozenset(range(0x20, 0x7F)) - {0x22, 0x5C}
"""Bytes that stand in a JSON text as they are."""
_TRIES = 100_000


def _table() -> list[int]:
    table = []
    for number in range(256):
        value = number
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        table.append(value)
    return table


_FORWARD = _table()
_BACKWARD = {value >> 24: number for number, value in enumerate(_FORWARD)}


def with_checksum_of(genuine: bytes, document: Mapping[str, Any], field: str = "note") -> bytes:
    """A JSON object printed without spaces, with one more field, that has the CRC-32 of ``genuine``."""
    others = {name: value for name, value in document.items() if name != field}  # the field must be the last one
    head = json.dumps({**others, field: ""}, separators=(",", ":"), ensure_ascii=False).encode()[:-2]
    tail = b'"}'
    wanted = _before(zlib.crc32(genuine) ^ _MASK, tail)
    for _ in range(_TRIES):
        start = head + "".join(secrets.choice(string.ascii_letters) for _ in range(8)).encode()
        tuned = _steering(zlib.crc32(start) ^ _MASK, wanted)
        if _SAFE.issuperset(tuned):
            return start + tuned + tail
    raise HarnessError("no four printable bytes give the checksum; try again, the search is random")


def _before(register: int, text: bytes) -> int:
    """The register from which this text leads to the register given."""
    for byte in reversed(text):
        number = _BACKWARD[register >> 24]
        register = ((register ^ _FORWARD[number]) << 8 | (number ^ byte)) & _MASK
    return register


def _steering(register: int, wanted: int) -> bytes:
    """The four bytes that lead from one register to another."""
    return (register ^ _before(wanted, bytes(4))).to_bytes(4, "little")
