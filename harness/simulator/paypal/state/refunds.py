"""Refunds: of a whole capture or a part; completed, pending, failed.

Source: PayPal, "Payments v2: Refund captured payment" and its 422 issues.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.paypal import errors, registry
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import unprocessable
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.state import amounts, captures
from harness.simulator.paypal.state.objects import (
    CAPTURES,
    COMPLETED,
    FAILED,
    PARTIALLY_REFUNDED,
    PENDING,
    REFUNDED,
    REFUNDS,
    Capture,
    Refund,
)
from harness.simulator.paypal.wire import payments as wire

SETTLE, RETURN = "refund.settle", "refund.return"
_DAY = 86400.0


def get(account: PayPalAccount, id_: str) -> Refund:
    """A refund; 404 ``INVALID_RESOURCE_ID`` for an unknown one."""
    found = account.of(REFUNDS).get(id_)
    if found is None:
        raise errors.not_found("refund_id", id_)
    return found


def make(account: PayPalAccount, capture: Capture, wanted: dict[str, Any]) -> Refund:
    """Refund a capture; ``wanted`` is the checked body (``amount``, ``invoice_id``, ``custom_id``, ``note_to_payer``).

    Raises:
        PayPalError: 422 for what cannot be refunded.
    """
    amount = _amount(account, capture, wanted)
    for check in captures.refund_checks:
        check(account, capture, amount)
    invoice_id = wanted.get("invoice_id")
    if invoice_id is not None and account.of(REFUNDS).by("invoice_id", invoice_id):
        raise unprocessable("DUPLICATE_INVOICE_ID", "/invoice_id", invoice_id)
    pending = account.settings.refund_pending
    refund, capture = captures.record_refund(
        account,
        capture,
        amount,
        status=PENDING if pending else COMPLETED,
        reason="ECHECK" if pending else None,
        note=wanted.get("note_to_payer"),
        invoice_id=invoice_id or capture.invoice_id,
        custom_id=wanted.get("custom_id") or capture.custom_id,
    )
    settings = account.settings
    seconds = settings.refund_settle_seconds if pending else settings.refund_returns_seconds
    if seconds is not None:
        account.set_timer(account.clock.now() + seconds, SETTLE if pending else RETURN, refund.id)
    _tell(account, refund)
    for follow in captures.after_refund:
        follow(account, capture, refund)
    return refund


def complete(account: PayPalAccount, one: Refund) -> Refund:
    """A pending refund reaches the buyer; ``ValueError`` for one that is not pending."""
    if one.status != PENDING:
        raise ValueError(f"Refund {one.id} is {one.status}; only a PENDING one can be completed.")
    done = account.of(REFUNDS).put(replace(one, status=COMPLETED, reason=None, updated=account.now()))
    _tell(account, done)
    return done


def fail(account: PayPalAccount, one: Refund) -> Refund:
    """The buyer's bank sends a refund back: the money is the merchant's again; ``ValueError`` for one that failed."""
    if one.status not in {PENDING, COMPLETED}:
        raise ValueError(f"Refund {one.id} is {one.status}; only a PENDING or COMPLETED one can fail.")
    capture = account.of(CAPTURES).get(one.capture)
    assert capture is not None  # a refund belongs to one
    captures.give_back(account, capture, one.amount)
    total = max(0, one.total - one.amount)
    done = account.of(REFUNDS).put(replace(one, status=FAILED, reason=None, total=total, updated=account.now()))
    _tell(account, done)
    return done


def _amount(account: PayPalAccount, capture: Capture, wanted: dict[str, Any]) -> int:
    sent = wanted.get("amount")
    asked = None
    if sent is not None:
        asked, currency = amounts.read(sent)
        if currency != capture.currency:
            raise unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", currency)
    if capture.status == PENDING:
        raise unprocessable("PENDING_CAPTURE")
    if capture.status == REFUNDED:
        raise unprocessable("CAPTURE_FULLY_REFUNDED")
    if capture.status not in {COMPLETED, PARTIALLY_REFUNDED}:
        raise unprocessable("REFUND_NOT_ALLOWED")
    if account.now() - capture.created > account.settings.refund_days * _DAY:
        raise unprocessable("REFUND_TIME_LIMIT_EXCEEDED")
    left = capture.amount - capture.refunded
    amount = left if asked is None else asked
    if amount > left:
        raise unprocessable("REFUND_AMOUNT_EXCEEDED", "/amount/value", amounts.text(amount, capture.currency))
    return amount


def _tell(account: PayPalAccount, one: Refund) -> None:
    spoken = f"{amounts.text(one.amount, one.currency)} {one.currency}"
    type_, said = {
        COMPLETED: ("PAYMENT.CAPTURE.REFUNDED", f"A {spoken} capture payment was refunded"),
        PENDING: ("PAYMENT.REFUND.PENDING", f"A {spoken} refund is pending"),
        FAILED: ("PAYMENT.REFUND.FAILED", f"A {spoken} refund has failed"),
    }[one.status]
    emit(account, type_, "refund", "2.0", said, wire.refund(account, one))


@registry.timer(SETTLE)
def _settle(account: PayPalAccount, id_: str) -> None:
    one = account.of(REFUNDS).get(id_)
    if one is not None and one.status == PENDING:
        (complete if account.settings.refund_settles == "completed" else fail)(account, one)


@registry.timer(RETURN)
def _return(account: PayPalAccount, id_: str) -> None:
    one = account.of(REFUNDS).get(id_)
    if one is not None and one.status == COMPLETED:
        fail(account, one)


@registry.view(REFUNDS.name)
def _again(account: PayPalAccount, id_: str, form: str) -> tuple[int, dict[str, Any]]:
    return 201, wire.short(wire.refund(account, get(account, id_)), form)
