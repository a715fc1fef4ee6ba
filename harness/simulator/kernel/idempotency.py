"""Idempotency keys of one account: the first answer of a call is kept, and given again.

How long, and what counts as the same call, is the provider's rule. Stripe, "Idempotent requests": the first executed
answer is kept, success or failure, for at least 24 hours.
"""

from __future__ import annotations

from sys import intern

KEPT_SECONDS = 24 * 3600.0
_SWEEP_EVERY = 4096


class Kept:
    """What is known of a key. ``body`` is the answer's bytes or the recipe for them; status 0 while it is in flight."""

    __slots__ = ("at", "body", "fingerprint", "keep", "path", "request_id", "status")

    def __init__(self, at: float, path: str, fingerprint: bytes, keep: float = KEPT_SECONDS) -> None:
        self.at = at
        self.keep = keep
        self.path = path
        self.fingerprint = fingerprint
        self.status = 0
        self.body: object = None
        self.request_id = ""


class Idempotency:
    """Keys and their first answers, by the virtual clock."""

    __slots__ = ("_keys", "_since_sweep")

    def __init__(self) -> None:
        self._keys: dict[str, Kept] = {}
        self._since_sweep = 0

    def find(self, key: str, now: float) -> Kept | None:
        """What is kept under a key that has not expired."""
        kept = self._keys.get(key)
        if kept is not None and kept.status and now - kept.at >= kept.keep:
            del self._keys[key]
            return None
        return kept

    def begin(self, key: str, now: float, path: str, fingerprint: bytes, keep: float = KEPT_SECONDS) -> Kept:
        """A call under a new key is about to run; its answer is kept for ``keep`` seconds."""
        self._since_sweep += 1
        if self._since_sweep >= _SWEEP_EVERY:
            self._sweep(now)
        kept = self._keys[key] = Kept(now, intern(path), fingerprint, keep)
        return kept

    def forget(self, key: str) -> None:
        """The call did not run: the key is new again."""
        self._keys.pop(key, None)

    def copy(self) -> Idempotency:
        """The same keys, apart; what is in flight is not carried over."""
        twin = Idempotency()
        twin._keys = {key: kept for key, kept in self._keys.items() if kept.status}
        return twin

    def _sweep(self, now: float) -> None:
        self._since_sweep = 0
        expired = [key for key, kept in self._keys.items() if now - kept.at >= kept.keep and kept.status]
        for key in expired:
            del self._keys[key]
