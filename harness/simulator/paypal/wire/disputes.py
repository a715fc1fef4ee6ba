"""How disputes are shown: in full, in a list, in an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.simulator.paypal.formats import timestamp
from harness.simulator.paypal.state.amounts import money
from harness.simulator.paypal.state.objects import CAPTURES
from harness.simulator.paypal.wire import payments

if TYPE_CHECKING:
    from harness.simulator.paypal.account import PayPalAccount
    from harness.simulator.paypal.state.disputes import Dispute

BASE = "/v1/customer/disputes"
SETTLEMENTS = frozenset({"DISPUTE_SETTLEMENT", "DISPUTE_FEE"})
"""Reasons for which money moves for good; a hold is shown under ``fund_movements`` only."""
_HOLDERS = {"SELLER": "RECEIVER", "BUYER": "SENDER"}


def dispute(account: PayPalAccount, it: Dispute, actions: tuple[str, ...]) -> dict[str, Any]:
    """A dispute in full. ``actions``: what can be done now."""
    view = _head(account, it)
    view["disputed_transactions"] = [_transaction(account, it)]
    if it.outcome is not None:
        outcome: dict[str, Any] = {"outcome_code": it.outcome}
        if it.refunded:
            outcome["amount_refunded"] = money(it.refunded, it.currency)
        view["dispute_outcome"] = outcome
    view["extensions"] = {
        "merchant_contacted": True,
        "merchant_contacted_outcome": "NO_RESPONSE",
        "merchandize_dispute_properties": {"issue_type": "SERVICE"},
    }
    evidences = [
        *({"evidence_type": kind, "source": "REQUESTED_FROM_SELLER"} for kind in it.wanted),
        *it.evidences,
    ]
    settled = [_moved(one, it) for one in it.movements if one["reason"] in SETTLEMENTS]
    lists: dict[str, Any] = {
        "messages": list(it.messages),
        "evidences": evidences,
        "supporting_info": list(it.supporting),
        "adjudications": list(it.adjudications),
        "money_movements": settled,
        "fund_movements": [_fund(one, it) for one in it.movements],
    }
    view |= {name: found for name, found in lists.items() if found}
    if it.offers:
        view["offer"] = _offer(it)
    if "accept_claim" in actions:
        view["refund_details"] = {"allowed_refund_amount": money(it.amount, it.currency)}
        view["allowed_response_options"] = {"accept_claim": {"accept_claim_types": ["REFUND"]}}
    if it.communication:
        view["communication_details"] = it.communication
    view["links"] = links(account, it, actions)
    return view


def summary(account: PayPalAccount, it: Dispute) -> dict[str, Any]:
    """A dispute in a list."""
    here = f"{account.base_url}{BASE}/{it.id}"
    return {**_head(account, it), "links": [{"href": here, "rel": "self", "method": "GET"}]}


def event(account: PayPalAccount, it: Dispute, actions: tuple[str, ...]) -> dict[str, Any]:
    """A dispute as its events carry it: named by ``dispute_id``, with its messages even where there are none."""
    return {"messages": [], **dispute(account, it, actions)}


def links(account: PayPalAccount, it: Dispute, actions: tuple[str, ...]) -> list[dict[str, str]]:
    """The dispute itself, and what can be done now."""
    here = f"{account.base_url}{BASE}/{it.id}"
    own = [{"href": here, "rel": "self", "method": "GET"}]
    return own + [{"href": f"{here}/{one.replace('_', '-')}", "rel": one, "method": "POST"} for one in actions]


def movement(account: PayPalAccount, it: Dispute, party: str, type_: str, reason: str, amount: int) -> dict[str, Any]:
    """One movement of money, as it is kept; ``amount`` in minor units."""
    del it
    return {
        "party": party,
        "type": type_,
        "reason": reason,
        "amount": amount,
        "time": timestamp(account.now()),
    }


def state(it: Dispute) -> str:
    """``dispute_state``: whose turn it is, as the seller sees it."""
    if it.status == "RESOLVED":
        return "APPEALABLE" if it.appealable_until is not None else "RESOLVED"
    if it.stage == "INQUIRY":
        return "OPEN_INQUIRIES"
    return {"WAITING_FOR_SELLER_RESPONSE": "REQUIRED_ACTION", "UNDER_REVIEW": "UNDER_PAYPAL_REVIEW"}.get(
        it.status, "REQUIRED_OTHER_PARTY_ACTION"
    )


def _head(account: PayPalAccount, it: Dispute) -> dict[str, Any]:
    del account
    view: dict[str, Any] = {
        "dispute_id": it.id,
        "create_time": timestamp(it.created),
        "update_time": timestamp(it.updated),
        "reason": it.reason,
        "status": it.status,
        "dispute_state": state(it),
        "dispute_amount": money(it.amount, it.currency),
        "dispute_life_cycle_stage": it.stage,
        "dispute_channel": it.channel,
    }
    if it.due is not None:
        whose = "buyer" if it.status == "WAITING_FOR_BUYER_RESPONSE" else "seller"
        view[f"{whose}_response_due_date"] = timestamp(it.due)
    return view


def _transaction(account: PayPalAccount, it: Dispute) -> dict[str, Any]:
    capture = account.of(CAPTURES).get(it.capture)
    assert capture is not None
    shown: dict[str, Any] = {
        "buyer_transaction_id": capture.id[::-1],
        "seller_transaction_id": capture.id,
        "reference_id": capture.order,
        "create_time": timestamp(capture.created),
        "transaction_status": payments.status(account, capture),
        "gross_amount": money(capture.amount, capture.currency),
        "buyer": {"name": "Sample Buyer"},
        "seller": {
            "email": account.settings.merchant_email,
            "merchant_id": account.merchant_id,
            "name": "Sample Merchant",
        },
    }
    if capture.custom_id is not None:
        shown["custom"] = capture.custom_id
    if capture.invoice_id is not None:
        shown["invoice_number"] = capture.invoice_id
    return shown


def _offer(it: Dispute) -> dict[str, Any]:
    last = next(one for one in reversed(it.offers) if one["event_type"] == "PROPOSED")
    history = []
    for one in it.offers:
        shown = {key: value for key, value in one.items() if key != "amount"}
        if "amount" in one:
            shown["offer_amount"] = money(one["amount"], it.currency)
        history.append(shown)
    view: dict[str, Any] = {"offer_type": last["offer_type"], "history": history}
    if "amount" in last:
        view["seller_offered_amount"] = money(last["amount"], it.currency)
    return view


def _moved(one: dict[str, Any], it: Dispute) -> dict[str, Any]:
    return {
        "affected_party": one["party"],
        "amount": money(one["amount"], it.currency),
        "initiated_time": one["time"],
        "type": one["type"],
        "reason": one["reason"],
    }


def _fund(one: dict[str, Any], it: Dispute) -> dict[str, Any]:
    return {
        "party": _HOLDERS[one["party"]],
        "amount": money(one["amount"], it.currency),
        "initiated_time": one["time"],
        "type": one["type"],
        "reason": one["reason"],
    }
