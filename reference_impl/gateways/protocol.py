"""What the integration asks of a provider, whichever it is.

Every method raises ``Refused`` (the provider said no), ``NotFound`` or ``OutcomeUnknown`` (nobody knows yet). Methods
that move money take the idempotency key of the business operation; no method invents one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from reference_impl.gateways import truth


class BadSignature(Exception):  # noqa: N818 - reads as what it is
    """A delivery that the provider did not sign, or signed too long ago; the message says which."""


class Gateway(Protocol):
    """One provider."""

    name: str
    publishable_key: str
    api_version: str

    def verify_signature(self, body: bytes, header: str | None) -> None:
        """Raise ``BadSignature`` unless the provider signed these bytes with one of our secrets, not too long ago."""

    async def create_payment(self, params: dict[str, Any], key: str) -> truth.Started:
        """Start a payment: ``params`` as made by ``payments.start.parameters``."""

    async def find_payment(self, payment_id: str) -> truth.Started | None:
        """Look for a payment that was perhaps started, by our own id in its metadata."""

    async def intent(self, intent_id: str) -> truth.Intent:
        """A payment with its latest charge."""

    async def session(self, session_id: str) -> truth.Session:
        """A hosted page."""

    async def capture(self, params: dict[str, Any], key: str) -> truth.Intent:
        """Capture ``amount`` of ``intent_id``."""

    async def cancel(self, params: dict[str, Any], key: str) -> None:
        """Cancel ``intent_id``, or expire ``session_id`` where there is no intent yet."""

    async def create_refund(self, params: dict[str, Any], key: str) -> truth.Refund:
        """Refund ``amount`` of ``intent_id``; ``refund_id`` goes into the metadata."""

    async def find_refund(self, intent_id: str, refund_id: str) -> truth.Refund | None:
        """Look for a refund that was perhaps made, by our own id in its metadata."""

    async def refunds(self, intent_id: str) -> tuple[truth.Refund, ...]:
        """Every refund of a payment."""

    async def disputes(self, intent_id: str) -> tuple[truth.Dispute, ...]:
        """Every dispute of a payment."""

    async def dispute(self, dispute_id: str) -> truth.Dispute:
        """One dispute."""

    async def submit_evidence(self, dispute_id: str, text: str, *, submit: bool, key: str) -> truth.Dispute:
        """Hand in (or only save) evidence."""

    async def accept_dispute(self, dispute_id: str, key: str) -> truth.Dispute:
        """Accept a dispute as lost."""

    async def intent_of(self, event_type: str, object_id: str) -> str | None:
        """The intent that an event's object belongs to, asked of the provider."""

    async def fraud_warning(self, warning_id: str) -> truth.FraudWarning:
        """One early fraud warning."""

    def events(self) -> AsyncIterator[truth.EventNotice]:
        """Events that the provider still lists, newest first."""

    def movements(self) -> AsyncIterator[truth.Movement]:
        """Lines of the account statement, newest first."""

    async def movement(self, movement_id: str) -> truth.Movement:
        """One line of the account statement."""

    def intents(self) -> AsyncIterator[truth.Intent]:
        """Payments, newest first."""

    async def close(self) -> None:
        """Close connections."""
