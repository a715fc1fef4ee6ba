"""How an event finds its order: every provider object that we know of points to a payment of ours."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, gateways
from reference_impl.gateways.truth import EventNotice, Intent
from reference_impl.orders import warnings
from reference_impl.orders.table import Order
from reference_impl.payments.table import Payment, ProviderObject

_KNOWN = "SELECT payment_id FROM provider_object WHERE provider = $1 AND object_id = ANY($2) LIMIT 1"
"""Asked for every event, and so on a plain connection."""

_PARTS = "SELECT object_id FROM provider_object WHERE provider = $1 AND payment_id = $2 AND kind IN ('part', 'charge')"

LOCK_BOTH = (
    select(Order, Payment)
    .join(Payment, Payment.order_id == Order.id)
    .where(Payment.id == bindparam("of_payment"))
    .with_for_update()
)
"""A payment and its order, locked in the order in which everybody locks them."""
_REMEMBER = database.addition(ProviderObject)


class Unlocated(Exception):  # noqa: N818 - reads as what it is
    """No payment of ours is known for an object yet; it may be on its way, so the event waits and is tried again."""


class Stray(Exception):  # noqa: N818 - reads as what it is
    """A payment at the provider names an order of ours but was not made for it by us: staff was warned."""


async def remember(session: AsyncSession, payment: Payment, kind: str, object_id: str | None) -> None:
    """Note that a provider's object belongs to a payment."""
    if object_id:
        await session.execute(
            _REMEMBER,
            {
                "provider": payment.provider,
                "object_id": object_id,
                "kind": kind,
                "payment_id": payment.id,
                "order_id": payment.order_id,
            },
        )


async def parts_of(payment: Payment) -> tuple[str, ...]:
    """Ids of the attempts to pay a payment, as far as we know of them, in no order."""
    return tuple(row["object_id"] for row in await database.pool().fetch(_PARTS, payment.provider, payment.id))


async def payment_of(provider: str, event: EventNotice) -> str:
    """Id of the payment that an event is about; raises ``Unlocated`` or ``Stray``."""
    known = await _known(provider, [event.object_id, event.parent_id])
    if known is not None:
        return known
    gateway = gateways.get(provider)
    intent_id = await gateway.intent_of(event.type, event.object_id)
    if intent_id is None:
        raise Unlocated(f"{event.object_id} belongs to no payment yet")
    known = await _known(provider, [intent_id])
    return known or await adopt(provider, await gateway.intent(intent_id))


async def adopt(provider: str, intent: Intent) -> str:
    """The payment that an intent was made for, when the answer that named it never reached us.

    Its own metadata says which payment that is; it is ours only if that payment still waits for its intent.
    """
    async with database.transaction() as session:
        payment = await _locked(session, intent.metadata.get("payment_id", ""))
        if payment is not None and payment.provider == provider and payment.intent_id in {None, intent.id}:
            payment.intent_id = intent.id
            await remember(session, payment, "intent", intent.id)
            return payment.id
        order = await session.get(Order, intent.metadata.get("order_id", ""))
        if order is None:
            raise Unlocated(f"{intent.id} names no payment of ours")
        await warnings.warn(
            session,
            order.id,
            "stray_payment",
            intent.id,
            f"{intent.id} names this order, but the shop did not make it; look at it in the provider's dashboard.",
        )
    raise Stray(intent.id)


async def _locked(session: AsyncSession, payment_id: str) -> Payment | None:
    """A payment, locked after its order: everybody locks in that turn, or two of them wait for each other for ever.

    The row that notes the intent refers to the order, and so needs a lock on it as well.
    """
    found = (await session.execute(LOCK_BOTH, {"of_payment": payment_id})).one_or_none()
    return found[1] if found else None


async def _known(provider: str, object_ids: list[str | None]) -> str | None:
    wanted = [object_id for object_id in object_ids if object_id]
    found: str | None = await database.pool().fetchval(_KNOWN, provider, wanted)
    return found
