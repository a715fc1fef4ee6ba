"""Orders v2."""

from __future__ import annotations

from harness.simulator.kernel.messages import Answer
from harness.simulator.paypal import errors
from harness.simulator.paypal.checks import checked
from harness.simulator.paypal.errors import unprocessable
from harness.simulator.paypal.registry import Call, operation
from harness.simulator.paypal.state import orders, patching, paying, schemas, trackers
from harness.simulator.paypal.state.objects import APPROVED, AUTHORIZE, CAPTURE, ORDERS, Order
from harness.simulator.paypal.wire import orders as wire

KEPT = 6 * 3600.0
"""Seconds for which a request id of orders is kept (PayPal, "Orders v2")."""


@operation("POST /v2/checkout/orders", keep=KEPT)
def create(call: Call) -> Answer:
    """A new order; one with a card or a saved source is paid in the same step."""
    account = call.account
    wanted = checked(schemas.ORDER, call.params)
    order = orders.create(account, wanted)
    if order.single_step:
        try:
            order = orders.ready(account, order)
            if order.status == APPROVED:
                order = paying.settle(account, order)
        except errors.PayPalError:
            account.of(ORDERS).remove(order.id)
            raise
    return _answer(call, 201, order, wire.CREATE)


@operation("GET /v2/checkout/orders/{id}", public=True)
def read(call: Call, order_id: str) -> Answer:
    """The whole order; ``fields`` adds nothing to it, and is checked."""
    order = orders.get(call.account, order_id)
    fields = call.query.get("fields")
    if fields is not None and fields != "payment_source":
        raise errors.invalid("INVALID_PARAMETER_VALUE", "fields", fields, location="query")
    return call.answer(200, wire.order_view(call.account, order))


@operation("PATCH /v2/checkout/orders/{id}")
def change(call: Call, order_id: str) -> Answer:
    """Changes by JSON patch."""
    patching.patch(call.account, orders.get(call.account, order_id), call.params)
    return call.answer(204)


@operation("POST /v2/checkout/orders/{id}/confirm-payment-source", public=True, keep=KEPT)
def confirm(call: Call, order_id: str) -> Answer:
    """A source for the order."""
    wanted = checked(schemas.CONFIRM, call.params)
    order = orders.confirm(call.account, orders.get(call.account, order_id), wanted)
    return _answer(call, 200, order, wire.CONFIRM)


@operation("POST /v2/checkout/orders/{id}/authorize", keep=KEPT)
def authorize(call: Call, order_id: str) -> Answer:
    """Hold the money."""
    found = call.account.of(ORDERS).get(order_id)
    if found is not None and orders.expired(call.account, found):
        raise unprocessable("ORDER_EXPIRED")
    return _pay(call, order_id, AUTHORIZE)


@operation("POST /v2/checkout/orders/{id}/capture", keep=KEPT)
def capture(call: Call, order_id: str) -> Answer:
    """Take the money."""
    return _pay(call, order_id, CAPTURE)


@operation("POST /v2/checkout/orders/{id}/track", keep=KEPT)
def track(call: Call, order_id: str) -> Answer:
    """A shipment; the answer is the order with its trackers."""
    order = orders.get(call.account, order_id)
    wanted = checked(schemas.TRACK, call.params)
    trackers.add(call.account, order, wanted)
    body = wire.order_view(call.account, order)
    return call.answer(201, body, replay=(ORDERS.name, order.id, f"{wire.PAY} representation"))


@operation("PATCH /v2/checkout/orders/{id}/trackers/{tracker_id}")
def change_tracker(call: Call, order_id: str, tracker_id: str) -> Answer:
    """Cancel a shipment, or change what it holds."""
    trackers.patch(call.account, orders.get(call.account, order_id), tracker_id, call.params)
    return call.answer(204)


def _pay(call: Call, order_id: str, intent: str) -> Answer:
    order = orders.get(call.account, order_id)
    wanted = checked(schemas.PAY, call.params)
    order = paying.pay(call.account, order, intent, wanted.get("payment_source"))
    return _answer(call, 201, order, wire.PAY)


def _answer(call: Call, status: int, order: Order, after: str) -> Answer:
    body = wire.answer(call.account, order, after, call.form)
    return call.answer(status, body, replay=(ORDERS.name, order.id, f"{after} {call.form}"))
