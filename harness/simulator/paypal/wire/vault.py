"""How setup tokens and payment tokens are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.simulator.paypal.state import cards

if TYPE_CHECKING:
    from harness.simulator.paypal.account import PayPalAccount
    from harness.simulator.paypal.state.vault import PaymentToken, SetupToken

BASE = "/v3/vault"
APPROVAL_PAGE = "/agreements/approve"
_PACIFIC = timedelta(hours=-7)


def setup_token(account: PayPalAccount, it: SetupToken) -> dict[str, Any]:
    """A setup token."""
    here = f"{account.base_url}{BASE}/setup-tokens/{it.id}"
    links = [_link(here, "self", "GET")]
    if it.status == "PAYER_ACTION_REQUIRED":
        page = f"{account.base_url}{APPROVAL_PAGE}?approval_session_id={it.id}"
        links = [_link(page, "approve", "GET"), *links]
    elif it.status != "CREATED":
        links.append(_link(f"{account.base_url}{BASE}/payment-tokens", "confirm", "POST"))
    return {
        "id": it.id,
        "ordinal": 1,
        "customer": {"id": it.customer},
        "status": it.status,
        "payment_source": _source(it.source),
        "links": links,
    }


def payment_token(account: PayPalAccount, it: PaymentToken) -> dict[str, Any]:
    """A payment token."""
    return {
        "id": it.id,
        "customer": {"id": it.customer},
        "payment_source": _source(it.source),
        "links": links(account, it.id),
    }


def event(account: PayPalAccount, it: PaymentToken) -> dict[str, Any]:
    """A payment token as its events carry it; the time is written as no other one of PayPal's."""
    moment = datetime.fromtimestamp(it.created, UTC) + _PACIFIC
    shown = {"time_created": f"{moment:%Y-%m-%dT%H:%M:%S}.000PDT", **payment_token(account, it)}
    if it.order is not None:
        shown["metadata"] = {"order_id": it.order}
    return shown


def links(account: PayPalAccount, token_id: str) -> list[dict[str, str]]:
    """Links of a payment token."""
    here = f"{account.base_url}{BASE}/payment-tokens/{token_id}"
    return [_link(here, "self", "GET"), _link(here, "delete", "DELETE")]


def order_link(account: PayPalAccount, order_id: str) -> list[dict[str, str]]:
    """The link back to a purchase."""
    return [_link(f"{account.base_url}/v2/checkout/orders/{order_id}", "up", "GET")]


def payer(account: PayPalAccount) -> dict[str, Any]:
    """The buyer who agreed."""
    return {
        "email_address": account.settings.buyer_email,
        "payer_id": account.payer_id,
        "account_id": account.payer_id,
        "name": {"given_name": "Sample", "surname": "Buyer"},
    }


def _source(source: dict[str, Any]) -> dict[str, Any]:
    if "card" in source:
        return {"card": cards.shown(source["card"])}
    return {kind: inside for kind, inside in source.items() if kind != "token"}


def _link(href: str, rel: str, method: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "method": method}
