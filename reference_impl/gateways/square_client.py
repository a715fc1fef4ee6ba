"""Calls to Square through its official SDK, with what its defaults get wrong for us put right.

- its environment is production unless told otherwise: the address is always given, from the settings;
- it reads a token from the environment when it is imported: the token is always given;
- it repeats 408, 409, 429 and 5xx by itself, each time after seconds, and never a connection that failed: it is told to
  repeat nothing, and repetitions are made here, few and short, under the same idempotency key;
- a timeout or a cut connection is an exception of ``httpx``, not of the SDK: both become ``OutcomeUnknown``;
- it does not check answers and makes of anything a model full of ``None``: what counts is the body as it came in;
- it puts ids into paths as they are: an id that is not one of Square's is refused before it is sent;
- its error prints headers and body: neither is ever logged or shown.

Source: the SDK's own code (``squareup`` 46).
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import msgspec
from square import AsyncSquare
from square.core.api_error import ApiError

from reference_impl import logs
from reference_impl.gateways.errors import NotFound, OutcomeUnknown, Refused
from reference_impl.settings import Settings

LIVE, SANDBOX = "https://connect.squareup.com", "https://connect.squareupsandbox.com"
LONGEST_KEY = 45
"""Square, "CreatePayment", ``idempotency_key``."""
BUSY, KEY_REFUSED = "rate_limited", "key_refused"

_ID = re.compile(r"[A-Za-z0-9:_-]{1,192}")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0
_UNAUTHORISED, _FORBIDDEN, _MISSING, _TOO_MANY, _SERVER = 401, 403, 404, 429, 500
_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504})
_log = logs.get("square")

Call = Callable[[AsyncSquare], Awaitable[Any]]


class SquareClient:
    """One connection pool to Square, or to what the settings put in its place."""

    def __init__(self, settings: Settings) -> None:
        self.base = settings.square_api_base.rstrip("/") or (LIVE if settings.live else SANDBOX)
        self._retries = settings.square_max_network_retries
        self._deadline = (self._retries + 1) * settings.square_timeout_seconds + 5.0
        self._kept = _Kept()
        timeout = httpx.Timeout(settings.square_timeout_seconds, connect=min(settings.square_timeout_seconds, 5.0))
        # A proxy of the environment must not see calls to a simulator on this machine.
        self._http = httpx.AsyncClient(timeout=timeout, trust_env=not settings.square_api_base)
        self._http.event_hooks["response"].append(self._kept.keep)
        self._sdk = AsyncSquare(
            base_url=self.base,
            token=settings.square_access_token.get_secret_value(),
            httpx_client=self._http,
            timeout=settings.square_timeout_seconds,
        )

    async def call(self, make: Call) -> dict[str, Any]:
        """Make one call, and again where its outcome is unknown; the body as plain data, or one of our three errors.

        ``make`` must send the same idempotency key each time.
        """
        try:
            async with asyncio.timeout(self._deadline):
                return await self._repeated(make)
        except TimeoutError:
            raise OutcomeUnknown("Square did not answer in time") from None

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def _repeated(self, make: Call) -> dict[str, Any]:
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                return await self._once(make)
            except ApiError as error:
                if last or error.status_code not in _AGAIN:
                    raise translate(error) from None
            except httpx.HTTPError as error:
                if last:
                    raise OutcomeUnknown(f"Square did not answer ({type(error).__name__})") from None
            await asyncio.sleep(min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.uniform(0.8, 1.2))  # noqa: S311 - jitter is no secret
        raise AssertionError("a call is made at least once")

    async def _once(self, make: Call) -> dict[str, Any]:
        self._kept.clear()
        await make(self._sdk)
        return self._kept.data()


class _Kept:
    """The body of the answer that the running task got last: each task calls once at a time."""

    def __init__(self) -> None:
        self._bodies: dict[int, bytes] = {}

    def clear(self) -> None:
        self._bodies.pop(self._task(), None)

    async def keep(self, response: httpx.Response) -> None:
        """Hook of the HTTP client."""
        self._bodies[self._task()] = await response.aread()

    def data(self) -> dict[str, Any]:
        """The body as plain data; raises ``OutcomeUnknown`` for what is no JSON object."""
        body = self._bodies.pop(self._task(), b"")
        try:
            found = msgspec.json.decode(body) if body.strip() else {}
        except msgspec.MsgspecError:
            raise OutcomeUnknown("Square's answer cannot be read", code="unreadable") from None
        if not isinstance(found, dict):
            raise OutcomeUnknown("Square's answer is not an object", code="unreadable")
        return found

    @staticmethod
    def _task() -> int:
        return id(asyncio.current_task())


def checked(object_id: str) -> str:
    """An id that may stand in a path; raises ``NotFound`` for anything else, since Square can have no such object."""
    if not _ID.fullmatch(object_id):
        raise NotFound("that is no id of Square's", code="NOT_FOUND")
    return object_id


def options(retries: int = 0) -> dict[str, Any]:
    """Options of every call: the SDK repeats nothing by itself."""
    return {"max_retries": retries}


def translate(error: ApiError) -> Refused | OutcomeUnknown:
    """What an error of the SDK means for us; a code and a sentence are kept, headers and body are not."""
    status = error.status_code or 0
    first = _first(error.body)
    code, detail = str(first.get("code") or ""), str(first.get("detail") or "")
    if status in {_UNAUTHORISED, _FORBIDDEN}:
        # Nothing happened, but nothing is wrong with the payment either: it goes on once the token is put right.
        _log.error("square.key_refused", status=status, code=code)
        return OutcomeUnknown("Square refuses our access token", code=KEY_REFUSED)
    if status == _TOO_MANY:
        return OutcomeUnknown("Square is too busy", code=BUSY)
    if status in _AGAIN or status >= _SERVER or not code:
        return OutcomeUnknown("Square could not say", code=code or f"http_{status}")
    if status == _MISSING:
        return NotFound(detail or "Square knows no such object", code=code)
    return Refused(detail or "Square refused", code=code)


def _first(body: Any) -> Mapping[str, Any]:
    """The first error of a refusal; nothing where the body is not Square's (a page of a proxy)."""
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}
