"""Disputes: what a cardholder's bank asks about (inquiry) or takes back (chargeback)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Created, Id, Minor, Moment, Words


class Dispute(Base):
    """One dispute, under the provider's id."""

    __tablename__ = "dispute"

    provider_id: Mapped[Id]
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"), index=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    state: Mapped[Words]
    reason: Mapped[Words | None]
    amount_minor: Mapped[Minor]
    currency: Mapped[Words]
    fee_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    evidence_due_by: Mapped[Moment | None]
    submissions: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[Created]
