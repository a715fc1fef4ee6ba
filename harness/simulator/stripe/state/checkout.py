"""Checkout Sessions: made by the merchant, paid by the customer on a hosted page, completed or expired.

A session makes its PaymentIntent (or SetupIntent) when the customer pays. Sources: Stripe API reference, "Checkout
Sessions"; Stripe, "Fulfill orders"; the stripe-cli trigger fixtures for the calls of the hosted page.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount, table, timer
from harness.simulator.stripe.state import amounts, checkout_items, customers, payments
from harness.simulator.stripe.state.checkout_items import LineItem
from harness.simulator.stripe.state.kinds import PAYMENT_INTENTS
from harness.simulator.stripe.state.merge import metadata
from harness.simulator.stripe.state.objects import Map
from harness.simulator.stripe.unsimulated import not_simulated

DAY, SHORTEST_LIFE = 86_400, 1_800
EXPIRE = "checkout.expire"
HOSTED = frozenset(("hosted_page", "hosted"))
EMBEDDED = frozenset(("embedded_page", "embedded", "form"))
LEFT_OUT = ("discounts", "shipping_options", "optional_items", "subscription_data")
KEPT = (
    "allow_promotion_codes", "allowed_payment_method_types", "billing_address_collection", "branding_settings",
    "cancel_url", "client_reference_id", "consent_collection", "custom_text", "customer_creation", "customer_email",
    "customer_update", "excluded_payment_method_types", "integration_identifier", "locale", "origin_context",
    "payment_intent_data", "payment_method_options", "permissions", "redirect_on_completion", "return_url",
    "saved_payment_method_options", "setup_intent_data", "shipping_address_collection", "submit_type",
    "success_url",
)  # fmt: skip
"""Parameters that a session keeps under their own names."""

_URL = re.compile(r"https?://[^\s/]\S*")


class CheckoutSession(Struct, frozen=True, gc=False, kw_only=True):
    """A session. ``kept`` holds parameters as they were given; amounts are minor units.

    ``typed`` is what the customer said about themselves when they last tried to pay; it counts once they have paid.
    """

    id: str
    created: int
    expires_at: int
    mode: str
    ui_mode: str
    kept: dict[str, Any]
    status: str = "open"
    payment_status: str = "unpaid"
    currency: str | None = None
    line_items: tuple[LineItem, ...] = ()
    customer: str | None = None
    customer_details: Map = None
    typed: Map = None
    payment_intent: str | None = None
    setup_intent: str | None = None
    metadata: Map = None
    url: str | None = None
    client_secret: str | None = None
    payment_method_types: tuple[str, ...] = ("card",)
    phone_number_collection: bool = False
    collected: Map = None
    consent: Map = None

    @property
    def total(self) -> int:
        """What is to be paid, in minor units."""
        return sum(line.amount for line in self.line_items)


SESSIONS = table(
    "checkout.session",
    CheckoutSession,
    prefix="cs_",
    noun="checkout.session",
    indexed=("customer", "payment_intent", "setup_intent"),
)


def create(account: StripeAccount, params: dict[str, Any]) -> CheckoutSession:
    """Open a session.

    Raises:
        StripeError: 400 for parameters that do not go together; "not simulated" for subscription mode and discounts.
    """
    mode = params.get("mode", "payment")
    if mode == "subscription":
        raise not_simulated("Checkout in `subscription` mode")
    _refuse_left_out(params)
    ui_mode = params.get("ui_mode", "hosted_page")
    _check_urls(params, ui_mode)
    customer, email = params.get("customer"), params.get("customer_email")
    if customer and email:
        raise errors.invalid(
            "You may only specify one of these parameters: customer, customer_email.", param="customer", stored=False
        )
    if customer:
        customers.customer_of(account, customer)
    now = account.now()
    expires_at = _expiry(params.get("expires_at"), now)
    line_items, currency = _contents(account, params, mode)
    prefix = "cs_live_" if account.livemode else "cs_test_"
    session_id = f"{prefix}a1{account.ids.text(56)}"
    session = CheckoutSession(
        id=session_id,
        created=now,
        expires_at=expires_at,
        mode=mode,
        ui_mode=ui_mode,
        kept={name: params[name] for name in KEPT if params.get(name, "") != ""},
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
        currency=currency,
        line_items=line_items,
        customer=customer,
        customer_details=_known_details(account, customer, email),
        metadata=metadata(None, params.get("metadata")),
        url=f"{account.base_url}/c/pay/{session_id}" if ui_mode in HOSTED else None,
        client_secret=None if ui_mode in HOSTED else f"{session_id}_secret_{account.ids.text(24)}",
        payment_method_types=tuple(params.get("payment_method_types") or ("card",)),
        phone_number_collection=bool((params.get("phone_number_collection") or {}).get("enabled")),
    )
    account.of(SESSIONS).add(session)
    account.set_timer(expires_at, EXPIRE, session_id)
    return session


def update(account: StripeAccount, session: CheckoutSession, params: dict[str, Any]) -> CheckoutSession:
    """Change metadata, line items, the description of the payment, or what was collected of the customer."""
    changes: dict[str, Any] = {}
    _refuse_left_out(params)
    if session.status != "open" and set(params) - {"metadata"}:
        raise _wrong_status(session, "updated")
    if "metadata" in params:
        changes["metadata"] = metadata(session.metadata, params["metadata"])
    if "collected_information" in params:
        changes["collected"] = {**(session.collected or {}), **params["collected_information"]}
    if params.get("line_items"):
        changes["line_items"] = _changed_items(account, session, params["line_items"])
    if "payment_intent_data" in params:
        data = {**(session.kept.get("payment_intent_data") or {}), **params["payment_intent_data"]}
        changes["kept"] = {**session.kept, "payment_intent_data": data}
    return account.of(SESSIONS).put(replace(session, **changes))


def expire(account: StripeAccount, session: CheckoutSession) -> CheckoutSession:
    """Close an open session; nobody can pay it any more."""
    if session.status != "open":
        raise _wrong_status(session, "expired")
    return _expired(account, session)


def complete(account: StripeAccount, session: CheckoutSession, *, payment_status: str) -> CheckoutSession:
    """The customer is done. ``payment_status`` is unpaid while the money is on its way."""
    if session.status != "open":
        return session
    account.timers.cancel(EXPIRE, session.id)
    done = account.of(SESSIONS).put(
        replace(
            session,
            status="complete",
            payment_status=payment_status,
            url=None,
            client_secret=None if session.ui_mode in HOSTED else session.client_secret,
            customer_details=session.typed or session.customer_details,
        )
    )
    account.emit("checkout.session.completed", done)
    return done


def settled(account: StripeAccount, session: CheckoutSession, *, paid: bool) -> CheckoutSession:
    """The money of a completed session has come, or has not."""
    if session.status != "complete" or session.payment_status != "unpaid":
        return session
    if paid:
        session = account.of(SESSIONS).put(replace(session, payment_status="paid"))
    account.emit(f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)
    return session


def put(account: StripeAccount, session: CheckoutSession, **changes: Any) -> CheckoutSession:
    """A new version."""
    return account.of(SESSIONS).put(replace(session, **changes))


@timer(EXPIRE)
def _overdue(account: StripeAccount, session_id: str) -> None:
    session = account.of(SESSIONS).get(session_id)
    if session is not None and session.status == "open":
        _expired(account, session)


def _expired(account: StripeAccount, session: CheckoutSession) -> CheckoutSession:
    account.timers.cancel(EXPIRE, session.id)
    after = account.of(SESSIONS).put(replace(session, status="expired", url=None))
    intent = account.of(PAYMENT_INTENTS).get(session.payment_intent or "")
    if intent is not None and intent.status in payments.CANCELABLE:
        payments.cancel(account, intent, "expired")
    account.emit("checkout.session.expired", after)
    return after


def _wrong_status(session: CheckoutSession, what: str) -> errors.StripeError:
    return errors.invalid(
        f'Only Checkout Sessions with a status in ["open"] can be {what}. This Checkout Session has a status of '
        f"`{session.status}`."
    )


def _refuse_left_out(params: dict[str, Any]) -> None:
    for name in LEFT_OUT:
        if params.get(name):
            raise not_simulated(f"The parameter `{name}` of Checkout Sessions")
    for name in ("automatic_tax", "invoice_creation", "tax_id_collection", "managed_payments", "after_expiration"):
        given = params.get(name) or {}
        if given.get("enabled") or (given.get("recovery") or {}).get("enabled"):
            raise not_simulated(f"The parameter `{name}` of Checkout Sessions")


def _check_urls(params: dict[str, Any], ui_mode: str) -> None:
    if ui_mode in HOSTED:
        _needs_success_url(params, ui_mode)
    elif ui_mode in EMBEDDED:
        _needs_return_url(params, ui_mode)
    for name in ("success_url", "cancel_url", "return_url"):
        url = params.get(name)
        if url and not _URL.fullmatch(url):
            raise errors.invalid("Not a valid URL", param=name, code="url_invalid", stored=False)


def _needs_success_url(params: dict[str, Any], ui_mode: str) -> None:
    if not params.get("success_url"):
        raise errors.missing_parameter("success_url")
    if params.get("return_url"):
        raise errors.invalid(
            f"`return_url` can not be used when `ui_mode` is `{ui_mode}`.", param="return_url", stored=False
        )


def _needs_return_url(params: dict[str, Any], ui_mode: str) -> None:
    for name in ("success_url", "cancel_url"):
        if params.get(name):
            raise errors.invalid(
                f"`{name}` can not be used when `ui_mode` is `{ui_mode}`. Use `return_url` instead.",
                param=name,
                stored=False,
            )
    never = params.get("redirect_on_completion") == "never"
    if never and params.get("return_url"):
        raise errors.invalid(
            "`return_url` can not be used when `redirect_on_completion` is `never`.", param="return_url", stored=False
        )
    if not never and not params.get("return_url"):
        raise errors.missing_parameter("return_url")


def _expiry(given: int | None, now: int) -> int:
    if given is None:
        return now + DAY
    if given < now + SHORTEST_LIFE:
        raise errors.invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at"
        )
    if given > now + DAY:
        raise errors.invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at"
        )
    return given


def _contents(account: StripeAccount, params: dict[str, Any], mode: str) -> tuple[tuple[LineItem, ...], str | None]:
    given = params.get("line_items")
    if mode == "setup":
        for name in ("line_items", "payment_intent_data", "submit_type"):
            if params.get(name):
                raise errors.invalid(f"You can not pass `{name}` in `setup` mode.", param=name, stored=False)
        currency = params.get("currency")
        if not currency and not params.get("payment_method_types") and not params.get("allowed_payment_method_types"):
            raise errors.missing_parameter("currency")
        return (), amounts.checked_currency(currency) if currency else None
    if params.get("setup_intent_data"):
        raise errors.invalid("You can not pass `setup_intent_data` in `payment` mode.", param="setup_intent_data")
    if not given:
        raise errors.missing_parameter("line_items")
    lines = checkout_items.from_params(account, given)
    currency = lines[0].price.currency
    _check_total(sum(line.amount for line in lines), currency)
    return lines, currency


def _check_total(total: int, currency: str) -> None:
    if 0 < total < amounts.MINIMUM.get(currency, 0):
        raise errors.invalid(
            "The Checkout Session's total amount due must add up to at least "
            f"{amounts.shown(amounts.MINIMUM[currency], currency)}",
            code="amount_too_small",
        )
    if total > amounts.LARGEST:
        raise errors.invalid(
            f"The Checkout Session's total amount due must be no more than {amounts.shown(amounts.LARGEST, currency)}",
            code="amount_too_large",
        )


def _changed_items(
    account: StripeAccount, session: CheckoutSession, given: list[dict[str, Any]]
) -> tuple[LineItem, ...]:
    known = {line.id: line for line in session.line_items}
    lines = []
    for index, item in enumerate(given):
        line_id = item.get("id")
        if line_id is None:
            lines.append(checkout_items.from_params(account, [item])[0])
            continue
        if line_id not in known:
            raise errors.referenced_missing("line item", line_id, f"line_items[{index}][id]")
        line = known[line_id]
        if "metadata" in item:
            line = replace(line, metadata=metadata(line.metadata, item["metadata"]))
        quantity = item.get("quantity", line.quantity)
        if quantity:
            lines.append(checkout_items.with_quantity(line, quantity))
    if not lines:
        raise errors.invalid("A Checkout Session must keep at least one line item.", param="line_items")
    _check_total(sum(line.amount for line in lines), lines[0].price.currency)
    return tuple(lines)


def _known_details(account: StripeAccount, customer: str | None, email: str | None) -> Map:
    if customer:
        known = customers.customer_of(account, customer)
        return details(email=known.email, name=known.name, phone=known.phone)
    return details(email=email) if email else None


def details(*, email: str | None, name: str | None = None, phone: str | None = None, address: Map = None) -> Map:
    """What is known of the customer."""
    return {
        "address": address,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": phone,
        "tax_exempt": "none",
        "tax_ids": [],
    }
