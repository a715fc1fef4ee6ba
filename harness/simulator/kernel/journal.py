"""Every call that reached an account, in order: a ring that keeps the bytes and decodes them when it is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import dropwhile
from time import time
from typing import Any

from harness.simulator.kernel.messages import Headers, Request

CAPACITY = 20_000
"""Calls that an account remembers; older ones make room."""
MOST_BYTES = 64 * 1_048_576
"""Bytes of bodies that an account remembers."""

Line = tuple[int, float, float, Request, int, object, float, str | None, bool, str, str | None]


class Journal:
    """The calls of one account."""

    __slots__ = ("_bytes", "_capacity", "_lines", "_most_bytes", "_serial")

    def __init__(self, capacity: int = CAPACITY, most_bytes: int = MOST_BYTES) -> None:
        self._lines: deque[Line] = deque()
        self._capacity = capacity
        self._most_bytes = most_bytes
        self._bytes = 0
        self._serial = 0

    def write(
        self,
        at: float,
        request: Request,
        status: int,
        response: object,
        ms: float,
        *,
        fault: str | None,
        replayed: bool,
        request_id: str,
        idempotency_key: str | None,
    ) -> None:
        """Add a call; status 0 means that it got no answer. ``response`` is the body's bytes or its recipe.

        ``at`` is the provider's time, which may be ahead; the time on the wall is kept beside it.
        """
        self._serial += 1
        request.settle()
        self._lines.append(
            (
                self._serial,
                at,
                time() - ms / 1000,
                request,
                status,
                response,
                ms,
                fault,
                replayed,
                request_id,
                idempotency_key,
            )
        )
        self._bytes += _weight(request, response)
        while len(self._lines) > self._capacity or (self._bytes > self._most_bytes and len(self._lines) > 1):
            oldest = self._lines.popleft()
            self._bytes -= _weight(oldest[3], oldest[5])

    def read(
        self,
        since: int,
        decode_request: Callable[[Request], tuple[dict[str, Any], dict[str, Any]]],
        decode_response: Callable[[object], Any],
    ) -> list[dict[str, Any]]:
        """Calls with a serial number above ``since``; the provider decodes (query, params) and the response."""
        entries = []
        for seq, at, wall, request, status, response, ms, fault, replayed, request_id, key in dropwhile(
            lambda line: line[0] <= since, self._lines
        ):
            query, params = decode_request(request)
            entries.append(
                {
                    "seq": seq,
                    "at": at,
                    "wall": wall,
                    "method": request.method,
                    "path": request.path,
                    "query": query,
                    "params": params,
                    "headers": _headers(request.headers),
                    "idempotency_key": key,
                    "status": status,
                    "response": decode_response(response),
                    "ms": round(ms, 3),
                    "fault": fault,
                    "replayed": replayed,
                    "request_id": request_id,
                }
            )
        return entries

    def clear(self) -> None:
        """Forget all calls; serial numbers go on."""
        self._lines.clear()
        self._bytes = 0


def _weight(request: Request, response: object) -> int:
    return len(request.body) + (len(response) if isinstance(response, bytes) else 0)


def _headers(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
