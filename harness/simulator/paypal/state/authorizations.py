"""Authorizations: held for 29 days, honoured for three, captured in parts, renewed, voided.

Source: PayPal, "Authorization and honor period" and the 422 issues of Payments v2.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.paypal import errors, registry
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.errors import unprocessable
from harness.simulator.paypal.events import emit
from harness.simulator.paypal.state import amounts, captures
from harness.simulator.paypal.state.objects import (
    AUTHORIZATIONS,
    CAPTURED,
    COMPLETED,
    CREATED,
    DENIED,
    PARTIALLY_CAPTURED,
    PENDING,
    VOIDED,
    Authorization,
    Capture,
)
from harness.simulator.paypal.wire import payments as wire

_DAY = 86400.0
EXPIRE = "authorization.expire"


def get(account: PayPalAccount, id_: str) -> Authorization:
    """An authorization; 404 ``INVALID_RESOURCE_ID`` for an unknown one."""
    found = account.of(AUTHORIZATIONS).get(id_)
    if found is None:
        raise errors.not_found("authorization_id", id_)
    return found


def make(account: PayPalAccount, *, expires: float | None = None, **fields: Any) -> Authorization:
    """A new authorization; ``fields`` are those of ``Authorization`` apart from id and times."""
    now = account.clock.now()
    end = expires if expires is not None else now + account.settings.authorization_days * _DAY
    one = Authorization(
        id=account.long_id(),
        created=int(now),
        updated=int(now),
        expires=end,
        honored_until=min(end, now + account.settings.honor_days * _DAY),
        **fields,
    )
    account.of(AUTHORIZATIONS).add(one)
    account.set_timer(end, EXPIRE, one.id)
    return one


def tell(account: PayPalAccount, one: Authorization, event: str = "CREATED") -> None:
    """The event of an authorization."""
    spoken = f"{amounts.text(one.amount, one.currency)} {one.currency}"
    said = {
        "CREATED": f"A payment authorization of {spoken} was created",
        "VOIDED": f"A payment authorization of {spoken} was voided",
        "DENIED": f"A payment authorization of {spoken} was denied",
    }[event]
    view = wire.authorization(account, one)
    emit(account, f"PAYMENT.AUTHORIZATION.{event}", "authorization", "2.0", said, view)


def capture(account: PayPalAccount, one: Authorization, wanted: dict[str, Any]) -> Capture:
    """Take all that is left or a part; ``wanted`` is the checked body.

    Raises:
        PayPalError: 422.
    """
    amount = _capturable(account, one, wanted)
    invoice_id = wanted.get("invoice_id") or one.invoice_id
    if captures.invoice_taken(account, invoice_id, one.order):
        raise unprocessable("DUPLICATE_INVOICE_ID", "/invoice_id", invoice_id)
    captured = one.captured + amount
    final = bool(wanted.get("final_capture"))
    reason = account.settings.pending_reason
    made = captures.make(
        account,
        order=one.order,
        reference_id=one.reference_id,
        currency=one.currency,
        amount=amount,
        status=PENDING if reason else COMPLETED,
        reason=reason,
        final=final,
        invoice_id=invoice_id,
        custom_id=one.custom_id,
        authorization=one.id,
        processor=one.processor,
        wallet=one.wallet,
    )
    done = final or captured >= one.amount
    _put(account, one, captured=captured, captures=one.captures + 1, status=CAPTURED if done else PARTIALLY_CAPTURED)
    captures.tell(account, made)
    return made


def reauthorize(account: PayPalAccount, one: Authorization, wanted: dict[str, Any]) -> Authorization:
    """A new authorization in place of one whose honor period is over.

    Raises:
        PayPalError: 422.
    """
    _still_held(account, one)
    now = account.clock.now()
    if one.parent is not None or one.renewed_by is not None or not one.wallet or now < one.honored_until:
        raise unprocessable("REAUTHORIZATION_NOT_SUPPORTED")
    amount = one.amount
    if "amount" in wanted:
        amount, currency = amounts.read(wanted["amount"])
        if currency != one.currency:
            raise unprocessable("AUTH_CURRENCY_MISMATCH", "/amount/currency_code", currency)
        if amount > _most(account, one):
            raise unprocessable("TRANSACTION_REFUSED", "/amount/value", wanted["amount"]["value"])
    made = make(
        account,
        expires=one.expires,
        order=one.order,
        reference_id=one.reference_id,
        currency=one.currency,
        amount=amount,
        status=CREATED,
        invoice_id=one.invoice_id,
        custom_id=one.custom_id,
        parent=one.id,
    )
    _put(account, one, renewed_by=made.id)
    tell(account, made)
    return made


def void(account: PayPalAccount, one: Authorization) -> Authorization:
    """Let go of what is held.

    Raises:
        PayPalError: 422.
    """
    if one.parent is not None:
        raise unprocessable("CANNOT_BE_VOIDED")
    if one.status == VOIDED:
        raise unprocessable("PREVIOUSLY_VOIDED")
    renewal = account.of(AUTHORIZATIONS).get(one.renewed_by) if one.renewed_by else None
    if CAPTURED in {one.status, renewal.status if renewal else None}:
        raise unprocessable("PREVIOUSLY_CAPTURED")
    if one.status == DENIED:
        raise unprocessable("CANNOT_BE_VOIDED")
    if renewal is not None and renewal.status != VOIDED:
        _void(account, renewal)
    return _void(account, one)


def settle(account: PayPalAccount, one: Authorization, *, denied: bool = False) -> Authorization:
    """A pending authorization is accepted or denied; ``ValueError`` for one that is not pending."""
    if one.status != PENDING:
        raise ValueError(f"Authorization {one.id} is {one.status}; only a PENDING one is settled.")
    done = _put(account, one, status=DENIED if denied else CREATED, reason=None)
    tell(account, done, "DENIED" if denied else "CREATED")
    return done


def _still_held(account: PayPalAccount, one: Authorization) -> None:
    if one.status == CAPTURED:
        raise unprocessable("AUTHORIZATION_ALREADY_CAPTURED")
    if account.clock.now() >= one.expires:
        raise unprocessable("AUTHORIZATION_EXPIRED")
    if one.status == VOIDED:
        raise unprocessable("AUTHORIZATION_VOIDED")
    if one.status == DENIED:
        raise unprocessable("AUTHORIZATION_DENIED")


def _capturable(account: PayPalAccount, one: Authorization, wanted: dict[str, Any]) -> int:
    asked = None
    if "amount" in wanted:
        asked, currency = amounts.read(wanted["amount"])
        if currency != one.currency:
            raise unprocessable("AUTH_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", currency)
    _still_held(account, one)
    if one.status == PENDING or one.renewed_by is not None:
        raise unprocessable("TRANSACTION_REFUSED")
    if one.captures >= account.settings.partial_captures:
        raise unprocessable("MAX_CAPTURE_COUNT_EXCEEDED")
    amount = one.amount - one.captured if asked is None else asked
    if one.captured + amount > _most(account, one):
        raise unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value", amounts.text(amount, one.currency))
    return amount


def _most(account: PayPalAccount, one: Authorization) -> int:
    settings = account.settings
    percent = int(one.amount * settings.overage_percent / 100)
    fixed = amounts.minor(settings.overage_most, "USD") or 0
    if amounts.exponent(one.currency) == 0:
        fixed //= 100
    return one.amount + min(percent, fixed)


@registry.timer(EXPIRE)
def _expire(account: PayPalAccount, id_: str) -> None:
    one = account.of(AUTHORIZATIONS).get(id_)
    if one is not None and one.status in {CREATED, PARTIALLY_CAPTURED, PENDING}:
        _void(account, one)


@registry.view(AUTHORIZATIONS.name)
def _again(account: PayPalAccount, id_: str, form: str) -> tuple[int, dict[str, Any]]:
    return 201, wire.short(wire.authorization(account, get(account, id_)), form)


def _void(account: PayPalAccount, one: Authorization) -> Authorization:
    done = _put(account, one, status=VOIDED)
    tell(account, done, "VOIDED")
    return done


def _put(account: PayPalAccount, one: Authorization, **changes: Any) -> Authorization:
    return account.of(AUTHORIZATIONS).put(replace(one, updated=account.now(), **changes))
