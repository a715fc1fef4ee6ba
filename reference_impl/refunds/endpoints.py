"""Refunding an order."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from reference_impl.api import auth, models
from reference_impl.errors import Conflict, Unavailable
from reference_impl.orders import views
from reference_impl.payments import calls
from reference_impl.refunds import requesting

staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])
_UNKNOWN = (
    "The provider has not said yet whether the refund was made; it is asked again, and the amount counts as refunded."
)
_BUSY = "The provider is too busy to answer. Send the same request with the same Idempotency-Key to try again now."


@staff_router.post("/operator/orders/{order_id}/refunds", status_code=201)
async def refund_order(
    order_id: str,
    response: Response,
    key: auth.IdempotencyKey,
    request: models.RefundRequest | None = None,
) -> models.OperatorOrderView:
    """Refund what is left, or a part of it; 202 while the provider has not answered."""
    wanted = request or models.RefundRequest()
    refund, outcome = await requesting.refund(order_id, wanted.amount, wanted.currency, wanted.reason, key)
    if outcome.busy and key is not None:
        raise Unavailable("provider_busy", _BUSY)
    if outcome.state == calls.REFUSED:
        raise Conflict("refund_refused", "The provider refused the refund; nothing went back.")
    if outcome.state == calls.PENDING:
        response.status_code = 202
        return await views.for_staff(order_id, refund=refund, message=_UNKNOWN)
    return await views.for_staff(order_id, refund=refund)
