"""Ids that look like a provider's and follow from a seed: the same seed and the same calls give the same ids."""

from __future__ import annotations

import random
from binascii import b2a_base64

_LETTERS = bytes.maketrans(b"+/", b"Qz")
"""Base64 has two characters that base62 lacks."""


def spelling(characters: str) -> bytes:
    """An alphabet for ``Ids.spelled``: each of the 256 bytes stands for one of the characters."""
    return (characters * (256 // len(characters) + 1))[:256].encode()


class Ids:
    """A stream of base62 text drawn from a seed."""

    __slots__ = ("_bytes", "_random")

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - ids of a test simulator, reproducible on purpose
        self._bytes = self._random.randbytes

    def text(self, length: int) -> str:
        """Base62 text."""
        return b2a_base64(self._bytes((length * 3 + 3) // 4), newline=False)[:length].translate(_LETTERS).decode()

    def spelled(self, alphabet: bytes, length: int) -> str:
        """Text in an alphabet of 256 places, as ``spelling`` makes them."""
        return self._bytes(length).translate(alphabet).decode()

    def copy(self) -> Ids:
        """The same stream from the same place."""
        twin = Ids("")
        twin._random.setstate(self._random.getstate())
        return twin
