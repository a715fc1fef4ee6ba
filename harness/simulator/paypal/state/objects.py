"""The objects of orders and payments. Amounts are integer minor units of their currency; moments are epoch seconds."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from harness.simulator.kernel.tabled import table

CREATED, SAVED, APPROVED, VOIDED = "CREATED", "SAVED", "APPROVED", "VOIDED"
COMPLETED, PAYER_ACTION_REQUIRED = "COMPLETED", "PAYER_ACTION_REQUIRED"
PENDING, DECLINED, FAILED = "PENDING", "DECLINED", "FAILED"
REFUNDED, PARTIALLY_REFUNDED = "REFUNDED", "PARTIALLY_REFUNDED"
CAPTURED, PARTIALLY_CAPTURED, DENIED = "CAPTURED", "PARTIALLY_CAPTURED", "DENIED"
CAPTURE, AUTHORIZE = "CAPTURE", "AUTHORIZE"


class Order(Struct, frozen=True, kw_only=True):
    """An order. ``units`` and ``source`` are what the merchant sent, checked; they are never changed in place."""

    id: str
    created: int
    updated: int
    expires: float
    """When it ends if its buyer has not approved."""
    status: str
    intent: str
    currency: str
    units: tuple[dict[str, Any], ...]
    source: dict[str, Any] | None = None
    """``{"paypal": {...}}`` or ``{"card": {...}}`` with what decides about a payment; never shown as it is."""
    context: dict[str, Any] = {}
    payer: dict[str, Any] | None = None
    instrument: str | None = None
    """What the buyer pays with, as a word of ``state/instruments.py``."""
    approved_total: int | None = None
    approved_at: int | None = None
    authentication: dict[str, Any] | None = None
    """``authentication_result`` of a card."""
    vault: dict[str, Any] | None = None
    """``attributes.vault`` of the source, once it is saved."""
    single_step: bool = False
    paid: bool = False
    """Whether it was captured or authorized."""


class Capture(Struct, frozen=True, kw_only=True):
    """Money taken from a buyer."""

    id: str
    created: int
    updated: int
    order: str
    reference_id: str
    currency: str
    amount: int
    status: str
    fee: int
    final: bool = True
    reason: str | None = None
    invoice_id: str | None = None
    custom_id: str | None = None
    authorization: str | None = None
    processor: dict[str, str] | None = None
    refunded: int = 0
    reversed: int = 0
    wallet: bool = True


class Authorization(Struct, frozen=True, kw_only=True):
    """Money held for a merchant."""

    id: str
    created: int
    updated: int
    order: str
    reference_id: str
    currency: str
    amount: int
    status: str
    expires: float
    honored_until: float
    captured: int = 0
    captures: int = 0
    reason: str | None = None
    invoice_id: str | None = None
    custom_id: str | None = None
    processor: dict[str, str] | None = None
    parent: str | None = None
    """The authorization that it renews."""
    renewed_by: str | None = None
    wallet: bool = True


class Refund(Struct, frozen=True, kw_only=True):
    """Money given back. ``total`` is what has been refunded of the capture with it."""

    id: str
    created: int
    updated: int
    capture: str
    currency: str
    amount: int
    status: str
    total: int
    fee: int = 0
    reason: str | None = None
    invoice_id: str | None = None
    custom_id: str | None = None
    note: str | None = None


class Tracker(Struct, frozen=True, kw_only=True):
    """Shipment of an order; ``id`` is the capture's and the tracking number."""

    id: str
    created: int
    updated: int
    order: str
    capture: str
    status: str
    fields: dict[str, Any]


ORDERS = table("order", Order)
CAPTURES = table("capture", Capture, indexed=("order", "invoice_id", "authorization"))
AUTHORIZATIONS = table("authorization", Authorization, indexed=("order", "invoice_id"))
REFUNDS = table("refund", Refund, indexed=("capture", "invoice_id"))
TRACKERS = table("tracker", Tracker, indexed=("order",))
