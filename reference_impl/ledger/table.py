"""The double-entry ledger: transactions of entries that balance in each currency, added and never changed.

The database itself keeps both rules (triggers in the first migration).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Created, Minor, Serial, Words


class LedgerTransaction(Base):
    """One thing that happened, posted once: ``source_kind`` and ``source_id`` say what it was."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (UniqueConstraint("source_kind", "source_id"),)

    id: Mapped[Serial]
    source_kind: Mapped[Words]
    source_id: Mapped[Words]
    order_id: Mapped[Words | None] = mapped_column(index=True)
    payment_id: Mapped[Words | None]
    at: Mapped[Created]


class LedgerEntry(Base):
    """One side of a transaction: a debit or a credit of an account in a currency, in minor units."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)", name="one_side"),
        Index("ix_ledger_entry_account", "account", "currency"),
    )

    id: Mapped[Serial]
    transaction_id: Mapped[int] = mapped_column(ForeignKey("ledger_transaction.id"), index=True)
    account: Mapped[Words]
    debit: Mapped[Minor]
    credit: Mapped[Minor]
    currency: Mapped[Words]
