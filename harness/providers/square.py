"""Square through its official SDK: against the simulator, or against the sandbox.

What acts goes through the SDK; what is only looked at is read as JSON by a thin client with the same token, because
the SDK makes a model of anything without checking it, at the cost of milliseconds for each object.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import orjson
from square import AsyncSquare
from square.core.api_error import ApiError

from harness import loopback
from harness.domain.money import Money
from harness.domain.providers import Mode
from harness.domain.verdicts import HarnessError
from harness.providers.base import ACTOR_HEADER, Account, ChargeTruth, DisputeTruth, PaymentTruth, RefundTruth
from harness.providers.square_truth import (
    amount_of,
    charge_truth,
    dispute_truth,
    payment_truth,
    refund_truth,
    written,
)

SANDBOX = "https://connect.squareupsandbox.com"
_TEST_APPLICATION = "sandbox-"
_EVENTS_REACH = timedelta(days=27)
"""How far back events are looked for; Square keeps them for 28 days."""
_LINK_ID = 16
"""Letters of a payment link's id; those of orders are longer."""
_PAGE, _EVENTS_PAGE = 500, 100
EVENTS = (
    "payment.created",
    "payment.updated",
    "refund.created",
    "refund.updated",
    "dispute.created",
    "dispute.state.updated",
    "dispute.evidence.created",
    "order.created",
    "order.updated",
    "customer.created",
    "card.created",
)
"""What a shop subscribes to."""


