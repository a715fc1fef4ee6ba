"""What the webhooks simulator sends: a sample for each kind of event, under an id that is always the same for a type.

PayPal, "Webhooks simulator": simulated events are tied to no app. Values are invented.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from harness.simulator.paypal.formats import LONG_ID, timestamp

if TYPE_CHECKING:
    from harness.simulator.paypal.account import PayPalAccount

_MONEY = {"currency_code": "USD", "value": "30.00"}
_FEE = {"currency_code": "USD", "value": "1.37"}
_NET = {"currency_code": "USD", "value": "28.63"}
_MADE = 1_700_000_000


def event_id(event_type: str) -> str:
    """The id of the sample of a type."""
    digest = hashlib.sha256(event_type.encode()).digest().translate(LONG_ID).decode()
    again = hashlib.sha256(digest.encode()).digest().translate(LONG_ID).decode()
    return f"WH-{digest[:17]}-{again[:17]}"


def resource(event_type: str, account: PayPalAccount) -> tuple[str, dict[str, Any]]:
    """``resource_type`` and ``resource`` of the sample of a type."""
    kind, sample = next(
        ((kind, sample) for start, kind, sample in _SAMPLES if event_type.startswith(start)),
        ("object", {"id": "SAMPLE00000000001"}),
    )
    made = {**sample, "create_time": timestamp(_MADE), "update_time": timestamp(_MADE)}
    last = event_type.rpartition(".")[2]
    if "status" in made and (status := _STATUS.get((kind, last))):
        made["status"] = status
    if kind == "sale":
        made["state"] = {"COMPLETED": "completed", "DENIED": "denied", "PENDING": "pending"}.get(last, "refunded")
    made["links"] = [{"href": f"{account.base_url}{_PATHS[kind]}", "rel": "self", "method": "GET"}]
    return kind, made


_STATUS = {
    ("capture", "PENDING"): "PENDING",
    ("capture", "DENIED"): "DECLINED",
    ("capture", "DECLINED"): "DECLINED",
    ("capture", "REVERSED"): "REFUNDED",
    ("refund", "PENDING"): "PENDING",
    ("refund", "FAILED"): "FAILED",
    ("authorization", "VOIDED"): "VOIDED",
    ("checkout-order", "COMPLETED"): "COMPLETED",
    ("checkout-order", "PROCESSED"): "COMPLETED",
    ("subscription", "CREATED"): "APPROVAL_PENDING",
    ("subscription", "SUSPENDED"): "SUSPENDED",
    ("subscription", "CANCELLED"): "CANCELLED",
    ("subscription", "EXPIRED"): "EXPIRED",
    ("dispute", "UPDATED"): "UNDER_REVIEW",
    ("dispute", "RESOLVED"): "RESOLVED",
    ("plan", "DEACTIVATED"): "INACTIVE",
}
_PATHS = {
    "checkout-order": "/v2/checkout/orders/5O190127TN364715T",
    "authorization": "/v2/payments/authorizations/7VW82803Y0614600J",
    "capture": "/v2/payments/captures/42311647XV020574X",
    "refund": "/v2/payments/refunds/1JU08902781691411",
    "sale": "/v1/payments/sale/80021663DE681814L",
    "plan": "/v1/billing/plans/P-5ML4271244454362WXNWU5NQ",
    "product": "/v1/catalogs/products/PROD-XYAB12ABSB7868434",
    "subscription": "/v1/billing/subscriptions/I-BW452GLLEP1G",
    "dispute": "/v1/customer/disputes/PP-D-4012",
    "payment_token": "/v3/vault/payment-tokens/8kk8451t",
    "object": "/",
}
_CAPTURE = {
    "id": "42311647XV020574X",
    "status": "COMPLETED",
    "amount": _MONEY,
    "final_capture": True,
    "seller_protection": {
        "status": "ELIGIBLE",
        "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"],
    },
    "seller_receivable_breakdown": {"gross_amount": _MONEY, "paypal_fee": _FEE, "net_amount": _NET},
}
_REFUND = {
    "id": "1JU08902781691411",
    "status": "COMPLETED",
    "amount": _MONEY,
    "seller_payable_breakdown": {
        "gross_amount": _MONEY,
        "paypal_fee": _FEE,
        "net_amount": _NET,
        "total_refunded_amount": _MONEY,
    },
}
_SAMPLES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "CHECKOUT.",
        "checkout-order",
        {
            "id": "5O190127TN364715T",
            "intent": "CAPTURE",
            "status": "APPROVED",
            "payer": {"email_address": "sample@example.com", "payer_id": "QYR5Z8XDVJNXQ"},
            "purchase_units": [{"reference_id": "default", "amount": {**_MONEY, "breakdown": {}}}],
        },
    ),
    ("PAYMENT.AUTHORIZATION.", "authorization", {"id": "7VW82803Y0614600J", "status": "CREATED", "amount": _MONEY}),
    ("PAYMENT.CAPTURE.REFUNDED", "refund", _REFUND),
    ("PAYMENT.REFUND.", "refund", _REFUND),
    ("PAYMENT.CAPTURE.", "capture", _CAPTURE),
    (
        "PAYMENT.SALE.",
        "sale",
        {
            "id": "80021663DE681814L",
            "state": "completed",
            "billing_agreement_id": "I-BW452GLLEP1G",
            "amount": {"total": "30.00", "currency": "USD", "details": {"subtotal": "30.00"}},
            "payment_mode": "INSTANT_TRANSFER",
        },
    ),
    ("BILLING.PLAN.", "plan", {"id": "P-5ML4271244454362WXNWU5NQ", "status": "ACTIVE", "name": "A sample plan"}),
    ("CATALOG.PRODUCT.", "product", {"id": "PROD-XYAB12ABSB7868434", "name": "A sample product", "type": "SERVICE"}),
    (
        "BILLING.SUBSCRIPTION.",
        "subscription",
        {"id": "I-BW452GLLEP1G", "plan_id": "P-5ML4271244454362WXNWU5NQ", "status": "ACTIVE", "quantity": "1"},
    ),
    (
        "CUSTOMER.DISPUTE.",
        "dispute",
        {
            "dispute_id": "PP-D-4012",
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
            "status": "OPEN",
            "dispute_amount": _MONEY,
            "dispute_life_cycle_stage": "CHARGEBACK",
            "disputed_transactions": [{"seller_transaction_id": "42311647XV020574X", "custom": "", "items": []}],
            "messages": [],
        },
    ),
    (
        "VAULT.",
        "payment_token",
        {
            "id": "8kk8451t",
            "customer": {"id": "695922590"},
            "payment_source": {"card": {"last_digits": "1881", "brand": "VISA", "expiry": "2030-01"}},
        },
    ),
)
