"""The inbox: every event that a provider told us about, once."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Created, Moment, Serial, Words


class WebhookEvent(Base):
    """One event. ``status``.

    Received, waiting (will be tried again), done, ignored (a type we do not use), failed (dead letter).

    What is kept of the body is what finding the object again takes, and its SHA-256: the state of things is asked of
    the provider anyway, and a body carries client secrets and addresses that have no business in a database.
    ``source``: ``delivery`` or ``catch-up`` (found by reconciliation).
    """

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("provider", "account", "event_id"),
        UniqueConstraint("provider", "account", "transmission_id"),
        Index(
            "ix_webhook_event_unfinished", "next_attempt_at", postgresql_where=text("status IN ('received', 'waiting')")
        ),
        Index("ix_webhook_event_object", "object_id", "type"),
    )

    id: Mapped[Serial]
    provider: Mapped[Words]
    account: Mapped[Words]
    event_id: Mapped[Words]
    type: Mapped[Words]
    object_id: Mapped[Words]
    parent_id: Mapped[Words | None]
    livemode: Mapped[bool]
    api_version: Mapped[Words | None]
    created_at_provider: Mapped[Moment]
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[Words]
    status: Mapped[Words]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[Words | None]
    received_at: Mapped[Created]
    next_attempt_at: Mapped[Moment]
    handled_at: Mapped[Moment | None]
    transmission_id: Mapped[Words | None]
