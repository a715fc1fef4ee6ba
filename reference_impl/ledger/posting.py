"""Posting to the ledger, once for each source, and reading it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from reference_impl import database
from reference_impl.ledger import rules
from reference_impl.ledger.table import LedgerEntry, LedgerTransaction
from reference_impl.payments.table import Payment

_POST = database.addition(LedgerTransaction).returning(LedgerTransaction.__table__.c.id)
_ENTRIES = insert(cast("Table", LedgerEntry.__table__))
_OF_ORDER = (
    select(LedgerTransaction, LedgerEntry)
    .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
    .where(LedgerTransaction.order_id == bindparam("of_order"))
    .order_by(LedgerEntry.id)
)


async def post(
    session: AsyncSession,
    source_kind: str,
    source_id: str,
    lines: Sequence[rules.Line],
    *,
    order_id: str | None = None,
    payment_id: str | None = None,
) -> bool:
    """Post a transaction unless its source was posted before; whether it is new.

    Raises ``ValueError`` if it is unbalanced.
    """
    if not lines or not rules.balanced(lines):
        raise ValueError(f"{source_kind} {source_id}: the entries do not balance")
    values = {"source_kind": source_kind, "source_id": source_id, "order_id": order_id, "payment_id": payment_id}
    transaction = await session.scalar(_POST, values)
    if transaction is None:
        return False
    await session.execute(
        _ENTRIES,
        [
            {
                "transaction_id": transaction,
                "account": line.account,
                "debit": max(line.amount, 0),
                "credit": max(-line.amount, 0),
                "currency": line.currency,
            }
            for line in lines
        ],
    )
    return True


async def posted(session: AsyncSession, source_kind: str, source_id: str) -> bool:
    """Whether a source was posted."""
    found = select(LedgerTransaction.id).where(
        LedgerTransaction.source_kind == source_kind, LedgerTransaction.source_id == source_id
    )
    return await session.scalar(found) is not None


async def entries_of(session: AsyncSession, order_id: str) -> list[dict[str, Any]]:
    """Ledger entries of an order, oldest first."""
    rows = await session.execute(_OF_ORDER, {"of_order": order_id})
    return [
        {
            "source_kind": transaction.source_kind,
            "source_id": transaction.source_id,
            "account": entry.account,
            "debit": entry.debit,
            "credit": entry.credit,
            "currency": entry.currency,
            "at": transaction.at.isoformat(),
        }
        for transaction, entry in rows
    ]


async def balances(session: AsyncSession, provider: str | None = None) -> list[tuple[str, str, int]]:
    """``(account, currency, balance)`` of every account, debits positive; of payments at one ``provider`` alone."""
    sums = select(LedgerEntry.account, LedgerEntry.currency, func.sum(LedgerEntry.debit - LedgerEntry.credit))
    if provider is not None:
        sums = (
            sums.join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
            .join(Payment, Payment.id == LedgerTransaction.payment_id)
            .where(Payment.provider == provider)
        )
    rows = await session.execute(
        sums.group_by(LedgerEntry.account, LedgerEntry.currency).order_by(LedgerEntry.account, LedgerEntry.currency)
    )
    return [(account, currency, int(balance)) for account, currency, balance in rows]
