"""How far reconciliation has read at each provider."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from reference_impl.database import Base
from reference_impl.database.columns import Minor, Words


class Checkpoint(Base):
    """Creation time (epoch seconds, the provider's clock) of the newest event and balance movement seen."""

    __tablename__ = "checkpoint"

    name: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[Words]
    position: Mapped[Minor]
