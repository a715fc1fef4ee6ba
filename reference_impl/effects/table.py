"""The outbox: what the world outside is to be told or sent, each once, under a unique key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Created, Moment, Serial, Words


class Effect(Base):
    """One side effect: ``fulfilment`` or ``mail``.

    Written with the change that causes it, performed after its commit.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_pending", "id", postgresql_where=text("done_at IS NULL")),)

    id: Mapped[Serial]
    effect_key: Mapped[Words] = mapped_column(unique=True)
    kind: Mapped[Words]
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[Moment | None]
    created_at: Mapped[Created]
