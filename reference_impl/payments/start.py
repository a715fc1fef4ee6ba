"""Starting a payment: one for an order at a time, however often the shopper clicks.

The payment and the call that makes it are written down under the order's lock, then the call is made under the key of
the business operation (``order:{id}:payment:{n}``). Whoever comes at the same moment, or later, finds that row and
goes on with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, gateways, ids, keys
from reference_impl.errors import ApiError, Conflict, Invalid, Unavailable
from reference_impl.gateways.errors import Refused
from reference_impl.gateways.truth import Intent, PaymentTruth, Session, Started
from reference_impl.orders import orders, warnings
from reference_impl.orders.rules import OrderState
from reference_impl.orders.table import Order
from reference_impl.payments import calls, cancel, locating, rules, sync
from reference_impl.payments.table import Payment, ProviderCall
from reference_impl.settings import Settings

_TURNS = 4
_BUSY = "The payment provider is too busy to answer; nothing was charged. Please try again in a moment."

_NUMBER = select(func.max(Payment.number)).where(Payment.order_id == bindparam("of_order"))
_OPEN = select(Payment).where(Payment.order_id == bindparam("of_order"), Payment.open)


@dataclass(frozen=True, slots=True)
class Wish:
    """How the shopper wants to pay."""

    method: str
    capture: str
    provider: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment under way, with what the shopper's browser needs to go on."""

    payment: Payment
    new: bool
    intent: Intent | None = None
    session: Session | None = None


async def start(settings: Settings, order_id: str, token: str, wish: Wish) -> Begun:
    """Start the payment of an order, or go on with the one under way.

    Raises ``Conflict`` for an order that cannot be paid, ``Unavailable`` when the provider turned the call away. An
    outcome that nobody knows is no error: the payment is then ``unknown``, and the janitor settles it.
    """
    if wish.provider not in gateways.names():
        raise Invalid("unknown_provider", f"The shop takes payments through {', '.join(gateways.names())}.")
    for _ in range(_TURNS):
        payment_id, new = await claim(settings, order_id, token, wish)
        begun = await _begin(payment_id, wish, new=new)
        if begun is not None:
            return begun
    raise Conflict(
        "payment_in_progress", "Another payment of this order is being completed; look at the order in a moment."
    )


async def claim(settings: Settings, order_id: str, token: str, wish: Wish) -> tuple[str, bool]:
    """The open payment of an order, made now where there is none; its id and whether it is new."""
    async with database.transaction() as session:
        order = orders.authorise(await orders.locked(session, order_id), token)
        if order.state != OrderState.UNPAID or order.cancel_requested_at is not None:
            raise Conflict("order_not_payable", f"The order is {order.state}, so there is nothing to pay.")
        payment = await open_payment(session, order.id)
        if payment is not None:
            return payment.id, False
        if not gateways.get(wish.provider).sells_in(order.currency):
            raise Invalid(
                "currency_not_taken", f"{order.currency.upper()} cannot be paid through this provider; choose another."
            )
        number = 1 + (await session.scalar(_NUMBER, {"of_order": order.id}) or 0)
        if number > settings.max_payments_per_order:
            raise ApiError(
                "too_many_payments", "Too many payments were tried for this order; please order anew.", status=429
            )
        payment = Payment(
            id=ids.new("pay"),
            order_id=order.id,
            number=number,
            provider=wish.provider,
            method=wish.method,
            capture=wish.capture,
            state=rules.PaymentState.UNKNOWN,
            open=True,
            amount_minor=order.total_minor,
            currency=order.currency,
        )
        session.add(payment)
        warnings.moved(session, "payment", payment.id, None, payment.state, "shopper")
        await session.flush()
        params = parameters(settings, order, payment, await orders.lines_of(session, order.id))
        key = keys.for_payment(order.id, number)
        await calls.write(session, key, "start", subject_id=payment.id, payment_id=payment.id, params=params)
        return payment.id, True


async def open_payment(session: AsyncSession, order_id: str) -> Payment | None:
    """The payment of an order that may still take money."""
    return await session.scalar(_OPEN, {"of_order": order_id})


