"""Captures, authorizations and refunds as PayPal shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.formats import timestamp
from harness.simulator.paypal.registry import MINIMAL
from harness.simulator.paypal.state.amounts import money
from harness.simulator.paypal.state.objects import (
    COMPLETED,
    CREATED,
    DECLINED,
    FAILED,
    PARTIALLY_CAPTURED,
    PARTIALLY_REFUNDED,
    PENDING,
    Authorization,
    Capture,
    Refund,
)

disputed: list[Callable[[PayPalAccount, Capture], bool]] = []
"""(account, capture): whether a case about it is open; the room of disputes adds its own."""
_ELIGIBLE = {"status": "ELIGIBLE", "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]}
_NOT_ELIGIBLE = {"status": "NOT_ELIGIBLE"}


def link(href: str, rel: str, method: str = "GET") -> dict[str, str]:
    """One link of an answer."""
    return {"href": href, "rel": rel, "method": method}


def short(view: dict[str, Any], form: str) -> dict[str, Any]:
    """The view, or what ``Prefer: return=minimal`` leaves of it."""
    return {name: view[name] for name in ("id", "status", "links")} if form == MINIMAL else view


def status(account: PayPalAccount, one: Capture) -> str:
    """What a capture's status says; with ``disputed_capture`` set, an open case shows as a partial refund."""
    if account.settings.disputed_capture == "completed" or one.status != COMPLETED:
        return one.status
    return PARTIALLY_REFUNDED if any(check(account, one) for check in disputed) else one.status


def capture(account: PayPalAccount, one: Capture, *, nested: bool = False) -> dict[str, Any]:
    """A capture; ``nested``: inside an order, where it says less of where it belongs."""
    view: dict[str, Any] = {"id": one.id, "status": status(account, one)}
    if one.reason is not None:
        view["status_details"] = {"reason": one.reason}
    view["amount"] = money(one.amount, one.currency)
    view["final_capture"] = one.final
    view["disbursement_mode"] = "INSTANT"
    view["seller_protection"] = _ELIGIBLE if one.wallet else _NOT_ELIGIBLE
    if one.status not in {DECLINED, FAILED}:
        view["seller_receivable_breakdown"] = _receivable(one)
    if one.invoice_id is not None:
        view["invoice_id"] = one.invoice_id
    if one.custom_id is not None:
        view["custom_id"] = one.custom_id
    if one.processor is not None:
        view["processor_response"] = one.processor
    base = account.base_url
    up = f"/v2/checkout/orders/{one.order}"
    if one.authorization is not None:
        up = f"/v2/payments/authorizations/{one.authorization}"
    if not nested:
        related = {"order_id": one.order}
        if one.authorization is not None:
            related["authorization_id"] = one.authorization
        view["supplementary_data"] = {"related_ids": related}
        view["payee"] = _payee(account)
    view["links"] = [
        link(f"{base}/v2/payments/captures/{one.id}", "self"),
        link(f"{base}/v2/payments/captures/{one.id}/refund", "refund", "POST"),
        link(base + up, "up"),
    ]
    view["create_time"] = timestamp(one.created)
    view["update_time"] = timestamp(one.updated)
    return view


def authorization(account: PayPalAccount, one: Authorization, *, nested: bool = False) -> dict[str, Any]:
    """An authorization."""
    view: dict[str, Any] = {"id": one.id, "status": one.status}
    if one.reason is not None:
        view["status_details"] = {"reason": one.reason}
    view["amount"] = money(one.amount, one.currency)
    view["seller_protection"] = _ELIGIBLE if one.wallet else _NOT_ELIGIBLE
    if one.invoice_id is not None:
        view["invoice_id"] = one.invoice_id
    if one.custom_id is not None:
        view["custom_id"] = one.custom_id
    if one.processor is not None:
        view["processor_response"] = one.processor
    view["expiration_time"] = timestamp(int(one.expires))
    if not nested:
        view["supplementary_data"] = {"related_ids": {"order_id": one.order}}
        view["payee"] = _payee(account)
    here = f"{account.base_url}/v2/payments/authorizations/{one.id}"
    links = [link(here, "self")]
    if one.status in {CREATED, PARTIALLY_CAPTURED, PENDING}:
        links += [
            link(f"{here}/capture", "capture", "POST"),
            link(f"{here}/void", "void", "POST"),
            link(f"{here}/reauthorize", "reauthorize", "POST"),
        ]
    view["links"] = [*links, link(f"{account.base_url}/v2/checkout/orders/{one.order}", "up")]
    view["create_time"] = timestamp(one.created)
    view["update_time"] = timestamp(one.updated)
    return view


def refund(account: PayPalAccount, one: Refund) -> dict[str, Any]:
    """A refund; its capture is named by the link ``up`` only."""
    view: dict[str, Any] = {"id": one.id, "status": one.status}
    if one.reason is not None:
        view["status_details"] = {"reason": one.reason}
    view["amount"] = money(one.amount, one.currency)
    if one.note is not None:
        view["note_to_payer"] = one.note
    view["seller_payable_breakdown"] = {
        "gross_amount": money(one.amount, one.currency),
        "paypal_fee": money(one.fee, one.currency),
        "net_amount": money(one.amount - one.fee, one.currency),
        "total_refunded_amount": money(one.total, one.currency),
    }
    if one.invoice_id is not None:
        view["invoice_id"] = one.invoice_id
    if one.custom_id is not None:
        view["custom_id"] = one.custom_id
    view["payer"] = _payee(account)
    view["links"] = [
        link(f"{account.base_url}/v2/payments/refunds/{one.id}", "self"),
        link(f"{account.base_url}/v2/payments/captures/{one.capture}", "up"),
    ]
    view["create_time"] = timestamp(one.created)
    view["update_time"] = timestamp(one.updated)
    return view


def _receivable(one: Capture) -> dict[str, Any]:
    view = {"gross_amount": money(one.amount, one.currency)}
    if one.status != PENDING:
        view["paypal_fee"] = money(one.fee, one.currency)
        view["net_amount"] = money(one.amount - one.fee, one.currency)
    return view


def _payee(account: PayPalAccount) -> dict[str, str]:
    return {"email_address": account.settings.merchant_email, "merchant_id": account.merchant_id}
