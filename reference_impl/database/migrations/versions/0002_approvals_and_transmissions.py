"""Approvals that were turned back, and transmissions of events.

Both are empty in rows that were there before.
"""  # noqa: INP001 - Alembic loads these by path

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("payment", sa.Column("turned_back", sa.Text(), nullable=True))
    op.add_column("payment", sa.Column("turned_back_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("webhook_event", sa.Column("transmission_id", sa.Text(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_webhook_event_provider_account_transmission_id"),
        "webhook_event",
        ["provider", "account", "transmission_id"],
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_constraint(op.f("uq_webhook_event_provider_account_transmission_id"), "webhook_event", type_="unique")
    op.drop_column("webhook_event", "transmission_id")
    op.drop_column("payment", "turned_back_at")
    op.drop_column("payment", "turned_back")
