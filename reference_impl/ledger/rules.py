"""Which entries each movement of money makes: pure rules, no I/O. Every posting balances in each of its currencies.

Accounts, all from the merchant's side:

    receivable        what the provider owes us for payments and refunds, until its statement shows them
    provider_balance  our balance at the provider: equals the sum of ``net`` over its statement
    sales             what orders brought in          suspense   money that came in and belongs to no order yet
    refunds           what went back to shoppers      fees       what the provider keeps for payments
    disputes          what banks took back            dispute_fees  what the provider takes for that
    fx                the two sides of a payment that is settled in another currency
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reference_impl.gateways.truth import Movement

RECEIVABLE = "receivable"
BALANCE = "provider_balance"
SALES = "sales"
SUSPENSE = "suspense"
REFUNDS = "refunds"
FEES = "fees"
DISPUTES = "disputes"
DISPUTE_FEES = "dispute_fees"
FX = "fx"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: ``amount`` minor units to the debit of an account, or to its credit where it is negative."""

    account: str
    amount: int
    currency: str


def balanced(lines: Sequence[Line]) -> bool:
    """Whether debits equal credits in every currency."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.currency] += line.amount
    return not any(sums.values())


def captured(amount: int, currency: str, *, held: bool) -> list[Line]:
    """Money was captured; ``held`` when it does not match its order."""
    return _pair(RECEIVABLE, SUSPENSE if held else SALES, amount, currency)


def refunded(amount: int, currency: str) -> list[Line]:
    """Money went back to the shopper."""
    return _pair(REFUNDS, RECEIVABLE, amount, currency)


def refund_returned(amount: int, currency: str) -> list[Line]:
    """A refund came back: the bank could not pay it out, or it was cancelled."""
    return _pair(RECEIVABLE, REFUNDS, amount, currency)


def settled(movement: Movement, amount: int, currency: str) -> list[Line]:
    """The statement shows a payment or refund of ``amount`` (signed, in the shopper's currency)."""
    return _through_balance(RECEIVABLE, FEES, movement, amount, currency)


def disputed(movement: Movement, amount: int, currency: str) -> list[Line]:
    """The statement shows what a bank took back (``amount`` negative) or gave back, with the provider's fee."""
    return _through_balance(DISPUTES, DISPUTE_FEES, movement, amount, currency)


def _through_balance(account: str, fees: str, movement: Movement, amount: int, currency: str) -> list[Line]:
    if movement.currency == currency and movement.amount == amount:
        lines = [Line(account, -amount, currency)]
    else:
        lines = [
            Line(account, -amount, currency),
            Line(FX, amount, currency),
            Line(FX, -movement.amount, movement.currency),
        ]
    lines += [Line(BALANCE, movement.net, movement.currency), Line(fees, movement.fee, movement.currency)]
    return [line for line in lines if line.amount]


def _pair(debit: str, credit: str, amount: int, currency: str) -> list[Line]:
    return [Line(debit, amount, currency), Line(credit, -amount, currency)]
