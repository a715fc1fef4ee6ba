"""An order is captured or authorized: what its instrument or its card's bank says, and what comes of it.

A card that is declined leaves a COMPLETED order with a DECLINED capture; a wallet that is declined refuses the call and
leaves the order to be approved again (PayPal, "Card testing", "Handle funding failures").
"""

from __future__ import annotations

from typing import Any

from harness.simulator.paypal import vaulting
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import PayPalError, detail, unprocessable
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.state import amounts, authorizations, captures, cards, instruments, orders, sources
from harness.simulator.paypal.state.instruments import Outcome
from harness.simulator.paypal.state.objects import (
    APPROVED,
    AUTHORIZATIONS,
    CAPTURE,
    COMPLETED,
    CREATED,
    DECLINED,
    DENIED,
    ORDERS,
    PAYER_ACTION_REQUIRED,
    PENDING,
    VOIDED,
    Capture,
    Order,
)
from harness.simulator.paypal.state.validation import total
from harness.simulator.paypal.wire import orders as wire
from harness.simulator.paypal.wire.payments import link


def pay(account: PayPalAccount, order: Order, intent: str, sent: dict[str, Any] | None = None) -> Order:
    """Capture or authorize an order; ``sent`` is a source that comes with the call.

    Raises:
        PayPalError: 422.
    """
    _payable(order, intent)
    if sent:
        order = orders.confirm(account, order, {"payment_source": sent})
    if order.status == PAYER_ACTION_REQUIRED and sources.pays_at_once(order.source):
        raise unprocessable("PAYER_ACTION_REQUIRED", links=[link(wire.payer_link(account, order), "payer-action")])
    if order.status != APPROVED:
        raise unprocessable("ORDER_NOT_APPROVED")
    return settle(account, order)


def settle(account: PayPalAccount, order: Order) -> Order:
    """Take or hold the money of an approved order.

    Raises:
        PayPalError: 422 for what a wallet refuses; nothing has changed then.
    """
    outcome, processor = _outcome(account, order)
    _refuse(account, order, outcome)
    paid = orders.put(account, order, status=COMPLETED, paid=True)
    if order.intent == CAPTURE:
        made = [_capture(account, paid, unit, outcome, processor) for unit in paid.units]
        good = outcome.status != DECLINED
    else:
        good = _authorize(account, paid, outcome, processor)
        made = []
    if good:
        paid = _save(account, paid)
        view = orders.event_view(account, paid)
        if order.intent == CAPTURE:
            emit(account, "CHECKOUT.ORDER.COMPLETED", "checkout-order", "2.0", "Checkout Order Completed", view)
    for capture in made:
        captures.tell(account, capture)
    if order.intent != CAPTURE:
        _tell_authorizations(account, paid)
    account.timers.cancel(orders.REVERSE, order.id)
    return paid


def _payable(order: Order, intent: str) -> None:
    if order.intent != intent:
        raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
    if order.status == COMPLETED:
        raise unprocessable("ORDER_ALREADY_CAPTURED" if intent == CAPTURE else "ORDER_ALREADY_AUTHORIZED")
    if order.status == VOIDED:
        raise unprocessable("ORDER_NOT_APPROVED" if intent == CAPTURE else "ORDER_COMPLETED_OR_VOIDED")


def _outcome(account: PayPalAccount, order: Order) -> tuple[Outcome, dict[str, str] | None]:
    source = order.source or {}
    if "card" in source:
        accepted, processor = cards.verdict(source["card"])
        if not accepted:
            return Outcome(DECLINED), processor
        return _pending(account, Outcome()), processor
    if order.approved_total is not None:
        limit = order.approved_total * (1 + account.settings.amount_tolerance_percent / 100)
        if total(order.units, order.currency) > limit:
            return Outcome(issue="PAYER_ACTION_REQUIRED"), None
    word = order.instrument or source.get("paypal", {}).get("instrument") or account.settings.default_instrument
    return _pending(account, instruments.outcome(word)), None


def _pending(account: PayPalAccount, outcome: Outcome) -> Outcome:
    reason = account.settings.pending_reason
    return Outcome(PENDING, reason) if reason and outcome == Outcome() else outcome


def _refuse(account: PayPalAccount, order: Order, outcome: Outcome) -> None:
    for place, unit in enumerate(order.units):
        invoice_id = unit.get("invoice_id")
        if captures.invoice_taken(account, invoice_id, order.id):
            where = f"/purchase_units/{place}/invoice_id"
            raise PayPalError(422, [detail("DUPLICATE_INVOICE_ID", where, invoice_id)])
    if outcome.issue is None:
        return
    rel = "redirect" if outcome.issue == "INSTRUMENT_DECLINED" else "payer-action"
    again = {"INSTRUMENT_DECLINED", "PAYER_ACTION_REQUIRED", "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING"}
    links = [link(wire.payer_link(account, order), rel)] if outcome.issue in again else []
    raise unprocessable(outcome.issue, links=links)


def _capture(
    account: PayPalAccount, order: Order, unit: dict[str, Any], outcome: Outcome, processor: dict[str, str] | None
) -> Capture:
    declined = outcome.status == DECLINED and account.settings.decline_details
    return captures.make(
        account,
        order=order.id,
        reference_id=unit["reference_id"],
        currency=order.currency,
        amount=amounts.minor(unit["amount"]["value"], order.currency),
        status=outcome.status,
        reason="OTHER" if declined and outcome.reason is None else outcome.reason,
        invoice_id=unit.get("invoice_id"),
        custom_id=unit.get("custom_id"),
        processor=processor,
        wallet=processor is None,
    )


def _authorize(account: PayPalAccount, order: Order, outcome: Outcome, processor: dict[str, str] | None) -> bool:
    status = {COMPLETED: CREATED, PENDING: PENDING}.get(outcome.status, DENIED)
    for unit in order.units:
        authorizations.make(
            account,
            order=order.id,
            reference_id=unit["reference_id"],
            currency=order.currency,
            amount=amounts.minor(unit["amount"]["value"], order.currency),
            status=status,
            reason="PENDING_REVIEW" if status == PENDING else None,
            invoice_id=unit.get("invoice_id"),
            custom_id=unit.get("custom_id"),
            processor=processor,
            wallet=processor is None,
        )
    return status != DENIED


def _tell_authorizations(account: PayPalAccount, order: Order) -> None:
    for one in account.of(AUTHORIZATIONS).by("order", order.id):
        authorizations.tell(account, one, "DENIED" if one.status == DENIED else "CREATED")


def _save(account: PayPalAccount, order: Order) -> Order:
    """Keep the source in the vault where the order asks for it."""
    for kind, source in (order.source or {}).items():
        attributes = source.get("attributes", {})
        if attributes.get("vault", {}).get("store_in_vault") and "vault_id" not in source:
            saved = vaulting.save(account, order.id, {kind: source}, attributes)
            if saved is not None:
                return orders.put(account, order, vault=saved)
    found = account.of(ORDERS).get(order.id)
    assert found is not None  # it was just stored
    return found
