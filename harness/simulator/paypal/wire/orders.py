"""Orders as PayPal shows them: whole, or what an answer says by default."""

from __future__ import annotations

from typing import Any

from harness.simulator.paypal import registry
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.formats import timestamp
from harness.simulator.paypal.registry import MINIMAL
from harness.simulator.paypal.state import cards
from harness.simulator.paypal.state.objects import (
    APPROVED,
    AUTHORIZATIONS,
    CAPTURE,
    CAPTURES,
    CREATED,
    ORDERS,
    PAYER_ACTION_REQUIRED,
    REFUNDS,
    SAVED,
    TRACKERS,
    Order,
    Tracker,
)
from harness.simulator.paypal.wire import payments
from harness.simulator.paypal.wire.payments import link

CREATE, PAY, CONFIRM = "create", "pay", "confirm"


def answer(account: PayPalAccount, order: Order, after: str, form: str) -> dict[str, Any]:
    """The answer of ``create``, ``pay`` (capture, authorize) or ``confirm`` in the form that was asked for.

    Source: the examples of PayPal's reference; by default they hold more than the id, status and links that its
    text promises: the payments once there are some, the source once a payer has to act.
    """
    if form != MINIMAL:
        return order_view(account, order)
    view: dict[str, Any] = {"id": order.id, "status": order.status}
    source = source_view(account, order)
    if source is not None and (after != CREATE or order.status != CREATED):
        view["payment_source"] = source
    if order.paid:
        view["purchase_units"] = [
            {
                "reference_id": unit["reference_id"],
                **({"shipping": unit["shipping"]} if "shipping" in unit else {}),
                "payments": _payments(account, order, unit),
            }
            for unit in order.units
        ]
        if order.payer is not None:
            view["payer"] = order.payer
    view["links"] = links(account, order)
    return view


def order_view(account: PayPalAccount, order: Order) -> dict[str, Any]:
    """The whole order."""
    view: dict[str, Any] = {"id": order.id, "intent": order.intent, "status": order.status}
    source = source_view(account, order)
    if source is not None:
        view["payment_source"] = source
    view["purchase_units"] = [_unit(account, order, unit) for unit in order.units]
    if order.payer is not None:
        view["payer"] = order.payer
    view["create_time"] = timestamp(order.created)
    if order.updated != order.created or order.status != CREATED:
        view["update_time"] = timestamp(order.updated)
    view["links"] = links(account, order)
    return view


def source_view(account: PayPalAccount, order: Order) -> dict[str, Any] | None:
    """``payment_source`` of an answer: what may be told of it."""
    source = order.source
    if source is None:
        return None
    saved = {} if order.vault is None else {"attributes": {"vault": order.vault}}
    if "card" in source:
        view = cards.shown(source["card"])
        if order.authentication is not None and order.status != PAYER_ACTION_REQUIRED:
            view["authentication_result"] = order.authentication
        return {"card": {**view, **saved}}
    if order.payer is None:
        wallet = source["paypal"]
        return {"paypal": {name: wallet[name] for name in ("email_address", "name") if name in wallet}}
    payer = order.payer
    return {
        "paypal": {
            "email_address": payer["email_address"],
            "account_id": account.payer_id,
            "account_status": "VERIFIED",
            "name": payer["name"],
            "address": payer["address"],
            **saved,
        }
    }


def links(account: PayPalAccount, order: Order) -> list[dict[str, str]]:
    """What can be done next."""
    here = f"{account.base_url}/v2/checkout/orders/{order.id}"
    found = [link(here, "self")]
    if order.status == PAYER_ACTION_REQUIRED:
        found.append(link(payer_link(account, order), "payer-action"))
    elif order.status in {CREATED, SAVED, APPROVED}:
        if order.status == CREATED:
            found.append(link(payer_link(account, order), "approve"))
        found.append(link(here, "update", "PATCH"))
        verb = "capture" if order.intent == CAPTURE else "authorize"
        found.append(link(f"{here}/{verb}", verb, "POST"))
    return found


def payer_link(account: PayPalAccount, order: Order) -> str:
    """Where the buyer goes: to approve, or to the challenge of a card."""
    if order.source is not None and "card" in order.source:
        return f"{account.base_url}/webapps/helios?action=verify&flow=3ds&token={order.id}"
    return f"{account.base_url}/checkoutnow?token={order.id}"


def tracker(account: PayPalAccount, one: Tracker) -> dict[str, Any]:
    """A tracker of a shipment."""
    here = f"{account.base_url}/v2/checkout/orders/{one.order}"
    view: dict[str, Any] = {"id": one.id, "status": one.status}
    if "items" in one.fields:
        view["items"] = one.fields["items"]
    view["links"] = [link(here, "up"), link(f"{here}/trackers/{one.id}", "update", "PATCH")]
    view["create_time"] = timestamp(one.created)
    view["update_time"] = timestamp(one.updated)
    return view


@registry.view(ORDERS.name)
def again(account: PayPalAccount, id_: str, form: str) -> tuple[int, dict[str, Any]]:
    """An order for a request id that comes again: as it is now, 200."""
    order = account.of(ORDERS).get(id_)
    assert order is not None  # orders are never removed; a frozen state carries its request ids with it
    after, _, form = form.partition(" ")
    return 200, answer(account, order, after, form)


def _unit(account: PayPalAccount, order: Order, unit: dict[str, Any]) -> dict[str, Any]:
    payee = {"email_address": account.settings.merchant_email, "merchant_id": account.merchant_id}
    view = {
        "reference_id": unit["reference_id"],
        **{name: unit[name] for name in unit if name not in {"shipping", "reference_id"}},
        "payee": unit.get("payee", payee),
    }
    if "shipping" in unit:
        view["shipping"] = unit["shipping"]
    trackers = [tracker(account, one) for one in account.of(TRACKERS).by("order", order.id)]
    if trackers:
        view["shipping"] = {**view.get("shipping", {}), "trackers": trackers}
    if order.paid:
        view["payments"] = _payments(account, order, unit)
    return view


def _payments(account: PayPalAccount, order: Order, unit: dict[str, Any]) -> dict[str, Any]:
    reference = unit["reference_id"]
    found: dict[str, Any] = {}
    authorized = [one for one in account.of(AUTHORIZATIONS).by("order", order.id) if one.reference_id == reference]
    if authorized:
        found["authorizations"] = [payments.authorization(account, one, nested=True) for one in authorized]
    captured = [one for one in account.of(CAPTURES).by("order", order.id) if one.reference_id == reference]
    if captured:
        found["captures"] = [payments.capture(account, one, nested=True) for one in captured]
    refunds = [refund for one in captured for refund in account.of(REFUNDS).by("capture", one.id)]
    if refunds:
        found["refunds"] = [payments.refund(account, one) for one in refunds]
    return found
