"""Bringing a payment and its order in line with the provider's truth: the one place where state changes.

Whoever learns that something may have happened (an event, the page after payment, staff, the janitor, reconciliation)
calls ``synchronise``. It asks the provider without holding a lock, then writes under row locks; if somebody wrote in
between, what it asked for may be older than what stands there, so it asks again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf
from typing import Protocol

from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database, gateways, logs
from reference_impl.disputes import disputes
from reference_impl.disputes.table import Dispute
from reference_impl.effects import outbox
from reference_impl.effects.table import Effect
from reference_impl.gateways.errors import NotFound, OutcomeUnknown
from reference_impl.gateways.protocol import Gateway
from reference_impl.gateways.truth import Intent, PaymentTruth
from reference_impl.ledger import posting
from reference_impl.ledger import rules as books
from reference_impl.orders import rules as order_rules
from reference_impl.orders import warnings
from reference_impl.orders.table import Order
from reference_impl.payments import locating, rules, turns
from reference_impl.payments.table import Payment
from reference_impl.refunds import refunds
from reference_impl.refunds.table import Refund

_TRIES = 6
_log = logs.get("payments")
_live = False


_LOOK = select(
    Payment,
    exists().where(Refund.payment_id == Payment.id),
    exists().where(Dispute.payment_id == Payment.id),
    exists().where(Effect.order_id == Payment.order_id, Effect.done_at.is_(None)),
).where(Payment.id == bindparam("of_payment"))
OF_ORDER = select(Payment).where(Payment.order_id == bindparam("of_order")).order_by(Payment.number)
"""The payments of an order."""


class Contended(OutcomeUnknown):
    """Others kept changing the payment while we asked; try again later."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What we knew of a payment when we began to ask."""

    payment: Payment
    has_refunds: bool
    has_disputes: bool
    has_effects: bool
    """Whether effects of the order are still to be performed: somebody wrote them and died."""


class Approved(Protocol):
    """What is done about a payment that the shopper approved and that waits for us to take the money."""

    async def __call__(self, payment_id: str, cause: str, intent: Intent) -> bool:
        """Take it; whether anything was done."""


_when_approved: list[Approved] = []


def when_approved(do: Approved) -> None:
    """Have ``do`` called whenever somebody learns that a payment was approved."""
    _when_approved.append(do)


def run_live(live: bool) -> None:
    """Which mode every payment of this process must be in."""
    global _live  # noqa: PLW0603 - a setting of the process
    _live = live


