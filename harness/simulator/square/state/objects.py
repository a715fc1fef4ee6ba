"""What is kept: immutable, a change is a new version. Amounts are minor units, moments epoch milliseconds."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from harness.simulator.kernel.tabled import table

APPROVED, PENDING, COMPLETED, CANCELED, FAILED, REJECTED = (
    "APPROVED",
    "PENDING",
    "COMPLETED",
    "CANCELED",
    "FAILED",
    "REJECTED",
)
OPEN, DRAFT = "OPEN", "DRAFT"
CARD, BANK, CASH, EXTERNAL = "CARD", "BANK_ACCOUNT", "CASH", "EXTERNAL"


class Card(Struct, frozen=True, kw_only=True):
    """A card without its number: what Square shows of it, and how it behaves."""

    brand: str
    last4: str
    bin: str
    exp_month: int
    exp_year: int
    fingerprint: str
    type: str = "CREDIT"
    prepaid: str = "NOT_PREPAID"
    decline: str | None = None
    """What happens when it is charged."""
    filed: str | None = None
    """What happens when it is charged from the file."""
    strong: bool = False
    """Whether the bank wants the buyer verified."""
    unverified: bool = False
    """Whether verification fails, so that it is charged but cannot be stored."""


class Token(Struct, frozen=True, kw_only=True):
    """A payment token of the browser: good for one use."""

    id: str
    created: int
    card: Card
    verified: bool
    stores: bool
    """Whether the buyer was verified for storing the card."""
    postal_code: str | None = None
    name: str | None = None
    used: bool = False


class Challenge(Struct, frozen=True, kw_only=True):
    """The bank asks the buyer; a right answer makes a token."""

    id: str
    created: int
    card: Card
    stores: bool
    postal_code: str | None = None
    name: str | None = None
    token: str | None = None
    over: bool = False


class FiledCard(Struct, frozen=True, kw_only=True):
    """A card on file."""

    id: str
    created: int
    customer: str
    card: Card
    name: str | None = None
    billing: dict[str, Any] | None = None
    reference: str | None = None
    enabled: bool = True
    version: int = 1


class Payment(Struct, frozen=True, kw_only=True):
    """A payment. ``fields``: what came with it and is shown again as it came."""

    id: str
    created: int
    updated: int
    key: str
    location: str
    order: str
    status: str
    source: str
    currency: str
    amount: int
    tip: int = 0
    app_fee: int | None = None
    approved: int = 0
    refunded: int = 0
    autocomplete: bool = True
    delay: int = 0
    """Seconds for which an approved one waits to be completed."""
    delay_action: str = CANCELED
    version: int = 1
    token: str = ""
    """The opaque version token."""
    card: Card | None = None
    entry: str = "KEYED"
    customer: str | None = None
    reference: str | None = None
    refunds: tuple[str, ...] = ()
    fee: int | None = None
    fee_at: int = 0
    risk: str = "NORMAL"
    error: dict[str, Any] | None = None
    authorized_at: int | None = None
    captured_at: int | None = None
    voided_at: int | None = None
    fields: dict[str, Any] = {}

    @property
    def total(self) -> int:
        """With the tip."""
        return self.amount + self.tip


class Refund(Struct, frozen=True, kw_only=True):
    """A refund of a payment."""

    id: str
    created: int
    updated: int
    payment: str
    order: str
    location: str
    status: str
    currency: str
    amount: int
    reason: str | None = None
    fee: int | None = None
    version: int = 1


class Order(Struct, frozen=True, kw_only=True):
    """An order. ``document`` is what the caller wrote of it, with uids and amounts filled in."""

    id: str
    created: int
    updated: int
    location: str
    state: str
    currency: str
    total: int
    document: dict[str, Any]
    version: int = 1
    closed: int | None = None
    reference: str | None = None
    customer: str | None = None
    tax: int = 0
    discount: int = 0
    service: int = 0
    tip: int = 0
    payments: tuple[str, ...] = ()
    """Completed ones, its tenders."""
    returned: str | None = None
    """The order that this one gives goods back of."""


class Link(Struct, frozen=True, kw_only=True):
    """A payment link. ``paid``: the payment that used it up."""

    id: str
    created: int
    updated: int
    order: str
    code: str
    version: int = 1
    document: dict[str, Any] = {}
    paid: str | None = None


class Customer(Struct, frozen=True, kw_only=True):
    """A customer. ``document`` is what is known of them, as it is sent."""

    id: str
    created: int
    updated: int
    document: dict[str, Any]
    version: int = 0


class Location(Struct, frozen=True, kw_only=True):
    """A location beside the main one, or changes of that."""

    id: str
    created: int
    document: dict[str, Any]


class Dispute(Struct, frozen=True, kw_only=True):
    """A dispute about a payment."""

    id: str
    created: int
    updated: int
    payment: str
    location: str
    state: str
    reason: str
    currency: str
    amount: int
    brand: str
    brand_id: str
    reported: int
    due: int
    evidence: tuple[str, ...] = ()
    version: int = 1


class Evidence(Struct, frozen=True, kw_only=True):
    """One piece of evidence: a text, or what is known of a file."""

    id: str
    created: int
    dispute: str
    type: str
    text: str | None = None
    file_name: str | None = None
    file_type: str | None = None


class Subscription(Struct, frozen=True, kw_only=True):
    """A webhook subscription. ``previous``: a key that still signs, and until when (a rotation on the test bench)."""

    id: str
    created: int
    updated: int
    name: str
    enabled: bool
    event_types: tuple[str, ...]
    url: str
    api_version: str
    key: str
    healthy: int
    """When it last answered well, or was made."""


TOKENS = table("token", Token)
CHALLENGES = table("challenge", Challenge)
CARDS = table("card", FiledCard, indexed=("customer",))
PAYMENTS = table("payment", Payment, indexed=("order", "key", "reference"))
REFUNDS = table("refund", Refund, indexed=("payment",))
ORDERS = table("order", Order, indexed=("reference",))
LINKS = table("link", Link, indexed=("order", "code"))
CUSTOMERS = table("customer", Customer)
LOCATIONS = table("location", Location)
DISPUTES = table("dispute", Dispute, indexed=("payment", "state"))
EVIDENCE = table("evidence", Evidence, indexed=("dispute",))
SUBSCRIPTIONS = table("subscription", Subscription)