def parameters(settings: Settings, order: Order, payment: Payment, lines: list[Any]) -> dict[str, Any]:
    """What the provider is asked for: amounts and addresses of ours, nothing that came from the browser."""
    public = settings.public_url.rstrip("/")
    return {
        "method": payment.method,
        "capture": payment.capture,
        "amount": payment.amount_minor,
        "currency": payment.currency,
        "description": f"Order {order.id}",
        "metadata": {"order_id": order.id, "payment_id": payment.id},
        "lines": [{"name": line.name, "unit": line.unit_minor, "quantity": line.quantity} for line in lines],
        "number": payment.number,
        "return_url": f"{public}/orders/{order.id}/return",
        "success_url": f"{public}/orders/{order.id}/return?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{public}/orders/{order.id}",
    }


async def _begin(payment_id: str, wish: Wish, *, new: bool) -> Begun | None:
    """Go on with a payment; ``None`` when it turned out to be over, so that another one has to be claimed."""
    payment = (await sync.look(payment_id)).payment
    if (payment.method, payment.capture, payment.provider) != (wish.method, wish.capture, wish.provider):
        await cancel.close(payment_id, "another way to pay")
        return await _unless_over(payment_id)
    if payment.intent_id is None and payment.session_id is None:
        outcome = await calls.make(keys.for_payment(payment.order_id, payment.number))
        if outcome.busy:
            raise Unavailable("provider_busy", _BUSY)
        if outcome.state == calls.REFUSED:
            raise ApiError(
                "payment_refused",
                "The payment provider refused to start this payment; nothing was charged.",
                status=502,
            )
        payment = (await sync.look(payment_id)).payment
        if isinstance(outcome.value, Started):
            return Begun(payment, new, outcome.value.intent, outcome.value.session)
        if payment.intent_id is None and payment.session_id is None:
            return Begun(payment, new)
    result = await sync.synchronise(payment_id, "payment asked for")
    return await _unless_over(payment_id, result.truth)


async def _unless_over(payment_id: str, truth: PaymentTruth | None = None) -> Begun | None:
    payment = (await sync.look(payment_id)).payment
    if not payment.open or truth is None:
        return None
    return Begun(payment, new=False, intent=truth.intent, session=truth.session)


async def _make(call: ProviderCall, key: str) -> Started:
    return await gateways.get(call.provider).create_payment(call.params, key)


async def _find(call: ProviderCall) -> Started | None:
    return await gateways.get(call.provider).find_payment(call.payment_id)


async def _done(call: ProviderCall, started: Started) -> None:
    """The provider has the payment: note its ids, and take in what it says."""
    async with database.transaction() as session:
        order = await orders.locked(session, call.params["metadata"]["order_id"])
        payment = await session.get_one(Payment, call.payment_id, with_for_update=True)
        if started.intent is not None:
            payment.intent_id = payment.intent_id or started.intent.id
            await locating.remember(session, payment, "intent", started.intent.id)
        if started.session is not None:
            payment.session_id = payment.session_id or started.session.id
            # Where the page has its payment from the start, it is known from the start: the page may be taken away.
            payment.intent_id = payment.intent_id or started.session.intent_id
            await locating.remember(session, payment, "session", started.session.id)
        if payment.state == rules.PaymentState.UNKNOWN:
            # A replayed answer shows how things stood when it was first given; only a fresh payment is taken from it.
            await sync.apply(session, order, payment, PaymentTruth(started.intent, started.session), "payment started")
        payment.version += 1
        late = order.cancel_requested_at is not None
    if late:
        await cancel.close(call.payment_id, "cancelled while it was started")


async def _refused(call: ProviderCall, error: Refused) -> bool:
    """The provider refused: this payment is over, and nothing was charged."""
    async with database.transaction() as session:
        order = await orders.locked(session, call.params["metadata"]["order_id"])
        payment = await session.get_one(Payment, call.payment_id, with_for_update=True)
        if payment.intent_id is not None or payment.session_id is not None:
            return True
        warnings.moved(
            session, "payment", payment.id, payment.state, rules.PaymentState.FAILED, error.code or "refused"
        )
        payment.state, payment.open = rules.PaymentState.FAILED, False
        payment.version += 1
        await warnings.warn(
            session,
            order.id,
            "payment_refused",
            payment.id,
            f"The provider refused to start the payment ({error.code}).",
        )
        await sync.settle_order(session, order, "payment refused")
    return False


calls.register("start", calls.Kind(make=_make, find=_find, done=_done, refused=_refused))
