"""Operations of setup tokens and payment tokens; the page on which a buyer agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.paypal import errors
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.checks import boolean, checked, loose, obj, text
from harness.simulator.paypal.errors import PayPalError, forbidden, not_found
from harness.simulator.paypal.registry import Call, control, operation, page, view
from harness.simulator.paypal.state import vault as state
from harness.simulator.paypal.state.vault import PAYMENT_TOKENS, SETUP_TOKENS, PaymentToken
from harness.simulator.paypal.wire import vault as wire

if TYPE_CHECKING:
    from harness.simulator.paypal.app import PayPalApp

KEEP_SECONDS = 3 * 3600.0
"""How long the answer to a ``PayPal-Request-Id`` is kept."""
_MOST_A_PAGE, _MOST_PAGES = 20, 10

_CONTEXT = obj(
    {
        "brand_name": text(1, 300),
        "locale": text(2, 10),
        "return_url": text(1, 4000),
        "cancel_url": text(1, 4000),
        "shipping_preference": text(1, 255),
        "vault_instruction": text(1, 255),
        "user_action": text(1, 255),
        "payment_method_preference": text(1, 255),
    }
)
_CARD = obj(
    {
        "name": text(1, 300),
        "number": text(13, 19, r"[0-9]{13,19}", secret=True),
        "expiry": text(7, 7, r"[0-9]{4}-(0[1-9]|1[0-2])"),
        "security_code": text(3, 4, r"[0-9]{3,4}", secret=True),
        "brand": text(1, 255),
        "billing_address": loose,
        "verification_method": text(1, 255),
        "experience_context": _CONTEXT,
        "network_transaction_reference": loose,
    }
)
_WALLET = obj(
    {
        "description": text(1, 128),
        "usage_pattern": text(1, 30),
        "billing_plan": loose,
        "shipping": loose,
        "permit_multiple_payment_tokens": boolean,
        "usage_type": text(1, 255),
        "customer_type": text(1, 255),
        "experience_context": _CONTEXT,
    }
)
_TOKEN = obj({"id": text(1, 255, r"[0-9a-zA-Z_-]+"), "type": text(1, 255), "attributes": loose}, "id", "type")
_CUSTOMER = obj({"id": text(1, 22, r"[0-9a-zA-Z_-]+"), "merchant_customer_id": text(1, 64)})
_SETUP = obj(
    {
        "customer": _CUSTOMER,
        "metadata": loose,
        "payment_source": obj({"card": _CARD, "paypal": _WALLET, "venmo": _WALLET, "token": _TOKEN}),
    },
    "payment_source",
)
_PAYMENT = obj(
    {"customer": _CUSTOMER, "metadata": loose, "payment_source": obj({"card": _CARD, "token": _TOKEN})},
    "payment_source",
)


@operation("POST /v3/vault/setup-tokens", keep=KEEP_SECONDS)
def create_setup_token(call: Call) -> Answer:
    """Begin to save a card or a wallet."""
    account, (source, customer) = call.account, _asked(call, _SETUP)
    it = state.set_up(account, source, customer)
    return call.answer(201, wire.setup_token(account, it), replay=(SETUP_TOKENS.name, it.id, call.form))


@operation("GET /v3/vault/setup-tokens/{id}")
def setup_token(call: Call, id_: str) -> Answer:
    """One."""
    it = call.account.of(SETUP_TOKENS).get(id_)
    if it is None or it.expires <= call.account.clock.now():
        raise not_found("id", id_)
    return call.answer(200, wire.setup_token(call.account, it))


@operation("POST /v3/vault/setup-tokens/{id}/update", public=True)
def update_setup_token(call: Call, id_: str) -> Answer:
    """What PayPal's card fields send from the browser: the card that the token was made for."""
    account, (source, _) = call.account, _asked(call, _SETUP)
    it = account.of(SETUP_TOKENS).get(id_)
    if it is None or it.expires <= account.clock.now():
        raise not_found("id", id_)
    if "card" not in source:
        raise errors.invalid("INVALID_PARAMETER_VALUE", "/payment_source")
    return call.answer(200, wire.setup_token(account, state.fill_in(account, it, source["card"])))


@operation("POST /v3/vault/payment-tokens", keep=KEEP_SECONDS)
def create_payment_token(call: Call) -> Answer:
    """Save a card, or what a setup token stands for."""
    account, (source, customer) = call.account, _asked(call, _PAYMENT)
    if "token" in source:
        token = source["token"]
        if token["type"] not in {"SETUP_TOKEN", "BILLING_AGREEMENT"}:
            raise errors.invalid("INVALID_PARAMETER_VALUE", "/payment_source/token/type", token["type"])
        if token["type"] == "BILLING_AGREEMENT":
            raise errors.unprocessable("BILLING_AGREEMENT_NOT_FOUND", "/payment_source/token/id", token["id"])
        it = state.from_setup_token(account, token["id"], customer)
    else:
        it = state.from_card(account, source["card"], customer)
    return call.answer(201, wire.payment_token(account, it), replay=(PAYMENT_TOKENS.name, it.id, call.form))


