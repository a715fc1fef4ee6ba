"""The harness's own side of a provider: its truth about payments, and what happens there without the merchant.

Truth is read through the provider's official SDK, never from what the target says. Calls of ours carry the header
``X-Payharness-Actor``, so that the journal tells them from the target's and a simulator's faults pass them by.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Protocol

import httpx

from harness.domain.money import Money
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError, NotApplicable

ACTOR_HEADER = "X-Payharness-Actor"
"""Names who of ours makes a call: observer, shopper, provider."""

_Calls = Mapping[str, tuple[str | None, str]]

CALLS: Mapping[Provider, _Calls] = {
    Provider.STRIPE: {
        "any call": (None, "/v1/*"),
        "start a payment": ("POST", "/v1/payment_intents"),
        "start a hosted payment": ("POST", "/v1/checkout/sessions"),
        "retrieve a payment": ("GET", "/v1/payment_intents/*"),
        "retrieve a hosted payment": ("GET", "/v1/checkout/sessions/*"),
        "confirm a payment": ("POST", "/v1/payment_intents/*/confirm"),
        "capture": ("POST", "/v1/payment_intents/*/capture"),
        "cancel a payment": ("POST", "/v1/payment_intents/*/cancel"),
        "refund": ("POST", "/v1/refunds"),
        "retrieve a refund": ("GET", "/v1/refunds/*"),
        "retrieve a charge": ("GET", "/v1/charges/*"),
        "retrieve a dispute": ("GET", "/v1/disputes/*"),
        "submit evidence": ("POST", "/v1/disputes/*"),
        "accept a dispute": ("POST", "/v1/disputes/*/close"),
        "list events": ("GET", "/v1/events"),
    },
    Provider.PAYPAL: {
        "any call": (None, "/v[123]/*"),
        "start a payment": ("POST", "/v2/checkout/orders"),
        "start a hosted payment": ("POST", "/v2/checkout/orders"),
        "retrieve a payment": ("GET", "/v2/checkout/orders/*"),
        "retrieve a hosted payment": ("GET", "/v2/checkout/orders/*"),
        "confirm a payment": ("POST", "/v2/checkout/orders/*/confirm-payment-source"),
        "complete a payment": ("POST", "/v2/checkout/orders/*/capture"),
        "hold a payment": ("POST", "/v2/checkout/orders/*/authorize"),
        "capture": ("POST", "/v2/payments/authorizations/*/capture"),
        "cancel a payment": ("POST", "/v2/payments/authorizations/*/void"),
        "refund": ("POST", "/v2/payments/captures/*/refund"),
        "retrieve a refund": ("GET", "/v2/payments/refunds/*"),
        "retrieve a charge": ("GET", "/v2/payments/captures/*"),
        "retrieve a dispute": ("GET", "/v1/customer/disputes/*"),
        "submit evidence": ("POST", "/v1/customer/disputes/*/provide-evidence"),
        "accept a dispute": ("POST", "/v1/customer/disputes/*/accept-claim"),
        "list events": ("GET", "/v1/notifications/webhooks-events"),
        "get a token": ("POST", "/v1/oauth2/token"),
        "check a delivery": ("POST", "/v1/notifications/verify-webhook-signature"),
    },
    Provider.SQUARE: {
        "any call": (None, "/v2/*"),
        "start a payment": ("POST", "/v2/orders"),
        "start a hosted payment": ("POST", "/v2/online-checkout/payment-links"),
        "retrieve a payment": ("GET", "/v2/orders/*"),
        "retrieve a hosted payment": ("GET", "/v2/online-checkout/payment-links/*"),
        "complete a payment": ("POST", "/v2/payments"),
        "capture": ("POST", "/v2/payments/*/complete"),
        "cancel a payment": ("POST", "/v2/payments/*/cancel"),
        "change a payment": ("PUT", "/v2/payments/*"),
        "call off an order": ("PUT", "/v2/orders/*"),
        "refund": ("POST", "/v2/refunds"),
        "retrieve a refund": ("GET", "/v2/refunds/*"),
        "retrieve a charge": ("GET", "/v2/payments/*"),
        "retrieve a dispute": ("GET", "/v2/disputes/*"),
        "submit evidence": ("POST", "/v2/disputes/*/submit-evidence"),
        "accept a dispute": ("POST", "/v2/disputes/*/accept"),
        "list events": ("POST", "/v2/events"),
    },
}
"""Plain words for what a target asks of a provider: method and path (a glob)."""


def call(words: str, provider: Provider = Provider.STRIPE) -> tuple[str | None, str]:
    """Method and path of a call in plain words; an unknown one names the nearest.

    Raises ``NotApplicable`` for a call that only other providers have.
    """
    known = CALLS[provider]
    if words in known:
        return known[words]
    if any(words in calls for calls in CALLS.values()):
        raise NotApplicable(f"{provider.value} has no call to {words}")
    close = get_close_matches(words, known, 1, 0.4)
    hint = f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(known)}"
    raise HarnessError(f"no call of a provider is called {words!r}; {hint}")


_CODES = {409: "lock_timeout", 429: "rate_limit"}
_NAMES = {
    400: "INVALID_REQUEST",
    401: "AUTHENTICATION_FAILURE",
    403: "NOT_AUTHORIZED",
    409: "RESOURCE_CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
    429: "RATE_LIMIT_REACHED",
    503: "SERVICE_UNAVAILABLE",
}

_SQUARE_ERRORS = {
    400: ("INVALID_REQUEST_ERROR", "BAD_REQUEST"),
    401: ("AUTHENTICATION_ERROR", "UNAUTHORIZED"),
    403: ("AUTHENTICATION_ERROR", "FORBIDDEN"),
    409: ("INVALID_REQUEST_ERROR", "CONFLICT"),
    429: ("RATE_LIMIT_ERROR", "RATE_LIMITED"),
    503: ("API_ERROR", "SERVICE_UNAVAILABLE"),
}
"""Category and code by status."""


def refusal(provider: Provider, status: int, code: str | None = None) -> dict[str, Any]:
    """The body of a provider's answer that refuses a call, in its own shape."""
    words = f"The provider is in a bad mood ({status})."
    if provider is Provider.PAYPAL:
        named = _NAMES.get(status, "INTERNAL_SERVER_ERROR" if status >= 500 else "INVALID_REQUEST")  # noqa: PLR2004 - HTTP
        issues = [{"issue": "PREVIOUS_REQUEST_IN_PROGRESS", "description": words}] if status == 409 else []  # noqa: PLR2004 - HTTP
        return {"name": named, "message": words, "debug_id": "f0f0f0f0f0f0f", **({"details": issues} if issues else {})}
    if provider is Provider.SQUARE:
        category, found = _SQUARE_ERRORS.get(status, ("API_ERROR" if status >= 500 else "INVALID_REQUEST_ERROR", None))  # noqa: PLR2004 - HTTP
        return {"errors": [{"category": category, "code": code or found or "INTERNAL_SERVER_ERROR", "detail": words}]}
    kind = "api_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004 - HTTP
    found = code or _CODES.get(status)
    return {"error": {"type": kind, "message": words, **({"code": found} if found else {})}}


