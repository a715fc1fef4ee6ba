"""Payments, their captures, the calls that we owe a provider, and the provider's ids that we know."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Created, Id, Minor, Moment, Serial, Words


class Payment(Base):
    """One payment of an order at one provider.

    ``open``: the provider's object may still take money; an order has at most one such payment. ``held``: money came
    in that does not match the order; nobody fulfils it before staff has looked. ``version`` grows with every change,
    so that truth which was fetched before someone else's write is fetched again. ``turned_back``: why the provider did
    not let us take what the shopper approved, until the shopper approves anew; ``turned_back_at``: how old the
    provider's object was then (epoch seconds of its clock). The provider's client secret is never
    stored.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        Index("ix_payment_one_open", "order_id", unique=True, postgresql_where=text("open")),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint(
            "captured_minor >= 0 AND captured_minor <= authorised_minor", name="captured_within_authorised"
        ),
        CheckConstraint("refunded_minor >= 0", name="refunded_not_negative"),
        CheckConstraint("refunded_minor <= captured_minor", name="refunded_within_captured"),
    )

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    number: Mapped[int]
    provider: Mapped[Words]
    method: Mapped[Words]
    capture: Mapped[Words]
    state: Mapped[Words]
    open: Mapped[bool]
    held: Mapped[bool] = mapped_column(server_default=text("false"))
    amount_minor: Mapped[Minor]
    currency: Mapped[Words]
    authorised_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    captured_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    refunded_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    disputed_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    lost_minor: Mapped[Minor] = mapped_column(server_default=text("0"))
    intent_id: Mapped[Words | None] = mapped_column(unique=True)
    session_id: Mapped[Words | None] = mapped_column(unique=True)
    charge_id: Mapped[Words | None]
    balance_id: Mapped[Words | None]
    decline_code: Mapped[Words | None]
    turned_back: Mapped[Words | None]
    turned_back_at: Mapped[Minor] = mapped_column(server_default=text("0"))
    version: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[Created]


class Capture(Base):
    """A capture that staff asked for; a payment has one that has not failed at most."""

    __tablename__ = "capture"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_capture_one_standing", "payment_id", unique=True, postgresql_where=text("state <> 'failed'")),
    )

    id: Mapped[Id]
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"), index=True)
    amount_minor: Mapped[Minor]
    state: Mapped[Words]
    created_at: Mapped[Created]


class ProviderCall(Base):
    """A call that moves money: written down before it is made, so that it is finished whatever dies in between.

    ``key`` is the idempotency key, ``params`` what is sent under it, unchanged however often it is repeated.
    ``state``: ``pending`` (not known to have happened), ``done``, ``refused``. ``provider`` is that of the payment.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (Index("ix_payment_attempt_due", "next_attempt_at", postgresql_where=text("state = 'pending'")),)

    key: Mapped[Id]
    kind: Mapped[Words]
    subject_id: Mapped[Words]
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"), index=True)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[Words]
    turn: Mapped[int] = mapped_column(server_default=text("0"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[Words | None]
    next_attempt_at: Mapped[Moment]
    created_at: Mapped[Created]
    provider: Mapped[str] = column_property(
        select(Payment.provider).where(Payment.id == payment_id).correlate_except(Payment).scalar_subquery()
    )


class ProviderObject(Base):
    """A provider's object that belongs to a payment of ours, whatever its kind: how an event finds its order."""

    __tablename__ = "provider_object"

    provider: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[Words]
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"), index=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[Created]


__all__ = ["Capture", "Payment", "ProviderCall", "ProviderObject", "Serial"]
