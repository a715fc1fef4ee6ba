"""The merchant's money as reports show it: transactions and balances. PayPal, "Transaction Search API".

Whoever moves money beside captures, refunds and disputes adds a source: (account, from, until) -> entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import merge

from msgspec import Struct

from harness.simulator.kernel.store import Window
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.state import amounts, disputes
from harness.simulator.paypal.state.disputes import DISPUTES
from harness.simulator.paypal.state.objects import (
    CAPTURES,
    COMPLETED,
    DECLINED,
    FAILED,
    PENDING,
    REFUNDS,
    Capture,
    Refund,
)

MOST = 10_000
"""Transactions that one search can find (PayPal, ``RESULTSET_TOO_LARGE``)."""
PAYMENT, REFUND, REVERSAL, DISPUTE_FEE = "T0006", "T1107", "T1106", "T0106"
SUCCESS, WAITING, DENIED, REVERSED = "S", "P", "D", "V"


class Entry(Struct, frozen=True, kw_only=True):
    """One transaction. Amounts are signed minor units, as they change the balance; ``fee`` is negative where paid."""

    id: str
    created: int
    updated: int
    currency: str
    amount: int
    fee: int
    code: str
    status: str
    reference: str | None = None
    reference_type: str | None = None
    custom: str | None = None
    invoice: str | None = None
    affecting: bool = True
    """Whether it changed the balance."""


Source = Callable[[PayPalAccount, int | None, int | None], Iterable[Entry]]
sources: list[Source] = []
"""Where transactions come from; each in order of time."""


def transactions(account: PayPalAccount, start: int | None, end: int | None) -> Iterator[Entry]:
    """Transactions made in a span of time (epoch seconds, inclusive), in order."""
    return merge(*(source(account, start, end) for source in sources), key=lambda one: one.created)


def balances(account: PayPalAccount, until: int | None = None) -> dict[str, tuple[int, int]]:
    """Total and withheld money by currency, in minor units."""
    totals: dict[str, int] = {}
    for one in transactions(account, None, until):
        if one.affecting:
            totals[one.currency] = totals.get(one.currency, 0) + one.amount + one.fee
    held = disputes.withheld(account)
    return {currency: (totals.get(currency, 0), held.get(currency, 0)) for currency in {**totals, **held}}


def _source(function: Source) -> Source:
    sources.append(function)
    return function


@_source
def _payments(account: PayPalAccount, start: int | None, end: int | None) -> Iterable[Entry]:
    found = account.of(CAPTURES).page(Window(_all(account.of(CAPTURES).live), None, None, start, end))
    return [_payment(one) for one in reversed(found.items)]


@_source
def _refunds(account: PayPalAccount, start: int | None, end: int | None) -> Iterable[Entry]:
    found = account.of(REFUNDS).page(Window(_all(account.of(REFUNDS).live), None, None, start, end))
    return [_refund(one) for one in reversed(found.items)]


@_source
def _dispute_fees(account: PayPalAccount, start: int | None, end: int | None) -> Iterable[Entry]:
    fees = [
        Entry(
            id=it.capture,
            created=it.updated,
            updated=it.updated,
            currency=it.currency,
            amount=-one["amount"],
            fee=0,
            code=DISPUTE_FEE,
            status=SUCCESS,
            reference=it.capture,
            reference_type="TXN",
        )
        for it in account.of(DISPUTES)
        for one in it.movements
        if one["reason"] == "DISPUTE_FEE"
    ]
    chosen = (one for one in fees if (start is None or one.created >= start) and (end is None or one.created <= end))
    return sorted(chosen, key=lambda one: one.created)


def _all(count: int) -> int:
    return max(count, 1)


def _payment(one: Capture) -> Entry:
    status = {PENDING: WAITING, DECLINED: DENIED, FAILED: DENIED}.get(one.status, SUCCESS)
    if one.reversed and one.reversed == one.amount:
        status = REVERSED
    return Entry(
        id=one.id,
        created=one.created,
        updated=one.updated,
        currency=one.currency,
        amount=one.amount,
        fee=-one.fee,
        code=PAYMENT,
        status=status,
        reference=one.order,
        reference_type="ODR",
        custom=one.custom_id,
        invoice=one.invoice_id,
        affecting=status in {SUCCESS, REVERSED},
    )


def _refund(one: Refund) -> Entry:
    status = {COMPLETED: SUCCESS, PENDING: WAITING}.get(one.status, DENIED)
    return Entry(
        id=one.id,
        created=one.created,
        updated=one.updated,
        currency=one.currency,
        amount=-one.amount,
        fee=one.fee,
        code=REVERSAL if one.note == "Reversal" else REFUND,
        status=status,
        reference=one.capture,
        reference_type="TXN",
        custom=one.custom_id,
        invoice=one.invoice_id,
        affecting=status != DENIED,
    )


def shown(amount: int, currency: str) -> dict[str, str]:
    """Signed minor units as reports write them."""
    text = amounts.text(abs(amount), currency)
    return {"currency_code": currency, "value": f"-{text}" if amount < 0 else text}
