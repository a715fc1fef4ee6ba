"""Operations of the balance."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state.kinds import BALANCE_TRANSACTIONS
from harness.simulator.stripe.state.objects import BalanceTransaction
from harness.simulator.stripe.wire import balance as wire


@operation("GET /v1/balance")
def retrieve(call: Call) -> dict[str, Any]:
    """What is available and what is on its way."""
    return wire.balance(call.account)


@operation("GET /v1/balance_transactions")
def listed(call: Call) -> Listing:
    """All movements, or those of a source, a type, a currency.

    Filtering by the id of a dispute finds nothing, although disputes move the balance (recorded in test mode).
    """
    params = call.params
    source, type_, currency = params.get("source"), params.get("type"), params.get("currency")

    def keep(it: BalanceTransaction) -> bool:
        return currency in {None, it.currency} and type_ in {None, it.type}

    if params.get("payout") is not None:
        return call.listing(BALANCE_TRANSACTIONS, index="source", keys=("",))
    if source is not None:
        wanted = "" if source.startswith(("du_", "dp_")) else source
        return call.listing(BALANCE_TRANSACTIONS, index="source", keys=(wanted,), keep=keep)
    if type_ is not None:
        return call.listing(BALANCE_TRANSACTIONS, index="type", keys=(type_,), keep=keep)
    return call.listing(BALANCE_TRANSACTIONS, keep=keep) if currency else call.listing(BALANCE_TRANSACTIONS)


@operation("GET /v1/balance_transactions/{id}")
def transaction(call: Call, id: str) -> BalanceTransaction:  # noqa: A002 - the API's name
    """One movement."""
    return call.account.get(BALANCE_TRANSACTIONS, id)
