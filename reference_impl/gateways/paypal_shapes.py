"""PayPal's orders, captures and refunds, as plain data, turned into our own words; and our parameters into PayPal's.

No I/O. A PayPal order is our payment (``truth.Intent``): what became of it stands in its captures and authorizations,
never in the order's own status, which is ``COMPLETED`` for a declined card as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reference_impl import money
from reference_impl.gateways import truth
from reference_impl.gateways.errors import OutcomeUnknown
from reference_impl.gateways.truth import IntentStatus, RefundStatus

CURRENCIES = frozenset({"eur", "jpy", "usd"})
"""Of the currencies that the shop sells in, those that PayPal takes (PayPal, "Currency codes")."""
WITHOUT_DECIMALS = frozenset({"huf", "jpy", "twd"})
"""PayPal takes no decimals in these, whatever ISO 4217 says."""
DEFAULT_UNIT = "default"

_SETTLED = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
_DECLINED = frozenset({"DECLINED", "FAILED"})
_LIVE_HOLDS = frozenset({"CREATED", "PARTIALLY_CAPTURED"})
_GENERIC = "generic_decline"
_NOT_AUTHENTICATED = "authentication_required"
_REFUND_STATUS = {
    "COMPLETED": RefundStatus.SUCCEEDED,
    "FAILED": RefundStatus.FAILED,
    "CANCELLED": RefundStatus.CANCELLED,
}
_OUR_ORDER = re.compile(r"(or_[0-9A-Za-z]+)(?:-[0-9A-Za-z-]+)?")
_NAME, _DESCRIPTION = 127, 127


# money


def value(amount: int, currency: str) -> dict[str, str]:
    """Minor units as PayPal writes an amount: a string, made from whole numbers alone."""
    exponent = _exponent(currency)
    whole, rest = divmod(amount, 10**exponent)
    text = f"{whole}.{rest:0{exponent}d}" if exponent else str(whole)
    return {"currency_code": currency.upper(), "value": text}


def minor(amount: Mapping[str, Any] | None) -> int:
    """Minor units of an amount; raises ``OutcomeUnknown`` for one that is none."""
    if not amount:
        return 0
    currency = str(amount.get("currency_code", "")).lower()
    try:
        scaled = Decimal(str(amount.get("value"))).scaleb(_exponent(currency))
    except InvalidOperation:
        raise OutcomeUnknown("PayPal's answer has an amount that is none", code="unreadable") from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise OutcomeUnknown("PayPal's answer has an amount in parts of a cent", code="unreadable")
    return int(scaled)


def _exponent(currency: str) -> int:
    if currency in WITHOUT_DECIMALS:
        return 0
    rule = money.CURRENCIES.get(currency)
    return rule.exponent if rule else 2


def _currency(amount: Mapping[str, Any] | None) -> str:
    return str((amount or {}).get("currency_code", "")).lower()


# what we ask for


def order_params(params: dict[str, Any], turn: int = 0) -> dict[str, Any]:
    """Body of an order: our amounts with their breakdown, our references, our addresses.

    ``turn`` makes another invoice id of the same payment.
    """
    currency = params["currency"]
    metadata = params["metadata"]
    unit = {
        "description": params["description"][:_DESCRIPTION],
        "invoice_id": invoice_id(metadata["order_id"], params["number"], turn),
        "custom_id": metadata["payment_id"],
        "amount": {
            **value(params["amount"], currency),
            "breakdown": {"item_total": value(sum(one["unit"] * one["quantity"] for one in params["lines"]), currency)},
        },
        "items": [
            {
                "name": line["name"][:_NAME],
                "quantity": str(line["quantity"]),
                "unit_amount": value(line["unit"], currency),
            }
            for line in params["lines"]
        ],
    }
    body: dict[str, Any] = {
        "intent": "AUTHORIZE" if params["capture"] == "manual" else "CAPTURE",
        "purchase_units": [unit],
    }
    context = {
        "return_url": params["return_url"],
        "cancel_url": params["cancel_url"],
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
    }
    if params["method"] == "hosted":
        body["payment_source"] = {"paypal": {"experience_context": context}}
    else:
        # The browser chooses how to pay, so no payment source may be named yet.
        body["application_context"] = context
    return body


def invoice_id(order_id: str, number: int, turn: int = 0) -> str:
    """Reference of a payment on the merchant's statement; PayPal takes a paid one only once."""
    return f"{order_id}-{number}-{turn}" if turn else f"{order_id}-{number}"


