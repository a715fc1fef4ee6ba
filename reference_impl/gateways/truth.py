"""What a provider says is so, in our own words: the only thing that state is ever derived from.

Amounts are minor units, currencies lower-case ISO 4217, times epoch seconds of the provider's clock. Client secrets
and hosted page addresses pass through to the shopper and are left out of ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class IntentStatus(StrEnum):
    """How far a payment is at the provider."""

    CREATED = "created"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    PAID = "paid"
    CANCELLED = "cancelled"


class RefundStatus(StrEnum):
    """How far a refund is at the provider."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the provider's account statement; ``net = amount - fee``, in the settlement currency."""

    id: str
    kind: str
    amount: int
    fee: int
    net: int
    currency: str
    source: str | None
    created: int


@dataclass(frozen=True, slots=True)
class Charge:
    """The attempt that took (or reserved) money."""

    id: str
    intent_id: str | None
    succeeded: bool
    captured: bool
    amount: int
    amount_captured: int
    amount_refunded: int
    currency: str
    disputed: bool
    livemode: bool
    movement: Movement | None


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment at the provider. ``decline`` is the provider's code for why the last attempt failed.

    ``approved``: the shopper agreed, and the provider waits for us to take the money. ``over``: no other attempt can be
    made on it, so the next one needs a new payment. ``objects``: ids of what else belongs to it at the provider.
    ``updated``: when the provider last changed it, where it says so.
    """

    id: str
    status: IntentStatus
    amount: int
    amount_received: int
    currency: str
    livemode: bool
    metadata: Mapping[str, str]
    decline: str | None
    charge: Charge | None
    created: int
    client_secret: str | None = field(default=None, repr=False)
    redirect_url: str | None = field(default=None, repr=False)
    approved: bool = False
    over: bool = False
    objects: tuple[str, ...] = ()
    updated: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """A hosted payment page. ``open`` while a shopper can pay on it, ``expired`` once nobody can any more."""

    id: str
    open: bool
    expired: bool
    paid: bool
    intent_id: str | None
    amount: int
    currency: str
    livemode: bool
    metadata: Mapping[str, str]
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund at the provider."""

    id: str
    status: RefundStatus
    amount: int
    currency: str
    reason: str | None
    intent_id: str | None
    charge_id: str | None
    metadata: Mapping[str, str]
    movement: Movement | None
    reversal: Movement | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute at the provider.

    ``status`` is one of ``needs_response``, ``under_review``, ``won``, ``lost`` and, while it is only a question,
    ``warning_needs_response``, ``warning_under_review``, ``warning_closed``: Stripe's words, for every provider.
    """

    id: str
    status: str
    amount: int
    currency: str
    reason: str | None
    intent_id: str | None
    charge_id: str | None
    due_by: int | None
    submissions: int
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class FraudWarning:
    """The card issuer suspects fraud: a dispute may follow."""

    id: str
    intent_id: str | None
    charge_id: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class PaymentTruth:
    """Everything about one payment, asked at one moment. ``None`` lists were not asked for."""

    intent: Intent | None
    session: Session | None = None
    refunds: tuple[Refund, ...] | None = None
    disputes: tuple[Dispute, ...] | None = None


@dataclass(frozen=True, slots=True)
class EventNotice:
    """The envelope of an event: enough to know what to ask the provider about."""

    id: str
    type: str
    created: int
    livemode: bool
    account: str | None
    api_version: str | None
    object_id: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order, for a hosted page."""

    name: str
    unit: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Started:
    """What starting a payment gave: an intent for embedded fields, a session for a hosted page."""

    intent: Intent | None = None
    session: Session | None = None
