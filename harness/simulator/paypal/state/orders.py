"""Orders until they are paid: made, confirmed, approved, cancelled, expired.

Sources: PayPal, "Orders v2"; "Handle uncaptured payments" (an approval that is not captured is reversed).
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.paypal import errors, registry
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import unprocessable
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.state import cards, instruments, sources, validation
from harness.simulator.paypal.state.objects import (
    APPROVED,
    AUTHORIZE,
    COMPLETED,
    CREATED,
    ORDERS,
    PAYER_ACTION_REQUIRED,
    VOIDED,
    Order,
)
from harness.simulator.paypal.wire import orders as wire

REVERSE = "order.reverse"
_ADDRESS = {
    "address_line_1": "2211 North First Street",
    "admin_area_2": "San Jose",
    "admin_area_1": "CA",
    "postal_code": "95131",
    "country_code": "US",
}


def get(account: PayPalAccount, id_: str) -> Order:
    """An order that is there; 404 ``INVALID_RESOURCE_ID`` for an unknown one and for one that expired unapproved."""
    found = account.of(ORDERS).get(id_)
    if found is None or expired(account, found):
        raise errors.not_found("id", id_)
    return found


def expired(account: PayPalAccount, order: Order) -> bool:
    """Whether its buyer did not approve in time."""
    return order.status in {CREATED, PAYER_ACTION_REQUIRED} and account.clock.now() >= order.expires


def create(account: PayPalAccount, wanted: dict[str, Any]) -> Order:
    """A new order from a checked body; it is not paid yet, whatever its source.

    Raises:
        PayPalError: 422 for what does not add up or cannot pay; 400 where the source needs a request id.
    """
    units, currency = validation.normal(wanted["purchase_units"], wanted["intent"])
    source = sources.read(account, wanted.get("payment_source"))
    sources.instructed(wanted)
    if sources.pays_at_once(source) and account.request_id is None:
        raise errors.invalid("PAYPAL_REQUEST_ID_REQUIRED", "PayPal-Request-Id", location="header")
    now = account.clock.now()
    order = Order(
        id=account.long_id(),
        created=int(now),
        updated=int(now),
        expires=now + account.settings.order_life_seconds,
        status=CREATED if source is None else PAYER_ACTION_REQUIRED,
        intent=wanted["intent"],
        currency=currency,
        units=units,
        source=source,
        context=sources.context(wanted, source),
        payer=None,
        single_step=sources.pays_at_once(source),
    )
    if "payer" in wanted:
        order = replace(order, context={**order.context, "payer": wanted["payer"]})
    account.of(ORDERS).add(order)
    return order


def confirm(account: PayPalAccount, order: Order, wanted: dict[str, Any]) -> Order:
    """A source for an order: a card is ready to pay or asks its holder; a wallet asks its buyer.

    Raises:
        PayPalError: 422.
    """
    if order.status == COMPLETED:
        raise unprocessable("ORDER_ALREADY_AUTHORIZED" if order.intent == AUTHORIZE else "ORDER_ALREADY_CAPTURED")
    if order.status == VOIDED:
        raise unprocessable("ORDER_CANNOT_BE_CONFIRMED")
    if order.status == APPROVED and order.approved_at is not None and "card" not in (order.source or {}):
        raise unprocessable("PAYMENT_ALREADY_APPROVED")
    source = sources.read(account, wanted["payment_source"])
    sources.instructed(wanted)
    if source is None:
        raise unprocessable("NO_PAYMENT_SOURCE_PROVIDED", "/payment_source")
    context = {**order.context, **sources.context(wanted, source)}
    order = put(account, order, source=source, context=context, status=PAYER_ACTION_REQUIRED, authentication=None)
    return ready(account, order) if sources.pays_at_once(source) else order


def ready(account: PayPalAccount, order: Order) -> Order:
    """An order whose source needs no approval: APPROVED, or PAYER_ACTION_REQUIRED while its holder is challenged."""
    card = (order.source or {}).get("card")
    if card is None:
        return put(account, order, status=APPROVED, payer=_payer(account, order))
    challenged, result = cards.authentication(card)
    if challenged and order.authentication is None:
        return put(account, order, status=PAYER_ACTION_REQUIRED)
    return put(account, order, status=APPROVED, authentication=order.authentication or result)


def authenticated(account: PayPalAccount, order: Order, *, passed: bool = True) -> Order:
    """The holder of a card has met the challenge, or failed it.

    Raises:
        ValueError: nobody was challenged.
    """
    card = (order.source or {}).get("card")
    if card is None or order.status != PAYER_ACTION_REQUIRED or expired(account, order):
        raise ValueError(f"Order {order.id} is {order.status} and waits for no challenge of a card.")
    result = cards.authentication(card)[1]
    if not passed:
        secure = {"enrollment_status": "Y", "authentication_status": "N"}
        result = {"liability_shift": "NO", "three_d_secure": secure}
    return put(account, order, status=APPROVED, authentication=result)


def approve(account: PayPalAccount, order: Order, instrument: str | None = None) -> Order:
    """The buyer agrees, with an instrument of ``state/instruments.py``; also after a decline, with another one.

    Raises:
        ValueError: nothing to approve, or an unknown instrument.
    """
    if order.source is not None and "card" in order.source:
        return authenticated(account, order)
    if order.status not in {CREATED, PAYER_ACTION_REQUIRED, APPROVED} or expired(account, order):
        state = "expired" if expired(account, order) else order.status
        raise ValueError(f"Order {order.id} is {state}; only one that waits for its buyer can be approved.")
    word = instrument or account.settings.default_instrument
    instruments.outcome(word)
    now = account.now()
    order = put(
        account,
        order,
        status=APPROVED,
        source=order.source or {"paypal": {}},
        instrument=word,
        payer=_payer(account, order),
        units=_shipped(account, order),
        approved_total=validation.total(order.units, order.currency),
        approved_at=now,
    )
    account.set_timer(account.clock.now() + account.settings.approval_life_seconds, REVERSE, order.id)
    emit(
        account,
        "CHECKOUT.ORDER.APPROVED",
        "checkout-order",
        "2.0",
        "An order has been approved by buyer",
        event_view(account, order),
    )
    return order


def expire(account: PayPalAccount, order: Order) -> Order:
    """The order's time is over: an approval is reversed, what waits for its buyer ends.

    Raises:
        ValueError: it is paid or over already.
    """
    if order.status == APPROVED:
        _reverse(account, order.id)
    elif order.status in {CREATED, PAYER_ACTION_REQUIRED}:
        put(account, order, expires=account.clock.now())
    else:
        raise ValueError(f"Order {order.id} is {order.status}; only one that is not paid can expire.")
    found = account.of(ORDERS).get(order.id)
    assert found is not None  # it was just stored
    return found


def put(account: PayPalAccount, order: Order, **changes: Any) -> Order:
    """A new version of an order."""
    return account.of(ORDERS).put(replace(order, updated=account.now(), **changes))


def event_view(account: PayPalAccount, order: Order) -> dict[str, Any]:
    """An order as events show it: with an (empty) breakdown wherever there is none."""
    view = wire.order_view(account, order)
    view["purchase_units"] = [
        {**unit, "amount": {**unit["amount"], "breakdown": unit["amount"].get("breakdown", {})}}
        for unit in view["purchase_units"]
    ]
    return view


@registry.timer(REVERSE)
def _reverse(account: PayPalAccount, id_: str) -> None:
    order = account.of(ORDERS).get(id_)
    if order is None or order.status != APPROVED:
        return
    order = put(account, order, status=VOIDED)
    account.timers.cancel(REVERSE, id_)
    view = event_view(account, order)
    resource = {
        "order_id": order.id,
        "purchase_units": view["purchase_units"],
        "payment_source": view.get("payment_source", {}),
    }
    said = "A payment approval has been reversed"
    emit(account, "CHECKOUT.PAYMENT-APPROVAL.REVERSED", "checkout-order", "2.0", said, resource)


def _payer(account: PayPalAccount, order: Order) -> dict[str, Any]:
    given = {**order.context.get("payer", {}), **(order.source or {}).get("paypal", {})}
    name = given.get("name") or {"given_name": "Jane", "surname": "Doe"}
    return {
        "name": name,
        "email_address": given.get("email_address", account.settings.buyer_email),
        "payer_id": account.payer_id,
        "address": {"country_code": given.get("address", {}).get("country_code", account.settings.country)},
    }


def _shipped(account: PayPalAccount, order: Order) -> tuple[dict[str, Any], ...]:
    """Units with the buyer's own address, unless the merchant gave one or ships nothing."""
    if order.context.get("shipping_preference") in {"NO_SHIPPING", "SET_PROVIDED_ADDRESS"}:
        return order.units
    name = _payer(account, order)["name"]
    full = f"{name.get('given_name', '')} {name.get('surname', '')}".strip()
    shipping = {"name": {"full_name": full}, "address": _ADDRESS}
    return tuple({**unit, "shipping": {**shipping, **unit.get("shipping", {})}} for unit in order.units)