def refund_params(params: dict[str, Any], currency: str) -> dict[str, Any]:
    """Body of a refund; our refund id travels as its ``custom_id``."""
    return {"amount": value(params["amount"], currency), "custom_id": params["refund_id"]}


# what PayPal says


def intent(data: Mapping[str, Any], *, live: bool, payer_url: str) -> truth.Intent:
    """An order as a payment. ``payer_url``: where its payer goes, when no link of the order says so."""
    unit = (data.get("purchase_units") or [{}])[0]
    payments = unit.get("payments") or {}
    captures, holds = payments.get("captures") or [], payments.get("authorizations") or []
    status, over = _status(data, captures, holds)
    shown = charge(data, captures)
    declined = status is IntentStatus.DECLINED
    return truth.Intent(
        id=data["id"],
        status=status,
        amount=minor(unit.get("amount")),
        amount_received=shown.amount_captured if shown else 0,
        currency=_currency(unit.get("amount")),
        livemode=live,
        metadata=_metadata(unit),
        decline=_decline(data, captures, holds) if declined else None,
        charge=shown,
        created=moment(data.get("create_time")),
        redirect_url=link(data, "payer-action", "approve") or payer_url,
        approved=data.get("status") == "APPROVED" and status is IntentStatus.PROCESSING,
        over=over,
        updated=moment(data.get("update_time")),
        objects=tuple(one["id"] for one in (*holds, *captures)),
    )


def _status(
    data: Mapping[str, Any], captures: list[dict[str, Any]], holds: list[dict[str, Any]]
) -> tuple[IntentStatus, bool]:
    """How far a payment is, and whether no other attempt can be made on it."""
    states = {one.get("status") for one in captures}
    if states & _SETTLED:
        return IntentStatus.PAID, True
    if "PENDING" in states:
        return IntentStatus.PROCESSING, True
    if holds:
        return _status_of_holds({one.get("status") for one in holds}, declined=bool(states & _DECLINED))
    if states & _DECLINED:
        return IntentStatus.DECLINED, True
    return _status_of_order(data), False


def _status_of_holds(states: set[Any], *, declined: bool) -> tuple[IntentStatus, bool]:
    if states & _LIVE_HOLDS:
        return IntentStatus.AUTHORISED, True
    if "PENDING" in states:
        return IntentStatus.PROCESSING, True
    if "CAPTURED" in states:
        # Captured, and the capture is not listed yet; a declined one leaves nothing to capture.
        return (IntentStatus.DECLINED if declined else IntentStatus.AUTHORISED), True
    return (IntentStatus.DECLINED if "DENIED" in states else IntentStatus.CANCELLED), True


def _status_of_order(data: Mapping[str, Any]) -> IntentStatus:
    status = data.get("status")
    card = (data.get("payment_source") or {}).get("card")
    if status in {"CREATED", "SAVED"}:
        return IntentStatus.CREATED
    if status == "PAYER_ACTION_REQUIRED":
        # A wallet order begins like that; a card gets there when its bank wants to see the payer.
        return IntentStatus.CREATED if card is None else IntentStatus.REQUIRES_ACTION
    if status == "VOIDED":
        return IntentStatus.CANCELLED
    if status == "APPROVED" and card is not None and not _liability_shifted(card):
        return IntentStatus.DECLINED
    return IntentStatus.PROCESSING


def _liability_shifted(card: Mapping[str, Any]) -> bool:
    """Whether the bank of a card stands for the payer, where it was asked (PayPal, "3D Secure")."""
    result = card.get("authentication_result")
    return not result or result.get("liability_shift") in {"POSSIBLE", "YES"}


def _decline(data: Mapping[str, Any], captures: list[dict[str, Any]], holds: list[dict[str, Any]]) -> str:
    """Why an attempt failed: the processor's code, else PayPal's reason. Either may be missing."""
    if not captures and not holds:
        return _NOT_AUTHENTICATED if data.get("status") == "APPROVED" else _GENERIC
    last = (captures or holds)[-1]
    response = last.get("processor_response") or {}
    reason = (last.get("status_details") or {}).get("reason")
    return str(response.get("response_code") or reason or _GENERIC)


def charge(data: Mapping[str, Any], captures: Iterable[Mapping[str, Any]]) -> truth.Charge | None:
    """The capture that counts: the first that took money, else the latest."""
    listed = list(captures)
    if not listed:
        return None
    settled = [one for one in listed if one.get("status") in _SETTLED]
    shown = settled[0] if settled else listed[-1]
    amount = minor(shown.get("amount"))
    back = {"REFUNDED": amount, "PARTIALLY_REFUNDED": 1}.get(str(shown.get("status")), 0)
    return truth.Charge(
        id=shown["id"],
        intent_id=data.get("id"),
        succeeded=bool(settled),
        captured=True,
        amount=amount,
        amount_captured=sum(minor(one.get("amount")) for one in settled),
        amount_refunded=back,
        currency=_currency(shown.get("amount")),
        disputed=(shown.get("status_details") or {}).get("reason") in {"BUYER_COMPLAINT", "CHARGEBACK"},
        livemode=True,
        movement=movement_of_capture(shown) if settled else None,
    )


