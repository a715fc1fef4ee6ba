"""The JSON of the balance and its transactions."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.balance import sums
from harness.simulator.stripe.state.objects import BalanceTransaction
from harness.simulator.stripe.wire.render import Json, renders

DEFAULT_CURRENCY = "usd"


@renders(BalanceTransaction, "balance_transaction", expandable=("source",), timely=True)
def balance_transaction(it: BalanceTransaction, account: StripeAccount) -> Json:
    """One movement."""
    details = []
    if it.fee:
        details.append(
            {
                "amount": it.fee,
                "application": None,
                "currency": it.currency,
                "description": it.fee_description,
                "type": "stripe_fee",
            }
        )
    return {
        "id": it.id,
        "object": "balance_transaction",
        "amount": it.amount,
        "available_on": it.available_on,
        "balance_type": "payments",
        "created": it.created,
        "currency": it.currency,
        "description": it.description,
        "exchange_rate": None,
        "fee": it.fee,
        "fee_details": details,
        "net": it.amount - it.fee,
        "reporting_category": it.reporting_category,
        "source": it.source,
        "status": "available" if it.available_on <= account.now() else "pending",
        "type": it.type,
    }


def balance(account: StripeAccount) -> Json:
    """The balance, one line per currency on both sides."""
    available, pending = sums(account)
    currencies = sorted({*available, *pending}) or [DEFAULT_CURRENCY]
    return {
        "object": "balance",
        "available": [_line(currency, available.get(currency, 0)) for currency in currencies],
        "livemode": account.livemode,
        "pending": [_line(currency, pending.get(currency, 0)) for currency in currencies],
        "refund_and_dispute_prefunding": {
            "available": [_plain(currency) for currency in currencies],
            "pending": [_plain(currency) for currency in currencies],
        },
    }


def _line(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _plain(currency: str) -> Json:
    return {"amount": 0, "currency": currency}
