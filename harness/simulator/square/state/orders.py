"""Orders: made, changed under their version, paid, closed.

Sources: Square, "Orders API"; "Update orders" (a reused key leaves the order unchanged); "Pay for orders". An order is
completed once it is paid and no fulfilment of it is open, so an order of a payment link stays OPEN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from harness.simulator.square import formats
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.checks import MONEY, Flag, Several, Shape, Text, Whole, checked
from harness.simulator.square.errors import invalid, stale
from harness.simulator.square.events import emit
from harness.simulator.square.state import merchants
from harness.simulator.square.state.objects import CANCELED, COMPLETED, DRAFT, OPEN, ORDERS, PAYMENTS, Order, Payment
from harness.simulator.square.state.pricing import priced, wrong_currency
from harness.simulator.square.wire import orders as wire

_ADJUSTMENT = Shape(
    {
        "uid": Text(60),
        "name": Text(255),
        "percentage": Text(10),
        "amount_money": MONEY,
        "scope": Text(of=frozenset({"ORDER", "LINE_ITEM", "OTHER_DISCOUNT_SCOPE", "OTHER_TAX_SCOPE"})),
    }
)
LINE = Shape(
    {
        "uid": Text(60),
        "name": Text(512),
        "quantity": Text(12, 1, required=True),
        "note": Text(2000),
        "variation_name": Text(400),
        "base_price_money": MONEY,
        "modifiers": Several(Shape({"base_price_money": MONEY})),
        "metadata": Shape({}),
    }
)
ORDER = {
    "location_id": Text(50),
    "reference_id": Text(40),
    "customer_id": Text(191),
    "line_items": Several(LINE, most=500),
    "taxes": Several(_ADJUSTMENT),
    "discounts": Several(_ADJUSTMENT),
    "service_charges": Several(_ADJUSTMENT),
    "fulfillments": Several(Shape({"type": Text(), "state": Text()})),
    "metadata": Shape({}),
    "ticket_name": Text(30),
    "state": Text(of=frozenset({OPEN, DRAFT, COMPLETED, CANCELED})),
    "version": Whole(),
    "pricing_options": Shape({"auto_apply_discounts": Flag(), "auto_apply_taxes": Flag()}),
}
_OWN = frozenset({"location_id", "reference_id", "customer_id", "state", "version"})
"""What is kept beside the document."""
_READ_ONLY = frozenset(
    {
        "id",
        "created_at",
        "updated_at",
        "closed_at",
        "total_money",
        "total_tax_money",
        "total_discount_money",
        "total_tip_money",
        "total_service_charge_money",
        "rewards",
        "tenders",
        "refunds",
        "returns",
        "return_amounts",
        "net_amounts",
        "net_amount_due_money",
        "rounding_adjustment",
    }
)
_CLOSED_FULFILMENTS = frozenset({"COMPLETED", "CANCELED", "FAILED"})
_MOST_METADATA, _LONGEST_KEY, _LONGEST_VALUE = 10, 60, 255


def get(account: SquareAccount, id_: str) -> Order:
    """An order; 404 for an unknown one."""
    found = account.of(ORDERS).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", f"Order with ID `{id_}` not found.", "order_id", status=404)
    return found


def make(account: SquareAccount, sent: dict[str, Any], *, digital: bool = False) -> Order:
    """A new order from what a caller wrote. ``digital``: what a payment link sells, with its open fulfilment."""
    order = new(account, sent, digital=digital)
    if digital:  # of a payment link: a draft until somebody pays
        order = replace(order, state=DRAFT)
    account.of(ORDERS).add(order)
    tell(account, order)
    return order


def new(account: SquareAccount, sent: dict[str, Any], *, digital: bool = False) -> Order:
    """An order that is not kept (a calculation).

    Raises:
        SquareError: 400 for what cannot be an order.
    """
    body = checked(ORDER, sent, "order.")
    location = body.get("location_id")
    if not location:
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "order.location_id")
    currency = merchants.currency(account, location, "order.location_id")
    _check_metadata(body.get("metadata") or {})
    state = body.get("state", OPEN)
    if state not in {OPEN, DRAFT}:
        raise invalid("INVALID_VALUE", "An order is created as OPEN or DRAFT.", "order.state")
    document = {name: value for name, value in body.items() if name not in _OWN | _READ_ONLY}
    if digital and not document.get("fulfillments"):
        document["fulfillments"] = [{"uid": account.ids.text(22), "type": "DIGITAL", "state": "PROPOSED"}]
    for fulfilment in document.get("fulfillments") or []:
        fulfilment.setdefault("uid", account.ids.text(22))
        fulfilment.setdefault("state", "PROPOSED")
    costs = priced(account, document, currency)
    now = account.now()
    return Order(
        id=formats.payment_id(account.ids),
        created=now,
        updated=now,
        location=location,
        state=state,
        currency=currency,
        total=costs.total,
        document=costs.document,
        reference=body.get("reference_id"),
        customer=body.get("customer_id"),
        tax=costs.tax,
        discount=costs.discount,
        service=costs.service,
    )


def quick(account: SquareAccount, payment: Payment, *, returned: str | None = None) -> Order:
    """The order that Square makes for a payment that came without one, or (``returned``) for a refund; with event."""
    now = account.now()
    line = {
        "uid": account.ids.text(22),
        "quantity": "1",
        "item_type": "CUSTOM_AMOUNT",
        "base_price_money": {"amount": payment.amount, "currency": payment.currency},
    }
    sent: dict[str, Any] = {} if returned else {"line_items": [line]}
    costs = priced(account, sent, payment.currency)
    order = Order(
        id=payment.order if returned is None else formats.payment_id(account.ids),
        created=now,
        updated=now,
        location=payment.location,
        state=OPEN if returned is None else COMPLETED,
        currency=payment.currency,
        total=costs.total,
        document=costs.document,
        reference=payment.reference if returned is None else None,
        customer=payment.customer,
        returned=returned,
    )
    account.of(ORDERS).add(order)
    tell(account, order)
    return order


def update(account: SquareAccount, order: Order, sent: dict[str, Any], clear: Sequence[str]) -> Order:
    """Change an order sparsely under its version.

    Raises:
        SquareError: 400 ``VERSION_MISMATCH`` for another version than the latest, or a change that cannot be.
    """
    body = _change(order, sent)
    document = dict(order.document)
    for name in clear:
        _clear(document, name)
    for name, value in body.items():
        if name in _OWN or name in _READ_ONLY:
            continue
        document[name] = _merged(document.get(name), value)
    costs = priced(account, document, order.currency)
    if order.payments and costs.total != order.total:
        raise invalid("BAD_REQUEST", "The total of an order that was paid cannot be changed.", "order")
    state = body.get("state", order.state)
    if state == COMPLETED and wire.due(account, order) > 0:
        raise invalid("BAD_REQUEST", "An order is completed by paying for it.", "order.state")
    if state == CANCELED and (order.payments or _approved(account, order)):
        raise invalid("BAD_REQUEST", "An order with payments cannot be canceled.", "order.state")
    changed = replace(
        order,
        document=costs.document,
        total=costs.total,
        tax=costs.tax,
        discount=costs.discount,
        service=costs.service,
        state=state,
        closed=account.now() if state in {COMPLETED, CANCELED} else None,
        reference=body.get("reference_id", None if "reference_id" in clear else order.reference),
        customer=body.get("customer_id", None if "customer_id" in clear else order.customer),
    )
    if changed.payments:
        changed = _settled(account, changed)
    return put(account, changed)


def _change(order: Order, sent: dict[str, Any]) -> dict[str, Any]:
    """What a caller wants to change, where this order may be changed at all."""
    body = checked(ORDER, sent, "order.")
    if "version" not in body:
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "order.version")
    if body["version"] != order.version:
        raise stale("order.version", body["version"], order.version)
    if body.get("location_id", order.location) != order.location:
        raise invalid("INVALID_VALUE", "The location of an order cannot be changed.", "order.location_id")
    if order.state in {COMPLETED, CANCELED}:
        raise invalid("BAD_REQUEST", f"An order in the state {order.state} cannot be changed.", "order.state")
    _check_metadata(body.get("metadata") or {})
    return body


def paid(account: SquareAccount, order: Order, payment: Payment) -> Order:
    """A completed payment becomes a tender; the order is completed once nothing of it is open."""
    payments = (*order.payments, payment.id)
    return put(account, _settled(account, replace(order, payments=payments, tip=order.tip + payment.tip)))


def touched(account: SquareAccount, order: Order) -> Order:
    """Something about an order changed that is not written in it (a refund of its payment)."""
    return put(account, order)


def opened(account: SquareAccount, order: Order) -> Order:
    """A draft becomes an order that can be paid (a buyer pays its link); without an event of its own."""
    return order if order.state != DRAFT else account.of(ORDERS).put(replace(order, state=OPEN))


def cancel(account: SquareAccount, order: Order) -> Order:
    """Nobody pays for it any more."""
    if order.state not in {OPEN, DRAFT} or order.payments:
        return order
    return put(account, replace(order, state=CANCELED, closed=account.now()))


def put(account: SquareAccount, order: Order) -> Order:
    """A new version, with its event."""
    done = account.of(ORDERS).put(replace(order, version=order.version + 1, updated=account.now()))
    tell(account, done)
    return done


def tell(account: SquareAccount, order: Order) -> None:
    """The event of an order as it is now."""
    name = "order_created" if order.version == 1 else "order_updated"
    emit(account, name.replace("_", "."), order.id, name, wire.short(order))


def check_payable(order: Order, location: str, currency: str) -> None:
    """Refuse a payment for an order that cannot be paid."""
    if order.state != OPEN:
        raise invalid("BAD_REQUEST", f"The order is {order.state} and cannot be paid.", "order_id")
    if order.location != location:
        raise invalid("INVALID_VALUE", "The order belongs to another location.", "location_id")
    if order.currency != currency:
        raise wrong_currency(order.currency, "amount_money.currency")


def _settled(account: SquareAccount, order: Order) -> Order:
    open_ones = [one for one in order.document.get("fulfillments") or [] if one["state"] not in _CLOSED_FULFILMENTS]
    if wire.due(account, order) > 0 or open_ones or order.state != OPEN:
        return order
    return replace(order, state=COMPLETED, closed=account.now())


def _approved(account: SquareAccount, order: Order) -> bool:
    return any(one.status == "APPROVED" for one in account.of(PAYMENTS).by("order", order.id))


def _check_metadata(metadata: dict[str, Any]) -> None:
    if len(metadata) > _MOST_METADATA:
        raise invalid("VALUE_TOO_HIGH", "An order has at most ten entries of metadata.", "order.metadata")
    for name, value in metadata.items():
        if len(name) > _LONGEST_KEY:
            raise invalid("VALUE_TOO_LONG", "Field must not be greater than 60 in length", "order.metadata")
        if value is not None and (not isinstance(value, str) or len(value) > _LONGEST_VALUE):
            raise invalid("INVALID_VALUE", "A value of metadata is a text of 255 characters at most.", "order.metadata")


def _merged(before: Any, value: Any) -> Any:
    """Entries of lists are told by their uid; objects are merged; everything else is replaced."""
    if isinstance(value, dict) and isinstance(before, dict):
        return {**before, **value}
    if not isinstance(value, list) or not isinstance(before, list):
        return value
    known = {one.get("uid"): one for one in before}
    for one in value:
        uid = one.get("uid")
        known[uid or id(one)] = {**known[uid], **one} if uid in known else one
    return list(known.values())


def _clear(document: dict[str, Any], name: str) -> None:
    """``line_items[uid]``, ``metadata`` or ``discounts[uid].name``."""
    head, _, rest = name.partition("[")
    if not rest:
        holder, _, member = name.rpartition(".")
        if holder and isinstance(document.get(holder), dict):
            document[holder] = {key: value for key, value in document[holder].items() if key != member}
        else:
            document.pop(name, None)
        return
    uid, _, member = rest.partition("]")
    entries = document.get(head) or []
    if member.startswith("."):
        document[head] = [
            {k: v for k, v in one.items() if k != member[1:]} if one.get("uid") == uid else one for one in entries
        ]
    else:
        document[head] = [one for one in entries if one.get("uid") != uid]
