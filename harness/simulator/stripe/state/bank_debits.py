"""Payments by debit of a bank account: they are on their way until the bank answers.

    confirm -> processing -> succeeded, or back to requires_payment_method

Source: Stripe, "ACH Direct Debit", "SEPA Direct Debit", "Testing". When the bank answers is a setting.
"""

from __future__ import annotations

import hashlib
from typing import Any

from harness.simulator.stripe import banks, cards, errors
from harness.simulator.stripe.account import StripeAccount, timer
from harness.simulator.stripe.banks import Bank
from harness.simulator.stripe.state import charging, disputes, payment_methods, payments
from harness.simulator.stripe.state.kinds import CHARGES, PAYMENT_INTENTS, PAYMENT_METHODS
from harness.simulator.stripe.state.objects import Charge, PaymentIntent, PaymentMethod

SETTLE = "bank_debit.settle"


def from_alias(account: StripeAccount, alias: str) -> PaymentMethod | None:
    """A payment method of a ``pm_usBankAccount_*`` or ``pm_sepaDebit_*`` alias; None for any other text."""
    bank = banks.lookup(alias)
    return None if bank is None else _stored(account, bank, {})


def from_params(account: StripeAccount, type_: str, params: dict[str, Any], common: dict[str, Any]) -> PaymentMethod:
    """A payment method of an account number or IBAN.

    Raises:
        StripeError: 400 where it is missing, or no test account.
    """
    field = "iban" if type_ == "sepa_debit" else "account_number"
    given = params.get(type_)
    number = given.get(field) if isinstance(given, dict) else None
    if not number:
        raise errors.missing_parameter(f"{type_}[{field}]")
    bank = banks.by_number(type_, str(number))
    if bank is None:
        raise errors.invalid(
            "You must use a test bank account number in test mode. Try "
            f"{'AT611904300234573201' if type_ == 'sepa_debit' else '000123456789'}, or another test number.",
            param=f"{type_}[{field}]",
            code="account_number_invalid",
        )
    return _stored(account, bank, common)


def check(intent: PaymentIntent, method: PaymentMethod) -> None:
    """Refuse an intent that no bank account can pay (400): another currency, or a capture by hand."""
    assert method.bank is not None
    type_, currency = method.bank.type, banks.CURRENCIES[method.bank.type]
    if intent.currency != currency:
        raise errors.StripeError(
            f"The currency provided ({intent.currency}) is invalid for one or more of the payment methods specified. "
            f"Payments with {type_} support the following currencies: {currency}.",
            code="payment_method_currency_mismatch",
            param="currency",
            extra={"payment_intent": intent},
        )
    if intent.capture_method == "manual":
        raise errors.StripeError(
            f"The capture method `manual` is not supported by payment methods of type {type_}.",
            param="capture_method",
            extra={"payment_intent": intent},
        )


def pay(account: StripeAccount, intent: PaymentIntent, method: PaymentMethod) -> PaymentIntent:
    """Ask the bank: a pending charge, and an intent that is processing until the answer."""
    bank = method.bank
    assert bank is not None
    if bank.outcome == "blocked":
        raise payments.decline(account, intent, method, cards.decline("fraudulent"), None)
    charge = charging.pending(account, intent, method)
    intent = payments.store(account, intent, status="processing", latest_charge=charge.id, next_action=None)
    account.emit("payment_intent.processing", intent)
    if bank.outcome != "processing":
        account.set_timer(account.clock.now() + account.settings.async_payment_seconds, SETTLE, intent.id)
    return intent


@timer(SETTLE)
def _answer(account: StripeAccount, intent_id: str) -> None:
    """The bank has answered."""
    intent = account.get(PAYMENT_INTENTS, intent_id)
    if intent.status != "processing" or intent.latest_charge is None:
        return
    charge = account.get(CHARGES, intent.latest_charge)
    bank = charge.paid_with.bank
    assert bank is not None
    if bank.failure is not None:
        intent = _failed(account, intent, charge, bank)
    else:
        charge = charging.arrived(account, intent, charge)
        intent = payments.store(account, intent, status="succeeded", amount_received=intent.amount)
        account.emit("payment_intent.succeeded", intent)
        if bank.outcome == "disputed":
            dispute = disputes.open_dispute(account, charge, reason="debit_not_authorized")
            disputes.close(account, dispute)
    payments.settled(account, intent)


def _failed(account: StripeAccount, intent: PaymentIntent, charge: Charge, bank: Bank) -> PaymentIntent:
    assert bank.failure is not None
    charge = charging.returned(account, charge, bank.failure.code, bank.failure.message)
    method = account.get(PAYMENT_METHODS, charge.payment_method or "")
    error = errors.StripeError(
        bank.failure.message, code=bank.failure.code, extra={"charge": charge.id, "payment_method": method}
    )
    intent = payments.store(
        account, intent, status="requires_payment_method", payment_method=None, last_payment_error=error.body()
    )
    account.emit("payment_intent.payment_failed", intent)
    return intent


def _stored(account: StripeAccount, bank: Bank, common: dict[str, Any]) -> PaymentMethod:
    return account.of(PAYMENT_METHODS).add(
        PaymentMethod(
            id=account.new_id(PAYMENT_METHODS),
            created=account.now(),
            type=bank.type,
            bank=bank,
            details=_details(account, bank),
            **common,
        )
    )


def _details(account: StripeAccount, bank: Bank) -> dict[str, Any]:
    fingerprint = hashlib.blake2b(f"{account.key}/{bank.number}".encode(), digest_size=8).hexdigest()
    if bank.type == "sepa_debit":
        return {
            "bank_code": bank.number[4:9],
            "branch_code": "",
            "country": bank.country,
            "fingerprint": fingerprint,
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": bank.last4,
        }
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": fingerprint,
        "last4": bank.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": banks.ROUTING_NUMBER,
        "status_details": None,
    }


payment_methods.alias_resolvers.append(from_alias)
for _type in banks.CURRENCIES:
    payment_methods.makers[_type] = from_params
    payments.rails[_type] = payments.Rail(check, pay)
