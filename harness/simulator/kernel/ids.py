"""Ids that look like a provider's and follow from a seed: the same seed and the same calls give the same ids."""

from __future__ import annotations

import random
from itertools import product

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(a + b for a, b in product(_BASE62, repeat=2))
_SIZE = len(_PAIRS)


class Ids:
    """A stream of base62 text drawn from a seed."""

    __slots__ = ("_random", "_uniform")

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - ids of a test simulator, reproducible on purpose
        self._uniform = self._random.random

    def text(self, length: int) -> str:
        """Base62 text of an even length."""
        uniform, pairs = self._uniform, _PAIRS
        return "".join([pairs[int(uniform() * _SIZE)] for _ in range(length // 2)])

    def copy(self) -> Ids:
        """The same stream from the same place."""
        twin = Ids("")
        twin._random.setstate(self._random.getstate())
        return twin
