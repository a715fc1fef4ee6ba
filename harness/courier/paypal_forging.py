"""What an attacker writes into a forged PayPal event: a real order as the attacker would like it to be. Pure."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from harness.courier.names import type_of
from harness.courier.shapes import PAYPAL
from harness.domain.money import Money
from harness.domain.verdicts import HarnessError

Object = Mapping[str, Any]
Maker = Callable[[Object, Object], dict[str, Any]]
_BASE = "https://api.sandbox.paypal.com"


def forged_object(words: str, order: Object, capture: Object | None = None) -> dict[str, Any]:
    """The ``resource`` that an event in plain words would be about, had it happened to this order.

    ``order`` is an order of Orders v2; ``capture`` is its capture, where it has one.
    """
    type_ = type_of(words, "paypal")
    make = _MAKERS.get(words) or next((maker for start, maker in _BY_TYPE if type_.startswith(start)), None)
    if make is None:
        raise HarnessError(
            f"nothing is known of what a {words!r} event is about; add it to harness/courier/paypal_forging.py"
        )
    return make(order, capture or _inner_capture(order) or _capture(order))


def made_up_order(reference: str, amount: int, currency: str) -> dict[str, Any]:
    """An order that PayPal has never seen, naming a reference of the merchant's; ``amount`` in minor units."""
    money = {"currency_code": currency.upper(), "value": str(Money(amount, currency)).split()[0]}
    unit = {"reference_id": "default", "amount": money, "custom_id": reference, "invoice_id": reference}
    id_ = _id()
    return {
        "id": id_,
        "intent": "CAPTURE",
        "status": "CREATED",
        "purchase_units": [unit],
        "create_time": _now(),
        "links": [_link(f"/v2/checkout/orders/{id_}", "self")],
    }


def _unit(order: Object) -> Object:
    units = order.get("purchase_units") or [{}]
    found: Object = units[0]
    return found


def _references(order: Object) -> dict[str, Any]:
    return {key: value for key, value in _unit(order).items() if key in {"custom_id", "invoice_id"}}


def _amount(order: Object) -> dict[str, Any]:
    amount = _unit(order).get("amount") or {"currency_code": "USD", "value": "0.01"}
    return {"currency_code": amount["currency_code"], "value": amount["value"]}


def _inner_capture(order: Object) -> Object | None:
    captures = (_unit(order).get("payments") or {}).get("captures") or []
    return captures[0] if captures else None


def _capture(order: Object) -> dict[str, Any]:
    id_, amount = _id(), _amount(order)
    nothing = {**amount, "value": "0.00"}
    return {
        "id": id_,
        "status": "COMPLETED",
        "amount": amount,
        "final_capture": True,
        **_references(order),
        "seller_protection": {"status": "ELIGIBLE", "dispute_categories": ["ITEM_NOT_RECEIVED"]},
        "seller_receivable_breakdown": {"gross_amount": amount, "paypal_fee": nothing, "net_amount": amount},
        "supplementary_data": {"related_ids": {"order_id": order["id"]}},
        "create_time": _now(),
        "update_time": _now(),
        "links": [
            _link(f"/v2/payments/captures/{id_}", "self"),
            _link(f"/v2/checkout/orders/{order['id']}", "up"),
        ],
    }


def _captured(status: str, reason: str | None = None) -> Maker:
    def make(order: Object, capture: Object) -> dict[str, Any]:
        changed = {**_capture(order), **capture, "status": status}
        changed["supplementary_data"] = {"related_ids": {"order_id": order["id"]}}
        if reason is not None:
            changed["status_details"] = {"reason": reason}
        return changed

    return make


def _ordered(status: str) -> Maker:
    def make(order: Object, capture: Object) -> dict[str, Any]:
        after = {**order, "status": status}
        if status == "COMPLETED":
            unit = {**_unit(order), "payments": {"captures": [dict(capture)]}}
            after["purchase_units"] = [unit, *(order.get("purchase_units") or [])[1:]]
        return after

    return make


def _reversed_approval(order: Object, _: Object) -> dict[str, Any]:
    return {"order_id": order["id"], "purchase_units": order.get("purchase_units", []), "payment_source": {}}


def _authorization(status: str) -> Maker:
    def make(order: Object, _: Object) -> dict[str, Any]:
        id_ = _id()
        return {
            "id": id_,
            "status": status,
            "amount": _amount(order),
            **_references(order),
            "supplementary_data": {"related_ids": {"order_id": order["id"]}},
            "create_time": _now(),
            "update_time": _now(),
            "links": [_link(f"/v2/payments/authorizations/{id_}", "self")],
        }

    return make


def _refund(status: str) -> Maker:
    def make(order: Object, capture: Object) -> dict[str, Any]:
        id_, amount = _id(), capture.get("amount") or _amount(order)
        return {
            "id": id_,
            "status": status,
            "amount": amount,
            **_references(order),
            "seller_payable_breakdown": {"gross_amount": amount, "total_refunded_amount": amount},
            "create_time": _now(),
            "update_time": _now(),
            "links": [
                _link(f"/v2/payments/refunds/{id_}", "self"),
                _link(f"/v2/payments/captures/{capture['id']}", "up"),
            ],
        }

    return make


