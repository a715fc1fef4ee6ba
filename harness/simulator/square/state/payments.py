"""Payments: made, held, completed, canceled, declined.

Sources: Square, "Payments API", "Delayed capture of a card payment", "Sandbox payments"; the descriptions of its
OpenAPI file. A decline is an answer with errors and the payment that failed, which can be read and listed afterwards.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec.structs import replace

from harness.simulator.square import formats, registry
from harness.simulator.square.account import SquareAccount
from harness.simulator.square.checks import KEY, MONEY, Flag, Shape, Text, checked
from harness.simulator.square.errors import PAYMENT_METHOD, SquareError, error, invalid, stale
from harness.simulator.square.events import emit
from harness.simulator.square.state import cards, merchants, orders, sources
from harness.simulator.square.state.objects import (
    APPROVED,
    BANK,
    CANCELED,
    CARD,
    CASH,
    COMPLETED,
    CUSTOMERS,
    EXTERNAL,
    FAILED,
    ORDERS,
    PAYMENTS,
    PENDING,
    Order,
    Payment,
)
from harness.simulator.square.state.pricing import wrong_currency
from harness.simulator.square.wire import orders as order_wire
from harness.simulator.square.wire import payments as wire

CREATE = {
    "source_id": Text(least=1, required=True),
    "idempotency_key": KEY,
    "amount_money": MONEY,
    "tip_money": MONEY,
    "app_fee_money": MONEY,
    "delay_duration": Text(),
    "delay_action": Text(of=frozenset({"CANCEL", "COMPLETE"})),
    "autocomplete": Flag(),
    "order_id": Text(),
    "customer_id": Text(),
    "location_id": Text(),
    "team_member_id": Text(),
    "reference_id": Text(40),
    "verification_token": Text(),
    "accept_partial_authorization": Flag(),
    "buyer_email_address": Text(255),
    "buyer_phone_number": Text(),
    "billing_address": Shape({}),
    "shipping_address": Shape({}),
    "note": Text(500),
    "statement_description_identifier": Text(20),
    "cash_details": Shape({"buyer_supplied_money": MONEY, "change_back_money": MONEY}),
    "external_details": Shape({"type": Text(50), "source": Text(255), "source_id": Text(255)}),
}
UPDATE = {
    "payment": Shape(
        {
            "amount_money": MONEY,
            "tip_money": MONEY,
            "app_fee_money": MONEY,
            "approved_money": MONEY,
            "delay_action": Text(of=frozenset({"CANCEL", "COMPLETE"})),
            "version_token": Text(),
        }
    ),
    "idempotency_key": KEY,
}
_SHOWN = ("buyer_email_address", "billing_address", "shipping_address", "note", "statement_description_identifier")
_LONGEST_DELAY, _SHORTEST_DELAY = 7 * 86400, 60
_RISKS = {2222: "MODERATE", 3333: "HIGH"}
_MOST_APP_FEE = Decimal("0.9")
LAPSE, FEE, SETTLE = "payment.lapse", "payment.fee", "payment.settle"
_BANK_SECONDS = 60.0
_TEST_DECLINE = 403
"""An amount that older pages of Square document as declined."""
captured: list[Any] = []
"""(account, payment): what follows once money was taken (test amounts of disputes)."""


def get(account: SquareAccount, id_: str) -> Payment:
    """A payment; 404 for an unknown one."""
    found = account.of(PAYMENTS).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", f"Could not find payment with id: {id_}", "payment_id", status=404)
    return found


def make(account: SquareAccount, params: dict[str, Any]) -> Payment:
    """A new payment.

    Raises:
        SquareError: 400 or 404 for what cannot be a payment; the decline, with the payment that failed.
    """
    body = checked(CREATE, params)
    location = body.get("location_id") or account.main_location_id
    currency = merchants.currency(account, location)
    amount, tip, app_fee = _amounts(body, currency)
    autocomplete = body.get("autocomplete", True)
    delay = _delay(body, autocomplete=autocomplete)
    order = _order(account, body, location, currency, amount + tip, autocomplete=autocomplete)
    source = sources.of(account, body)
    if body.get("customer_id") is not None and account.of(CUSTOMERS).get(body["customer_id"]) is None:
        raise invalid("NOT_FOUND", f"Customer with ID `{body['customer_id']}` not found.", "customer_id", status=404)
    now = account.now()
    id_ = formats.payment_id(account.ids)
    one = Payment(
        id=id_,
        created=now,
        updated=now,
        key=body["idempotency_key"],
        location=location,
        order=order.id if order is not None else formats.payment_id(account.ids),
        status=APPROVED,
        source=source.kind,
        currency=currency,
        amount=amount,
        tip=tip,
        app_fee=app_fee,
        approved=amount + tip,
        autocomplete=autocomplete,
        delay=delay,
        delay_action="COMPLETE" if body.get("delay_action") == "COMPLETE" else "CANCEL",
        token=account.ids.text(45),
        card=source.card,
        entry=source.entry,
        customer=body.get("customer_id"),
        reference=body.get("reference_id"),
        risk=_RISKS.get(amount, "NORMAL"),
        authorized_at=now,
        fields={name: body[name] for name in _SHOWN if name in body} | _details(body, source.kind, amount, currency),
    )
    code = source.decline or ("GENERIC_DECLINE" if amount == _TEST_DECLINE and source.kind == CARD else None)
    if code is not None:
        raise declined(account, one, code, known=order is not None)
    if order is None:
        orders.quick(account, one)
    account.of(PAYMENTS).add(one)
    _tell(account, one, "payment.created")
    if source.kind == BANK:
        account.set_timer(account.clock.now() + _BANK_SECONDS, SETTLE, one.id, source.fails or "")
        return account.of(PAYMENTS).put(replace(one, status=PENDING))
    if autocomplete:
        return _capture(account, one)
    account.set_timer(account.clock.now() + delay, LAPSE, one.id)
    return one


def declined(account: SquareAccount, one: Payment, code: str, *, known: bool) -> SquareError:
    """The refusal of a declined payment, which is kept as FAILED; ``known``: its order was there before."""
    details = error(code, cards.detail(code), category=PAYMENT_METHOD)
    failed = replace(one, status=FAILED, approved=0, error=details, authorized_at=None)
    account.of(PAYMENTS).add(failed)
    if not known:
        made = orders.quick(account, failed)
        orders.cancel(account, made)
    _tell(account, failed, "payment.created")
    settings = account.settings
    return SquareError(
        settings.decline_status,
        [details],
        beside={"payment": wire.payment(account, failed)},
        stored=settings.declines_kept,
    )


def complete(account: SquareAccount, one: Payment, version_token: str | None = None) -> Payment:
    """Capture what is held.

    Raises:
        SquareError: 400 where it is not held any more, or its version is another one.
    """
    _check_version(one, version_token, "version_token")
    if one.status != APPROVED:
        detail = f"Payment {one.id} is {one.status} and cannot be completed; only an APPROVED one can."
        raise invalid("BAD_REQUEST", detail)
    account.timers.cancel(LAPSE, one.id)
    return _capture(account, one)


def cancel(account: SquareAccount, one: Payment) -> Payment:
    """Let go of what is held.

    Raises:
        SquareError: 400 where it is not held any more.
    """
    if one.status not in {APPROVED, PENDING}:
        detail = f"Payment {one.id} is {one.status} and cannot be canceled; only an APPROVED one can."
        raise invalid("BAD_REQUEST", detail)
    return _void(account, one)


def cancel_by_key(account: SquareAccount, key: str) -> None:
    """Undo whatever a key made, if it made anything: what is captured is let go as well, as if it had never been.

    A key that made nothing is fine: nobody will be charged by it.
    """
    for one in account.of(PAYMENTS).by("key", key):
        if one.status in {APPROVED, PENDING, COMPLETED} and not one.refunds:
            _void(account, one)


def update(account: SquareAccount, one: Payment, params: dict[str, Any]) -> Payment:
    """Another amount or tip of what is held.

    Raises:
        SquareError: 400 where it is not held any more, its version is another one, or the amount cannot be.
    """
    body = checked(UPDATE, params)
    sent = body.get("payment") or {}
    _check_version(one, sent.get("version_token"), "payment.version_token")
    if one.status != APPROVED:
        raise invalid("BAD_REQUEST", f"Payment {one.id} is {one.status}; only an APPROVED one can be updated.")
    for name in ("amount_money", "tip_money", "app_fee_money"):
        if sent.get(name) is not None and sent[name]["currency"] != one.currency:
            raise wrong_currency(one.currency, f"payment.{name}.currency")
    amount = (sent.get("amount_money") or {}).get("amount", one.amount)
    tip = (sent.get("tip_money") or {}).get("amount", one.tip)
    if amount < 1:
        raise invalid("INVALID_VALUE", "The amount must be greater than 0.", "payment.amount_money.amount")
    return _put(
        account,
        one,
        amount=amount,
        tip=tip,
        approved=amount + tip,
        app_fee=(sent.get("app_fee_money") or {}).get("amount", one.app_fee),
        delay_action=sent.get("delay_action", one.delay_action),
    )


def refunded(account: SquareAccount, one: Payment, **changes: Any) -> Payment:
    """Something about its refunds changed; with event."""
    return _put(account, one, **changes)


def add_fee(account: SquareAccount, one: Payment) -> Payment:
    """The processing fee becomes known: a further ``payment.updated`` that says nothing new about the money taken."""
    return _put(account, one, fee=_fee(account, one), fee_at=account.now())


def attach_customer(account: SquareAccount, one: Payment, customer: str) -> Payment:
    """Square found out who paid (instant profiles)."""
    return _put(account, one, customer=customer)


# ---- inside --------------------------------------------------------------------------------------


def _amounts(body: dict[str, Any], currency: str) -> tuple[int, int, int | None]:
    """Amount, tip and application fee in minor units."""
    if body.get("amount_money") is None:
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "amount_money")
    for name in ("amount_money", "tip_money", "app_fee_money"):
        if body.get(name) is not None and body[name]["currency"] != currency:
            raise wrong_currency(currency, f"{name}.currency")
    amount, tip = body["amount_money"]["amount"], (body.get("tip_money") or {}).get("amount", 0)
    app_fee = (body.get("app_fee_money") or {}).get("amount")
    if app_fee is not None and app_fee > (amount + tip) * _MOST_APP_FEE:
        raise invalid("INVALID_FEES", "The application fee may be 90 per cent of the total at most.", "app_fee_money")
    if amount + tip < 1:
        raise invalid("INVALID_VALUE", "`amount_money.amount` must be greater than 0.", "amount_money.amount")
    return amount, tip, app_fee


def _order(
    account: SquareAccount, body: dict[str, Any], location: str, currency: str, total: int, *, autocomplete: bool
) -> Order | None:
    if body.get("order_id") is None:
        return None
    order = account.of(ORDERS).get(body["order_id"])
    if order is None:
        raise invalid("NOT_FOUND", f"Order with ID `{body['order_id']}` not found.", "order_id", status=404)
    orders.check_payable(order, location, currency)
    due = order_wire.due(account, order)
    tip = (body.get("tip_money") or {}).get("amount", 0)
    if autocomplete and total - tip != due:
        detail = f"The payment of {total - tip} does not match the order's amount due of {due}."
        raise invalid("PAYMENT_AMOUNT_MISMATCH", detail, "amount_money")
    if total - tip > due:
        raise invalid("PAYMENT_AMOUNT_MISMATCH", "The payment is more than the order's amount due.", "amount_money")
    return order


def _delay(body: dict[str, Any], *, autocomplete: bool) -> int:
    text = body.get("delay_duration")
    if text is None:
        return _LONGEST_DELAY
    if autocomplete:
        raise invalid("BAD_REQUEST", "`delay_duration` is for payments with autocomplete=false.", "delay_duration")
    found = formats.seconds(text)
    if found is None or not _SHORTEST_DELAY <= found <= _LONGEST_DELAY:
        detail = "The delay must be an ISO 8601 duration from one minute to seven days."
        raise invalid("INVALID_VALUE", detail, "delay_duration")
    return int(found)


def _details(body: dict[str, Any], kind: str, amount: int, currency: str) -> dict[str, Any]:
    if kind == CASH:
        given = (body.get("cash_details") or {}).get("buyer_supplied_money")
        if given is None:
            raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "cash_details")
        if given["amount"] < amount:
            detail = "The buyer cannot supply less than the amount."
            raise invalid("INVALID_VALUE", detail, "cash_details.buyer_supplied_money")
        back = {"amount": given["amount"] - amount, "currency": currency}
        return {"cash_details": {"buyer_supplied_money": given, "change_back_money": back}}
    if kind == EXTERNAL:
        details = body.get("external_details")
        if details is None or not details.get("type") or not details.get("source"):
            raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "external_details")
        return {"external_details": details}
    return {}


def _capture(account: SquareAccount, one: Payment) -> Payment:
    order = account.of(ORDERS).get(one.order)
    assert order is not None
    moment = account.now()
    done = account.of(PAYMENTS).put(_next(account, replace(one, status=COMPLETED, captured_at=moment)))
    orders.paid(account, order, done)
    _tell(account, done)
    if done.source == CARD:
        if account.settings.fee_seconds:
            account.set_timer(account.clock.now() + account.settings.fee_seconds, FEE, done.id)
        else:
            done = account.of(PAYMENTS).put(replace(done, fee=_fee(account, done), fee_at=account.now()))
    for follow in captured:
        follow(account, done)
    return done


def _fee(account: SquareAccount, one: Payment) -> int:
    """Square's fee in minor units, at most the total."""
    settings = account.settings
    share = (Decimal(one.total) * Decimal(str(settings.fee_percent)) / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return min(one.total, int(share) + settings.fee_fixed)


def _void(account: SquareAccount, one: Payment) -> Payment:
    account.timers.cancel(LAPSE, one.id)
    order = account.of(ORDERS).get(one.order)
    done = _put(account, one, status=CANCELED, approved=one.approved, voided_at=account.now())
    if order is not None and one.id in order.payments:
        left = tuple(id_ for id_ in order.payments if id_ != one.id)
        order = orders.touched(account, replace(order, payments=left, state="OPEN", closed=None))
    if order is not None and order.total == one.amount and not order.document.get("fulfillments"):
        others = [p for p in account.of(PAYMENTS).by("order", order.id) if p.status in {APPROVED, PENDING, COMPLETED}]
        if not others and _made_for(order, one):
            orders.cancel(account, order)
    return done


def _made_for(order: Order, one: Payment) -> bool:
    """Whether Square made the order for the payment; one that a caller made stays OPEN to be paid again."""
    lines = order.document.get("line_items") or []
    return len(lines) == 1 and lines[0].get("item_type") == "CUSTOM_AMOUNT" and order.created == one.created


def _put(account: SquareAccount, one: Payment, **changes: Any) -> Payment:
    done = account.of(PAYMENTS).put(_next(account, replace(one, **changes)))
    _tell(account, done)
    return done


def _next(account: SquareAccount, one: Payment) -> Payment:
    return replace(one, version=one.version + 1, token=account.ids.text(45), updated=account.now())


def _tell(account: SquareAccount, one: Payment, type_: str = "payment.updated") -> None:
    emit(account, type_, one.id, "payment", wire.payment(account, one))


def _check_version(one: Payment, sent: str | None, field: str) -> None:
    if sent is not None and sent != one.token:
        raise stale(field, sent, one.token)


@registry.timer(LAPSE)
def _lapse(account: SquareAccount, id_: str) -> None:
    one = account.of(PAYMENTS).get(id_)
    if one is None or one.status != APPROVED:
        return
    if one.delay_action == "COMPLETE":
        _capture(account, one)
    else:
        _void(account, one)


@registry.timer(FEE)
def _late_fee(account: SquareAccount, id_: str) -> None:
    one = account.of(PAYMENTS).get(id_)
    if one is not None and one.status == COMPLETED and one.fee is None:
        add_fee(account, one)


@registry.timer(SETTLE)
def _settle(account: SquareAccount, id_: str, code: str) -> None:
    """A bank transfer comes to its end."""
    one = account.of(PAYMENTS).get(id_)
    if one is None or one.status != PENDING:
        return
    if code:
        _put(account, one, status=FAILED, approved=0, error=error(code, cards.detail(code), category=PAYMENT_METHOD))
    else:
        _capture(account, one)
