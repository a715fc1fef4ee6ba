"""The inbox, for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import select

from reference_impl import database
from reference_impl.api import auth, models
from reference_impl.orders.table import moment
from reference_impl.webhooks.table import WebhookEvent

staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])


@staff_router.get("/operator/events")
async def list_events(
    after: Annotated[str | None, Query(max_length=255)] = None, limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000
) -> models.EventsView:
    """Events of the inbox, oldest first; ``after`` is the ``seq`` or the id of the last one seen."""
    async with database.statement() as session:
        start = 0
        if after and after.isdecimal() and len(after) < 19:  # noqa: PLR2004 - fits a bigint
            start = int(after)
        elif after and after.isascii() and after.isprintable():
            start = await session.scalar(select(WebhookEvent.id).where(WebhookEvent.event_id == after)) or 0
        rows = await session.scalars(
            select(WebhookEvent).where(WebhookEvent.id > start).order_by(WebhookEvent.id).limit(limit)
        )
        return models.EventsView(
            events=[
                models.EventView(
                    seq=row.id,
                    event_id=row.event_id,
                    type=row.type,
                    object_id=row.object_id,
                    provider=row.provider,
                    source=row.source,
                    status=row.status,
                    received_at=row.received_at.isoformat(),
                    handled_at=moment(row.handled_at),
                    attempts=row.attempts,
                    last_error=row.last_error,
                )
                for row in rows
            ]
        )