def _dispute(status: str, outcome: str | None = None) -> Maker:
    def make(order: Object, capture: Object) -> dict[str, Any]:
        id_, amount = f"PP-D-{secrets.randbelow(90_000) + 10_000}", capture.get("amount") or _amount(order)
        references = _references(order)
        transaction = {
            "seller_transaction_id": capture["id"],
            "reference_id": order["id"],
            "custom": references.get("custom_id", ""),
            "invoice_number": references.get("invoice_id", ""),
        }
        made = {
            "dispute_id": id_,
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
            "status": status,
            "dispute_state": "RESOLVED" if status == "RESOLVED" else "REQUIRED_ACTION",
            "dispute_life_cycle_stage": "CHARGEBACK",
            "dispute_channel": "INTERNAL",
            "dispute_amount": amount,
            "disputed_transactions": [transaction],
            "messages": [],
            "create_time": _now(),
            "update_time": _now(),
            "links": [_link(f"/v1/customer/disputes/{id_}", "self")],
        }
        if outcome is not None:
            made["dispute_outcome"] = {"outcome_code": outcome, "amount_refunded": amount}
        return made

    return make


def _sale(order: Object, _: Object) -> dict[str, Any]:
    amount = _amount(order)
    return {
        "id": _id(),
        "state": "completed",
        "billing_agreement_id": order["id"],
        "amount": {"total": amount["value"], "currency": amount["currency_code"]},
        "payment_mode": "INSTANT_TRANSFER",
        "custom": _references(order).get("custom_id", ""),
        "invoice_number": _references(order).get("invoice_id", ""),
        "create_time": _now(),
        "update_time": _now(),
    }


def _subscription(status: str) -> Maker:
    def make(order: Object, _: Object) -> dict[str, Any]:
        return {
            "id": order["id"],
            "plan_id": f"P-{_id()}",
            "status": status,
            "custom_id": _references(order).get("custom_id", ""),
            "start_time": _now(),
            "create_time": _now(),
            "links": [_link(f"/v1/billing/subscriptions/{order['id']}", "self")],
        }

    return make


def _token(order: Object, _: Object) -> dict[str, Any]:
    id_ = secrets.token_hex(4)
    return {
        "id": id_,
        "customer": {"id": secrets.token_hex(5)},
        "metadata": {"order_id": order["id"]},
        "payment_source": {"card": {"last_digits": "1881", "brand": "VISA", "expiry": "2030-01"}},
        "links": [_link(f"/v3/vault/payment-tokens/{id_}", "self")],
    }


def _id() -> str:
    return PAYPAL.fresh("4AB12345CD678901E")


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _link(path: str, rel: str) -> dict[str, str]:
    return {"href": _BASE + path, "rel": rel, "method": "GET"}


_MAKERS: Mapping[str, Maker] = {
    "dispute won": _dispute("RESOLVED", "RESOLVED_SELLER_FAVOUR"),
    "dispute lost": _dispute("RESOLVED", "RESOLVED_BUYER_FAVOUR"),
}
_BY_TYPE: tuple[tuple[str, Maker], ...] = (
    ("CHECKOUT.ORDER.COMPLETED", _ordered("COMPLETED")),
    ("CHECKOUT.ORDER.", _ordered("APPROVED")),
    ("CHECKOUT.PAYMENT-APPROVAL.REVERSED", _reversed_approval),
    ("PAYMENT.CAPTURE.COMPLETED", _captured("COMPLETED")),
    ("PAYMENT.CAPTURE.PENDING", _captured("PENDING", "ECHECK")),
    ("PAYMENT.CAPTURE.DENIED", _captured("DECLINED")),
    ("PAYMENT.CAPTURE.DECLINED", _captured("DECLINED")),
    ("PAYMENT.CAPTURE.REVERSED", _captured("REFUNDED", "CHARGEBACK")),
    ("PAYMENT.CAPTURE.REFUNDED", _refund("COMPLETED")),
    ("PAYMENT.REFUND.PENDING", _refund("PENDING")),
    ("PAYMENT.REFUND.FAILED", _refund("FAILED")),
    ("PAYMENT.AUTHORIZATION.VOIDED", _authorization("VOIDED")),
    ("PAYMENT.AUTHORIZATION.", _authorization("CREATED")),
    ("CUSTOMER.DISPUTE.RESOLVED", _dispute("RESOLVED", "RESOLVED_SELLER_FAVOUR")),
    ("CUSTOMER.DISPUTE.", _dispute("WAITING_FOR_SELLER_RESPONSE")),
    ("PAYMENT.SALE.", _sale),
    ("BILLING.SUBSCRIPTION.CREATED", _subscription("APPROVAL_PENDING")),
    ("BILLING.SUBSCRIPTION.SUSPENDED", _subscription("SUSPENDED")),
    ("BILLING.SUBSCRIPTION.CANCELLED", _subscription("CANCELLED")),
    ("BILLING.SUBSCRIPTION.EXPIRED", _subscription("EXPIRED")),
    ("BILLING.SUBSCRIPTION.", _subscription("ACTIVE")),
    ("VAULT.PAYMENT-TOKEN.", _token),
)