@dataclass(frozen=True, slots=True)
class PaymentTruth:
    """A payment as the provider knows it. ``state``: open, requires_action, processing, authorised, paid, cancelled."""

    id: str
    status: str
    state: str
    amount: Money
    captured: Money
    capturable: Money
    decline_code: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChargeTruth:
    """One attempt to charge. ``status``: succeeded, pending, failed."""

    id: str
    status: str
    amount: Money
    captured: Money
    refunded: Money
    disputed: bool
    payment: str | None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundTruth:
    """One refund. ``status``: pending, requires_action, succeeded, failed, canceled."""

    id: str
    status: str
    amount: Money
    payment: str | None
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether the money has left, or is leaving."""
        return self.status in {"pending", "requires_action", "succeeded"}


@dataclass(frozen=True, slots=True)
class DisputeTruth:
    """One dispute, with the provider's own status."""

    id: str
    status: str
    reason: str
    amount: Money
    charge: str
    payment: str | None
    evidence_due_by: int | None
    """Epoch seconds."""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inquiry(self) -> bool:
        """A question of the bank: no money has moved."""
        return self.status.startswith("warning_")

    @property
    def withdrawn(self) -> Money:
        """What the dispute has taken from the merchant, now: nothing for a question or a dispute that was won."""
        taken = not self.inquiry and self.status not in {"won", "prevented"}
        return self.amount if taken else Money(0, self.amount.currency)


@dataclass(frozen=True, slots=True)
class Account:
    """Where a provider is and the test credentials to speak to it with (secrets: never print).

    ``secret_key`` and ``publishable_key`` are the secret one and the one that a browser may see, whatever the provider
    calls them: PayPal's are the secret and the id of a client, Square's an access token and the id of an application.
    ``location`` and ``currency`` (lower-case ISO 4217) are what Square's sellers have one of.
    """

    provider: Provider
    mode: Mode
    url: str | None
    secret_key: str
    publishable_key: str
    location: str | None = None
    currency: str | None = None

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials under the provider's own names."""
        if self.provider is Provider.PAYPAL:
            return {"client_id": self.publishable_key, "client_secret": self.secret_key}
        if self.provider is Provider.SQUARE:
            known = {"location_id": self.location, "currency": self.currency and self.currency.upper()}
            given = {name: value for name, value in known.items() if value}
            return {"access_token": self.secret_key, "application_id": self.publishable_key, **given}
        return {"secret_key": self.secret_key, "publishable_key": self.publishable_key}

    @property
    def authorization(self) -> str:
        """What chooses the account in a header of a call to its simulator's control."""
        if self.provider is Provider.PAYPAL:
            return "Basic " + b64encode(f"{self.publishable_key}:{self.secret_key}".encode()).decode()
        return f"Bearer {self.secret_key}"


