"""A token bucket per account, in real time, for the rate limit that a test asks for."""

from __future__ import annotations

import time


class Limiter:
    """Calls a second, with one second's worth of burst."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def allow(self, name: str, rate: float) -> bool:
        """Whether one more call may pass now."""
        now = time.monotonic()
        tokens, at = self._buckets.get(name, (max(rate, 1.0), now))
        tokens = min(max(rate, 1.0), tokens + (now - at) * rate)
        allowed = tokens >= 1.0 and rate > 0
        self._buckets[name] = (tokens - 1.0 if allowed else tokens, now)
        return allowed
