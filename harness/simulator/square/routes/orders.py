"""Orders: create, get, update, pay, search, calculate, clone, retrieve several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from harness.simulator.kernel.messages import Answer
from harness.simulator.square import formats
from harness.simulator.square.checks import Several, Shape, Text, Whole, checked
from harness.simulator.square.errors import invalid, stale
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import orders, payments
from harness.simulator.square.state.objects import APPROVED, DRAFT, OPEN, ORDERS, PAYMENTS, Order
from harness.simulator.square.wire import orders as wire

_LONG = 192


@operation("POST /v2/orders", key=_LONG)
def create(call: Call) -> Answer:
    """A new order."""
    body = checked({"idempotency_key": Text(_LONG), "order": Shape({}, required=True)}, call.params)
    return _shown(call, orders.make(call.account, body["order"]))


@operation("POST /v2/orders/calculate")
def calculate(call: Call) -> Answer:
    """What an order would cost; nothing is kept."""
    body = checked({"order": Shape({}, required=True)}, call.params)
    shown = wire.order(call.account, orders.new(call.account, body["order"]))
    for name in ("id", "created_at", "updated_at"):
        shown.pop(name, None)
    return call.answer({"order": shown})


@operation("POST /v2/orders/clone", key=_LONG)
def clone(call: Call) -> Answer:
    """A draft with the goods of another order."""
    body = checked({"order_id": Text(least=1, required=True), "version": Whole()}, call.params)
    one = orders.get(call.account, body["order_id"])
    if body.get("version") not in {None, one.version}:
        raise stale("version", body["version"], one.version)
    kept = {name: value for name, value in one.document.items() if name != "fulfillments"}
    sent = {**kept, "location_id": one.location, "state": DRAFT}
    return _shown(call, orders.make(call.account, sent))


@operation("POST /v2/orders/batch-retrieve")
def several(call: Call) -> Answer:
    """Orders by their ids; unknown ones are left out."""
    wanted = {"location_id": Text(), "order_ids": Several(Text(), most=100, least=1, required=True)}
    body = checked(wanted, call.params)
    found = (call.account.of(ORDERS).get(id_) for id_ in body["order_ids"])
    return call.answer({"orders": [wire.order(call.account, one) for one in found if one is not None]})


@operation("POST /v2/orders/search")
def search(call: Call) -> Answer:
    """Orders of some locations, by state, time or customer."""
    shape = {
        "location_ids": Several(Text(), most=10),
        "cursor": Text(),
        "query": Shape({"filter": Shape({}), "sort": Shape({"sort_field": Text(), "sort_order": Text()})}),
        "limit": Whole(1, 1000),
    }
    body = checked(shape, call.params)
    account, query = call.account, body.get("query") or {}
    wanted, sort = query.get("filter") or {}, query.get("sort") or {}
    states = (wanted.get("state_filter") or {}).get("states")
    customers = (wanted.get("customer_filter") or {}).get("customer_ids")
    times = wanted.get("date_time_filter") or {}
    field = sort.get("sort_field", "CREATED_AT")
    of: dict[str, Callable[[Order], int]] = {
        "CREATED_AT": lambda one: one.created,
        "UPDATED_AT": lambda one: one.updated,
        "CLOSED_AT": lambda one: one.closed or 0,
    }
    if field not in of:
        raise invalid("INVALID_ENUM_VALUE", f"`{field}` is not a valid enum value.", "query.sort.sort_field")
    for name in times:
        if name.removesuffix("_at").upper() + "_AT" != field:
            detail = "The field of date_time_filter must be the sort field."
            raise invalid("BAD_REQUEST", detail, "query.sort.sort_field")
    spans = [(of[name.upper()], *_span(bounds)) for name, bounds in times.items() if name.upper() in of]
    most = account.listed()

    def keep(one: Order) -> bool:
        return (
            one.created <= most
            and (not body.get("location_ids") or one.location in body["location_ids"])
            and (states is None or one.state in states)
            and (customers is None or one.customer in customers)
            and all(first <= at(one) <= last for at, first, last in spans)
        )

    found, cursor = page(
        account.of(ORDERS),
        cursor=body.get("cursor"),
        limit=body.get("limit", 500),
        keep=keep,
        ascending=sort.get("sort_order", "DESC") == "ASC",
        key=of[field] if field != "CREATED_AT" else None,
    )
    if call.params.get("return_entries"):
        entries = [{"order_id": one.id, "version": one.version, "location_id": one.location} for one in found]
        shown: dict[str, Any] = {"order_entries": entries} if entries else {}
    else:
        shown = {"orders": [wire.order(account, one) for one in found]} if found else {}
    return call.answer(shown | ({"cursor": cursor} if cursor else {}))


@operation("GET /v2/orders/{id}")
def read(call: Call, id_: str) -> Answer:
    """One order."""
    return _shown(call, orders.get(call.account, id_))


@operation("PUT /v2/orders/{id}", key=_LONG, lenient=True)
def update(call: Call, id_: str) -> Answer:
    """Change an order; a key that was used before leaves it as it is."""
    shape = {"order": Shape({}), "fields_to_clear": Several(Text()), "idempotency_key": Text(_LONG)}
    body = checked(shape, call.params)
    one = orders.get(call.account, id_)
    return _shown(call, orders.update(call.account, one, body.get("order") or {}, body.get("fields_to_clear") or []))


@operation("POST /v2/orders/{id}/pay", key=_LONG)
def pay(call: Call, id_: str) -> Answer:
    """Complete approved payments that together are worth the order; others of the order are canceled."""
    shape = {
        "idempotency_key": Text(_LONG, 1, required=True),
        "order_version": Whole(),
        "payment_ids": Several(Text()),
    }
    body = checked(shape, call.params)
    account, one = call.account, orders.get(call.account, id_)
    if body.get("order_version") not in {None, one.version}:
        raise stale("order_version", body["order_version"], one.version)
    if one.state != OPEN:
        raise invalid("BAD_REQUEST", f"The order is {one.state} and cannot be paid.", "order_id")
    chosen = [payments.get(account, payment) for payment in body.get("payment_ids") or []]
    for payment in chosen:
        if payment.order != one.id or payment.status != APPROVED:
            detail = f"Payment {payment.id} is not an APPROVED payment of this order."
            raise invalid("BAD_REQUEST", detail, "payment_ids")
    if sum(payment.amount for payment in chosen) != wire.due(account, one):
        detail = "The payments do not add up to the order's amount due."
        raise invalid("PAYMENT_AMOUNT_MISMATCH", detail, "payment_ids")
    for payment in account.of(PAYMENTS).by("order", one.id):
        if payment.status == APPROVED and payment.id not in body.get("payment_ids", []):
            payments.cancel(account, payment)
    for payment in chosen:
        payments.complete(account, payments.get(account, payment.id))
    latest = orders.get(account, one.id)
    if not chosen:
        latest = orders.put(account, replace(latest, state="COMPLETED", closed=account.now()))
    return _shown(call, latest)


def _span(bounds: dict[str, Any]) -> tuple[int, int]:
    first, last = bounds.get("start_at"), bounds.get("end_at")
    begin = formats.moment(first) if first else 0
    end = formats.moment(last) if last else 1 << 62
    if begin is None or end is None:
        raise invalid("INVALID_TIME", "Expected a time in RFC 3339 format.", "query.filter.date_time_filter")
    return begin, end


def _shown(call: Call, one: Order) -> Answer:
    return call.answer({"order": wire.order(call.account, one)})
