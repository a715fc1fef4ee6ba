"""Taking what a shopper approved, where the provider waits for us to do it.

Several learn of an approval: the event, the page after payment, the janitor, reconciliation. Whoever does finds or
writes down one call under the payment's lock and makes it, so that racing paths send one request id and take the money
once. A refusal sends the shopper back to the provider; what is approved anew is taken under the next id, three times at
most. Calling a payment off excludes taking it, under the same lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, gateways, keys, logs
from reference_impl.gateways.errors import NotFound, Refused
from reference_impl.gateways.truth import Intent
from reference_impl.orders import warnings
from reference_impl.orders.rules import OrderState
from reference_impl.orders.table import Order
from reference_impl.payments import calls, locating, rules, sync
from reference_impl.payments.rules import PaymentState
from reference_impl.payments.table import Payment, ProviderCall
from reference_impl.webhooks.table import WebhookEvent

KIND = "take"
MOST_DECLINES = 3
"""After that many refusals the payment is closed; the shopper may begin another one."""
APPROVED = "CHECKOUT.ORDER.APPROVED"
TAKEN_ALREADY = frozenset({"ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED", "ORDER_ALREADY_COMPLETED"})
DUPLICATE_INVOICE = "DUPLICATE_INVOICE_ID"
OVER = frozenset(
    {
        "AGREEMENT_ALREADY_CANCELLED",
        "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED",
        "ORDER_CANNOT_BE_SAVED",
        "ORDER_EXPIRED",
        "ORDER_VOIDED",
        "PAYEE_ACCOUNT_RESTRICTED",
        "TOKEN_ID_NOT_FOUND",
    }
)
"""Refusals after which no approval of this payment helps."""
_log = logs.get("payments")
_CALLS = (
    select(ProviderCall)
    .where(ProviderCall.payment_id == bindparam("of_payment"), ProviderCall.kind == KIND)
    .order_by(ProviderCall.created_at)
)


async def take(payment_id: str, cause: str, intent: Intent) -> bool:
    """Take what was approved; whether there was anything to take."""
    took = False
    for _ in range(MOST_DECLINES):
        key = await decide(payment_id, cause, intent)
        if key is None:
            return took
        took = True
        outcome = await calls.make(key)
        if outcome.code != DUPLICATE_INVOICE or outcome.state != calls.REFUSED:
            return True
    return took


async def decide(payment_id: str, cause: str, intent: Intent) -> str | None:
    """Write the call down that takes a payment, or find it; its key, or ``None`` where nothing is to be taken.

    An approval of something else than the order's amount is not taken at all, and one that was refused not again.
    """
    async with database.transaction() as session:
        order, payment = await _locked(session, payment_id)
        made = await _calls(session, payment_id)
        pending = next((call for call in made if call.state == calls.PENDING), None)
        if pending is not None:
            return pending.key
        over = not payment.open or not rules.is_early(PaymentState(payment.state))
        if over or order.cancel_requested_at is not None or order.state != OrderState.UNPAID:
            return None
        if any(call.state == calls.DONE for call in made) or payment.intent_id is None:
            return None
        if payment.turned_back is not None and not await _approved_anew(session, payment, intent, made):
            return None
        if wrong := sync.misfit(order, payment, intent):
            words = f"{intent.id} was approved but does not fit the order ({wrong}); it was not taken."
            await warnings.warn(session, order.id, "payment_mismatch", intent.id, words)
            return None
        number = len(made) + 1
        params: dict[str, Any] = {"intent_id": payment.intent_id, "capture": payment.capture, "order_id": order.id}
        renamed = sum(1 for call in made if call.last_error == DUPLICATE_INVOICE)
        if renamed:
            params["invoice_id"] = f"{order.id}-{payment.number}-{renamed}"
        key = keys.for_take(payment.id, number)
        await calls.write(session, key, KIND, subject_id=payment.id, payment_id=payment.id, params=params)
        _log.info("payment.taking", payment=payment.id, number=number, cause=cause)
        payment.turned_back = None
        payment.version += 1
        return key


async def _approved_anew(session: AsyncSession, payment: Payment, intent: Intent, made: Sequence[ProviderCall]) -> bool:
    """Whether the shopper approved again after the last refusal: one approval is told of by several, and tried once.

    The provider's object is newer than it was then, or more approvals were told of than were refused.
    """
    if intent.updated > payment.turned_back_at:
        return True
    told = select(func.count()).select_from(WebhookEvent)
    told = told.where(
        WebhookEvent.provider == payment.provider, WebhookEvent.object_id == intent.id, WebhookEvent.type == APPROVED
    )
    return (await session.scalar(told) or 0) > sum(1 for call in made if call.last_error != DUPLICATE_INVOICE)


async def call_off(payment_id: str, cause: str) -> bool:
    """Close a payment that nobody took; whether it is known to be over now.

    While a call that takes it has not been answered, nobody knows, and it stays as it is.
    """
    async with database.statement() as session:
        pending = [call.key for call in await _calls(session, payment_id) if call.state == calls.PENDING]
    for key in pending:
        await calls.make(key)
    async with database.transaction() as session:
        order, payment = await _locked(session, payment_id)
        if any(call.state != calls.REFUSED for call in await _calls(session, payment_id)):
            return not payment.open
        if payment.open and rules.is_early(PaymentState(payment.state)):
            await _close(session, order, payment, PaymentState.CANCELLED, cause)
        return not payment.open


async def _close(session: AsyncSession, order: Order, payment: Payment, state: PaymentState, cause: str) -> None:
    warnings.moved(session, "payment", payment.id, payment.state, state, cause)
    payment.state, payment.open = state, False
    payment.version += 1
    await calls.settle(session, keys.for_payment(payment.order_id, payment.number))
    await sync.settle_order(session, order, cause)


async def _locked(session: AsyncSession, payment_id: str) -> tuple[Order, Payment]:
    order, payment = (await session.execute(locating.LOCK_BOTH, {"of_payment": payment_id})).one()
    return order, payment


async def _calls(session: AsyncSession, payment_id: str) -> list[ProviderCall]:
    return list(await session.scalars(_CALLS, {"of_payment": payment_id}))


async def _make(call: ProviderCall, key: str) -> Intent:
    return await gateways.get(call.provider).take(call.params, key)


async def _find(call: ProviderCall) -> Intent | None:
    found = await _read(call)
    return None if found.approved else found


async def _read(call: ProviderCall) -> Intent:
    return await gateways.get(call.provider).intent(call.params["intent_id"])


async def _done(call: ProviderCall, _taken: Intent) -> None:
    await sync.hear(call.payment_id, "approval taken")


async def _refused(call: ProviderCall, error: Refused) -> bool:
    """Refused because it was taken already (then the goal holds), or because the payer or the bank did not go along."""
    code = error.code or "refused"
    if code in TAKEN_ALREADY:
        await sync.hear(call.payment_id, "taken already")
        return True
    if code == DUPLICATE_INVOICE:
        return False
    if code == "ORDER_NOT_APPROVED":
        await sync.hear(call.payment_id, "approval withdrawn")
        return False
    seen = await _seen(call)
    async with database.transaction() as session:
        order, payment = await _locked(session, call.payment_id)
        payment.turned_back_at = seen
        if not payment.open or not rules.is_early(PaymentState(payment.state)):
            return False
        declines = 1 + sum(
            1
            for one in await _calls(session, call.payment_id)
            if one.state == calls.REFUSED and one.last_error not in {DUPLICATE_INVOICE, rules.ACTION_REQUIRED}
        )
        await turn_back(session, order, payment, code, over=_is_over(code, error, declines))
    return False


async def _seen(call: ProviderCall) -> int:
    """How old the provider's object is now; nothing where it has forgotten it."""
    try:
        return (await _read(call)).updated
    except NotFound:
        return 0


def _is_over(code: str, error: Refused, declines: int) -> bool:
    if isinstance(error, NotFound) or code in OVER:
        return True
    return code != rules.ACTION_REQUIRED and declines >= MOST_DECLINES


async def turn_back(session: AsyncSession, order: Order, payment: Payment, code: str, *, over: bool) -> None:
    """The shopper has to choose again: at the provider, or (``over``) with another payment."""
    _log.info("payment.turned_back", payment=payment.id, code=code, over=over)
    payment.turned_back = code
    if code != rules.ACTION_REQUIRED:
        payment.decline_code = code
    if over:
        await _close(session, order, payment, PaymentState.FAILED, code)
        return
    state = PaymentState.REQUIRES_ACTION if code == rules.ACTION_REQUIRED else PaymentState.FAILED
    warnings.moved(session, "payment", payment.id, payment.state, state, code)
    payment.state = state
    payment.version += 1


sync.when_approved(take)
calls.register(KIND, calls.Kind(make=_make, find=_find, done=_done, refused=_refused))
