"""Warnings for staff, and the history of states: rows that are only ever added."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, logs
from reference_impl.orders.table import Transition, Warning  # noqa: A004 - the table of that name

_log = logs.get("orders")
_WARN = database.addition(Warning).returning(Warning.__table__.c.id)
_OF_ORDER = select(Warning).where(Warning.order_id == bindparam("of_order")).order_by(Warning.id)


async def warn(session: AsyncSession, order_id: str, code: str, source_id: str, message: str) -> bool:
    """Warn staff about an order, once for each source; whether it is new."""
    values = {"order_id": order_id, "code": code, "source_id": source_id, "message": message}
    new = await session.scalar(_WARN, values) is not None
    if new:
        _log.warning("order.warning", order=order_id, code=code, source=source_id)
    return new


async def of(session: AsyncSession, order_id: str) -> list[Warning]:
    """Warnings of an order, oldest first."""
    return list(await session.scalars(_OF_ORDER, {"of_order": order_id}))


def moved(session: AsyncSession, subject: str, subject_id: str, before: str | None, after: str, cause: str) -> None:
    """Write a change of state into the history."""
    session.add(Transition(subject=subject, subject_id=subject_id, before=before, after=after, cause=cause))
