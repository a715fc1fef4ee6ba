"""The JSON of Checkout Sessions and their line items."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.checkout import EMBEDDED, SESSIONS, CheckoutSession
from harness.simulator.stripe.state.checkout_items import LineItem
from harness.simulator.stripe.wire.payment_methods import NO_ADDRESS
from harness.simulator.stripe.wire.render import Json, includes, render, renders

DEFAULT_BRANDING: Json = {
    "background_color": "#ffffff",
    "border_style": "rounded",
    "button_color": "#0074d4",
    "display_name": "Simulated shop",
    "font_family": "default",
    "icon": None,
    "logo": None,
}
NO_TEXT: Json = dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"))


@renders(CheckoutSession, "checkout.session", expandable=("customer", "payment_intent", "setup_intent"))
def session(it: CheckoutSession, account: StripeAccount) -> Json:
    """A session; line items come only when they are expanded."""
    kept, payment = it.kept, it.mode == "payment"
    branding = {**DEFAULT_BRANDING, **{k: v for k, v in (kept.get("branding_settings") or {}).items() if v}}
    return {
        "id": it.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False} if payment else None,
        "after_expiration": None,
        "allow_promotion_codes": kept.get("allow_promotion_codes"),
        "allowed_payment_method_types": kept.get("allowed_payment_method_types"),
        "amount_subtotal": it.total if payment else None,
        "amount_total": it.total if payment else None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": kept.get("billing_address_collection"),
        "branding_settings": branding,
        "cancel_url": kept.get("cancel_url"),
        "client_reference_id": kept.get("client_reference_id"),
        "client_secret": it.client_secret,
        "collected_information": _collected(it),
        "consent": it.consent,
        "consent_collection": _consent_collection(kept.get("consent_collection")),
        "created": it.created,
        "currency": it.currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {**NO_TEXT, **{k: v or None for k, v in (kept.get("custom_text") or {}).items()}},
        "customer": it.customer,
        "customer_account": None,
        "customer_creation": kept.get("customer_creation", "if_required") if payment and not _given(it) else None,
        "customer_details": _details(it),
        "customer_email": kept.get("customer_email"),
        "discounts": [] if payment else None,
        "excluded_payment_method_types": kept.get("excluded_payment_method_types"),
        "expires_at": it.expires_at,
        "integration_identifier": kept.get("integration_identifier"),
        "invoice": None,
        "invoice_creation": _no_invoice() if payment else None,
        "livemode": account.livemode,
        "locale": kept.get("locale"),
        "managed_payments": {"enabled": False},
        "metadata": it.metadata or {},
        "mode": it.mode,
        "origin_context": kept.get("origin_context"),
        "payment_intent": it.payment_intent,
        "payment_link": None,
        "payment_method_collection": "if_required" if payment else "always",
        "payment_method_configuration_details": None,
        "payment_method_options": _options(kept.get("payment_method_options")),
        "payment_method_types": list(it.payment_method_types),
        "payment_status": it.payment_status,
        "permissions": kept.get("permissions"),
        "phone_number_collection": {"enabled": it.phone_number_collection},
        "recovered_from": None,
        **_redirect(it),
        "saved_payment_method_options": _saved_options(it),
        "setup_intent": it.setup_intent,
        "shipping_address_collection": kept.get("shipping_address_collection"),
        "shipping_cost": None,
        "shipping_options": [],
        "status": it.status,
        "submit_type": kept.get("submit_type"),
        "subscription": None,
        "success_url": kept.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0} if payment else None,
        "ui_mode": it.ui_mode,
        "url": it.url,
        "wallet_options": None,
    }


@renders(LineItem, "item")
def line_item(it: LineItem, account: StripeAccount) -> Json:
    """A line item."""
    body: Json = {"id": it.id, "object": "item"}
    if it.adjustable_quantity is not None:
        body["adjustable_quantity"] = it.adjustable_quantity
    return body | {
        "amount_discount": 0,
        "amount_subtotal": it.amount,
        "amount_tax": 0,
        "amount_total": it.amount,
        "currency": it.price.currency,
        "description": it.description,
        "metadata": it.metadata or {},
        "price": render(it.price, account),
        "quantity": it.quantity,
    }


@includes("checkout.session", "line_items")
def line_items(body: Json, account: StripeAccount) -> Json | None:
    """The first ten line items."""
    it = account.of(SESSIONS).get(body["id"])
    return None if it is None or it.mode != "payment" else line_item_list(it, account, it.line_items[:10])


def line_item_list(it: CheckoutSession, account: StripeAccount, lines: tuple[LineItem, ...]) -> Json:
    """A list of some of a session's line items."""
    has_more = bool(lines) and lines[-1].id != it.line_items[-1].id
    return {
        "object": "list",
        "data": [render(line, account) for line in lines],
        "has_more": has_more,
        "url": f"/v1/checkout/sessions/{it.id}/line_items",
    }


def _given(it: CheckoutSession) -> bool:
    """Whether the merchant named the customer (one that Checkout made comes after completion)."""
    return it.customer is not None and it.status == "open"


def _details(it: CheckoutSession) -> Json | None:
    if it.customer_details is None:
        return None
    address = it.customer_details.get("address")
    return {**it.customer_details, "address": {**NO_ADDRESS, **address} if address else None}


def _collected(it: CheckoutSession) -> Json | None:
    if it.collected is None:
        return None
    shipping = it.collected.get("shipping_details")
    if shipping:
        shipping = {"address": {**NO_ADDRESS, **(shipping.get("address") or {})}, "name": shipping["name"]}
    return {"business_name": None, "individual_name": None, "shipping_details": shipping or None}


def _consent_collection(given: Json | None) -> Json | None:
    if given is None:
        return None
    return {
        "payment_method_reuse_agreement": given.get("payment_method_reuse_agreement"),
        "promotions": given.get("promotions"),
        "terms_of_service": given.get("terms_of_service"),
    }


def _no_invoice() -> Json:
    return {
        "enabled": False,
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": None,
            "metadata": {},
            "rendering_options": None,
        },
    }


def _options(given: Json | None) -> Json:
    card = {"request_three_d_secure": "automatic", **((given or {}).get("card") or {})}
    return {"card": card}


def _redirect(it: CheckoutSession) -> Json:
    if it.ui_mode not in EMBEDDED and it.ui_mode not in {"elements", "custom"}:
        return {}
    return {
        "redirect_on_completion": it.kept.get("redirect_on_completion", "always"),
        "return_url": it.kept.get("return_url"),
    }


def _saved_options(it: CheckoutSession) -> Json | None:
    if it.customer is None:
        return None
    given = it.kept.get("saved_payment_method_options") or {}
    return {
        "allow_redisplay_filters": given.get("allow_redisplay_filters", ["always"]),
        "payment_method_remove": given.get("payment_method_remove", "disabled"),
        "payment_method_save": given.get("payment_method_save"),
    }
