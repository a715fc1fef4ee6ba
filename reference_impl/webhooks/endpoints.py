"""The inbox, for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import bindparam, func, select

from reference_impl import database
from reference_impl.api import auth, models
from reference_impl.orders.table import moment
from reference_impl.webhooks.table import WebhookEvent

staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])

_LAST_SEEN = (
    select(func.coalesce(func.max(WebhookEvent.id), bindparam("number")))
    .where(WebhookEvent.event_id == bindparam("of_event"))
    .scalar_subquery()
)
_AFTER = (
    select(
        WebhookEvent.id,
        WebhookEvent.event_id,
        WebhookEvent.type,
        WebhookEvent.object_id,
        WebhookEvent.provider,
        WebhookEvent.source,
        WebhookEvent.status,
        WebhookEvent.received_at,
        WebhookEvent.handled_at,
        WebhookEvent.attempts,
        WebhookEvent.last_error,
    )
    .where(WebhookEvent.id > _LAST_SEEN)
    .order_by(WebhookEvent.id)
    .limit(bindparam("most"))
)


@staff_router.get("/operator/events")
async def list_events(
    after: Annotated[str | None, Query(max_length=255)] = None, limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000
) -> models.EventsView:
    """Events of the inbox, oldest first; ``after`` is the ``seq`` or the id of the last one seen."""
    async with database.statement() as session:
        number, event_id = 0, ""
        if after and after.isdecimal() and len(after) < 19:  # noqa: PLR2004 - fits a bigint
            number = int(after)
        elif after and after.isascii() and after.isprintable():
            event_id = after
        rows = await session.execute(_AFTER, {"number": number, "of_event": event_id, "most": limit})
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
