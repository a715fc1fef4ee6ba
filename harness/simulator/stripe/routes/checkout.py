"""Operations of Checkout Sessions, and the two calls behind the hosted page."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe import errors
from harness.simulator.stripe.routes.registry import Call, Listing, operation, page_limit
from harness.simulator.stripe.state import checkout, checkout_payment, payment_methods
from harness.simulator.stripe.state.checkout import SESSIONS, CheckoutSession
from harness.simulator.stripe.wire.checkout import line_item_list
from harness.simulator.stripe.wire.render import Json, expand, render


@operation("POST /v1/checkout/sessions")
def create_session(call: Call) -> CheckoutSession:
    """Open a session."""
    return checkout.create(call.account, call.params)


@operation("GET /v1/checkout/sessions/{session}")
def retrieve_session(call: Call, session_id: str) -> CheckoutSession:
    """Read a session."""
    return call.account.get(SESSIONS, session_id, "session")


@operation("POST /v1/checkout/sessions/{session}")
def update_session(call: Call, session_id: str) -> CheckoutSession:
    """Change a session."""
    return checkout.update(call.account, call.account.get(SESSIONS, session_id, "session"), call.params)


@operation("POST /v1/checkout/sessions/{session}/expire")
def expire_session(call: Call, session_id: str) -> CheckoutSession:
    """Close a session."""
    return checkout.expire(call.account, call.account.get(SESSIONS, session_id, "session"))


@operation("GET /v1/checkout/sessions")
def list_sessions(call: Call) -> Listing:
    """Sessions, newest first."""
    params = call.params
    email = (params.get("customer_details") or {}).get("email")

    def keep(session: CheckoutSession) -> bool:
        if "status" in params and session.status != params["status"]:
            return False
        return email is None or (session.customer_details or {}).get("email") == email

    for name in ("payment_link", "subscription"):
        if params.get(name):
            return call.listing(SESSIONS, keep=lambda _: False)
    for index in ("payment_intent", "customer"):
        if params.get(index):
            return call.listing(SESSIONS, index=index, keys=(params[index],), keep=keep)
    return call.listing(SESSIONS, keep=keep)


@operation("GET /v1/checkout/sessions/{session}/line_items")
def list_line_items(call: Call, session_id: str) -> Json:
    """Line items in their order."""
    session = call.account.get(SESSIONS, session_id, "session")
    lines, limit = session.line_items, page_limit(call.params.get("limit"))
    places = {line.id: place for place, line in enumerate(lines)}
    first, last = 0, len(lines)
    for name in ("starting_after", "ending_before"):
        cursor = call.params.get(name)
        if cursor is None:
            continue
        if cursor not in places:
            raise errors.referenced_missing("line item", cursor, name)
        if name == "starting_after":
            first = places[cursor] + 1
        else:
            last = places[cursor]
            first = max(0, last - limit)
    return line_item_list(session, call.account, lines[first : min(last, first + limit)])


UNDOCUMENTED = (
    "client_attribution_metadata", "consent", "eid", "elements_session_client", "email", "expected_amount",
    "expected_payment_method_type", "guid", "init_checksum", "js_checksum", "last_displayed_line_item_group_details",
    "muid", "passive_captcha_token", "payment_method", "payment_method_data", "payment_user_agent", "referrer",
    "return_url", "sid", "use_stripe_sdk", "version",
)  # fmt: skip
"""What the real page sends when the customer pays; most of it means nothing here."""


@operation("GET /v1/payment_pages/{session}", publishable=True, loose=("eid",))
def retrieve_payment_page(call: Call, session_id: str) -> Json:
    """What the hosted page reads first; undocumented, as the stripe-cli calls it."""
    return _payment_page(call, call.account.get(SESSIONS, session_id, "session"))


@operation("POST /v1/payment_pages/{session}/confirm", publishable=True, loose=UNDOCUMENTED)
def confirm_payment_page(call: Call, session_id: str) -> Json:
    """The customer pays: ``payment_method`` or ``payment_method_data``, ``expected_amount``, ``return_url``."""
    account, params = call.account, call.params
    session = account.get(SESSIONS, session_id, "session")
    expected = params.get("expected_amount")
    if expected is not None and session.mode == "payment" and str(expected) != str(session.total):
        raise errors.invalid(
            f"The amount that was shown ({expected}) is not the amount of the Checkout Session ({session.total}).",
            param="expected_amount",
            code="checkout_amount_mismatch",
        )
    data = params.get("payment_method_data")
    if isinstance(data, dict) and "payment_method" not in params:
        raw_allowed = call.publishable or account.settings.raw_card_data
        method = payment_methods.create(account, data, raw_allowed=raw_allowed, prefix="payment_method_data")
    elif params.get("payment_method"):
        method = payment_methods.find(account, str(params["payment_method"]))
    else:
        raise errors.missing_parameter("payment_method")
    details: dict[str, Any] = method.billing_details or {}
    session = checkout_payment.pay(
        account,
        session,
        method,
        email=params.get("email") or details.get("email"),
        name=details.get("name"),
        phone=details.get("phone"),
        address=details.get("address"),
        return_url=params.get("return_url") or f"{account.base_url}/c/pay/{session.id}/return",
    )
    return _payment_page(call, session)


def _payment_page(call: Call, session: CheckoutSession) -> Json:
    body = render(session, call.account)
    body["session_id"] = session.id
    return expand(body, ["line_items", "payment_intent", "setup_intent"], call.account)
