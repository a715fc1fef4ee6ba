"""The JSON of payment intents and charges."""

from __future__ import annotations

import hashlib
from typing import Any

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.objects import Charge, PaymentIntent, PaymentMethod
from harness.simulator.stripe.wire.payment_methods import billing, fingerprint
from harness.simulator.stripe.wire.render import Json, render, renders

_CARD_OPTIONS: Json = {
    "installments": None,
    "mandate_options": None,
    "network": None,
    "request_three_d_secure": "automatic",
}
_BANK_FIELDS = frozenset(
    ("account_holder_type", "account_type", "bank_code", "bank_name", "branch_code", "country", "fingerprint", "last4",
     "routing_number")
)  # fmt: skip
_LINK_OPTIONS: Json = {"persistent_token": None}


def client_secret(id: str, account: StripeAccount) -> str:  # noqa: A002 - the API's name
    """The client secret of an intent; it follows from the id, so that nothing has to be kept."""
    digest = hashlib.blake2b(id.encode(), key=account.secret_key, digest_size=13).hexdigest()
    return f"{id}_secret_{digest[:25]}"


@renders(
    PaymentIntent,
    "payment_intent",
    expandable=("application", "customer", "latest_charge", "on_behalf_of", "payment_method", "review", "source"),
)
def payment_intent(it: PaymentIntent, account: StripeAccount) -> Json:
    """A payment intent."""
    return {
        "id": it.id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": it.amount,
        "amount_capturable": it.amount_capturable,
        "amount_details": it.amount_details or {"tip": {}},
        "amount_received": it.amount_received,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": it.automatic_payment_methods,
        "canceled_at": it.canceled_at,
        "cancellation_reason": it.cancellation_reason,
        "capture_method": it.capture_method,
        "client_secret": client_secret(it.id, account),
        "confirmation_method": it.confirmation_method,
        "created": it.created,
        "currency": it.currency,
        "customer": it.customer,
        "customer_account": None,
        "description": it.description,
        "excluded_payment_method_types": (
            None if it.excluded_payment_method_types is None else list(it.excluded_payment_method_types)
        ),
        "last_payment_error": error(it.last_payment_error, account),
        "latest_charge": it.latest_charge,
        "livemode": account.livemode,
        "managed_payments": None,
        "metadata": it.metadata or {},
        "next_action": it.next_action,
        "on_behalf_of": None,
        "payment_details": it.payment_details,
        "payment_method": it.payment_method,
        "payment_method_configuration_details": None,
        "payment_method_options": _options(it.payment_method_types, it.payment_method_options),
        "payment_method_types": list(it.payment_method_types),
        "processing": it.processing,
        "receipt_email": it.receipt_email,
        "review": it.review,
        "setup_future_usage": it.setup_future_usage,
        "shipping": it.shipping,
        "source": None,
        "statement_descriptor": it.statement_descriptor,
        "statement_descriptor_suffix": it.statement_descriptor_suffix,
        "status": it.status,
        "transfer_data": None,
        "transfer_group": it.transfer_group,
    }


def error(it: dict[str, Any] | None, account: StripeAccount) -> Json | None:
    """The error of the last attempt, with the payment method as it was then."""
    if it is None:
        return None
    method = it.get("payment_method")
    return it if method is None else {**it, "payment_method": render(method, account)}


_BROWSERS_SEE = """
    id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method
    client_secret confirmation_method created currency description last_payment_error livemode next_action
    payment_method payment_method_configuration_details payment_method_types processing receipt_email
    setup_future_usage shipping source status
""".split()  # noqa: SIM905 - a table reads better than a list


def for_browsers(body: Json) -> Json:
    """What a publishable key gets to see of a payment intent."""
    return {name: body[name] for name in _BROWSERS_SEE}


def _options(types: tuple[str, ...], given: dict[str, Any] | None) -> Json:
    options: Json = {}
    for name in types:
        if name == "card":
            options["card"] = {**_CARD_OPTIONS, **given["card"]} if given and given.get("card") else _CARD_OPTIONS
        elif name == "link":
            options["link"] = _LINK_OPTIONS
        else:
            options[name] = dict(given[name]) if given and given.get(name) else {}
    return options


@renders(
    Charge,
    "charge",
    expandable=(
        "application",
        "application_fee",
        "balance_transaction",
        "customer",
        "failure_balance_transaction",
        "on_behalf_of",
        "payment_intent",
        "review",
        "source_transfer",
        "transfer",
    ),
)
def charge(it: Charge, account: StripeAccount) -> Json:
    """A charge."""
    body: Json = {
        "id": it.id,
        "object": "charge",
        "amount": it.amount,
        "amount_captured": it.amount_captured,
        "amount_refunded": it.amount_refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": it.balance_transaction,
        "billing_details": billing(it.paid_with.billing_details),
        "calculated_statement_descriptor": it.statement_descriptor or "Stripe",
        "captured": it.captured,
        "created": it.created,
        "currency": it.currency,
        "customer": it.customer,
        "description": it.description,
        "disputed": it.disputed,
        "failure_balance_transaction": it.failure_balance_transaction,
        "failure_code": it.failure_code,
        "failure_message": it.failure_message,
        "fraud_details": it.fraud_details or {},
        "livemode": account.livemode,
        "metadata": it.metadata or {},
        "on_behalf_of": None,
        "outcome": it.outcome,
        "paid": it.status == "succeeded",
        "payment_intent": it.payment_intent,
        "payment_method": it.payment_method,
        "payment_method_details": _details(it, account),
        "presentment_details": None,
        "radar_options": {},
        "receipt_email": it.receipt_email,
        "receipt_number": None,
        "receipt_url": (
            f"{account.base_url}/receipts/{account.token}/{it.id}"
            if it.status == "succeeded" and account.base_url
            else None
        ),
        "refunded": it.refunded,
        "review": it.review,
        "shipping": it.shipping,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": it.statement_descriptor,
        "statement_descriptor_suffix": it.statement_descriptor_suffix,
        "status": it.status,
        "transfer_data": None,
        "transfer_group": it.transfer_group,
    }
    return body


def _bank_details(used: PaymentMethod) -> Json:
    """What a charge shows of a bank account."""
    shown = {name: value for name, value in (used.details or {}).items() if name in _BANK_FIELDS}
    return {**shown, "expected_debit_date": None, "mandate": None} if used.bank is not None else {}


def _details(it: Charge, account: StripeAccount) -> Json:
    used = it.paid_with
    of = used.card
    if of is None:
        return {"type": used.type, used.type: _bank_details(used)}
    declined = it.status == "failed"
    return {
        "card": {
            "amount_authorized": None if declined else it.amount,
            "authorization_code": it.authorization_code,
            "brand": of.brand,
            "capture_before": it.capture_before,
            "checks": {
                "address_line1_check": used.line1_check,
                "address_postal_code_check": used.postal_check,
                "cvc_check": used.cvc_check,
            },
            "country": of.country,
            "exp_month": used.exp_month,
            "exp_year": used.exp_year,
            "extended_authorization": {"status": "disabled"},
            "fingerprint": fingerprint(of, account.key),
            "funding": of.funding,
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": of.last4,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": used.preferred_network or of.networks[0],
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": it.amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": it.three_d_secure,
            "wallet": None,
        },
        "type": "card",
    }
