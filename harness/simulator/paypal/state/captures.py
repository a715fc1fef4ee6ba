"""Captures: made, settled, denied, taken back; and what forbids to refund one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec.structs import replace

from harness.simulator.paypal import errors, registry
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.state import amounts
from harness.simulator.paypal.state.objects import (
    AUTHORIZATIONS,
    CAPTURES,
    COMPLETED,
    DECLINED,
    DENIED,
    PARTIALLY_REFUNDED,
    PENDING,
    REFUNDED,
    REFUNDS,
    Capture,
    Refund,
)
from harness.simulator.paypal.wire import payments as wire

RefundCheck = Callable[[PayPalAccount, Capture, int], None]
refund_checks: list[RefundCheck] = []
"""(account, capture, amount): raise ``errors.unprocessable(...)`` for a refund that may not be."""
after_refund: list[Callable[[PayPalAccount, Capture, Refund], None]] = []
"""(account, capture, refund): what a refund of the merchant's brings about."""
after_completion: list[Callable[[PayPalAccount, Capture], None]] = []
"""(account, capture): what follows once the money is there."""
SETTLE = "capture.settle"


def get(account: PayPalAccount, id_: str) -> Capture:
    """A capture; 404 ``INVALID_RESOURCE_ID`` for an unknown one."""
    found = account.of(CAPTURES).get(id_)
    if found is None:
        raise errors.not_found("capture_id", id_)
    return found


def make(account: PayPalAccount, **fields: Any) -> Capture:
    """A new capture with its fee; ``fields`` are those of ``Capture`` apart from id, times and fee."""
    now = account.now()
    one = Capture(
        id=account.long_id(),
        created=now,
        updated=now,
        fee=fee(account, fields["amount"], fields["currency"]),
        **fields,
    )
    account.of(CAPTURES).add(one)
    if one.status == PENDING and account.settings.settle_seconds is not None:
        account.set_timer(account.clock.now() + account.settings.settle_seconds, SETTLE, one.id)
    return one


def tell(account: PayPalAccount, one: Capture) -> None:
    """The event of a capture's status."""
    said = f"Payment {one.status.lower()} for {_spoken(one)}"
    emit(account, f"PAYMENT.CAPTURE.{one.status}", "capture", "2.0", said, wire.capture(account, one))
    if one.status == COMPLETED:
        for follow in after_completion:
            follow(account, one)


def complete(account: PayPalAccount, one: Capture) -> Capture:
    """A pending capture settles.

    Raises:
        ValueError: it is not pending.
    """
    if one.status != PENDING:
        raise ValueError(f"Capture {one.id} is {one.status}; only a PENDING one can be completed or denied.")
    done = _put(account, one, status=COMPLETED, reason=None)
    tell(account, done)
    return done


def deny(account: PayPalAccount, one: Capture) -> Capture:
    """A pending capture fails for good: DECLINED, event ``PAYMENT.CAPTURE.DENIED``.

    Raises:
        ValueError: it is not pending.
    """
    if one.status != PENDING:
        raise ValueError(f"Capture {one.id} is {one.status}; only a PENDING one can be completed or denied.")
    done = _put(account, one, status=DECLINED, reason=None)
    said = f"Payment denied for {_spoken(done)}"
    emit(account, f"PAYMENT.CAPTURE.{DENIED}", "capture", "2.0", said, wire.capture(account, done))
    return done


def reverse(account: PayPalAccount, one: Capture, amount: int | None = None, reason: str | None = None) -> Capture:
    """Money of a completed capture goes back to the buyer without the merchant's doing.

    Args:
        account: the merchant's.
        one: the capture.
        amount: minor units; all that is left where absent.
        reason: ``status_details.reason``, such as ``CHARGEBACK``.

    Raises:
        ValueError: nothing (or less) is left to reverse.
    """
    if one.status not in {COMPLETED, PARTIALLY_REFUNDED}:
        raise ValueError(f"Capture {one.id} is {one.status}; only a COMPLETED or PARTIALLY_REFUNDED one is reversed.")
    left = one.amount - one.refunded
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise ValueError(f"Capture {one.id} has {amounts.text(left, one.currency)} left; reverse at most that.")
    done = record_refund(account, one, amount, reason=reason, note="Reversal")[1]
    done = _put(account, done, reversed=one.reversed + amount, reason=reason)
    said = f"A {_spoken(done)} capture payment was reversed"
    emit(account, "PAYMENT.CAPTURE.REVERSED", "capture", "2.0", said, wire.capture(account, done))
    return done


def record_refund(
    account: PayPalAccount,
    one: Capture,
    amount: int,
    *,
    status: str = COMPLETED,
    reason: str | None = None,
    note: str | None = None,
    invoice_id: str | None = None,
    custom_id: str | None = None,
) -> tuple[Refund, Capture]:
    """Book money given back, without an event: the refund, and the capture with its new status."""
    now = account.now()
    total = one.refunded + amount
    refund = Refund(
        id=account.long_id(),
        created=now,
        updated=now,
        capture=one.id,
        currency=one.currency,
        amount=amount,
        status=status,
        total=total,
        reason=reason,
        note=note,
        invoice_id=invoice_id,
        custom_id=custom_id,
    )
    account.of(REFUNDS).add(refund)
    return refund, _put(account, one, refunded=total, status=REFUNDED if total == one.amount else PARTIALLY_REFUNDED)


def give_back(account: PayPalAccount, one: Capture, amount: int) -> Capture:
    """A refund failed: the money is the merchant's again."""
    left = one.refunded - amount
    return _put(account, one, refunded=left, status=PARTIALLY_REFUNDED if left else COMPLETED)


def fee(account: PayPalAccount, amount: int, currency: str) -> int:
    """PayPal's fee in minor units, at most the amount."""
    settings = account.settings
    fixed = amounts.minor(settings.fee_fixed.get(currency, settings.fee_fixed_default), currency) or 0
    share = (Decimal(amount) * Decimal(str(settings.fee_percent)) / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return min(amount, int(share) + fixed)


def invoice_taken(account: PayPalAccount, invoice_id: str | None, order_id: str) -> bool:
    """Whether another order was paid under an invoice id."""
    if invoice_id is None or not account.settings.unique_invoice_ids:
        return False
    taken = (one for one in account.of(CAPTURES).by("invoice_id", invoice_id) if one.status != DECLINED)
    held = (one for one in account.of(AUTHORIZATIONS).by("invoice_id", invoice_id) if one.status != DENIED)
    return any(one.order != order_id for one in taken) or any(one.order != order_id for one in held)


@registry.timer(SETTLE)
def _settle(account: PayPalAccount, id_: str) -> None:
    one = account.of(CAPTURES).get(id_)
    if one is not None and one.status == PENDING:
        complete(account, one)


@registry.view(CAPTURES.name)
def _again(account: PayPalAccount, id_: str, form: str) -> tuple[int, dict[str, Any]]:
    return 201, wire.short(wire.capture(account, get(account, id_)), form)


def _put(account: PayPalAccount, one: Capture, **changes: Any) -> Capture:
    return account.of(CAPTURES).put(replace(one, updated=account.now(), **changes))


def _spoken(one: Capture) -> str:
    return f"{amounts.text(one.amount, one.currency)} {one.currency}"