class SquareSide:
    """Our own side of a Square account, at one location."""

    def __init__(self, account: Account, *, timeout: float = 30.0) -> None:
        if not account.publishable_key.startswith(_TEST_APPLICATION):
            raise HarnessError(
                "the id of the Square application does not begin with sandbox-; the harness never touches a live "
                "account, so set the credentials of the sandbox"
            )
        if account.mode is Mode.SIMULATED and not account.url:
            raise HarnessError("the simulated provider has no address; start it with `payharness sim`")
        if not account.location:
            raise HarnessError("Square needs a location, and none is known; set SQUARE_LOCATION_ID to one of yours")
        self.account = account
        self._location = account.location
        self._base = account.url or SANDBOX
        self._bodies: dict[int, bytes] = {}
        self._made: dict[str, str] = {}
        """When an order was made, by its id: that does not change."""
        self._http = loopback.client(timeout=timeout) if account.url else httpx.AsyncClient(timeout=timeout)
        self._http.event_hooks["response"].append(self._keep)
        self._sdk = AsyncSquare(
            base_url=self._base,
            token=account.secret_key,
            headers={ACTOR_HEADER: "observer"},
            httpx_client=self._http,
            timeout=timeout,
        )

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()

    # truth

    def is_payment(self, provider_id: str) -> bool:
        """Whether an id is that of an order, and not that of a payment link."""
        return len(provider_id) > _LINK_ID

    def takes(self, currency: str) -> bool:
        """Whether the location takes a currency: it has one, that of its country."""
        return currency.lower() == (self.account.currency or currency)

    async def payment(self, payment_id: str) -> PaymentTruth:
        """A payment by the id of its Square order, or by the id of its payment link."""
        if not self.is_payment(payment_id):
            link = await self.raw(f"/v2/online-checkout/payment-links/{payment_id}")
            payment_id = str(link["payment_link"]["order_id"])
        order = await self._order(payment_id)
        return payment_truth(order, await self._attempts(payment_id))

    async def payments(self, reference: str, *, since: int = 0, pages: bool = True) -> list[PaymentTruth]:
        """Every order made since then that names the reference anywhere, oldest first."""
        del pages  # the order of a payment link names it as well
        query: dict[str, Any] = {"sort": {"sort_field": "CREATED_AT", "sort_order": "ASC"}}
        if since:
            query["filter"] = {"date_time_filter": {"created_at": {"start_at": _time(since)}}}
        asked = {"location_ids": [self._location], "query": query, "limit": _PAGE}
        found = self._searched("/v2/orders/search", "orders", asked)
        named = [self._known(one) async for one in found if reference in json.dumps(one)]
        return [payment_truth(one, await self._attempts(str(one["id"]))) for one in named]

    async def charges(self, payment_id: str) -> list[ChargeTruth]:
        """Every attempt to charge for an order, oldest first."""
        return [charge_truth(one) for one in await self._attempts(payment_id)]

    async def refunds(self, payment_id: str) -> list[RefundTruth]:
        """Every refund of an order's payments, oldest first."""
        ids = [refund_id for one in await self.charges(payment_id) for refund_id in one.raw.get("refund_ids") or []]
        found = [await self.raw(f"/v2/refunds/{refund_id}") for refund_id in ids]
        return sorted(
            (refund_truth(one["refund"], payment_id) for one in found), key=lambda one: str(one.raw["created_at"])
        )

    async def disputes(self, payment_id: str) -> list[DisputeTruth]:
        """Every dispute about an order's payments, oldest first."""
        own = {one.id for one in await self.charges(payment_id) if one.captured.minor}
        if not own:
            return []
        found = [
            dispute_truth(one, payment_id)
            async for one in self._listed("/v2/disputes", "disputes", {})
            if (one.get("disputed_payment") or {}).get("payment_id") in own
        ]
        return sorted(found, key=lambda one: str(one.raw["created_at"]))

    async def events(self, *, after: str | None = None, since: int = 0) -> list[Mapping[str, Any]]:
        """Events after that one, or since then, oldest first; Square lists those made while their search was on."""
        begin = _time(since) if since else (datetime.now(UTC) - _EVENTS_REACH).isoformat()
        query = {"filter": {"created_at": {"start_at": begin}}, "sort": {"order": "DESC"}}
        found: list[Mapping[str, Any]] = []
        async for event in self._searched("/v2/events", "events", {"query": query, "limit": _EVENTS_PAGE}):
            if event["event_id"] == after:
                break
            found.append(event)
        return found[::-1]

    async def last_event(self) -> str | None:
        """Id of the newest event."""
        page = await self._read("POST", "/v2/events", json={"limit": 1})
        events = page.get("events") or []
        return str(events[0]["event_id"]) if events else None

    async def keep_events(self) -> None:
        """Let Square's Events API keep what happens from now on; it does not by itself."""
        await self._asked(self._sdk.events.enable_events())

    def api_version(self) -> str:
        """The version of the objects in events that are made for this account."""
        return str(self._sdk._client_wrapper.get_headers()["Square-Version"])  # noqa: SLF001 - it is told nowhere else

    async def raw(self, path: str) -> Mapping[str, Any]:
        """Any object by its path, as JSON."""
        return await self._read("GET", path)

    async def balance(self) -> Mapping[str, int]:
        """What the payments took and the refunds gave back, by currency; Square itself tells no balance."""
        sums: dict[str, int] = {}
        for kind, money, sign in (("payments", "total_money", 1), ("refunds", "amount_money", -1)):
            async for one in self._listed(f"/v2/{kind}", kind, {"limit": _EVENTS_PAGE}):
                if one["status"] == "COMPLETED":
                    amount = amount_of(one[money])
                    fees = sum(int(fee["amount_money"]["amount"]) for fee in one.get("processing_fee") or [])
                    sums[amount.currency] = sums.get(amount.currency, 0) + sign * amount.minor - fees
        return sums

    # what happens without the merchant's system

    async def create_customer(self, **fields: Any) -> str:
        """A new customer's id."""
        made = await self._asked(
            self._sdk.customers.create(idempotency_key=str(uuid.uuid4()), **{"given_name": "Ada", **fields})
        )
        return str(made["customer"]["id"])

    async def refund(self, payment_id: str, amount: Money | None = None) -> RefundTruth:
        """Refund as the seller's own desk does."""
        charges = [one for one in await self.charges(payment_id) if one.captured.minor]
        if not charges:
            raise HarnessError(f"the Square order {payment_id} has no payment to refund")
        taken = charges[-1]
        wanted: Any = written(amount or Money(taken.captured.minor - taken.refunded.minor, taken.amount.currency))
        made = await self._asked(
            self._sdk.refunds.refund_payment(
                idempotency_key=str(uuid.uuid4()), payment_id=taken.id, amount_money=wanted
            )
        )
        return refund_truth(made["refund"], payment_id)

    async def capture(self, payment_id: str, amount: Money | None = None) -> PaymentTruth:
        """Capture a hold as the seller's own desk does."""
        held = await self._held(payment_id)
        if amount is not None:
            changed: Any = {"amount_money": written(amount)}
            await self._asked(self._sdk.payments.update(held.id, idempotency_key=str(uuid.uuid4()), payment=changed))
        await self._asked(self._sdk.payments.complete(held.id))
        return await self.payment(payment_id)

    async def cancel(self, payment_id: str) -> PaymentTruth:
        """Release a hold as the seller's own desk does."""
        await self._asked(self._sdk.payments.cancel((await self._held(payment_id)).id))
        return await self.payment(payment_id)

    async def change(self, payment_id: str, amount: Money) -> PaymentTruth:
        """Change what an order costs that was not paid yet."""
        order = await self._order(payment_id)
        kept = [str(one["uid"]) for one in order.get("line_items") or []]
        goods = [{"name": "Changed", "quantity": "1", "base_price_money": written(amount)}]
        changed: Any = {"location_id": self._location, "version": order["version"], "line_items": goods}
        await self._asked(
            self._sdk.orders.update(
                payment_id,
                order=changed,
                fields_to_clear=[f"line_items[{uid}]" for uid in kept],
                idempotency_key=str(uuid.uuid4()),
            )
        )
        return await self.payment(payment_id)

    async def pay(self, amount: Money, instrument: str, metadata: Mapping[str, str]) -> PaymentTruth:
        """Make an order of one's own with a test card, paid at once, that claims whatever references it likes."""
        del instrument  # what a form makes of a number is used up; the sandbox's own source stands for a card that pays
        known = {name: value for name, value in metadata.items() if name != "reference_id"}
        order: Any = {
            "location_id": self._location,
            "line_items": [{"name": "Something cheap", "quantity": "1", "base_price_money": written(amount)}],
            "metadata": known,
        }
        if metadata.get("reference_id"):
            order["reference_id"] = metadata["reference_id"]
        made = await self._asked(self._sdk.orders.create(order=order, idempotency_key=str(uuid.uuid4())))
        order_id = str(made["order"]["id"])
        asked: Any = written(amount)
        await self._asked(
            self._sdk.payments.create(
                source_id="cnon:card-nonce-ok",
                idempotency_key=str(uuid.uuid4()),
                amount_money=asked,
                order_id=order_id,
                location_id=self._location,
                reference_id=order.get("reference_id"),
            )
        )
        return await self.payment(order_id)

    async def register_endpoint(self, url: str, events: Sequence[str] = ("*",)) -> str:
        """Subscribe an address to events; answers the key of its signatures."""
        wanted: Any = {
            "name": "payharness",
            "enabled": True,
            "notification_url": url,
            "event_types": list(EVENTS if tuple(events) == ("*",) else events),
        }
        made = await self._asked(
            self._sdk.webhooks.subscriptions.create(subscription=wanted, idempotency_key=str(uuid.uuid4()))
        )
        return str(made["subscription"]["signature_key"])

    async def change_key(self, url: str) -> str:
        """Change the key that deliveries to an address are signed with, without an overlap; answers the new one."""
        async for one in self._listed("/v2/webhooks/subscriptions", "subscriptions", {}):
            if one["notification_url"] == url:
                made = await self._asked(
                    self._sdk.webhooks.subscriptions.update_signature_key(one["id"], idempotency_key=str(uuid.uuid4()))
                )
                return str(made["signature_key"])
        raise HarnessError(f"no webhook subscription of the Square account delivers to {url}")

    # inside

    async def _order(self, order_id: str) -> dict[str, Any]:
        found = await self.raw(f"/v2/orders/{order_id}")
        return self._known(dict(found["order"]))

    def _known(self, order: dict[str, Any]) -> dict[str, Any]:
        self._made[str(order["id"])] = str(order["created_at"])
        return order

    async def _attempts(self, order_id: str) -> list[dict[str, Any]]:
        """Payments of an order, oldest first: also those that failed, which the order does not name."""
        if order_id not in self._made:
            await self._order(order_id)
        query = {
            "begin_time": self._made[order_id],  # an order is paid after it was made
            "location_id": self._location,
            "sort_order": "ASC",
            "limit": _EVENTS_PAGE,
        }
        return [one async for one in self._listed("/v2/payments", "payments", query) if one.get("order_id") == order_id]

    async def _held(self, payment_id: str) -> ChargeTruth:
        held = [one for one in await self.charges(payment_id) if one.raw["status"] == "APPROVED"]
        if not held:
            raise HarnessError(f"the Square order {payment_id} holds no money")
        return held[-1]

    async def _listed(self, path: str, kind: str, query: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Everything that a list has, page by page."""
        page: Mapping[str, Any] = {}
        while True:
            cursor = {"cursor": page["cursor"]} if page else {}
            page = await self._read("GET", path, params={**query, **cursor})
            for one in page.get(kind) or []:
                yield one
            if not page.get("cursor"):
                return

    async def _searched(self, path: str, kind: str, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Everything that a search finds, page by page."""
        page: Mapping[str, Any] = {}
        while True:
            cursor = {"cursor": page["cursor"]} if page else {}
            page = await self._read("POST", path, json={**body, **cursor})
            for one in page.get(kind) or []:
                yield one
            if not page.get("cursor"):
                return

    async def _read(self, method: str, path: str, **content: Any) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self.account.secret_key}", ACTOR_HEADER: "observer"}
        try:
            answer = await self._http.request(method, f"{self._base}{path}", headers=headers, **content)
        except httpx.HTTPError as error:
            raise HarnessError(f"Square does not answer {method} {path} of the harness itself ({error})") from error
        if not answer.is_success:
            raise ProviderRefusal(answer.status_code, answer.text)
        found: Mapping[str, Any] = orjson.loads(answer.content)
        return found

    async def _asked(self, call: Awaitable[Any]) -> dict[str, Any]:
        """What Square answered, as plain data."""
        task = id(asyncio.current_task())
        self._bodies.pop(task, None)
        try:
            await call
        except ApiError as error:
            raise ProviderRefusal(
                error.status_code or 0, self._bodies.pop(task, b"").decode(errors="replace")
            ) from None
        except httpx.HTTPError as error:
            raise HarnessError(
                f"Square does not answer the harness itself ({type(error).__name__}: {error})"
            ) from error
        return cast("dict[str, Any]", json.loads(self._bodies.pop(task, b"") or b"{}"))

    async def _keep(self, response: httpx.Response) -> None:
        """The body of the answer that the running task got last: each task asks one thing at a time."""
        self._bodies[id(asyncio.current_task())] = await response.aread()


class ProviderRefusal(HarnessError):  # noqa: N818 - says what is the matter
    """Square refused a call of the harness itself; ``code`` is that of the first error."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        try:
            first = json.loads(text)["errors"][0]
            self.code, detail = first.get("code"), first.get("detail")
        except (ValueError, LookupError, TypeError):
            self.code, detail = None, text[:200]
        super().__init__(
            f"Square refused a call of the harness itself ({status}): {self.code or ''} {detail or ''}".strip()
        )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
