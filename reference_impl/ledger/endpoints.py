"""The books, for staff."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from reference_impl import database
from reference_impl.api import auth, models
from reference_impl.ledger import posting

staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])


@staff_router.get("/operator/ledger")
async def show_ledger(provider: Annotated[str | None, Query(max_length=32)] = None) -> models.LedgerView:
    """Balance of every account, and whether debits equal credits in every currency; of one ``provider`` alone."""
    async with database.statement() as session:
        balances = await posting.balances(session, provider or None)
    sums: dict[str, int] = defaultdict(int)
    for _, currency, balance in balances:
        sums[currency] += balance
    return models.LedgerView(
        accounts=[
            models.AccountView(account=account, currency=currency, balance=b) for account, currency, b in balances
        ],
        balanced=not any(sums.values()),
    )
