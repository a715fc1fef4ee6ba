"""Stripe through its official SDK: against the simulator, or against real test mode."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import stripe

from harness import loopback
from harness.domain.money import Money
from harness.domain.providers import Mode
from harness.domain.verdicts import HarnessError
from harness.providers.base import ACTOR_HEADER, Account, ChargeTruth, DisputeTruth, PaymentTruth, RefundTruth

stripe.enable_telemetry = False  # it would write a file into the home directory

_STATES = {
    "requires_payment_method": "open",
    "requires_confirmation": "open",
    "requires_action": "requires_action",
    "processing": "processing",
    "requires_capture": "authorised",
    "succeeded": "paid",
    "canceled": "cancelled",
}
_TEST_KEYS = ("sk_test_", "rk_test_")
_PAGE = 100


class StripeSide:
    """Our own side of a Stripe account."""

    def __init__(self, account: Account, *, timeout: float = 30.0) -> None:
        if not account.secret_key.startswith(_TEST_KEYS):
            raise HarnessError(
                "the Stripe key does not begin with sk_test_ or rk_test_; the harness never touches a live account, "
                "so set a test key"
            )
        if account.mode is Mode.SIMULATED and not account.url:
            raise HarnessError("the simulated provider has no address; start it with `payharness sim`")
        self.account = account
        self._http = stripe.HTTPXClient(timeout=timeout, verify_ssl_certs=not account.url)
        if account.url:
            # The SDK takes no transport of one's own; on loopback the one that it makes costs more than the whole call.
            self._http._client_async = loopback.client(timeout=timeout)  # noqa: SLF001
        places: dict[str, Any] = {}
        if account.url:
            bases = {"api": account.url, "files": account.url, "connect": account.url, "meter_events": account.url}
            places = {"base_addresses": bases}
        self._client = stripe.StripeClient(account.secret_key, max_network_retries=2, http_client=self._http, **places)
        self._options: Any = {"headers": {ACTOR_HEADER: "observer"}}

    async def close(self) -> None:
        """Close connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    # truth

    def is_payment(self, provider_id: str) -> bool:
        """Whether an id is a payment intent's."""
        return provider_id.startswith("pi_")

    def takes(self, currency: str) -> bool:
        """Stripe takes every currency of the features."""
        del currency
        return True

    async def payment(self, payment_id: str) -> PaymentTruth:
        """A payment by its id (``pi_``), or by the id of its hosted page (``cs_``)."""
        if payment_id.startswith("cs_"):
            session = await self.raw(f"/v1/checkout/sessions/{payment_id}")
            if not session.get("payment_intent"):
                raise HarnessError(f"nobody has paid on the hosted page {payment_id} yet, so it has no payment")
            payment_id = str(session["payment_intent"])
        return _payment(await self.raw(f"/v1/payment_intents/{payment_id}"))

    async def payments(self, reference: str, *, since: int = 0, pages: bool = True) -> list[PaymentTruth]:
        """Every payment since then that names the reference anywhere, or whose hosted page does (if ``pages``)."""
        when = {"created": {"gte": since}} if since else {}
        found = await self._list("/v1/payment_intents", when)
        sessions = await self._list("/v1/checkout/sessions", when) if pages else []
        named = {page.get("payment_intent") for page in sessions if reference in json.dumps(page)}
        return [_payment(one) for one in reversed(found) if one["id"] in named or reference in json.dumps(one)]

    async def charges(self, payment_id: str) -> list[ChargeTruth]:
        """Every attempt to charge for a payment, oldest first."""
        return [_charge(one) for one in reversed(await self._list("/v1/charges", {"payment_intent": payment_id}))]

    async def refunds(self, payment_id: str) -> list[RefundTruth]:
        """Every refund of a payment, oldest first."""
        return [_refund(one) for one in reversed(await self._list("/v1/refunds", {"payment_intent": payment_id}))]

    async def disputes(self, payment_id: str) -> list[DisputeTruth]:
        """Every dispute about a payment, oldest first."""
        return [_dispute(one) for one in reversed(await self._list("/v1/disputes", {"payment_intent": payment_id}))]

    async def events(self, *, after: str | None = None, since: int = 0) -> list[Mapping[str, Any]]:
        """Events, oldest first. Stripe keeps them for 30 days."""
        query: dict[str, Any] = {"created": {"gte": since}} if since else {}
        if after:
            query["ending_before"] = after
        return list(reversed(await self._list("/v1/events", query)))

    async def last_event(self) -> str | None:
        """Id of the newest event."""
        page = await self._get("/v1/events", {"limit": 1})
        return str(page["data"][0]["id"]) if page["data"] else None

    def api_version(self) -> str:
        """The API version that our own calls, and so our endpoint, are made at."""
        return str(stripe.api_version)

    async def raw(self, path: str) -> Mapping[str, Any]:
        """Any object by its path, as JSON."""
        return await self._get(path, {})

    async def balance(self) -> Mapping[str, int]:
        """Available and pending, summed by currency."""
        found = await self._get("/v1/balance", {})
        sums: dict[str, int] = {}
        for part in [*found.get("available", []), *found.get("pending", [])]:
            sums[part["currency"]] = sums.get(part["currency"], 0) + part["amount"]
        return sums

    # what happens without the merchant's system

    async def create_customer(self, **fields: Any) -> str:
        """A new customer's id."""
        return str((await self._post("/v1/customers", fields))["id"])

    async def refund(self, payment_id: str, amount: Money | None = None) -> RefundTruth:
        """Refund as the dashboard does."""
        fields: dict[str, Any] = {"payment_intent": payment_id}
        if amount is not None:
            fields["amount"] = amount.minor
        return _refund(await self._post("/v1/refunds", fields))

    async def capture(self, payment_id: str, amount: Money | None = None) -> PaymentTruth:
        """Capture as the dashboard does."""
        fields = {"amount_to_capture": amount.minor} if amount else {}
        return _payment(await self._post(f"/v1/payment_intents/{payment_id}/capture", fields))

    async def cancel(self, payment_id: str) -> PaymentTruth:
        """Cancel as the dashboard does."""
        return _payment(await self._post(f"/v1/payment_intents/{payment_id}/cancel", {}))

    async def change(self, payment_id: str, amount: Money) -> PaymentTruth:
        """Change the amount of a payment that was not made yet."""
        return _payment(await self._post(f"/v1/payment_intents/{payment_id}", {"amount": amount.minor}))

    async def pay(self, amount: Money, instrument: str, metadata: Mapping[str, str]) -> PaymentTruth:
        """Make and confirm a payment with a payment method's alias."""
        fields = {
            "amount": amount.minor,
            "currency": amount.currency,
            "payment_method": instrument,
            "confirm": True,
            "metadata": dict(metadata),
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
        return _payment(await self._post("/v1/payment_intents", fields))

    async def register_endpoint(self, url: str, events: Sequence[str] = ("*",)) -> str:
        """Register a webhook endpoint at the SDK's API version; answers its signing secret."""
        fields = {"url": url, "enabled_events": list(events), "api_version": stripe.api_version}
        return str((await self._post("/v1/webhook_endpoints", fields))["secret"])

    # inside

    async def _list(self, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
        """All pages of a list, in the provider's order: newest first, except behind ``ending_before``."""
        found: list[dict[str, Any]] = []
        backwards = "ending_before" in query
        while True:
            page = await self._get(path, {**query, "limit": _PAGE})
            found = [*page["data"], *found] if backwards else [*found, *page["data"]]
            if not page["has_more"] or not page["data"]:
                return found
            query = {
                **query,
                **({"ending_before": found[0]["id"]} if backwards else {"starting_after": found[-1]["id"]}),
            }

    async def _get(self, path: str, query: dict[str, Any]) -> dict[str, Any]:
        return await self._call("get", path, query)

    async def _post(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        return await self._call("post", path, fields)

    async def _call(self, method: str, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await self._client.raw_request_async(method, path, **fields, **self._options)
        except stripe.StripeError as error:
            raise ProviderRefusal(method, path, error) from error
        return cast("dict[str, Any]", answer.data)


class ProviderRefusal(HarnessError):  # noqa: N818 - says what is the matter
    """The provider refused a call of the harness itself, or could not be reached; ``code`` is the provider's."""

    def __init__(self, method: str, path: str, error: stripe.StripeError) -> None:
        body = error.error if error.error is not None else None
        self.code: str | None = getattr(body, "code", None)
        self.status: int | None = error.http_status
        reason = error.user_message or str(error)
        super().__init__(
            f"the provider refused {method.upper()} {path} of the harness itself ({error.http_status}): {reason}"
        )


def _payment(raw: Mapping[str, Any]) -> PaymentTruth:
    currency = str(raw["currency"])
    failure = raw.get("last_payment_error") or {}
    return PaymentTruth(
        str(raw["id"]),
        str(raw["status"]),
        _STATES.get(str(raw["status"]), str(raw["status"])),
        Money(int(raw["amount"]), currency),
        Money(int(raw.get("amount_received") or 0), currency),
        Money(int(raw.get("amount_capturable") or 0), currency),
        failure.get("decline_code") or failure.get("code"),
        raw.get("metadata") or {},
        raw,
    )


def _charge(raw: Mapping[str, Any]) -> ChargeTruth:
    currency = str(raw["currency"])
    return ChargeTruth(
        str(raw["id"]),
        str(raw["status"]),
        Money(int(raw["amount"]), currency),
        Money(int(raw.get("amount_captured") or 0), currency),
        Money(int(raw.get("amount_refunded") or 0), currency),
        bool(raw.get("disputed")),
        raw.get("payment_intent"),
        raw,
    )


def _refund(raw: Mapping[str, Any]) -> RefundTruth:
    amount = Money(int(raw["amount"]), str(raw["currency"]))
    return RefundTruth(str(raw["id"]), str(raw["status"]), amount, raw.get("payment_intent"), raw)


def _dispute(raw: Mapping[str, Any]) -> DisputeTruth:
    return DisputeTruth(
        str(raw["id"]),
        str(raw["status"]),
        str(raw["reason"]),
        Money(int(raw["amount"]), str(raw["currency"])),
        str(raw["charge"]),
        raw.get("payment_intent"),
        (raw.get("evidence_details") or {}).get("due_by"),
        raw,
    )
