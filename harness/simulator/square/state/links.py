"""Payment links: an order, an address where it is paid, good for one payment.

Sources: Square, "Checkout API", its OpenAPI file; developer forum 7769 and 24396: the order of a paid link stays OPEN.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.square.account import SquareAccount
from harness.simulator.square.checks import MONEY, MONEY_REQUIRED, Flag, Shape, Text, Whole, checked
from harness.simulator.square.errors import invalid, stale
from harness.simulator.square.formats import UPPER
from harness.simulator.square.state import merchants, orders
from harness.simulator.square.state.objects import DRAFT, LINKS, OPEN, Link
from harness.simulator.square.state.pricing import wrong_currency

_OPTIONS = Shape(
    {
        "allow_tipping": Flag(),
        "redirect_url": Text(2048),
        "merchant_support_email": Text(256),
        "ask_for_shipping_address": Flag(),
        "app_fee_money": MONEY,
        "enable_coupon": Flag(),
        "enable_loyalty": Flag(),
    }
)
_PAYMENT = {
    "description": Text(4096),
    "checkout_options": _OPTIONS,
    "pre_populated_data": Shape({"buyer_email": Text(256), "buyer_phone_number": Text(17)}),
    "payment_note": Text(500),
}
CREATE = {
    "idempotency_key": Text(192),
    "quick_pay": Shape(
        {
            "name": Text(255, 1, required=True),
            "price_money": MONEY_REQUIRED,
            "location_id": Text(50, 1, required=True),
        }
    ),
    "order": Shape({}),
    **_PAYMENT,
}
UPDATE = {"payment_link": Shape({"version": Whole(required=True), **_PAYMENT}, required=True)}


def get(account: SquareAccount, id_: str) -> Link:
    """A payment link; 404 for an unknown one."""
    found = account.of(LINKS).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", f"Could not find payment link with id: {id_}", "id", status=404)
    return found


def make(account: SquareAccount, params: dict[str, Any]) -> Link:
    """A link for a price or for an order."""
    body = checked(CREATE, params)
    quick = body.get("quick_pay")
    if (quick is None) == (body.get("order") is None):
        raise invalid("BAD_REQUEST", "Send either `quick_pay` or `order`.", "quick_pay")
    if quick is not None:
        currency = merchants.currency(account, quick["location_id"], "quick_pay.location_id")
        if quick["price_money"]["currency"] != currency:
            raise wrong_currency(currency, "quick_pay.price_money.currency")
        sent: dict[str, Any] = {
            "location_id": quick["location_id"],
            "line_items": [{"name": quick["name"], "quantity": "1", "base_price_money": quick["price_money"]}],
        }
    else:
        sent = body["order"]
        if not sent.get("line_items"):
            raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "order.line_items")
    redirect = (body.get("checkout_options") or {}).get("redirect_url")
    if redirect is not None and not redirect.startswith(("https://", "http://")):
        raise invalid("INVALID_VALUE", "The redirect URL must be absolute.", "checkout_options.redirect_url")
    order = orders.make(account, sent, digital=True)
    now = account.now()
    made = Link(
        id=account.ids.spelled(UPPER, 16),
        created=now,
        updated=now,
        order=order.id,
        code=account.ids.text(8),
        document={name: body[name] for name in _PAYMENT if name in body},
    )
    return account.of(LINKS).add(made)


def change(account: SquareAccount, link: Link, params: dict[str, Any]) -> Link:
    """Change what a link shows, under its version."""
    sent = checked(UPDATE, params)["payment_link"]
    if sent["version"] != link.version:
        raise stale("payment_link.version", sent["version"], link.version)
    document = link.document | {name: sent[name] for name in _PAYMENT if sent.get(name) is not None}
    return account.of(LINKS).put(replace(link, document=document, version=link.version + 1, updated=account.now()))


def delete(account: SquareAccount, link: Link) -> dict[str, Any]:
    """Take a link away; its order is canceled unless it was paid."""
    order = orders.get(account, link.order)
    account.of(LINKS).remove(link.id)
    if order.state in {OPEN, DRAFT} and not order.payments:
        orders.cancel(account, order)
        return {"id": link.id, "cancelled_order_id": order.id}
    return {"id": link.id}


def used(account: SquareAccount, link: Link, payment: str) -> Link:
    """The link was paid, and can be paid no more."""
    return account.of(LINKS).put(replace(link, paid=payment))
