"""Side effects through an outbox: asked for in the transaction of the change, performed after its commit, each once.

``request`` writes the effect under its key in the caller's transaction: no commit, no effect; the same key again, no
second effect. ``deliver`` performs what is pending. A process that dies between performing an effect and marking it
performs it again under the same key, which is why every receiver is handed the key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, logs
from reference_impl.effects.table import Effect
from reference_impl.orders.table import Order

_BATCH = 50
_REQUEST = database.addition(Effect).returning(Effect.__table__.c.id)
_PENDING = (
    select(Effect).where(Effect.done_at.is_(None)).order_by(Effect.id).limit(_BATCH).with_for_update(skip_locked=True)
)
_PENDING_OF_ORDER = _PENDING.where(Effect.order_id == bindparam("of_order"))
_OF_ORDER = select(Effect).where(Effect.order_id == bindparam("of_order")).order_by(Effect.id)
_log = logs.get("effects")


async def request(session: AsyncSession, order_id: str, kind: str, key: str, **payload: Any) -> bool:
    """Ask for an effect; whether it is new."""
    values = {"effect_key": key, "kind": kind, "order_id": order_id, "payload": payload}
    made = await session.scalar(_REQUEST, values)
    return made is not None


async def deliver(order_id: str | None = None) -> int:
    """Perform what is pending (of one order, or of all); how many. Workers beside each other skip each other's rows."""
    async with database.transaction() as session:
        found = await session.scalars(_PENDING if order_id is None else _PENDING_OF_ORDER, {"of_order": order_id})
        effects = list(found)
        for effect in effects:
            effect.attempts += 1
            await perform(session, effect)
            effect.done_at = datetime.now(UTC)
        return len(effects)


async def perform(session: AsyncSession, effect: Effect) -> None:
    """Hand an effect to whoever it is for."""
    await PERFORMERS[effect.kind](session, effect)


async def fulfil(session: AsyncSession, effect: Effect) -> None:
    """Release the goods; with a warehouse, its call, and ``effect.effect_key`` the key of the shipment."""
    await session.execute(
        update(Order)
        .where(Order.id == effect.order_id, Order.fulfilled_at.is_(None))
        .values(fulfilled_at=datetime.now(UTC))
    )
    _log.info("order.fulfilled", order=effect.order_id, key=effect.effect_key)


async def mail(_session: AsyncSession, effect: Effect) -> None:
    """Send a mail. In a shop with a mail server this is its call, with ``effect.effect_key`` in the message id."""
    _log.info("mail.sent", order=effect.order_id, key=effect.effect_key, template=effect.payload.get("template"))


PERFORMERS: dict[str, Callable[[AsyncSession, Effect], Awaitable[None]]] = {"fulfilment": fulfil, "mail": mail}


async def of(session: AsyncSession, order_id: str) -> list[Effect]:
    """Effects of an order, oldest first."""
    return list(await session.scalars(_OF_ORDER, {"of_order": order_id}))