def movement_of_capture(data: Mapping[str, Any]) -> truth.Movement | None:
    """What a capture did to the balance: ``None`` until PayPal says what it kept."""
    split = data.get("seller_receivable_breakdown") or {}
    if not split.get("gross_amount") or data.get("status") not in _SETTLED:
        return None
    gross, fee = split["gross_amount"], split.get("paypal_fee")
    net = minor(split["net_amount"]) if split.get("net_amount") else minor(gross) - minor(fee)
    return truth.Movement(
        id=data["id"],
        kind="charge",
        amount=minor(gross),
        fee=minor(gross) - net,
        net=net,
        currency=_currency(gross),
        source=data["id"],
        created=moment(data.get("create_time")),
    )


def refund(data: Mapping[str, Any], intent_id: str | None) -> truth.Refund:
    """A refund; what it did to the balance stands in its breakdown, and comes back when it fails."""
    status = _REFUND_STATUS.get(str(data.get("status")), RefundStatus.PENDING)
    moved = _movement_of_refund(data)
    done = status is RefundStatus.SUCCEEDED
    failed = status in {RefundStatus.FAILED, RefundStatus.CANCELLED}
    ours = str(data.get("custom_id") or "")
    return truth.Refund(
        id=data["id"],
        status=status,
        amount=minor(data.get("amount")),
        currency=_currency(data.get("amount")),
        reason=data.get("note_to_payer"),
        intent_id=intent_id,
        charge_id=parent_of(data),
        metadata={"refund_id": ours} if ours.startswith("rf_") else {},
        movement=moved if done else None,
        reversal=_reversed(moved) if failed and moved else None,
    )


def _movement_of_refund(data: Mapping[str, Any]) -> truth.Movement | None:
    split = data.get("seller_payable_breakdown") or {}
    if not split.get("gross_amount"):
        return None
    gross = minor(split["gross_amount"])
    net = minor(split["net_amount"]) if split.get("net_amount") else gross - minor(split.get("paypal_fee"))
    return truth.Movement(
        id=data["id"],
        kind="refund",
        amount=-gross,
        fee=net - gross,
        net=-net,
        currency=_currency(split["gross_amount"]),
        source=data["id"],
        created=moment(data.get("create_time")),
    )


def _reversed(moved: truth.Movement) -> truth.Movement:
    return truth.Movement(
        id=f"{moved.id}:returned",
        kind="refund_failure",
        amount=-moved.amount,
        fee=-moved.fee,
        net=-moved.net,
        currency=moved.currency,
        source=moved.source,
        created=moved.created,
    )


# reading


def _metadata(unit: Mapping[str, Any]) -> dict[str, str]:
    """Our own ids, as we wrote them into the order."""
    found: dict[str, str] = {}
    if (match := _OUR_ORDER.fullmatch(str(unit.get("invoice_id") or ""))) is not None:
        found["order_id"] = match[1]
    if unit.get("custom_id"):
        found["payment_id"] = str(unit["custom_id"])
    return found


def link(data: Mapping[str, Any], *relations: str) -> str | None:
    """Address of the first link of one of these relations."""
    for relation in relations:
        for one in data.get("links") or []:
            if one.get("rel") == relation and isinstance(one.get("href"), str):
                return str(one["href"])
    return None


def parent_of(data: Mapping[str, Any]) -> str | None:
    """Id of what an object belongs to (a refund's capture), which only its link ``up`` names."""
    address = link(data, "up")
    return address.rstrip("/").rsplit("/", 1)[-1] if address else None


def order_of(data: Mapping[str, Any]) -> str | None:
    """Id of the order that a capture or an authorization belongs to."""
    related = (data.get("supplementary_data") or {}).get("related_ids") or {}
    if isinstance(related.get("order_id"), str):
        return str(related["order_id"])
    address = link(data, "up") or ""
    return address.rstrip("/").rsplit("/", 1)[-1] if "/checkout/orders/" in address else None


def moment(text: Any) -> int:
    """Epoch seconds of one of PayPal's times; 0 where there is none that can be read."""
    if not isinstance(text, str):
        return 0
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
