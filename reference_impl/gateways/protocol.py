"""What the integration asks of a provider, whichever it is.

Every method raises ``Refused`` (the provider said no), ``NotFound`` or ``OutcomeUnknown`` (nobody knows yet). Methods
that move money take the idempotency key of the business operation; no method invents one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from reference_impl.gateways import truth


class BadSignature(Exception):  # noqa: N818 - reads as what it is
    """A delivery that the provider did not sign, or signed too long ago; the message says which."""


class Unverifiable(Exception):  # noqa: N818 - reads as what it is
    """Nobody can say yet whether the provider signed a delivery: neither valid nor forged, it should come again."""


class Gateway(Protocol):
    """One provider.

    ``takes_on_our_word``: a shopper's approval moves no money until we capture it; so we capture what was approved
    (``take``), and a payment that nobody took is called off by not taking it. ``refunds_lost_disputes``: what a lost
    dispute costs is listed among the refunds of the payment, so it must not be counted again.
    ``statement_lag_seconds``: how late a line may appear in ``movements``. ``takes_tokens``: the browser gets a token
    for a card and hands it to us, and we pay with it (``take``). ``events_may_be_off``: ``events`` lists nothing unless
    the merchant has switched that on. ``asks_by_parts``: a payment names those attempts only that took money, so that
    ``intent`` wants to be told of the others.
    """

    name: str
    publishable_key: str
    takes_on_our_word: bool
    refunds_lost_disputes: bool
    statement_lag_seconds: int
    takes_tokens: bool
    events_may_be_off: bool
    asks_by_parts: bool

    @property
    def api_version(self) -> str | None:
        """Version that our calls are answered in, where events may be rendered in another one."""

    def is_token(self, text: str) -> bool:
        """Whether this is what the provider's card fields give a browser, and nothing else that could be paid with."""

    def sells_in(self, currency: str) -> bool:
        """Whether the provider takes payments in a currency (lower-case ISO 4217)."""

    async def prepare_delivery(self, headers: Mapping[bytes, bytes]) -> None:
        """Get what verifying a delivery takes, for a moment at most; raises nothing."""

    def verify_delivery(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Raise ``BadSignature`` unless the provider signed these bytes for us, not too long ago.

        Raises ``Unverifiable`` where that cannot be told yet.
        """

    async def second_opinion(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Ask the provider about a delivery that was found good, where the settings say so; raises as above."""

    def transmission_of(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Id of a delivery, where the provider gives each one: it stands for one event and no other."""

    async def create_payment(self, params: dict[str, Any], key: str) -> truth.Started:
        """Start a payment: ``params`` as made by ``payments.start.parameters``."""

    async def find_payment(self, payment_id: str) -> truth.Started | None:
        """Look for a payment that was perhaps started, by our own id in its metadata."""

    async def intent(self, intent_id: str, known: Sequence[str] = ()) -> truth.Intent:
        """A payment with its latest charge; ``known``: ids of attempts that we know of."""

    async def session(self, session_id: str) -> truth.Session:
        """A hosted page."""

    async def take(self, params: dict[str, Any], key: str) -> truth.Intent:
        """Take what the shopper approved of ``intent_id``: captured, or (``capture`` is ``manual``) authorised.

        Where the browser gave a token, it pays: ``source_id``, ``amount``, ``currency``, ``payment_id`` are there too.
        """

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
