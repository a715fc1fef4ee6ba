"""Calls that move money.

Written down before they are made, made under one idempotency key, finished whatever dies in between.

A call is written in the transaction that decides it (``write``), then made (``make``), and its outcome is recorded.
When the outcome is unknown the row stays ``pending`` and the janitor makes the call again: same key, same parameters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, keys, logs
from reference_impl.gateways.errors import GatewayError, OutcomeUnknown, Refused
from reference_impl.payments.table import ProviderCall

PENDING, DONE, REFUSED = "pending", "done", "refused"
BUSY = "rate_limited"

_FIRST_SECONDS = 2.0
_LONGEST_SECONDS = 300.0
_log = logs.get("calls")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call.

    ``state``: pending, done, refused. ``value`` is the provider's answer where it was made now.
    """

    state: str
    code: str | None = None
    message: str | None = None
    value: Any = None

    @property
    def busy(self) -> bool:
        """The provider turned the call away before looking at it: nothing happened, and it may be repeated."""
        return self.state == PENDING and self.code == BUSY


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of call is made, looked for after a stored failure, and recorded."""

    make: Callable[[ProviderCall, str], Awaitable[Any]]
    find: Callable[[ProviderCall], Awaitable[Any]]
    done: Callable[[ProviderCall, Any], Awaitable[None]]
    refused: Callable[[ProviderCall, Refused], Awaitable[bool]]
    """Records a refusal; ``True`` when the goal holds all the same (captured already, refunded already)."""


_WRITE = database.addition(ProviderCall)
_CALL = select(ProviderCall).where(ProviderCall.key == bindparam("of_key"))
_SETTLE = (
    update(ProviderCall)
    .where(ProviderCall.key == bindparam("of_key"), ProviderCall.state == PENDING)
    .values(state=bindparam("to_state"), last_error=bindparam("error"), attempts=ProviderCall.attempts + 1)
    .execution_options(synchronize_session=False)
)
_kinds: dict[str, Kind] = {}
_retry_seconds = _FIRST_SECONDS


def register(name: str, kind: Kind) -> None:
    """Make a kind of call known."""
    _kinds[name] = kind


def retry_every(seconds: float) -> None:
    """The shortest time between two attempts of one call."""
    global _retry_seconds  # noqa: PLW0603 - a setting of the process
    _retry_seconds = seconds


async def write(
    session: AsyncSession, key: str, kind: str, *, subject_id: str, payment_id: str, params: dict[str, Any]
) -> None:
    """Write a call down; one that was written before stays as it was.

    It falls to the janitor only after whoever wrote it had the time to make it.
    """
    await session.execute(
        _WRITE,
        {
            "key": key,
            "kind": kind,
            "subject_id": subject_id,
            "payment_id": payment_id,
            "params": params,
            "state": PENDING,
            "next_attempt_at": datetime.now(UTC) + timedelta(seconds=max(_retry_seconds * 4, 5.0)),
        },
    )


async def make(key: str) -> Outcome:
    """Make a call that was written down, and record what became of it."""
    async with database.statement() as session:
        call = await session.scalar(_CALL, {"of_key": key})
    if call is None:
        raise LookupError(f"no call was written down under {key}")
    if call.state != PENDING:
        return Outcome(call.state, call.last_error, call.last_error)
    kind = _kinds[call.kind]
    try:
        value = await attempt(call)
    except OutcomeUnknown as error:
        return await _unknown(call, error)
    except Refused as error:
        return await _record_refusal(call, kind, error)
    try:
        await kind.done(call, value)
    except GatewayError as error:
        # It was made, but what it did could not be asked: the same key will tell the same answer again.
        return await _unknown(call, OutcomeUnknown(str(error), code=error.code))
    await _settle(call.key, DONE, None)
    return Outcome(DONE, value=value)


async def _record_refusal(call: ProviderCall, kind: Kind, refusal: Refused) -> Outcome:
    try:
        reached = await kind.refused(call, refusal)
    except GatewayError as error:
        return await _unknown(call, OutcomeUnknown(str(error), code=error.code))
    if reached:
        await _settle(call.key, DONE, None)
        return Outcome(DONE)
    await _settle(call.key, REFUSED, refusal.code or "refused")
    return Outcome(REFUSED, refusal.code, str(refusal))


async def attempt(call: ProviderCall) -> Any:
    """One attempt. A stored failure under the key says nothing.

    Look for the object, and else begin anew under the next key.
    """
    kind = _kinds[call.kind]
    effective = keys.again(call.key, call.turn) if call.turn else call.key
    try:
        return await kind.make(call, effective)
    except OutcomeUnknown as error:
        if not error.replayed:
            raise
        found = await kind.find(call)
        if found is not None:
            return found
        call.turn += 1
        return await kind.make(call, keys.again(call.key, call.turn))


async def due(limit: int = 50) -> list[str]:
    """Keys of pending calls whose time has come; taken so that no two janitors make the same call at once."""
    async with database.transaction() as session:
        calls = await session.scalars(
            select(ProviderCall)
            .where(ProviderCall.state == PENDING, ProviderCall.next_attempt_at <= datetime.now(UTC))
            .order_by(ProviderCall.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        taken = []
        for call in calls:
            call.next_attempt_at = _next_attempt(call.attempts + 1)
            taken.append(call.key)
        return taken


async def pending() -> list[str]:
    """Keys of every pending call, due or not."""
    async with database.statement() as session:
        return list(await session.scalars(select(ProviderCall.key).where(ProviderCall.state == PENDING)))


async def settle(session: AsyncSession, key: str) -> None:
    """The outcome became known by another way (an event told it): nobody needs to ask any more."""
    call = await session.get(ProviderCall, key, with_for_update=True)
    if call is not None and call.state == PENDING:
        call.state, call.last_error = DONE, None


async def _unknown(call: ProviderCall, error: OutcomeUnknown) -> Outcome:
    code = error.code or "no_answer"
    _log.warning("call.unknown", kind=call.kind, subject=call.subject_id, code=code, attempts=call.attempts + 1)
    async with database.transaction() as session:
        row = await session.get(ProviderCall, call.key, with_for_update=True)
        if row is not None and row.state == PENDING:
            row.attempts += 1
            row.turn = max(row.turn, call.turn)
            row.last_error = code
            row.next_attempt_at = _next_attempt(row.attempts + (2 if code == BUSY else 0))
        elif row is not None:
            return Outcome(row.state, row.last_error, row.last_error)
    return Outcome(PENDING, code, "The provider did not say what became of it.")


async def _settle(key: str, state: str, error: str | None) -> None:
    async with database.statement() as session:
        await session.execute(_SETTLE, {"of_key": key, "to_state": state, "error": error})


def _next_attempt(attempts: int) -> datetime:
    seconds = min(_retry_seconds * 2 ** min(attempts - 1, 16), _LONGEST_SECONDS)
    return datetime.now(UTC) + timedelta(seconds=seconds)


__all__ = ["DONE", "PENDING", "REFUSED", "Kind", "Outcome", "due", "make", "pending", "register", "settle", "write"]