class ProviderSide(Protocol):
    """Our own side of one provider's account."""

    account: Account

    def is_payment(self, provider_id: str) -> bool:
        """Whether an id is a payment's, and not that of a hosted page or of something else."""

    def takes(self, currency: str) -> bool:
        """Whether payments can be made in a currency (lower-case ISO 4217)."""

    def api_version(self) -> str:
        """The version of the objects in events that are made for this account."""

    async def last_event(self) -> str | None:
        """Id of the newest event."""

    async def payment(self, payment_id: str) -> PaymentTruth:
        """A payment by the provider's id (a hosted page's id leads to its payment)."""

    async def payments(self, reference: str, *, since: int = 0, pages: bool = True) -> list[PaymentTruth]:
        """Every payment made since (epoch seconds) that names a reference of the merchant's, oldest first.

        ``pages``: also those whose hosted page names it, though they do not themselves.
        """

    async def charges(self, payment_id: str) -> list[ChargeTruth]:
        """Every attempt to charge for a payment, oldest first."""

    async def refunds(self, payment_id: str) -> list[RefundTruth]:
        """Every refund of a payment, oldest first."""

    async def disputes(self, payment_id: str) -> list[DisputeTruth]:
        """Every dispute about a payment, oldest first."""

    async def events(self, *, after: str | None = None, since: int = 0) -> list[Mapping[str, Any]]:
        """Events made after the event of this id, or since a moment, oldest first, as JSON."""

    async def raw(self, path: str) -> Mapping[str, Any]:
        """Any object by its path, as JSON."""

    async def balance(self) -> Mapping[str, int]:
        """Sum of the account's balance, pending included, in minor units by currency."""

    async def create_customer(self, **fields: Any) -> str:
        """A new customer's id."""

    async def refund(self, payment_id: str, amount: Money | None = None) -> RefundTruth:
        """Refund at the provider's own desk."""

    async def capture(self, payment_id: str, amount: Money | None = None) -> PaymentTruth:
        """Capture at the provider's own desk."""

    async def cancel(self, payment_id: str) -> PaymentTruth:
        """Cancel at the provider's own desk."""

    async def change(self, payment_id: str, amount: Money) -> PaymentTruth:
        """Change the amount of a payment that was not made yet."""

    async def pay(self, amount: Money, instrument: str, metadata: Mapping[str, str]) -> PaymentTruth:
        """Make a payment of one's own at the provider, with metadata that claims whatever it likes."""

    async def register_endpoint(self, url: str, events: Sequence[str] = ("*",)) -> str:
        """Register a webhook endpoint; answers its signing secret."""

    async def close(self) -> None:
        """Close connections."""


Watch = Callable[[httpx.Request, httpx.Response, float], None]
"""Called with every request of the browser, its answer and the milliseconds it took."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the provider told the browser.

    ``status``: the provider's status of the payment after the attempt; ``error``, ``code``, ``decline_code`` and
    ``message`` of a decline or refusal; ``next_url``: where the bank wants to see the shopper; ``returned_to``: where
    the browser was sent back to; ``token``: what the browser has to hand to the shop, which pays with it.
    """

    status: str
    http_status: int
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None
    next_url: str | None = None
    returned_to: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None

    def back_at(self, address: str | None) -> Confirmation:
        """The same, with where the browser was sent back to."""
        return replace(self, returned_to=address)

    @property
    def declined(self) -> bool:
        """The attempt was declined."""
        return self.http_status == 402 or (self.code is not None and self.status == "requires_payment_method")  # noqa: PLR2004

    @property
    def paid(self) -> bool:
        """The money was taken, or is held."""
        return self.status in {"succeeded", "requires_capture"}

    @property
    def approved(self) -> bool:
        """The shopper has agreed at the provider; the shop has to take the money now."""
        return self.status == "approved"

    @property
    def needs_authentication(self) -> bool:
        """The bank wants to see the shopper."""
        return self.status == "requires_action"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a shop gave the shopper's browser to pay with."""

    payment: str | None
    """The provider's id of the payment."""
    secret: str | None
    """What lets a browser touch that payment (Stripe: the client secret; PayPal has none)."""
    key: str | None
    """The credential that a browser may see."""
    amount: Money | None = None
    """What the shop's page says that there is to pay."""


class Browser(Protocol):
    """What a shopper's browser does at one provider, by plain HTTP."""

    watch: Watch | None

    def can_confirm(self, ticket: Ticket) -> bool:
        """Whether the ticket is enough to pay with in the shop's own page."""

    async def confirm(self, ticket: Ticket, instrument: Mapping[str, str], *, return_url: str) -> Confirmation:
        """Pay in the shop's own page, with the provider's fields in it.

        ``approved`` of the answer says that it is now the shop's turn to take the money.
        """

    async def look(self, ticket: Ticket) -> Confirmation:
        """What the browser may read of the payment."""

    async def open_check(self, url: str) -> object:
        """Open the page of the bank's check."""

    async def answer_check(self, url: str, *, passed: bool) -> str | None:
        """Pass or fail the bank's check; answers where the browser is sent back to."""

    async def pay_hosted(self, url: str, instrument: Mapping[str, str], email: str) -> Confirmation:
        """Pay on the provider's own page."""

    async def turn_back(self, url: str) -> Confirmation:
        """Leave the provider's own page by its way back, without paying."""
