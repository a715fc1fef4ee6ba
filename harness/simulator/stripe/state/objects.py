"""The objects of a simulated Stripe account. All are immutable: a change is a new version under the same id.

Amounts are integer minor units of a lower-case ISO 4217 currency, times are epoch seconds, references are ids.
``metadata`` and other maps are None when empty. Fields carry the API's names where they mean the same.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from harness.simulator.stripe.banks import Bank
from harness.simulator.stripe.cards import Card

Map = dict[str, Any] | None


class Customer(Struct, frozen=True, gc=False, kw_only=True):
    """A customer."""

    id: str
    created: int
    email: str | None = None
    name: str | None = None
    description: str | None = None
    phone: str | None = None
    address: Map = None
    shipping: Map = None
    metadata: Map = None
    balance: int = 0
    default_payment_method: str | None = None
    invoice_settings: Map = None
    invoice_prefix: str = ""
    preferred_locales: tuple[str, ...] = ()
    tax_exempt: str = "none"
    next_invoice_sequence: int = 1
    business_name: str | None = None
    individual_name: str | None = None


class PaymentMethod(Struct, frozen=True, gc=False, kw_only=True):
    """A way to pay. ``card`` (or ``bank``) is the test card's (or account's) behaviour; both None for other types.

    ``ready_off_session``: a challenge was passed when it was set up. ``used_up``: paid without a customer, or detached.
    ``details`` holds the fields of other types.
    """

    id: str
    created: int
    type: str = "card"
    card: Card | None = None
    bank: Bank | None = None
    exp_month: int = 0
    exp_year: int = 0
    cvc_given: bool = True
    cvc_check: str | None = "unchecked"
    line1_check: str | None = None
    postal_check: str | None = None
    customer: str | None = None
    billing_details: Map = None
    metadata: Map = None
    allow_redisplay: str = "unspecified"
    details: Map = None
    ready_off_session: bool = False
    preferred_network: str | None = None
    used_up: bool = False


class PaymentIntent(Struct, frozen=True, gc=False, kw_only=True):
    """A payment. ``return_url`` and ``off_session`` are those of the last confirmation.

    ``authenticated``: id of the payment method whose challenge was passed.
    """

    id: str
    created: int
    amount: int
    currency: str
    status: str = "requires_payment_method"
    customer: str | None = None
    payment_method: str | None = None
    latest_charge: str | None = None
    capture_method: str = "automatic_async"
    confirmation_method: str = "automatic"
    amount_capturable: int = 0
    amount_received: int = 0
    automatic_payment_methods: Map = None
    payment_method_types: tuple[str, ...] = ("card",)
    payment_method_options: Map = None
    description: str | None = None
    metadata: Map = None
    receipt_email: str | None = None
    setup_future_usage: str | None = None
    shipping: Map = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    last_payment_error: Map = None
    next_action: Map = None
    amount_details: Map = None
    return_url: str | None = None
    off_session: bool = False
    attempts: int = 0
    authenticated: str | None = None
    review: str | None = None
    processing: Map = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    payment_details: Map = None
    checkout_session: str | None = None


class Charge(Struct, frozen=True, gc=False, kw_only=True):
    """One attempt to take money. ``paid_with`` is the payment method as it was then.

    ``outcome`` is the decision of Radar and the issuer; ``failure`` the decline, with Stripe's error fields;
    ``three_d_secure`` how the shopper was authenticated.
    """

    id: str
    created: int
    amount: int
    currency: str
    status: str
    payment_intent: str | None
    payment_method: str | None
    paid_with: PaymentMethod
    outcome: Map
    captured: bool = False
    amount_captured: int = 0
    amount_refunded: int = 0
    customer: str | None = None
    description: str | None = None
    metadata: Map = None
    balance_transaction: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    failure_balance_transaction: str | None = None
    disputed: bool = False
    dispute: str | None = None
    refunded: bool = False
    receipt_email: str | None = None
    shipping: Map = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    capture_before: int | None = None
    three_d_secure: Map = None
    fraud_details: Map = None
    review: str | None = None
    authorization_code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None
    advice_code: str | None = None
    expired: bool = False


class SetupIntent(Struct, frozen=True, gc=False, kw_only=True):
    """The setting up of a payment method for later."""

    id: str
    created: int
    status: str = "requires_payment_method"
    usage: str = "off_session"
    customer: str | None = None
    payment_method: str | None = None
    latest_attempt: str | None = None
    automatic_payment_methods: Map = None
    payment_method_types: tuple[str, ...] = ("card",)
    payment_method_options: Map = None
    description: str | None = None
    metadata: Map = None
    cancellation_reason: str | None = None
    last_setup_error: Map = None
    next_action: Map = None
    return_url: str | None = None
    mandate: str | None = None
    flow_directions: tuple[str, ...] | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    attach_to_self: bool | None = None
    checkout_session: str | None = None


class SetupAttempt(Struct, frozen=True, gc=False, kw_only=True):
    """One attempt to set up."""

    id: str
    created: int
    setup_intent: str
    status: str
    usage: str
    payment_method: str
    customer: str | None = None
    setup_error: Map = None
    three_d_secure: Map = None
    type: str = "card"


class Refund(Struct, frozen=True, gc=False, kw_only=True):
    """Money on its way back."""

    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str | None
    status: str
    reason: str | None = None
    metadata: Map = None
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None
    pending_reason: str | None = None
    reference: str | None = None
    description: str | None = None
    instructions_email: str | None = None
    receipt_number: str | None = None
    destination: str = "card"


class Dispute(Struct, frozen=True, gc=False, kw_only=True):
    """A shopper's bank asks (inquiry) or takes the money back (chargeback)."""

    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str | None
    status: str
    reason: str
    case_type: str
    network_reason_code: str | None
    brand: str
    due_by: int | None
    evidence: Map = None
    prefilled: Map = None
    metadata: Map = None
    submission_count: int = 0
    balance_transactions: tuple[str, ...] = ()
    enhanced: tuple[str, ...] = ()
    enhanced_evidence: Map = None
    is_charge_refundable: bool = False
    intended_submission_method: str | None = None


class BalanceTransaction(Struct, frozen=True, gc=False, kw_only=True):
    """One movement of the account's balance."""

    id: str
    created: int
    amount: int
    currency: str
    fee: int
    type: str
    reporting_category: str
    source: str
    available_on: int
    description: str | None = None
    fee_description: str = "Stripe processing fees"


class Event(Struct, frozen=True, gc=False, kw_only=True):
    """Something happened to an object; ``subject`` is the object as it was then."""

    id: str
    created: int
    type: str
    subject: Any
    previous: Map = None
    request: str | None = None
    idempotency_key: str | None = None
    pending_webhooks: int = 0


class WebhookEndpoint(Struct, frozen=True, gc=False, kw_only=True):
    """Where events are delivered. ``secrets`` holds (secret, expiry or None), the newest first."""

    id: str
    created: int
    url: str
    enabled_events: tuple[str, ...]
    secrets: tuple[tuple[str, int | None], ...]
    api_version: str | None = None
    description: str | None = None
    metadata: Map = None
    status: str = "enabled"