@operation("GET /v3/vault/payment-tokens")
def payment_tokens(call: Call) -> Answer:
    """Those of a customer, oldest first."""
    account, query = call.account, call.query
    customer = query.get("customer_id")
    if not customer:
        raise errors.invalid("MISSING_REQUIRED_PARAMETER", "customer_id", location="query")
    size = _number(query, "page_size", 5, _MOST_A_PAGE)
    number = _number(query, "page", 1, _MOST_PAGES)
    found = account.of(PAYMENT_TOKENS).by("customer", customer)
    pages = -(-len(found) // size)
    shown = found[(number - 1) * size : number * size]
    body: dict[str, Any] = {
        "customer": {"id": customer},
        "payment_tokens": [wire.payment_token(account, it) for it in shown],
        "links": _page_links(account, customer, size, number, pages),
    }
    if query.get("total_required", "false").lower() == "true" and found:
        body = {"total_items": len(found), "total_pages": pages, **body}
    return call.answer(200, body)


@operation("GET /v3/vault/payment-tokens/{id}")
def payment_token(call: Call, id_: str) -> Answer:
    """One."""
    return call.answer(200, wire.payment_token(call.account, _token(call.account, id_)))


@operation("DELETE /v3/vault/payment-tokens/{id}")
def delete_payment_token(call: Call, id_: str) -> Answer:
    """Delete one; again changes nothing."""
    account = call.account
    if account.of(PAYMENT_TOKENS).get(id_) is None and account.of(PAYMENT_TOKENS).knows(id_):
        return call.answer(204)
    state.delete(account, _token(account, id_))
    return call.answer(204)


@view(SETUP_TOKENS.name)
def setup_token_again(account: PayPalAccount, id_: str, form: str) -> tuple[int, Any]:
    """For a request id that comes again."""
    del form
    it = account.of(SETUP_TOKENS).get(id_)
    return (200, wire.setup_token(account, it)) if it is not None else (404, not_found("id", id_).body(""))


@view(PAYMENT_TOKENS.name)
def payment_token_again(account: PayPalAccount, id_: str, form: str) -> tuple[int, Any]:
    """For a request id that comes again."""
    del form
    it = account.of(PAYMENT_TOKENS).get(id_)
    return (200, wire.payment_token(account, it)) if it is not None else (404, not_found("id", id_).body(""))


# ---- the buyer -----------------------------------------------------------------------------------


@control
def buyer(account: PayPalAccount, method: str, path: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """``POST /_sim/setup_tokens/{id}/approve``: the buyer agrees, as on the page."""
    del arguments
    match (method, *path.split("/")):
        case ("POST", "setup_tokens", id_, "approve"):
            it = account.of(SETUP_TOKENS).get(id_)
            if it is None:
                raise LookupError(f"No such setup token: {id_!r}.")
            return wire.setup_token(account, state.approve(account, it))
    return None


@page
def approval(app: PayPalApp, request: Request) -> Answer | None:
    """The page of the ``approve`` link: GET shows it, POST agrees (``action=cancel``: goes back)."""
    if request.path != wire.APPROVAL_PAGE:
        return None
    query = {name: values[-1] for name, values in parse_qs(request.query.decode("latin-1")).items()}
    id_ = query.get("approval_session_id", "")
    account = next((one for one in app.accounts.values() if one.of(SETUP_TOKENS).get(id_) is not None), None)
    it = account.of(SETUP_TOKENS).get(id_) if account is not None else None
    if account is None or it is None:
        return _html(404, "<p>This link is not valid any more.</p>")
    if request.method != "POST":
        return _html(200, _FORM)
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
    cancelled = form.get("action") == "cancel"
    if not cancelled:
        account.catch_up()
        try:
            it = state.approve(account, it)
        except ValueError:
            return _html(409, "<p>There is nothing to agree to any more.</p>")
    target = it.context.get("cancel_url" if cancelled else "return_url")
    if not target:
        return _html(200, "<p>You can go back to the shop.</p>")
    joint = "&" if "?" in target else "?"
    where = f"{target}{joint}{urlencode({'approval_token_id': it.id, 'approval_session_id': it.id})}"
    return Answer(303, b"", [(b"location", where.encode("latin-1", "replace"))])


_FORM = (
    "<form method=post><p>Let this shop charge your account?</p>"
    "<button name=action value=agree>Agree and continue</button> "
    "<button name=action value=cancel>Cancel and return</button></form>"
)


def _html(status: int, inside: str) -> Answer:
    text_ = f"<!doctype html><html lang=en><title>Simulated PayPal</title><h1>Simulated PayPal</h1>{inside}</html>"
    return Answer(status, text_.encode(), [(b"content-type", b"text/html; charset=utf-8")])


# ---- inside --------------------------------------------------------------------------------------


def _asked(call: Call, rule: Any) -> tuple[dict[str, Any], str | None]:
    """The one source of a request, and its customer."""
    if not call.account.settings.vaulting:
        raise forbidden()
    body = checked(rule, call.params)
    source = body["payment_source"]
    if len(source) != 1:
        issue = "MISSING_REQUIRED_PARAMETER" if not source else "MULTIPLE_PAYMENT_SOURCES"
        raise errors.invalid(issue, "/payment_source")
    return source, (body.get("customer") or {}).get("id")


def _token(account: PayPalAccount, id_: str) -> PaymentToken:
    it = account.of(PAYMENT_TOKENS).get(id_)
    if it is None:
        raise PayPalError(404, [errors.detail("INVALID_RESOURCE_ID", "id", id_, location="path")])
    return it


def _number(query: dict[str, str], name: str, default: int, most: int) -> int:
    sent = query.get(name, str(default))
    if not sent.isdecimal() or not 1 <= int(sent) <= most:
        raise errors.invalid("INVALID_PARAMETER_VALUE", name, sent, location="query")
    return int(sent)


def _page_links(account: PayPalAccount, customer: str, size: int, number: int, pages: int) -> list[dict[str, str]]:
    def link(rel: str, at: int) -> dict[str, str]:
        query = urlencode({"customer_id": customer, "page": at, "page_size": size})
        return {"href": f"{account.base_url}/v3/vault/payment-tokens?{query}", "rel": rel, "method": "GET"}

    links = [link("self", number), link("first", 1)]
    if number < pages:
        links += [link("next", number + 1), link("last", pages)]
    return links
