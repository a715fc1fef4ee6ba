"""What an attacker writes into a forged Square event: a real order, paid as the attacker would like it to be. Pure."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable, Mapping
from typing import Any

from harness.courier.names import type_of
from harness.courier.shapes import written
from harness.domain.verdicts import HarnessError

Object = Mapping[str, Any]
Maker = Callable[[Object, Object], dict[str, Any]]
_LETTERS = string.ascii_letters + string.digits
_DAY = 86_400


def forged_object(words: str, order: Object, payment: Object | None = None) -> dict[str, Any]:
    """The object that an event in plain words would be about, had it happened to this order.

    ``order`` is one of the Orders API; ``payment`` is its payment, where it has one.
    """
    type_ = type_of(words, "square")
    make = _MAKERS.get(words) or next((maker for start, maker in _BY_TYPE if type_.startswith(start)), None)
    if make is None:
        raise HarnessError(
            f"nothing is known of what a {words!r} event is about; add it to harness/courier/square_forging.py"
        )
    return make(order, payment or _payment(order))


def made_up_order(reference: str, amount: int, currency: str) -> dict[str, Any]:
    """An order that Square has never seen, naming a reference of the merchant's; ``amount`` in minor units."""
    return {
        "id": _id(),
        "location_id": _id(13).upper(),
        "reference_id": reference,
        "metadata": {"order_id": reference},
        "state": "OPEN",
        "version": 1,
        "total_money": {"amount": amount, "currency": currency.upper()},
        "created_at": _now(),
        "updated_at": _now(),
    }


def _payment(order: Object) -> dict[str, Any]:
    total = dict(order["total_money"])
    return {
        "id": f"{_id(27)}ZY",
        "created_at": _now(),
        "updated_at": _now(),
        "amount_money": total,
        "total_money": total,
        "approved_money": total,
        "status": "COMPLETED",
        "source_type": "CARD",
        "location_id": order.get("location_id"),
        "order_id": order["id"],
        **({"reference_id": order["reference_id"]} if order.get("reference_id") else {}),
        "version_token": _id(43),
    }


def _paid(status: str, code: str | None = None) -> Maker:
    def make(order: Object, payment: Object) -> dict[str, Any]:
        card = {"status": "FAILED" if code else "CAPTURED", "entry_method": "KEYED"}
        if code:
            error = {"category": "PAYMENT_METHOD_ERROR", "code": code, "detail": f"Authorization error: '{code}'"}
            card["errors"] = [error]  # type: ignore[assignment]  # a dictionary of JSON
        return {**_payment(order), **payment, "status": status, "card_details": card}

    return make


def _refunded(order: Object, payment: Object) -> dict[str, Any]:
    whole = {**_payment(order), **payment}
    back = {"refunded_money": dict(whole["total_money"]), "refund_ids": [f"{whole['id']}_{_id(43)}"]}
    return {**whole, "status": "COMPLETED", **back}


def _refund(status: str) -> Maker:
    def make(order: Object, payment: Object) -> dict[str, Any]:
        return {
            "id": f"{payment['id']}_{_id(43)}",
            "status": status,
            "amount_money": dict(payment["total_money"]),
            "payment_id": payment["id"],
            "order_id": order["id"],
            "created_at": _now(),
            "updated_at": _now(),
            "location_id": order.get("location_id"),
            "version": 2,
        }

    return make


def _dispute(state: str) -> Maker:
    def make(order: Object, payment: Object) -> dict[str, Any]:
        return {
            "id": _id(22),
            "amount_money": dict(payment["total_money"]),
            "reason": "NO_KNOWLEDGE",
            "state": state,
            "due_at": written(time.time() + 14 * _DAY),
            "disputed_payment": {"payment_id": payment["id"]},
            "card_brand": "VISA",
            "created_at": _now(),
            "updated_at": _now(),
            "location_id": order.get("location_id"),
            "version": 1,
        }

    return make


def _order(order: Object, _: Object) -> dict[str, Any]:
    """Orders' events name little: no total, and nobody who pays."""
    return {
        "order_id": order["id"],
        "version": order.get("version", 1),
        "location_id": order.get("location_id"),
        "state": "COMPLETED",
        "created_at": _now(),
        "updated_at": _now(),
    }


def _id(length: int = 27) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _now() -> str:
    return written(time.time())


_MAKERS: Mapping[str, Maker] = {
    "payment failed": _paid("FAILED", "GENERIC_DECLINE"),
    "charge failed": _paid("FAILED", "GENERIC_DECLINE"),
    "payment cancelled": _paid("CANCELED"),
    "charge expired": _paid("CANCELED"),
    "payment refunded": _refunded,
    "payment authorised": _paid("APPROVED"),
    "payment processing": _paid("PENDING"),
    "refund failed": _refund("FAILED"),
    "dispute won": _dispute("WON"),
    "dispute lost": _dispute("LOST"),
}
_BY_TYPE: tuple[tuple[str, Maker], ...] = (
    ("payment.created", _paid("APPROVED")),
    ("payment.", _paid("COMPLETED")),
    ("refund.", _refund("COMPLETED")),
    ("dispute.", _dispute("EVIDENCE_REQUIRED")),
    ("order.", _order),
)
