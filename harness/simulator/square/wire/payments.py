"""Payments and refunds as Square sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.simulator.square.formats import timestamp
from harness.simulator.square.state.objects import APPROVED, BANK, CARD, COMPLETED, FAILED, PENDING, Payment, Refund
from harness.simulator.square.wire.cards import card

if TYPE_CHECKING:
    from harness.simulator.square.account import SquareAccount

_CARD_STATES = {APPROVED: "AUTHORIZED", COMPLETED: "CAPTURED", "CANCELED": "VOIDED", FAILED: "FAILED"}
_CAPABILITIES = [
    "EDIT_AMOUNT_UP",
    "EDIT_AMOUNT_DOWN",
    "EDIT_TIP_AMOUNT_UP",
    "EDIT_TIP_AMOUNT_DOWN",
    "EDIT_DELAY_ACTION",
]
_RECEIPTS = "https://squareupsandbox.com/receipt/preview/"


def money(amount: int, currency: str) -> dict[str, Any]:
    """As it is sent."""
    return {"amount": amount, "currency": currency}


def payment(account: SquareAccount, one: Payment) -> dict[str, Any]:
    """A payment; what does not apply is left out, as Square leaves it out."""
    currency = one.currency
    held = one.source == CARD and one.status != FAILED
    done = one.status == COMPLETED
    shown: dict[str, Any] = {
        "id": one.id,
        "created_at": timestamp(one.created),
        "updated_at": timestamp(one.updated),
        "amount_money": money(one.amount, currency),
        "tip_money": money(one.tip, currency) if one.tip else None,
        "status": one.status,
        "delay_duration": _duration(one.delay) if held else None,
        "source_type": one.source,
        "card_details": _card_details(one) if one.card is not None else None,
        "bank_account_details": _bank(one) if one.source == BANK else None,
        "location_id": one.location,
        "order_id": one.order,
        "reference_id": one.reference,
        "risk_evaluation": _risk(one) if one.status != FAILED else None,
        "processing_fee": None if one.fee is None else [_fee(one, one.fee)],
        "customer_id": one.customer,
        **one.fields,
        "total_money": money(one.total, currency),
        "app_fee_money": None if one.app_fee is None else money(one.app_fee, currency),
        "refunded_money": money(one.refunded, currency) if one.refunded else None,
        "refund_ids": list(one.refunds) or None,
        "approved_money": money(one.approved, currency) if one.approved else None,
        "capabilities": _CAPABILITIES if one.status == APPROVED else None,
        "receipt_number": one.id[:4] if done else None,
        "receipt_url": f"{_RECEIPTS}{one.id}" if done else None,
        "delay_action": one.delay_action if held else None,
        "delayed_until": timestamp(one.created + one.delay * 1000) if held else None,
        "application_details": {"square_product": "ECOMMERCE_API", "application_id": account.application_id},
        "version_token": one.token,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _fee(one: Payment, fee: int) -> dict[str, Any]:
    return {"effective_at": timestamp(one.fee_at), "type": "INITIAL", "amount_money": money(fee, one.currency)}


def _risk(one: Payment) -> dict[str, Any]:
    return {"created_at": timestamp(one.created), "risk_level": "PENDING" if one.status == PENDING else one.risk}


def refund(one: Refund, *, version: bool = False) -> dict[str, Any]:
    """A refund; events show its ``version``, the API does not."""
    shown: dict[str, Any] = {
        "id": one.id,
        "status": one.status,
        "amount_money": money(one.amount, one.currency),
        "payment_id": one.payment,
        "order_id": one.order,
        "created_at": timestamp(one.created),
        "updated_at": timestamp(one.updated),
        "location_id": one.location,
    }
    if one.reason is not None:
        shown["reason"] = one.reason
    if one.fee is not None:
        fee = {"effective_at": timestamp(one.updated), "type": "INITIAL", "amount_money": money(-one.fee, one.currency)}
        shown["processing_fee"] = [fee]
    if version:
        shown["version"] = one.version
    return shown


def _card_details(one: Payment) -> dict[str, Any]:
    assert one.card is not None
    failed = one.error["code"] if one.error is not None else None
    shown: dict[str, Any] = {
        "status": _CARD_STATES.get(one.status, "AUTHORIZED"),
        "card": card(one.card),
        "entry_method": one.entry,
        "cvv_status": "CVV_REJECTED" if failed == "CVV_FAILURE" else "CVV_ACCEPTED",
        "avs_status": "AVS_REJECTED" if failed == "ADDRESS_VERIFICATION_FAILURE" else "AVS_ACCEPTED",
    }
    if one.status != FAILED:
        shown["auth_result_code"] = one.id[4:10]
    shown["statement_description"] = "SQ *DEFAULT TEST ACCOUNT"
    line = {
        name: timestamp(at)
        for name, at in (
            ("authorized_at", one.authorized_at),
            ("captured_at", one.captured_at),
            ("voided_at", one.voided_at),
        )
        if at is not None
    }
    shown["card_payment_timeline"] = line
    if one.error is not None:
        shown["errors"] = [one.error]
    return shown


def _bank(one: Payment) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "bank_name": "Citizens Bank",
        "transfer_type": "ACH",
        "account_ownership_type": "INDIVIDUAL",
        "fingerprint": f"sq-1-{one.location}",
        "country": "US",
        "statement_description": "SQ *DEFAULT TEST ACCOUNT",
        "ach_details": {"routing_number": "011401533", "account_number_suffix": "000", "account_type": "CHECKING"},
    }
    return shown if one.error is None else {**shown, "errors": [one.error]}


def _duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if count]
    return f"PT{''.join(parts) or '0S'}"