@dataclass(frozen=True, slots=True)
class Result:
    """What came of asking: whether anything was ``changed``, and the truth it was changed by."""

    changed: bool
    truth: PaymentTruth


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing the truth down."""

    changed: bool = False
    may_have_effects: bool = False
    """Whether effects may have been asked for: goods to release, mails about refunds and disputes."""


async def synchronise(payment_id: str, cause: str, *, about: str | None = None, known_since: float = inf) -> Result:
    """Ask the provider about a payment and write down what it says.

    ``about``: ``refund`` or ``dispute`` asks for those too, ``everything`` for both. ``known_since``: a moment of the
    monotonic clock; a question that was asked after it, by whoever was before us, answers ours as well, so that the
    events of one payment that arrive together cost one question. Raises ``OutcomeUnknown`` when the provider cannot
    say, and ``Contended``. A payment that is found approved is taken before this returns.
    """
    result = await hear(payment_id, cause, about=about, known_since=known_since)
    if result.truth.intent is None or not result.truth.intent.approved:
        return result
    turn, began = turns.of(payment_id), time.monotonic()
    took = [await do(payment_id, cause, result.truth.intent) for do in _when_approved]
    if not any(took):
        return result
    now = await hear(payment_id, cause, about=about, known_since=began)  # whoever took it has asked already
    del turn  # held until here, so that the answer is not forgotten
    return Result(True, now.truth)


async def hear(payment_id: str, cause: str, *, about: str | None = None, known_since: float = inf) -> Result:
    """Ask and write down like ``synchronise``, and leave an approval as it is."""
    turn = turns.of(payment_id)
    async with turn.lock:
        if turn.answers(known_since, about) and turn.truth is not None:
            return Result(changed=False, truth=turn.truth)
        for _ in range(_TRIES):
            asked_at = time.monotonic()
            seen = await look(payment_id)
            truth = await ask(seen, about)
            written = Written() if nothing_new(seen, truth) else await write(seen, truth, cause)
            if written is not None:
                turn.asked_at, turn.truth = asked_at, truth
                if written.may_have_effects or seen.has_effects:
                    await outbox.deliver(seen.payment.order_id)
                return Result(written.changed, truth)
    raise Contended(payment_id)


async def look(payment_id: str) -> Seen:
    """What we know of a payment."""
    async with database.statement() as session:
        found = (await session.execute(_LOOK, {"of_payment": payment_id})).one()
        return Seen(*found)


async def ask(seen: Seen, about: str | None = None) -> PaymentTruth:
    """What the provider says about a payment."""
    payment = seen.payment
    gateway = gateways.get(payment.provider)
    session, intent_id = None, payment.intent_id
    if payment.session_id and rules.is_early(rules.PaymentState(payment.state)):
        session = await gateway.session(payment.session_id)
        intent_id = intent_id or session.intent_id
    if intent_id is None:
        return PaymentTruth(intent=None, session=session)
    intent = await _intent(gateway, payment, intent_id)
    charge = intent.charge
    if charge is None:
        # Nothing was taken yet, so nothing was given back; and an order that has lapsed cannot even be asked.
        return PaymentTruth(intent=intent, session=session)
    wants_refunds = about in {"refund", "everything"} or seen.has_refunds or (charge and charge.amount_refunded)
    wants_disputes = about in {"dispute", "everything"} or seen.has_disputes or (charge and charge.disputed)
    return PaymentTruth(
        intent=intent,
        session=session,
        refunds=await gateway.refunds(intent_id) if wants_refunds else None,
        disputes=await gateway.disputes(intent_id) if wants_disputes else None,
    )


async def _intent(gateway: Gateway, payment: Payment, intent_id: str) -> Intent:
    try:
        # Only where it is needed: whoever stands in for a gateway's ``intent`` need not know of parts.
        known = await locating.parts_of(payment) if gateway.asks_by_parts else ()
        found = await (gateway.intent(intent_id, known) if known else gateway.intent(intent_id))
    except NotFound:
        if not gateway.takes_on_our_word or not rules.is_early(rules.PaymentState(payment.state)):
            raise
        return rules.gone(intent_id, _expected(payment))
    return rules.as_it_stands(found, payment.turned_back)


def nothing_new(seen: Seen, truth: PaymentTruth) -> bool:
    """Whether the truth is just what we knew when we began to ask: then there is nothing to lock and nothing to write.

    Somebody else may have written something newer meanwhile; all the better.
    """
    payment, intent = seen.payment, truth.intent
    if intent is None or intent.id != payment.intent_id or truth.refunds is not None or truth.disputes is not None:
        return False
    if truth.session is not None and truth.session.expired:
        return False
    charge = intent.charge
    state = rules.PaymentState(payment.state)
    proposed = rules.after(state, rules.state_of(intent), is_open=payment.open, over=intent.over)
    same_state = proposed == (state, payment.open)
    same_decline = payment.decline_code == (intent.decline if state is rules.PaymentState.FAILED else None)
    same_charge = payment.charge_id == (charge.id if charge else payment.charge_id)
    if not (same_state and same_decline and same_charge):
        return False
    if not rules.counts(intent):
        return True
    fits = not rules.mismatches(_expected(payment), intent) and not payment.held
    settled = charge is None or charge.movement is None or payment.balance_id == charge.movement.id
    booked = state is not rules.PaymentState.PAID or (
        charge is not None and payment.captured_minor == charge.amount_captured
    )
    return fits and settled and booked and payment.authorised_minor == intent.amount


async def write(seen: Seen, truth: PaymentTruth, cause: str) -> Written | None:
    """Write the truth down under row locks; ``None`` when it may be outdated already."""
    async with database.transaction() as session:
        order, payment = (await session.execute(locating.LOCK_BOTH, {"of_payment": seen.payment.id})).one()
        if payment.version != seen.payment.version:
            return None
        changed = await apply(session, order, payment, truth, cause)
        if changed:
            payment.version += 1
        told_more = truth.refunds is not None or truth.disputes is not None
        return Written(changed, may_have_effects=changed and (told_more or may_fulfil(order, payment)))


async def apply(session: AsyncSession, order: Order, payment: Payment, truth: PaymentTruth, cause: str) -> bool:
    """Bring a locked payment and its locked order in line with the truth; whether anything was new."""
    before = _picture(order, payment)
    news = False
    if truth.intent is not None:
        await _take_intent(session, order, payment, truth.intent, cause)
    if truth.session is not None and not (truth.intent and rules.counts(truth.intent)):
        proposed = rules.state_of_session(truth.session)
        if truth.session.expired or truth.intent is None:
            _move(session, payment, proposed, cause, over=False)
    if truth.refunds is not None:
        news |= await refunds.take(session, order, payment, truth.refunds, cause)
    if truth.disputes is not None:
        news |= await disputes.take(session, order, payment, truth.disputes, cause)
    await settle_order(session, order, cause)
    return news or before != _picture(order, payment)


async def settle_order(session: AsyncSession, order: Order, cause: str) -> None:
    """Derive the state of a locked order from its payments, and release the goods when all of its price is there."""
    await session.flush()
    payments = list(await session.scalars(OF_ORDER, {"of_order": order.id}))
    payment = deciding(payments)
    state = order_rules.state(await _facts(session, order, payment))
    if state != order.state:
        warnings.moved(session, "order", order.id, order.state, state, cause)
        _log.info("order.moved", order=order.id, before=order.state, after=str(state), cause=cause)
        order.state = state
    if payment is None or payment.held:
        return
    if sum(1 for one in payments if one.captured_minor) > 1:
        await warnings.warn(
            session, order.id, "paid_twice", order.id, "Two payments of this order took money; refund one."
        )
    if may_fulfil(order, payment):
        await outbox.request(session, order.id, "fulfilment", f"order:{order.id}:fulfilment")
        await outbox.request(session, order.id, "mail", f"order:{order.id}:receipt", template="receipt")


def may_fulfil(order: Order, payment: Payment) -> bool:
    """Whether the goods may leave: all of the price was captured, and none of it is on its way back to a cardholder."""
    return (
        payment.state == rules.PaymentState.PAID
        and payment.captured_minor == order.total_minor
        and payment.currency == order.currency
        and order.state in {order_rules.OrderState.PAID, order_rules.OrderState.PART_REFUNDED}
    )


def deciding(payments: list[Payment]) -> Payment | None:
    """The payment that an order's state follows from.

    The one that took money, else the one that reserved it, else the newest.
    """
    took = [one for one in payments if one.captured_minor and not one.held]
    reserved = [one for one in payments if one.state == rules.PaymentState.AUTHORISED]
    return next(iter([*took, *reserved, *reversed(payments)]), None)


async def _take_intent(session: AsyncSession, order: Order, payment: Payment, intent: Intent, cause: str) -> None:
    if payment.intent_id is None:
        payment.intent_id = intent.id
        await locating.remember(session, payment, "intent", intent.id)
    if rules.counts(intent):
        await _compare(session, order, payment, intent)
    charge = intent.charge
    if rules.counts(intent) or (charge is not None and charge.succeeded and not charge.captured):
        # A hold that lapsed before anybody heard of it was one all the same.
        payment.authorised_minor = max(payment.authorised_minor, intent.amount)
    _move(session, payment, rules.state_of(intent), cause, over=intent.over)
    payment.decline_code = intent.decline if payment.state == rules.PaymentState.FAILED else None
    for object_id in intent.objects:
        await locating.remember(session, payment, "part", object_id)
    if charge is not None and charge.id != payment.charge_id:
        payment.charge_id = charge.id
        await locating.remember(session, payment, "charge", charge.id)
    if payment.state == rules.PaymentState.PAID and charge is not None and charge.succeeded:
        await _book(session, payment, intent)
    if (
        payment.state == rules.PaymentState.PAID
        and 0 < payment.captured_minor < payment.amount_minor
        and not payment.held
    ):
        await warnings.warn(
            session, order.id, "part_captured", payment.id, "Only a part was captured; fulfil what it pays for by hand."
        )


async def _compare(session: AsyncSession, order: Order, payment: Payment, intent: Intent) -> None:
    fields = misfit(order, payment, intent)
    payment.held = bool(fields)
    if payment.held:
        await warnings.warn(
            session,
            order.id,
            "payment_mismatch",
            intent.id,
            f"{intent.id} does not fit the order ({fields}); it is held.",
        )


def misfit(order: Order, payment: Payment, intent: Intent) -> str:
    """What of a payment does not fit its order, in words; empty where all of it does."""
    wrong = rules.mismatches(_expected(payment), intent)
    if not wrong and (payment.amount_minor != order.total_minor or payment.currency != order.currency):
        wrong = ["order total"]
    return ", ".join(wrong)


def _expected(payment: Payment) -> rules.Expected:
    return rules.Expected(payment.order_id, payment.id, payment.amount_minor, payment.currency, _live)


async def _book(session: AsyncSession, payment: Payment, intent: Intent) -> None:
    charge = intent.charge
    assert charge is not None
    amount = charge.amount_captured
    payment.captured_minor = amount
    owner = {"order_id": payment.order_id, "payment_id": payment.id}
    if amount:
        await posting.post(
            session, "capture", charge.id, books.captured(amount, charge.currency, held=payment.held), **owner
        )
    if amount and charge.movement is not None and payment.balance_id is None:
        payment.balance_id = charge.movement.id
        lines = books.settled(charge.movement, amount, charge.currency)
        await posting.post(session, "movement", charge.movement.id, lines, **owner)


def _move(session: AsyncSession, payment: Payment, proposed: rules.PaymentState, cause: str, *, over: bool) -> None:
    current = rules.PaymentState(payment.state)
    after, payment.open = rules.after(current, proposed, is_open=payment.open, over=over)
    if after is not current:
        warnings.moved(session, "payment", payment.id, current, after, cause)
        payment.state = after


async def _facts(session: AsyncSession, order: Order, payment: Payment | None) -> order_rules.Facts:
    wants_cancel = order.cancel_requested_at is not None
    if payment is None:
        return order_rules.Facts(payment_state=None, payment_open=False, cancelled=wants_cancel)
    standing = await disputes.standing(session, payment.id) if payment.disputed_minor else disputes.NONE
    hold_gone = payment.state == rules.PaymentState.CANCELLED and payment.authorised_minor > 0 and not payment.held
    lapsed = hold_gone or order.state in {order_rules.OrderState.AUTHORISED, order_rules.OrderState.CANCELLED}
    return order_rules.Facts(
        payment_state=payment.state,
        payment_open=payment.open,
        held=payment.held,
        captured=payment.captured_minor,
        refunded=payment.refunded_minor,
        open_chargeback=standing.open,
        lost_chargeback=standing.lost,
        cancelled=wants_cancel or lapsed,
    )


def _picture(order: Order, payment: Payment) -> tuple[object, ...]:
    return (
        order.state,
        payment.state,
        payment.open,
        payment.held,
        payment.intent_id,
        payment.charge_id,
        payment.balance_id,
        payment.decline_code,
        payment.authorised_minor,
        payment.captured_minor,
        payment.refunded_minor,
        payment.disputed_minor,
    )
