"""Paying with what the provider's card fields gave the browser: a token for one use, which never tells a card number.

The browser says which token; what it pays, and to whom, is ours to say. The call is written down under the payment's
lock before it is made, so that a lost answer is asked for again under the same key, and a token that comes twice is
tried once. While one token's outcome is unknown no other is tried: the shopper might pay twice.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, gateways, ids, keys, logs
from reference_impl.errors import Conflict, Invalid
from reference_impl.gateways.errors import Refused
from reference_impl.gateways.truth import Intent
from reference_impl.orders import orders
from reference_impl.orders.rules import OrderState
from reference_impl.payments import approval, calls, locating, rules, start, sync
from reference_impl.payments.calls import Outcome
from reference_impl.payments.rules import PaymentState
from reference_impl.payments.table import Payment, ProviderCall

KIND = "token"
MOST = 10
"""So many tokens are tried for one payment; after that the shopper may begin another one."""
_CALLS = (
    select(ProviderCall)
    .where(ProviderCall.payment_id == bindparam("of_payment"), ProviderCall.kind == KIND)
    .order_by(ProviderCall.created_at)
)
_log = logs.get("payments")


async def pay(order_id: str, token: str, source: str, verification: str | None) -> Outcome:
    """Pay the open payment of an order with a token, and what became of it.

    Raises ``Conflict`` where nothing waits to be paid like that, ``Invalid`` for what is no token.
    """
    async with database.statement() as session:
        orders.authorise(await orders.found(session, order_id), token)
        payment = await start.open_payment(session, order_id)
    if payment is None or not gateways.get(payment.provider).takes_tokens or payment.session_id is not None:
        raise Conflict("no_token_wanted", "No payment of this order waits for a card; start one first.")
    if not gateways.get(payment.provider).is_token(source):
        raise Invalid("no_token", "That is not what the card fields gave; enter the card again.")
    if payment.intent_id is None:
        started = await calls.make(keys.for_payment(payment.order_id, payment.number))
        if started.state != calls.DONE:
            return started
    return await calls.make(await decide(payment.id, source, verification))


async def decide(payment_id: str, source: str, verification: str | None) -> str:
    """Write the call down that pays with a token, or find it; its key."""
    digest = ids.digest(f"token:{source}")
    async with database.transaction() as session:
        order, payment = (await session.execute(locating.LOCK_BOTH, {"of_payment": payment_id})).one()
        made = list(await session.scalars(_CALLS, {"of_payment": payment_id}))
        for call in made:
            if call.state != calls.REFUSED or call.params["digest"] == digest:
                return call.key
        over = not payment.open or not rules.is_early(PaymentState(payment.state))
        if over or order.state != OrderState.UNPAID or order.cancel_requested_at is not None:
            raise Conflict("order_not_payable", f"The order is {order.state}, so there is nothing to pay.")
        key = keys.for_token(payment.id, len(made) + 1)
        params = {
            "intent_id": payment.intent_id,
            "order_id": order.id,
            "payment_id": payment.id,
            "source_id": source,
            "verification_token": verification,
            "digest": digest,
            "amount": payment.amount_minor,
            "currency": payment.currency,
            "capture": payment.capture,
        }
        await calls.write(session, key, KIND, subject_id=payment.id, payment_id=payment.id, params=params)
        payment.turned_back = None
        payment.version += 1
        return key


async def _make(call: ProviderCall, key: str) -> Intent:
    return await gateways.get(call.provider).take(call.params, key)


async def _find(call: ProviderCall) -> Intent | None:
    found = await gateways.get(call.provider).intent(call.params["intent_id"])
    return found if rules.counts(found) else None


async def _done(call: ProviderCall, taken: Intent) -> None:
    """The provider has a payment: remember which, since its order may not name it, and take in what it says."""
    async with database.transaction() as session:
        payment = await _locked(session, call.payment_id)
        for object_id in taken.objects:
            await locating.remember(session, payment, "part", object_id)
    await sync.hear(call.payment_id, "paid with a token")


async def _refused(call: ProviderCall, error: Refused) -> bool:
    """Declined, or a token that is no good; unless the order turns out to be paid already."""
    await sync.hear(call.payment_id, "token refused")
    async with database.transaction() as session:
        order, payment = (await session.execute(locating.LOCK_BOTH, {"of_payment": call.payment_id})).one()
        if not payment.open or not rules.is_early(PaymentState(payment.state)):
            return payment.state in {PaymentState.PAID, PaymentState.AUTHORISED}
        tried = len(list(await session.scalars(_CALLS, {"of_payment": payment.id})))
        await approval.turn_back(session, order, payment, error.code or "refused", over=tried >= MOST)
    return False


async def _locked(session: AsyncSession, payment_id: str) -> Payment:
    _, payment = (await session.execute(locating.LOCK_BOTH, {"of_payment": payment_id})).one()
    return payment


calls.register(KIND, calls.Kind(make=_make, find=_find, done=_done, refused=_refused))
