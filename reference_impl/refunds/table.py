"""Refunds: those that staff asked for and those that were made outside, at the provider."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Created, Id, Minor, Words


class Refund(Base):
    """One refund. Its amount counts against the payment until it has failed or was cancelled."""

    __tablename__ = "refund"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    id: Mapped[Id]
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"), index=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    provider_id: Mapped[Words | None] = mapped_column(unique=True)
    origin: Mapped[Words]
    amount_minor: Mapped[Minor]
    currency: Mapped[Words]
    reason: Mapped[Words | None]
    state: Mapped[Words]
    balance_id: Mapped[Words | None]
    key_hash: Mapped[Words | None] = mapped_column(unique=True)
    request_hash: Mapped[Words | None]
    created_at: Mapped[Created]
