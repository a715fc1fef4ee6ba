"""The pages that a shopper sees on the provider's side: hosted Checkout and the 3-D Secure challenge.

Both are plain forms, so that they work without a browser too; field and button ids are those of the real pages.
Nothing that was typed into a card field is ever written back into a page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harness.domain.money import Money
from harness.simulator.kernel.forms import FormError, parse_form, parse_query
from harness.simulator.kernel.messages import Answer, Request
from harness.simulator.kernel.pages import Pages, see_other
from harness.simulator.stripe import app_hooks, banks, cards, errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state import checkout, checkout_items, checkout_payment, payment_methods, payments, setups
from harness.simulator.stripe.state.checkout import SESSIONS, CheckoutSession
from harness.simulator.stripe.state.kinds import PAYMENT_INTENTS, PAYMENT_METHODS, SETUP_INTENTS
from harness.simulator.stripe.state.objects import PaymentIntent, PaymentMethod, SetupIntent
from harness.simulator.stripe.wire.payments import client_secret

if TYPE_CHECKING:
    from harness.simulator.stripe.app import StripeApp

SHOP = "Simulated shop"
PAGES = Pages("harness.simulator.stripe", "Stripe", "#0b5cad", note="Nothing is charged; only test cards work.")
TYPED = ("email", "cardExpiry", "billingName", "billingPostalCode", "phoneNumber", "payment_method")
"""Fields that a page may show again; the number and the CVC are not among them."""

_CHECKOUT = re.compile(r"/c/pay/(cs_(?:test|live)_\w+)(/return)?")
_CHALLENGE = re.compile(r"/pages/3d_secure/(\w+)/((?:pi|seti)_\w+)")
_LINKABLE = re.compile(r"(?!(?:javascript|data|vbscript):)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ALIAS = re.compile(r"(?:pm_card|tok)_\w+")


@app_hooks.page
def pages(provider: StripeApp, request: Request) -> Answer | None:
    """Hosted pages, by their path."""
    if match := _CHECKOUT.fullmatch(request.path):
        return _checkout(provider, request, match[1], came_back=match[2] is not None)
    if match := _CHALLENGE.fullmatch(request.path):
        return _challenge(provider.by_token(match[1]), request, match[2])
    return None


# ---- Checkout ----------------------------------------------------------------------------------


def _checkout(provider: StripeApp, request: Request, session_id: str, *, came_back: bool) -> Answer:
    account = next((each for each in provider.accounts.values() if each.of(SESSIONS).get(session_id)), None)
    if account is None:
        return _closed(404, "Nothing here", "This Checkout Session does not exist on this simulator.")
    account.catch_up()
    session = account.get(SESSIONS, session_id)
    if session.status == "expired":
        text = "It can no longer be paid. Go back to the shop and start again."
        return _closed(410, "This session has expired", text, session.kept.get("cancel_url"))
    if session.status == "complete":
        if came_back:
            return _see_other(_landing(session))
        return _closed(200, "You're all done here", "This payment was completed.", _landing(session))
    if request.method == "POST" and not came_back:
        return _pay(account, session, request)
    if came_back:
        return _page(account, session, 200, message=_last_error(account, session))
    return _page(account, session, 200)


def _pay(account: StripeAccount, session: CheckoutSession, request: Request) -> Answer:
    try:
        typed = {key: value for key, value in parse_form(request.body).items() if value != ""}
    except FormError:
        return _page(account, session, 400, message="The form could not be read. Please try again.")
    shown = {name: typed[name].strip() for name in TYPED if isinstance(typed.get(name), str)}
    try:
        session = _with_quantities(account, session, typed.get("quantity"))
        email = _email(session, shown)
        method = _method(account, typed, shown, email)
        session = checkout_payment.pay(
            account,
            session,
            method,
            email=email,
            name=shown.get("billingName"),
            phone=shown.get("phoneNumber"),
            address={"postal_code": shown["billingPostalCode"]} if "billingPostalCode" in shown else None,
            return_url=f"{account.base_url}/c/pay/{session.id}/return",
        )
    except _Wrong as wrong:
        return _page(account, session, 402, typed=shown, wrong={wrong.field: wrong.message})
    except errors.StripeError as refusal:
        session = account.get(SESSIONS, session.id)
        field = {"number": "number", "exp_month": "expiry", "exp_year": "expiry", "cvc": "cvc"}.get(refusal.param or "")
        wrong_fields = {field: refusal.message} if field else {}
        message = None if field else refusal.message
        return _page(account, session, refusal.status, typed=shown, wrong=wrong_fields, message=message)
    if session.status == "complete":
        return _see_other(_landing(session))
    intent = _intent_of(account, session)
    action = intent.next_action if intent is not None else None
    return _see_other(_challenge_url(action) if action else f"/c/pay/{session.id}")


class _Wrong(Exception):  # noqa: N818 - what a person typed, not a failure
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def _email(session: CheckoutSession, shown: dict[str, str]) -> str:
    email = (session.customer_details or {}).get("email") or shown.get("email")
    if not email or "@" not in email:
        raise _Wrong("email", "Enter the email address to which the receipt goes, such as jenny@example.com.")
    return str(email)


def _method(account: StripeAccount, typed: dict[str, Any], shown: dict[str, str], email: str) -> PaymentMethod:
    billing: dict[str, Any] = {"email": email}
    if "billingName" in shown:
        billing["name"] = shown["billingName"]
    if "billingPostalCode" in shown:
        billing["address"] = {"postal_code": shown["billingPostalCode"]}
    alias = shown.get("payment_method")
    if alias:
        if account.of(PAYMENT_METHODS).get(alias) is not None or banks.lookup(alias) is not None:
            return payment_methods.find(account, alias)
        card = cards.lookup(alias) if _ALIAS.fullmatch(alias) else None
        if card is None:
            raise _Wrong("payment_method", f"There is no test payment method {alias}; pm_card_visa is one.")
        checks = {"postal_check": "unchecked"} if "address" in billing else {}
        return payment_methods.from_card(account, card, billing_details=billing, **checks)
    number = str(typed.get("cardNumber", ""))
    if not number.strip():
        raise _Wrong("number", "Enter a card number, such as 4242 4242 4242 4242.")
    month, year = _expiry(shown.get("cardExpiry", ""))
    cvc = str(typed.get("cardCvc", "")).strip()
    if not cvc:
        raise _Wrong("cvc", "Enter the security code of the card: any three digits.")
    details = {"number": number, "exp_month": month, "exp_year": year, "cvc": cvc}
    params = {"type": "card", "card": details, "billing_details": billing}
    return payment_methods.create(account, params, raw_allowed=True)


def _expiry(text: str) -> tuple[str, str]:
    digits = re.sub(r"[\s/-]", "", text)
    if not digits.isascii() or not digits.isdigit() or len(digits) not in {3, 4, 6}:
        raise _Wrong("expiry", "Enter the month and year until which the card is valid, such as 12 / 34.")
    cut = 1 if len(digits) == 3 else 2  # noqa: PLR2004 - 1/34
    return digits[:cut], digits[cut:]


def _with_quantities(account: StripeAccount, session: CheckoutSession, given: Any) -> CheckoutSession:
    if not isinstance(given, dict):
        return session
    lines = []
    for line in session.line_items:
        wanted, rule = given.get(line.id), line.adjustable_quantity
        if not isinstance(wanted, str) or not rule or not rule["enabled"]:
            lines.append(line)
            continue
        least, most = _bounds(rule)
        if not wanted.isascii() or not wanted.isdigit() or not least <= int(wanted) <= most:
            raise errors.invalid(f"The quantity of {line.description} must be a number from {least} to {most}.")
        lines.append(checkout_items.with_quantity(line, int(wanted)))
    if not sum(line.quantity for line in lines):
        raise errors.invalid("Choose a quantity of at least 1.")
    return checkout.put(account, session, line_items=tuple(line for line in lines if line.quantity))


def _page(
    account: StripeAccount,
    session: CheckoutSession,
    status: int,
    *,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    message: str | None = None,
) -> Answer:
    del account
    currency = session.currency or "usd"
    lines = []
    for line in session.line_items:
        rule = line.adjustable_quantity
        least, most = _bounds(rule) if rule else (0, 0)
        lines.append(
            {
                "id": line.id,
                "description": line.description,
                "quantity": line.quantity,
                "amount": str(Money(line.amount, currency)),
                "adjustable": bool(rule and rule["enabled"]),
                "least": least,
                "most": most,
            }
        )
    return PAGES.html(
        status,
        "checkout.html",
        paying=session.mode == "payment",
        total=str(Money(session.total, currency)),
        lines=lines,
        shop=(session.kept.get("branding_settings") or {}).get("display_name") or SHOP,
        back=session.kept.get("cancel_url"),
        action=f"/c/pay/{session.id}",
        email_known=(session.customer_details or {}).get("email") if not (wrong or {}).get("email") else None,
        phone=session.phone_number_collection,
        typed=typed or {},
        wrong=wrong or {},
        message=message,
    )


def _bounds(rule: dict[str, Any]) -> tuple[int, int]:
    least, most = rule.get("minimum"), rule.get("maximum")
    return (0 if least is None else least), (99 if most is None else most)


def _intent_of(account: StripeAccount, session: CheckoutSession) -> PaymentIntent | SetupIntent | None:
    if session.payment_intent:
        return account.of(PAYMENT_INTENTS).get(session.payment_intent)
    return account.of(SETUP_INTENTS).get(session.setup_intent) if session.setup_intent else None


def _last_error(account: StripeAccount, session: CheckoutSession) -> str | None:
    intent = _intent_of(account, session)
    error = intent.last_payment_error if isinstance(intent, PaymentIntent) else intent and intent.last_setup_error
    if error and error["code"].endswith("_authentication_failure"):
        return (
            "We are unable to authenticate your payment method. Please choose a different payment method and try again."
        )
    return error["message"] if error else None


def _landing(session: CheckoutSession) -> str | None:
    """Where the shop wants the customer afterwards."""
    url = session.kept.get("success_url") or session.kept.get("return_url")
    return None if url is None else str(url).replace("{CHECKOUT_SESSION_ID}", session.id)


# ---- 3-D Secure --------------------------------------------------------------------------------


def _challenge(account: StripeAccount | None, request: Request, intent_id: str) -> Answer:
    intent: PaymentIntent | SetupIntent | None = None
    if account is not None:
        account.catch_up()
        table: Any = PAYMENT_INTENTS if intent_id.startswith("pi_") else SETUP_INTENTS
        intent = account.of(table).get(intent_id)
    if account is None or intent is None:
        return _closed(404, "Nothing here", "This payment does not exist on this simulator.")
    return_url = intent.return_url
    if intent.status != "requires_action":
        back = _back(account, intent, return_url) if return_url else None
        return _closed(200, "Nothing to confirm", "This payment waits for no confirmation any more.", back)
    if request.method != "POST":
        method = account.get(PAYMENT_METHODS, intent.payment_method or "")
        assert method.card is not None
        amount = str(Money(intent.amount, intent.currency)) if isinstance(intent, PaymentIntent) else None
        return PAGES.html(
            200, "challenge.html", shop=SHOP, amount=amount, brand=method.card.brand.capitalize(),
            last4=method.card.last4, action=request.path,
        )  # fmt: skip
    try:
        outcome = {**parse_query(request.query), **parse_form(request.body)}.get("outcome")
    except FormError:
        outcome = None
    if outcome not in {"succeed", "fail"}:
        return _closed(400, "Choose an outcome", "Send outcome=succeed or outcome=fail.")
    rules: Any = payments if isinstance(intent, PaymentIntent) else setups
    after = rules.complete_challenge(account, intent.id, passed=outcome == "succeed")
    checkout_payment.intent_changed(account, after)
    if return_url:
        return _see_other(_back(account, after, return_url))
    return _closed(200, "Thank you", "You can close this window and go back to the shop.")


def _back(account: StripeAccount, intent: PaymentIntent | SetupIntent, return_url: str) -> str:
    """The merchant's ``return_url`` with the three parameters that Stripe adds; what the URL holds already stays."""
    kind = "payment_intent" if isinstance(intent, PaymentIntent) else "setup_intent"
    good = intent.status in {"succeeded", "requires_capture", "processing", "requires_confirmation"}
    added = {
        kind: intent.id,
        f"{kind}_client_secret": client_secret(intent.id, account),
        "redirect_status": "succeeded" if good else "failed",
    }
    parts = urlsplit(return_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *added.items()] if parts.query else list(added.items())
    return urlunsplit(parts._replace(query=urlencode(query)))


def _challenge_url(action: dict[str, Any]) -> str:
    if action["type"] == "redirect_to_url":
        return str(action["redirect_to_url"]["url"])
    return str(action["use_stripe_sdk"]["stripe_js"])


# ---- HTML --------------------------------------------------------------------------------------


def _closed(status: int, heading: str, text: str, link: str | None = None) -> Answer:
    safe = link if link and _LINKABLE.match(link) else None
    return PAGES.html(status, "closed.html", heading=heading, text=text, link=safe, link_text="Back to the shop")


def _see_other(url: str | None) -> Answer:
    if url is None:
        return _closed(200, "Thank you", "You can close this window and go back to the shop.")
    return see_other(url)
