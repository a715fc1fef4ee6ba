"""The pages that a buyer sees at PayPal: approval of an order, and the 3-D Secure challenge of a card.

Plain forms, so that they work without a browser too; the fields are listed in ``docs/simulator/paypal.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.pages import Pages, see_other
from harness.simulator.paypal import registry
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.state import amounts, cards, instruments, orders, validation
from harness.simulator.paypal.state.objects import APPROVED, COMPLETED, ORDERS, PAYER_ACTION_REQUIRED, VOIDED, Order

if TYPE_CHECKING:
    from harness.simulator.paypal.app import PayPalApp

APPROVAL, CHALLENGE = "/checkoutnow", "/webapps/helios"
PAGES = Pages("harness.simulator.paypal", "PayPal", "#003087")
LABELS = {
    "balance": "PayPal balance",
    "card": "A card in the wallet",
    "bank": "Bank account (the payment stays pending: ECHECK)",
    "review": "Balance, held for review (pending: PENDING_REVIEW)",
    "unilateral": "Balance, the merchant is not confirmed (pending: UNILATERAL)",
    "declined": "A card that is declined (INSTRUMENT_DECLINED)",
    "declined_capture": "Balance, the capture is declined",
}


@registry.page
def pages(provider: PayPalApp, request: Request) -> Answer | None:
    """The buyer's pages, by their path."""
    if request.path not in {APPROVAL, CHALLENGE}:
        return None
    if request.method not in {"GET", "HEAD", "POST"}:
        return _closed(405, "Nothing here", "This page is read and submitted as a form.")
    query = parse_qs(request.query.decode("latin-1"))
    token = (query.get("token") or [""])[-1]
    account = next((one for one in provider.accounts.values() if one.of(ORDERS).get(token) is not None), None)
    if account is None:
        return _closed(404, "Things don't appear to be working", "This simulator knows no such order.")
    account.catch_up()
    host = request.header(b"host")
    if host:
        account.base_url = f"http://{host}"
    order = account.of(ORDERS).get(token)
    assert order is not None  # it was found above
    over = _over(account, order)
    if over is not None:
        return over
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
    if request.path == APPROVAL:
        return _approval(account, order, request, form)
    return _challenge(account, order, request, form)


def _over(account: PayPalAccount, order: Order) -> Answer | None:
    back = order.context.get("return_url")
    if orders.expired(account, order) or order.status == VOIDED:
        text = "It can no longer be paid. Go back to the shop and start again."
        return _closed(410, "This order has expired", text, order.context.get("cancel_url"))
    if order.status == COMPLETED:
        link = _landing(account, order, back) if back else None
        return _closed(200, "You have paid already", "This order is complete.", link)
    return None


def _approval(account: PayPalAccount, order: Order, request: Request, form: dict[str, str]) -> Answer:
    if order.source is not None and "card" in order.source:
        return _closed(409, "Nothing to approve", "This order is paid with a card; its bank may ask, PayPal does not.")
    if request.method != "POST":
        return _approval_page(account, order, 200)
    action = form.get("action", "approve")
    if action == "cancel":
        return _leave(account, order)
    if action != "approve":
        return _approval_page(account, order, 400, message=f"Unknown action {action!r}; use approve or cancel.")
    try:
        order = orders.approve(account, order, form.get("instrument") or None)
    except ValueError as error:
        return _approval_page(account, order, 400, message=str(error))
    back = order.context.get("return_url")
    if not back:
        return _closed(200, "You approved the payment", "Go back to the shop; this window can be closed.")
    return see_other(_landing(account, order, back))


def _challenge(account: PayPalAccount, order: Order, request: Request, form: dict[str, str]) -> Answer:
    card = (order.source or {}).get("card")
    if card is None:
        return _closed(409, "Nothing to prove", "This order is not paid with a card.")
    back = order.context.get("return_url")
    if order.status != PAYER_ACTION_REQUIRED:
        link = _landing(account, order, back) if back else None
        return _closed(200, "You have answered already", "Go back to the shop.", link)
    if request.method != "POST":
        return PAGES.html(200, "challenge.html", **_seen(account, order), brand=_brand(card), last4=_last4(card))
    outcome = form.get("outcome", "success")
    if outcome == "cancel":
        return _leave(account, order)
    order = orders.authenticated(account, order, passed=outcome == "success")
    if not back:
        return _closed(200, "Thank you", "Go back to the shop; this window can be closed.")
    return see_other(_with(back, token=order.id, liability_shift=(order.authentication or {}).get("liability_shift")))


def _leave(account: PayPalAccount, order: Order) -> Answer:
    del account
    away = order.context.get("cancel_url")
    if not away:
        return _closed(200, "You cancelled", "Nothing was paid. Go back to the shop; this window can be closed.")
    return see_other(_with(away, token=order.id))


def _approval_page(account: PayPalAccount, order: Order, status: int, message: str | None = None) -> Answer:
    if message is None and order.status == APPROVED and order.instrument == "declined":
        message = "Your last choice was declined. Please choose another way to pay."
    word = order.instrument or account.settings.default_instrument
    return PAGES.html(
        status,
        "checkout.html",
        **_seen(account, order),
        message=message,
        chosen=word,
        email=(order.payer or {}).get("email_address", account.settings.buyer_email),
        lines=[(unit["reference_id"], unit["description"]) for unit in order.units if "description" in unit],
        instruments=[(name, LABELS[name]) for name in instruments.WORDS],
        button="Pay now" if order.context.get("user_action") == "PAY_NOW" else "Continue to review order",
    )


def _seen(account: PayPalAccount, order: Order) -> dict[str, Any]:
    del account
    due = amounts.text(validation.total(order.units, order.currency), order.currency)
    path = CHALLENGE if "card" in (order.source or {}) else APPROVAL
    return {
        "shop": order.context.get("brand_name", "Simulated shop"),
        "amount": f"{due} {order.currency}",
        "action": f"{path}?{urlencode({'token': order.id})}",
    }


def _brand(card: dict[str, Any]) -> str:
    return cards.brand(card["number"]) if "number" in card else str(card.get("brand", "Card"))


def _last4(card: dict[str, Any]) -> str:
    return card["number"][-4:] if "number" in card else str(card.get("last_digits", ""))


def _landing(account: PayPalAccount, order: Order, back: str) -> str:
    return _with(back, token=order.id, PayerID=account.payer_id)


def _with(url: str, **added: str | None) -> str:
    parts = urlsplit(url)
    query = urlencode({name: value for name, value in added.items() if value is not None})
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


def _closed(status: int, heading: str, text: str, link: str | None = None) -> Answer:
    safe = link if link and link.startswith(("http://", "https://")) else None
    return PAGES.html(status, "closed.html", heading=heading, text=text, link=safe, link_text="Back to the shop")
