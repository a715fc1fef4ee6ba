"""Payment links, and the page where one is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.pages import Pages, see_other
from harness.simulator.square import registry
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.checks import limit
from harness.simulator.square.errors import SquareError
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import cards, links, orders, payments
from harness.simulator.square.state.objects import LINKS, ORDERS, Link
from harness.simulator.square.wire import orders as wire

if TYPE_CHECKING:
    from harness.simulator.square.app import SquareApp

PAY = "/pay/"
INSTRUMENTS = {
    "cnon:card-nonce-ok": "Visa that pays",
    "cnon:card-nonce-declined": "Visa that is declined",
    "cnon:card-nonce-rejected-cvv": "Visa with a wrong CVV",
    "cnon:card-nonce-rejected-postalcode": "Visa with a wrong postal code",
    "cnon:card-nonce-rejected-expiration": "Visa with a wrong expiry",
    "cnon:gift-card-nonce-ok": "Gift card",
    "cnon:gift-card-nonce-insufficient-funds": "Gift card without enough money",
}
PAGES = Pages("harness.simulator.square", "Square", "#006aff")
_NO_DECIMALS = frozenset({"JPY"})
_DECLINED = "Your card was declined. Try another one."


@operation("POST /v2/online-checkout/payment-links", key=192)
def create(call: Call) -> Answer:
    """A link, with the order that it sells."""
    made = links.make(call.account, call.params)
    order = wire.order(call.account, orders.get(call.account, made.order))
    return call.answer({"payment_link": wire.link(call.account, made), "related_resources": {"orders": [order]}})


@operation("GET /v2/online-checkout/payment-links")
def listed(call: Call) -> Answer:
    """All links, newest first."""
    most = limit(call.query, most=1000, default=100)
    found, cursor = page(call.account.of(LINKS), cursor=call.query.get("cursor"), limit=most)
    body = {"payment_links": [wire.link(call.account, one) for one in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("GET /v2/online-checkout/payment-links/{id}")
def read(call: Call, id_: str) -> Answer:
    """One link."""
    return call.answer({"payment_link": wire.link(call.account, links.get(call.account, id_))})


@operation("PUT /v2/online-checkout/payment-links/{id}")
def update(call: Call, id_: str) -> Answer:
    """Change what a link shows."""
    done = links.change(call.account, links.get(call.account, id_), call.params)
    return call.answer({"payment_link": wire.link(call.account, done)})


@operation("DELETE /v2/online-checkout/payment-links/{id}")
def delete(call: Call, id_: str) -> Answer:
    """Take a link away."""
    return call.answer(links.delete(call.account, links.get(call.account, id_)))


# ---- the buyer's page ----------------------------------------------------------------------------


@registry.page
def checkout(provider: SquareApp, request: Request) -> Answer | None:
    """``/pay/{code}``: shows the order, takes a card, sends the buyer back to the shop."""
    if not request.path.startswith(PAY):
        return None
    code = request.path.removeprefix(PAY)
    found = ((one, link) for one in provider.accounts.values() for link in one.of(LINKS).by("code", code))
    account, link = next(found, (None, None))
    if account is None or link is None:
        return _closed(404, "Nothing to pay here", "This simulator knows no such link.")
    account.catch_up()
    order = account.of(ORDERS).get(link.order)
    if link.paid is not None:
        return _closed(200, "You have paid already", "This link was for one payment.", _back(account, link))
    if order is None or order.state == "CANCELED":
        return _closed(410, "Nothing to pay here", "The seller took this order back.")
    if request.method not in {"GET", "HEAD", "POST"}:
        return _closed(405, "Nothing here", "This page is read and submitted as a form.")
    if request.method != "POST":
        return _shown(account, link, {}, None)
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
    return _pay(account, link, form)


def _pay(account: SquareAccount, link: Link, form: dict[str, str]) -> Answer:
    source = form.get("instrument") or None
    if source is None:
        month, _, year = form.get("expiry", "").partition("/")
        typed = cards.typed(account, {**form, "exp_month": month.strip(), "exp_year": year.strip()})
        if isinstance(typed, list):
            return _shown(account, link, form, f"{typed[0]['message']}.", status=400)
        # The page is Square's own, so that the buyer is verified in it.
        source = cards.tokenize(account, typed, form, verified=True, stores=False).id
    elif source not in INSTRUMENTS:
        return _shown(account, link, form, "There is no such test card.", status=400)
    order = orders.opened(account, orders.get(account, link.order))
    params = {
        "source_id": source,
        "idempotency_key": account.ids.text(22),
        "amount_money": {"amount": wire.due(account, order), "currency": order.currency},
        "order_id": order.id,
        "location_id": order.location,
        "reference_id": order.reference,
        "buyer_email_address": form.get("email") or None,
        "note": link.document.get("payment_note"),
    }
    try:
        paid = payments.make(account, params)
    except SquareError as refused:
        declined = refused.beside.get("payment") is not None
        return _shown(account, link, form, _DECLINED if declined else str(refused), status=402 if declined else 400)
    used = links.used(account, link, paid.id)
    back = _back(account, used)
    return see_other(back) if back else _closed(200, "Thank you", "Your payment was received.")


def _shown(
    account: SquareAccount, link: Link, values: dict[str, str], message: str | None, *, status: int = 200
) -> Answer:
    order = orders.get(account, link.order)
    lines = [
        {
            "name": one.get("name", "Custom amount"),
            "quantity": one["quantity"],
            "total": _text(one["total_money"]["amount"], order.currency),
        }
        for one in order.document.get("line_items") or []
    ]
    return PAGES.html(
        status,
        "checkout.html",
        title=link.document.get("description") or "Default Test Account",
        total=_text(wire.due(account, order), order.currency),
        lines=lines,
        instruments=INSTRUMENTS,
        values=values,
        message=message,
    )


def _back(account: SquareAccount, link: Link) -> str | None:
    """Where the buyer goes afterwards; production names order and payment there, the sandbox does not (forum 20871)."""
    url: str | None = (link.document.get("checkout_options") or {}).get("redirect_url")
    if url is None or not url.startswith(("https://", "http://")):
        return None
    if not account.settings.redirect_parameters:
        return url
    parts = urlsplit(url)
    added = urlencode({"orderId": link.order, "transactionId": link.order})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def _closed(status: int, title: str, text: str, link: str | None = None) -> Answer:
    return PAGES.html(status, "closed.html", title=title, text=text, link=link)


def _text(amount: int, currency: str) -> str:
    number = f"{amount:,}" if currency in _NO_DECIMALS else f"{amount // 100:,}.{amount % 100:02d}"
    return f"{number} {currency}"
