"""Refunds of payments: PENDING first, then COMPLETED, REJECTED or FAILED.

Sources: Square, "Refund payments", "Refunds API webhooks". A refund gets an order of its own, as every payment does.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.square import registry
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.checks import MONEY, MONEY_REQUIRED, Flag, Text, checked
from harness.simulator.square.errors import REFUND, SquareError, error, invalid, stale
from harness.simulator.square.events import emit
from harness.simulator.square.state import orders, payments
from harness.simulator.square.state.objects import (
    APPROVED,
    CARD,
    COMPLETED,
    DISPUTES,
    FAILED,
    ORDERS,
    PAYMENTS,
    PENDING,
    REFUNDS,
    REJECTED,
    Payment,
    Refund,
)
from harness.simulator.square.state.pricing import wrong_currency
from harness.simulator.square.wire import payments as wire

CREATE = {
    "idempotency_key": Text(45, 1, required=True),
    "amount_money": MONEY_REQUIRED,
    "app_fee_money": MONEY,
    "payment_id": Text(),
    "destination_id": Text(),
    "unlinked": Flag(),
    "location_id": Text(50),
    "customer_id": Text(),
    "reason": Text(192),
    "payment_version_token": Text(),
    "team_member_id": Text(192),
}
MOST = 20
SETTLE = "refund.settle"
OPEN_DISPUTES = frozenset({"INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "EVIDENCE_REQUIRED", "PROCESSING"})
_MONTH = 31 * 86_400_000


def get(account: SquareAccount, id_: str) -> Refund:
    """A refund; 404 for an unknown one."""
    found = account.of(REFUNDS).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", f"Could not find payment refund with id: {id_}", "refund_id", status=404)
    return found


def ask(account: SquareAccount, params: dict[str, Any]) -> Refund:
    """A refund as the merchant asks for it.

    Raises:
        SquareError: 400 or 404 for one that cannot be.
    """
    body = checked(CREATE, params)
    if body.get("unlinked") or body.get("payment_id") is None:
        if body.get("unlinked"):
            raise _refused("UNLINKED_REFUND_NOT_ALLOWED", "Refunds without a payment are not enabled for this seller.")
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "payment_id")
    one = payments.get(account, body["payment_id"])
    sent = body.get("payment_version_token")
    if sent is not None and sent != one.token:
        raise stale("payment_version_token", sent, one.token)
    money = body["amount_money"]
    if money["currency"] != one.currency:
        raise wrong_currency(one.currency, "amount_money.currency")
    _check(account, one, money["amount"])
    return make(account, one, money["amount"], body.get("reason"))


def make(account: SquareAccount, one: Payment, amount: int, reason: str | None = None) -> Refund:
    """A refund that may be: its order, the refund, the payment that names it, each with an event."""
    back = orders.quick(account, one, returned=one.order)
    now = account.now()
    refund = Refund(
        id=f"{one.id}_{account.ids.text(43)}",
        created=now,
        updated=now,
        payment=one.id,
        order=back.id,
        location=one.location,
        status=PENDING,
        currency=one.currency,
        amount=amount,
        reason=reason,
    )
    account.of(REFUNDS).add(refund)
    emit(account, "refund.created", refund.id, "refund", wire.refund(refund, version=True))
    one = payments.get(account, one.id)
    payments.refunded(account, one, refunds=(*one.refunds, refund.id), refunded=one.refunded + amount)
    orders.touched(account, back)
    account.set_timer(account.clock.now() + account.settings.refund_seconds, SETTLE, refund.id)
    return refund


def settle(account: SquareAccount, refund: Refund, status: str) -> Refund:
    """A pending refund comes to its end.

    Raises:
        ValueError: it is not pending.
    """
    if refund.status != PENDING:
        raise ValueError(f"Refund {refund.id} is {refund.status}; only a PENDING one comes to an end.")
    account.timers.cancel(SETTLE, refund.id)
    one = payments.get(account, refund.payment)
    fee = None if one.fee is None or one.total == 0 else one.fee * refund.amount // one.total
    changed = replace(
        refund,
        status=status,
        updated=account.now(),
        version=refund.version + 1,
        fee=fee if status == COMPLETED else None,
    )
    done = account.of(REFUNDS).put(changed)
    emit(account, "refund.updated", done.id, "refund", wire.refund(done, version=True))
    if status == COMPLETED:
        payments.refunded(account, one)
    else:
        payments.refunded(account, one, refunded=one.refunded - refund.amount)
    order = account.of(ORDERS).get(one.order)
    if order is not None:
        orders.touched(account, order)
    return done


def _check(account: SquareAccount, one: Payment, amount: int) -> None:
    if amount < 1:
        raise invalid("INVALID_VALUE", "`amount_money.amount` must be greater than 0.", "amount_money.amount")
    if one.status == APPROVED:
        raise _refused("REFUND_ERROR_PAYMENT_NEEDS_COMPLETION", "The payment must be completed before it is refunded.")
    if one.status != COMPLETED:
        raise _refused("PAYMENT_NOT_REFUNDABLE", f"A payment that is {one.status} cannot be refunded.")
    if account.now() - one.created > account.settings.refund_months * _MONTH:
        raise _refused("PAYMENT_NOT_REFUNDABLE", "The payment is too old to be refunded.")
    if any(dispute.state in OPEN_DISPUTES for dispute in account.of(DISPUTES).by("payment", one.id)):
        words = "The payment cannot be refunded while it is disputed."
        raise _refused("PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE", words)
    known = account.of(REFUNDS).by("payment", one.id)
    if len(known) >= MOST:
        raise _refused("PAYMENT_NOT_REFUNDABLE", "A payment can be refunded in twenty parts at most.")
    if amount > one.total - one.refunded:
        code = account.settings.over_refund_code
        detail = "The requested refund amount exceeds the amount available to refund."
        raise SquareError(400, [error(code, detail, "amount_money", category=REFUND)])


def _refused(code: str, detail: str) -> SquareError:
    return SquareError(400, [error(code, detail, category=REFUND)])


@registry.timer(SETTLE)
def _settle(account: SquareAccount, id_: str) -> None:
    refund = account.of(REFUNDS).get(id_)
    if refund is not None and refund.status == PENDING and account.of(PAYMENTS).get(refund.payment) is not None:
        settle(account, refund, account.settings.refund_outcome)


__all__ = ["CARD", "FAILED", "REJECTED", "ask", "get", "make", "settle"]
