"""Making, changing, finding and locking orders."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, ids
from reference_impl.errors import Conflict, NotFound
from reference_impl.orders import rules, warnings
from reference_impl.orders.table import Order, OrderLine
from reference_impl.payments.table import Payment
from reference_impl.settings import Settings

_FOUND = select(Order).where(Order.id == bindparam("of_order"))
_LOCKED = _FOUND.with_for_update()
_LINES = select(OrderLine).where(OrderLine.order_id == bindparam("of_order")).order_by(OrderLine.id)


async def create(
    settings: Settings, wishes: Sequence[rules.Wish], currency: str, email: str | None, key: str | None
) -> tuple[Order, str]:
    """Make an order at the catalogue's prices; the order and its token.

    The same ``key`` with the same wish gives the same order again; with another wish it is a conflict.
    """
    lines = rules.priced(wishes, currency, max_quantity=settings.max_quantity)
    amount = rules.total(lines, currency)
    address = rules.email(email)
    key_hash = ids.digest(f"orders:{key}") if key else None
    request_hash = ids.digest(msgspec.json.encode([[(w.sku, w.quantity) for w in wishes], currency, email]).decode())
    if key_hash and (known := await _made_with(key_hash)):
        return _repeated(settings, known, request_hash)
    order = Order(
        id=ids.new("or"),
        state=rules.OrderState.UNPAID,
        currency=currency,
        total_minor=amount,
        email=address,
        key_hash=key_hash,
        request_hash=request_hash,
    )
    token = ids.order_token(settings.token_secret, order.id)
    order.token_hash = ids.digest(token)
    try:
        async with database.transaction() as session:
            session.add(order)
            await session.flush()
            session.add_all(_rows(order.id, lines))
            warnings.moved(session, "order", order.id, None, order.state, "ordered")
    except IntegrityError:
        # Two requests with one key at the same moment: the other one made the order.
        known = await _made_with(key_hash or "")
        if known is None:
            raise
        return _repeated(settings, known, request_hash)
    return order, token


async def change_lines(
    settings: Settings, order_id: str, token: str, wishes: Sequence[rules.Wish]
) -> tuple[Order, list[OrderLine]]:
    """Replace the lines of an order that no payment was started for."""
    async with database.transaction() as session:
        order = await locked(session, order_id)
        authorise(order, token)
        started = await session.scalar(select(Payment.id).where(Payment.order_id == order_id).limit(1))
        if started is not None or order.state != rules.OrderState.UNPAID:
            raise Conflict("payment_started", "A payment was started for this order, so it cannot change any more.")
        lines = rules.priced(wishes, order.currency, max_quantity=settings.max_quantity)
        order.total_minor = rules.total(lines, order.currency)
        await session.execute(delete(OrderLine).where(OrderLine.order_id == order_id))
        rows = _rows(order.id, lines)
        session.add_all(rows)
        return order, rows


def authorise(order: Order | None, token: str) -> Order:
    """The order, for whoever holds its token; for anybody else there is no such order."""
    if not ids.same(ids.digest(token), order.token_hash if order else ids.digest("")) or order is None:
        raise NotFound
    return order


async def found(session: AsyncSession, order_id: str) -> Order:
    """An order, not locked; raises ``NotFound``."""
    order = await session.scalar(_FOUND, {"of_order": order_id}) if ids.well_formed(order_id) else None
    if order is None:
        raise NotFound
    return order


async def locked(session: AsyncSession, order_id: str) -> Order:
    """An order, locked until the end of the transaction; raises ``NotFound``."""
    if not ids.well_formed(order_id):
        raise NotFound
    order = await session.scalar(_LOCKED, {"of_order": order_id})
    if order is None:
        raise NotFound
    return order


async def lines_of(session: AsyncSession, order_id: str) -> list[OrderLine]:
    """Lines of an order, in the order in which they were asked for."""
    return list(await session.scalars(_LINES, {"of_order": order_id}))


async def _made_with(key_hash: str) -> Order | None:
    async with database.statement() as session:
        return await session.scalar(select(Order).where(Order.key_hash == key_hash))


def _repeated(settings: Settings, order: Order, request_hash: str) -> tuple[Order, str]:
    token = ids.order_token(settings.token_secret, order.id)
    if order.request_hash != request_hash or not ids.same(ids.digest(token), order.token_hash):
        raise Conflict("idempotency_key_reused", "That Idempotency-Key was used for another order; send a new key.")
    return order, token


def _rows(order_id: str, lines: Sequence[rules.PricedLine]) -> list[OrderLine]:
    return [
        OrderLine(order_id=order_id, sku=line.sku, name=line.name, quantity=line.quantity, unit_minor=line.unit)
        for line in lines
    ]
