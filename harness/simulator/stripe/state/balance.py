"""The account's balance: every movement is a transaction, and the balance is their sum.

Stripe, "Balance transaction types"; fees are a setting, because they differ by country and contract.
"""

from __future__ import annotations

from harness.domain.money import exponent
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.kinds import BALANCE_TRANSACTIONS
from harness.simulator.stripe.state.objects import BalanceTransaction


def book(
    account: StripeAccount,
    source: str,
    amount: int,
    currency: str,
    type_: str,
    category: str,
    *,
    fee: int = 0,
    at_once: bool = False,
    description: str | None = None,
    fee_description: str = "Stripe processing fees",
) -> BalanceTransaction:
    """Move the balance.

    Args:
        account: whose balance.
        source: id of the object that moves it.
        amount: minor units; negative takes away.
        currency: of the amount and the fee.
        type_: the transaction's ``type``.
        category: its ``reporting_category``.
        fee: minor units that Stripe keeps; ``net = amount - fee``.
        at_once: available now instead of after the usual wait.
        description: for the merchant.
        fee_description: of the fee, where there is one.
    """
    now = account.now()
    lands = 0 if at_once else available_on(account, now)
    days = account.ledger.setdefault(currency, {})
    days[lands] = days.get(lands, 0) + amount - fee
    return account.of(BALANCE_TRANSACTIONS).add(
        BalanceTransaction(
            id=account.new_id(BALANCE_TRANSACTIONS),
            created=now,
            amount=amount,
            currency=currency,
            fee=fee,
            type=type_,
            reporting_category=category,
            source=source,
            available_on=lands or now,
            description=description,
            fee_description=fee_description,
        )
    )


def available_on(account: StripeAccount, now: int) -> int:
    """When money that comes in now can be paid out: a whole day (UTC), the account's wait from now."""
    day = 86400
    return (now + int(account.settings.available_after_seconds)) // day * day


def charge_fee(account: StripeAccount, amount: int, currency: str) -> int:
    """Stripe's fee on a captured amount, in minor units, rounded half up; never more than the amount."""
    fees = account.settings.fees
    fixed = fees.fixed_by_currency.get(currency)
    if fixed is None:
        fixed = fees.fixed if exponent(currency) == 2 else 0  # noqa: PLR2004 - the fixed part is meant in cents
    return min(amount, int(amount * fees.percent / 100 + 0.5) + fixed)


def sums(account: StripeAccount) -> tuple[dict[str, int], dict[str, int]]:
    """(available, pending) net amounts by currency, as of now."""
    now = account.now()
    available = {
        currency: sum(net for day, net in days.items() if day <= now) for currency, days in account.ledger.items()
    }
    pending = {
        currency: sum(net for day, net in days.items() if day > now) for currency, days in account.ledger.items()
    }
    return available, pending
