"""Run by Alembic, always on a connection of ours (``database.migrate``)."""  # noqa: INP001 - Alembic loads these by path

from __future__ import annotations

from alembic import context

from reference_impl.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
