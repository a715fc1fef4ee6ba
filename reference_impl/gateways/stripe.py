"""Stripe through its official SDK: the only module of the integration that imports it.

What is explicit here because the SDK's defaults are not ours: the number of automatic retries (a ``StripeClient``
makes none unless told to), a timeout for each attempt and a deadline for a call with all its attempts, the
idempotency key of every call that moves money, all four base addresses (so that nothing leaves for the network while
a simulator is in use), no telemetry.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlsplit

import httpx
import stripe
from stripe import StripeClient, WebhookSignature

from reference_impl import logs
from reference_impl.gateways import stripe_shapes as shapes
from reference_impl.gateways import truth
from reference_impl.gateways.errors import NotFound, OutcomeUnknown, Refused
from reference_impl.gateways.protocol import BadSignature
from reference_impl.settings import Settings

API_VERSION: str = stripe.api_version
"""The API version of the SDK: what our calls are answered in, whatever version an event was rendered in."""

TOLERANCE_SECONDS = 300
_PAGE = 100
_INTENT = ["latest_charge.balance_transaction"]
_REFUND = ["data.balance_transaction", "data.failure_balance_transaction"]

T = TypeVar("T")
_log = logs.get("stripe")

if importlib.util.find_spec("sniffio") is None:
    # The SDK's HTTP library tries this import several times for each request; remembering that it fails saves a
    # millisecond of looking through the path every time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # how Python marks a module as not to be found


class StripeGateway:
    """The merchant's account at Stripe."""

    name = "stripe"
    api_version = API_VERSION
    takes_on_our_word = False
    refunds_lost_disputes = False
    statement_lag_seconds = 0
    takes_tokens = False
    events_may_be_off = False
    asks_by_parts = False

    def __init__(self, settings: Settings) -> None:
        stripe.enable_telemetry = False
        self.publishable_key = settings.stripe_publishable_key
        self._secrets = settings.webhook_secrets
        self._retries = settings.stripe_max_network_retries
        self._deadline = (self._retries + 1) * settings.stripe_timeout_seconds + 5.0
        self._http = stripe.HTTPXClient(
            timeout=httpx.Timeout(settings.stripe_timeout_seconds, connect=min(settings.stripe_timeout_seconds, 5.0))
        )
        options: dict[str, Any] = {}
        if settings.stripe_api_base:
            base = settings.stripe_api_base.rstrip("/")
            options["base_addresses"] = {"api": base, "files": base, "connect": base, "meter_events": base}
            _leave_out_proxies(base)
        self._client = StripeClient(
            settings.stripe_secret_key.get_secret_value(),
            max_network_retries=self._retries,
            http_client=self._http,
            **options,
        )

    def is_token(self, text: str) -> bool:
        """Nothing is paid with tokens that a browser hands us."""
        del text
        return False

    def sells_in(self, _currency: str) -> bool:
        """Stripe takes every currency of the shop."""
        return True

    # the door

    async def prepare_delivery(self, headers: Mapping[bytes, bytes]) -> None:
        """Everything that verifying takes is in the settings."""

    def verify_delivery(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Raise ``BadSignature`` unless Stripe signed these bytes for us."""
        header = headers.get(b"stripe-signature")
        self.verify_signature(body, header.decode("latin-1") if header else None)

    async def second_opinion(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Stripe has nothing to ask: its signature covers every byte."""

    def transmission_of(self, _headers: Mapping[bytes, bytes]) -> str | None:
        """Stripe gives its deliveries no id."""
        return None

    def verify_signature(self, body: bytes, header: str | None) -> None:
        """Raise ``BadSignature`` unless one of our secrets signed these bytes within the last five minutes."""
        reason = "no signature"
        for secret in self._secrets:
            try:
                WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
            except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
                reason = _reason(error)
                if reason == "stale":
                    break  # the signature is right, only old: no other secret can do better
            else:
                return
        raise BadSignature(reason)

    # payments

    async def create_payment(self, params: dict[str, Any], key: str) -> truth.Started:
        """Make a PaymentIntent, or a Checkout Session for a hosted page."""
        if params["method"] == "hosted":
            session = await self._call(
                lambda: self._client.v1.checkout.sessions.create_async(
                    shapes.session_params(params), {"idempotency_key": key}
                )
            )
            return truth.Started(session=shapes.session(session))
        intent = await self._call(
            lambda: self._client.v1.payment_intents.create_async(shapes.intent_params(params), {"idempotency_key": key})
        )
        return truth.Started(intent=shapes.intent(intent))

    async def find_payment(self, payment_id: str) -> truth.Started | None:
        """Look through the newest intents and sessions for one that carries our payment id."""
        intents = await self._call(lambda: self._client.v1.payment_intents.list_async({"limit": _PAGE}))
        for found in intents["data"]:
            if (found.get("metadata") or {}).get("payment_id") == payment_id:
                return truth.Started(intent=await self.intent(found["id"]))
        sessions = await self._call(lambda: self._client.v1.checkout.sessions.list_async({"limit": _PAGE}))
        for found in sessions["data"]:
            if (found.get("metadata") or {}).get("payment_id") == payment_id:
                return truth.Started(session=shapes.session(found))
        return None

    async def intent(self, intent_id: str, _known: Sequence[str] = ()) -> truth.Intent:
        """A PaymentIntent with its latest charge and what that charge did to the balance.

        Asked for with every event, and so through ``raw_request``: the two dozen objects that the SDK makes of this
        one answer, only to be turned into plain data again, cost more than the question.
        """
        path = f"/v1/payment_intents/{quote_plus(intent_id)}"
        return shapes.intent(await self._call(lambda: self._raw("get", path, expand=_INTENT)))

    async def session(self, session_id: str) -> truth.Session:
        """A Checkout Session."""
        return shapes.session(await self._call(lambda: self._client.v1.checkout.sessions.retrieve_async(session_id)))

    async def take(self, params: dict[str, Any], _key: str) -> truth.Intent:
        """A confirmed payment takes the money by itself."""
        raise Refused(f"{params['intent_id']} needs no taking", code="not_needed")

    async def capture(self, params: dict[str, Any], key: str) -> truth.Intent:
        """Capture a hold, once; what is not captured is released."""
        captured = await self._call(
            lambda: self._client.v1.payment_intents.capture_async(
                params["intent_id"],
                {"amount_to_capture": params["amount"], "expand": _INTENT},
                {"idempotency_key": key},
            )
        )
        return shapes.intent(captured)

    async def cancel(self, params: dict[str, Any], key: str) -> None:
        """Cancel an intent, or expire the page on which it would be made."""
        if params.get("intent_id"):
            await self._call(
                lambda: self._client.v1.payment_intents.cancel_async(
                    params["intent_id"], {"cancellation_reason": "requested_by_customer"}, {"idempotency_key": key}
                )
            )
        else:
            await self._call(
                lambda: self._client.v1.checkout.sessions.expire_async(
                    params["session_id"], {}, {"idempotency_key": key}
                )
            )

    # refunds

    async def create_refund(self, params: dict[str, Any], key: str) -> truth.Refund:
        """Give money back; our refund id travels in the metadata."""
        made = await self._call(
            lambda: self._client.v1.refunds.create_async(shapes.refund_params(params), {"idempotency_key": key})
        )
        return shapes.refund(made)

    async def find_refund(self, intent_id: str, refund_id: str) -> truth.Refund | None:
        """The refund of an intent that carries our refund id."""
        for found in await self.refunds(intent_id):
            if found.metadata.get("refund_id") == refund_id:
                return found
        return None

    async def refunds(self, intent_id: str) -> tuple[truth.Refund, ...]:
        """Every refund of an intent, with what each did to the balance."""
        return tuple(
            [
                shapes.refund(found)
                async for found in self._pages(
                    lambda page: self._client.v1.refunds.list_async(
                        _with(page, payment_intent=intent_id, expand=_REFUND)
                    )
                )
            ]
        )

    # disputes

    async def disputes(self, intent_id: str) -> tuple[truth.Dispute, ...]:
        """Every dispute of an intent."""
        return tuple(
            [
                shapes.dispute(found)
                async for found in self._pages(
                    lambda page: self._client.v1.disputes.list_async(_with(page, payment_intent=intent_id))
                )
            ]
        )

    async def dispute(self, dispute_id: str) -> truth.Dispute:
        """One dispute."""
        return shapes.dispute(await self._call(lambda: self._client.v1.disputes.retrieve_async(dispute_id)))

    async def submit_evidence(self, dispute_id: str, text: str, *, submit: bool, key: str) -> truth.Dispute:
        """Stage evidence, or (``submit``) send it to the bank, which can be done once."""
        return shapes.dispute(
            await self._call(
                lambda: self._client.v1.disputes.update_async(
                    dispute_id, {"evidence": {"uncategorized_text": text}, "submit": submit}, {"idempotency_key": key}
                )
            )
        )

    async def accept_dispute(self, dispute_id: str, key: str) -> truth.Dispute:
        """Close a dispute as lost."""
        return shapes.dispute(
            await self._call(lambda: self._client.v1.disputes.close_async(dispute_id, {}, {"idempotency_key": key}))
        )

    async def fraud_warning(self, warning_id: str) -> truth.FraudWarning:
        """An early fraud warning of a card issuer."""
        return shapes.fraud_warning(
            await self._call(lambda: self._client.v1.radar.early_fraud_warnings.retrieve_async(warning_id))
        )

    # looking things up

    async def intent_of(self, event_type: str, object_id: str) -> str | None:
        """The intent of an event's object, asked of Stripe at our API version."""
        v1 = self._client.v1
        if event_type.startswith("payment_intent."):
            return object_id
        if event_type.startswith("checkout.session."):
            return (await self.session(object_id)).intent_id
        if event_type.startswith("charge.dispute."):
            return (await self.dispute(object_id)).intent_id
        if event_type.startswith("radar."):
            return (await self.fraud_warning(object_id)).intent_id
        if event_type.startswith("refund.") or event_type == "charge.refund.updated":
            return shapes.refund(await self._call(lambda: v1.refunds.retrieve_async(object_id))).intent_id
        return shapes.charge(await self._call(lambda: v1.charges.retrieve_async(object_id))).intent_id

    async def events(self) -> AsyncIterator[truth.EventNotice]:
        """Every event that Stripe still lists (30 days), newest first."""
        async for found in self._pages(lambda page: self._client.v1.events.list_async(_with(page))):
            notice = shapes.event(found)
            if notice is not None:
                yield notice

    async def movements(self) -> AsyncIterator[truth.Movement]:
        """Every line of the account statement, newest first."""
        async for found in self._pages(lambda page: self._client.v1.balance_transactions.list_async(_with(page))):
            yield shapes.movement(found)

    async def movement(self, movement_id: str) -> truth.Movement:
        """One line of the account statement."""
        return shapes.movement(
            await self._call(lambda: self._client.v1.balance_transactions.retrieve_async(movement_id))
        )

    async def intents(self) -> AsyncIterator[truth.Intent]:
        """Every PaymentIntent, newest first."""
        async for found in self._pages(lambda page: self._client.v1.payment_intents.list_async(_with(page))):
            yield shapes.intent(found)

    async def close(self) -> None:
        """Close connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK does not type it

    # how a call is made

    async def _pages(self, fetch: Callable[[dict[str, Any]], Awaitable[Any]]) -> AsyncIterator[dict[str, Any]]:
        page: dict[str, Any] = {"limit": _PAGE}
        while True:
            answer = await self._call(functools.partial(fetch, page))
            for entry in answer["data"]:
                yield entry
            if not answer["has_more"] or not answer["data"]:
                return
            page = {"limit": _PAGE, "starting_after": answer["data"][-1]["id"]}

    async def _call(self, call: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
        """Make one call with its retries; the answer as plain data, or one of our three errors."""
        try:
            async with asyncio.timeout(self._deadline):
                answer = await call()
        except TimeoutError:
            raise OutcomeUnknown("Stripe did not answer in time") from None
        except stripe.StripeError as error:
            raise translate(error) from None
        plain: Any = answer.data if isinstance(answer, stripe.StripeResponse) else answer.to_dict()
        return dict(plain)

    async def _raw(self, method: str, path: str, **params: Any) -> Any:
        return await self._client.raw_request_async(method, path, **params)


def _with(page: dict[str, Any], **filters: Any) -> Any:
    """Parameters of one page of a list; each list has its own type for them, which a page cannot know."""
    return {**filters, **page}


def translate(error: stripe.StripeError) -> Refused | OutcomeUnknown:
    """What an SDK error means for us; its own message is kept, the body and headers are not."""
    message = error.user_message or type(error).__name__
    code = _code(error)
    if isinstance(error, stripe.CardError):
        return Refused(message, code=code)
    if isinstance(error, stripe.InvalidRequestError):
        if code == "resource_missing" or error.http_status == 404:  # noqa: PLR2004 - the status of a missing object
            return NotFound(message, code=code)
        return Refused(message, code=code)
    if isinstance(error, stripe.IdempotencyError):
        return Refused(message, code="idempotency_error")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        # Nothing happened, but nothing is wrong with the payment either: it goes on once the key is put right.
        _log.error("stripe.key_refused", status=error.http_status)
        return OutcomeUnknown("Stripe refuses our key", code="key_refused")
    headers: Mapping[str, str] = error.headers or {}
    replayed = str(headers.get("idempotent-replayed", headers.get("Idempotent-Replayed", ""))).lower() == "true"
    if isinstance(error, stripe.RateLimitError):
        return OutcomeUnknown(message, code="rate_limited")
    return OutcomeUnknown(message, code=code or f"http_{error.http_status or 0}", replayed=replayed)


def _code(error: stripe.StripeError) -> str | None:
    detail = error.error
    return (getattr(detail, "decline_code", None) or getattr(detail, "code", None)) if detail else error.code


def _reason(error: Exception) -> str:
    """One word for the log: never the header or the body."""
    words = str(error)
    for fragment, reason in (
        ("outside the tolerance", "stale"),
        ("No signatures found matching", "wrong signature"),
        ("expected scheme", "no signature of our scheme"),
        ("Unable to extract", "malformed signature"),
        ("No Stripe-Signature", "no signature"),
        ("codec", "body is not UTF-8"),
    ):
        if fragment in words:
            return reason
    return "not verified"


def _leave_out_proxies(base: str) -> None:
    """A proxy in the environment must not see calls to a simulator on this machine."""
    host = urlsplit(base).hostname or ""
    for name in ("NO_PROXY", "no_proxy"):
        listed = [entry for entry in os.environ.get(name, "").split(",") if entry]
        if host not in listed:
            os.environ[name] = ",".join([*listed, host])
