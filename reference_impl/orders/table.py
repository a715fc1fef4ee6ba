"""Orders, their lines, the warnings for staff, and the history of every state that anything went through."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Created, Id, Minor, Moment, Serial, Words


class Order(Base):
    """What a shopper wants to buy, at the price that the catalogue had when it was ordered."""

    __tablename__ = "orders"
    __table_args__ = (CheckConstraint("total_minor > 0", name="total_positive"),)

    id: Mapped[Id]
    token_hash: Mapped[Words]
    state: Mapped[Words]
    currency: Mapped[Words]
    total_minor: Mapped[Minor]
    email: Mapped[Words | None]
    key_hash: Mapped[Words | None] = mapped_column(unique=True)
    request_hash: Mapped[Words | None]
    cancel_requested_at: Mapped[Moment | None]
    fulfilled_at: Mapped[Moment | None]
    created_at: Mapped[Created]


class OrderLine(Base):
    """One line of an order."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_minor > 0", name="unit_positive"),
        UniqueConstraint("order_id", "sku"),
    )

    id: Mapped[Serial]
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    sku: Mapped[Words]
    name: Mapped[Words]
    quantity: Mapped[int]
    unit_minor: Mapped[Minor]


class Warning(Base):  # noqa: A001 - the word of the field: an early fraud warning is one
    """Something that staff should look at; written once for each ``source_id``."""

    __tablename__ = "warning"
    __table_args__ = (UniqueConstraint("order_id", "code", "source_id"),)

    id: Mapped[Serial]
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    code: Mapped[Words]
    source_id: Mapped[Words]
    message: Mapped[Words]
    at: Mapped[Created]


class Transition(Base):
    """One change of state of an order, payment, refund or dispute; rows are added and never changed."""

    __tablename__ = "transition"
    __table_args__ = (Index("ix_transition_subject", "subject", "subject_id"),)

    id: Mapped[Serial]
    subject: Mapped[Words]
    subject_id: Mapped[Words]
    before: Mapped[Words | None]
    after: Mapped[Words]
    cause: Mapped[Words]
    at: Mapped[Created]


def moment(value: datetime | None) -> str | None:
    """A time as the API shows it."""
    return value.isoformat() if value else None
