"""What shoppers can do with an order; and the staff's view of it."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from reference_impl import database, logs
from reference_impl.api import auth, models
from reference_impl.gateways.errors import OutcomeUnknown
from reference_impl.orders import orders, rules, views
from reference_impl.orders.rules import OrderState
from reference_impl.payments import cancel, start, sync

router = APIRouter(tags=["orders"])
staff_router = APIRouter(tags=["staff"], dependencies=[Depends(auth.staff)])
_log = logs.get("orders")


@router.post("/orders", status_code=201)
async def create_order(
    request: models.OrderRequest, settings: auth.TheSettings, key: auth.IdempotencyKey
) -> models.NewOrderView:
    """Order goods at the catalogue's prices."""
    order, token = await orders.create(settings, _wishes(request.lines), request.currency.lower(), request.email, key)
    async with database.statement() as session:
        lines = await orders.lines_of(session, order.id)
    return views.new(order, lines, token)


@router.put("/orders/{order_id}/lines")
async def change_lines(
    order_id: str, request: models.LinesRequest, settings: auth.TheSettings, token: auth.ShopperToken
) -> models.OrderView:
    """Change an order that no payment was started for."""
    order, lines = await orders.change_lines(settings, order_id, token, _wishes(request.lines))
    return views.unpaid(order, lines)


@router.get("/orders/{order_id}")
async def show_order(order_id: str, token: auth.ShopperToken) -> models.OrderView:
    """How the order stands, as far as the shop knows."""
    return await views.for_shopper(order_id, token)


@router.get("/orders/{order_id}/return")
async def come_back(order_id: str, token: auth.ShopperToken) -> models.OrderView:
    """The page after payment: asks the provider. What the address claims is not even read."""
    async with database.statement() as session:
        orders.authorise(await orders.found(session, order_id), token)
        payment = await start.open_payment(session, order_id)
    if payment is not None and (payment.intent_id or payment.session_id):
        try:
            await sync.synchronise(payment.id, "shopper came back")
        except OutcomeUnknown as error:
            _log.warning("return.provider_away", order=order_id, error=str(error))
    return await views.for_shopper(order_id, token)


@router.post("/orders/{order_id}/cancel")
async def cancel_order(order_id: str, token: auth.ShopperToken, response: Response) -> models.OrderView:
    """Cancel an unpaid order and its payment; 202 while the provider has not said."""
    order = await cancel.cancel_order(order_id, token)
    response.status_code = 200 if order.state == OrderState.CANCELLED else 202
    return await views.for_shopper(order_id, token)


@staff_router.get("/operator/orders/{order_id}")
async def inspect_order(order_id: str) -> models.OperatorOrderView:
    """Everything about an order."""
    return await views.for_staff(order_id)


@staff_router.post("/operator/orders/{order_id}/cancel")
async def release_order(order_id: str, response: Response) -> models.OperatorOrderView:
    """Cancel an order that was not captured, and release what is held; 202 while the provider has not said."""
    order = await cancel.cancel_order(order_id, None)
    if order.state == OrderState.CANCELLED:
        return await views.for_staff(order_id)
    response.status_code = 202
    return await views.for_staff(
        order_id, message="The provider has not said yet whether it is cancelled; it is asked again."
    )


def _wishes(lines: list[models.LineRequest]) -> list[rules.Wish]:
    return [rules.Wish(line.sku, line.quantity) for line in lines]
