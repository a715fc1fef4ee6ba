"""Reading at Square: orders, payments, lists page by page. What is asked of it stands in ``square``."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Mapping
from typing import Any

from square import AsyncSquare

from reference_impl.gateways import square_events, truth
from reference_impl.gateways import square_shapes as shapes
from reference_impl.gateways.square_client import SquareClient, checked, options

_NEWEST, _EVENTS = 200, 100
"""Orders and events of one page."""


class Objects:
    """What Square knows, as plain data."""

    def __init__(self, client: SquareClient, location: str) -> None:
        self._client, self._location = client, location

    async def order(self, order_id: str) -> dict[str, Any]:
        """An order."""
        found = await self._client.call(
            lambda sdk: sdk.orders.get(order_id=checked(order_id), request_options=options())
        )
        return dict(found["order"])

    async def payment(self, payment_id: str) -> dict[str, Any]:
        """A payment."""
        found = await self._client.call(
            lambda sdk: sdk.payments.get(payment_id=checked(payment_id), request_options=options())
        )
        return dict(found["payment"])

    async def refund(self, refund_id: str) -> dict[str, Any]:
        """A refund."""
        found = await self._client.call(
            lambda sdk: sdk.refunds.get(refund_id=checked(refund_id), request_options=options())
        )
        return dict(found["refund"])

    async def order_of(self, payment_id: Any) -> str | None:
        """Id of the order that a payment pays."""
        if not isinstance(payment_id, str) or not payment_id:
            return None
        found = (await self.payment(payment_id)).get("order_id")
        return str(found) if found else None

    async def with_intent(self, dispute: Mapping[str, Any]) -> truth.Dispute:
        """A dispute with the order that it is about."""
        payment_id = (dispute.get("disputed_payment") or {}).get("payment_id")
        return shapes.dispute(dispute, await self.order_of(payment_id))

    async def newest_orders(self) -> list[dict[str, Any]]:
        """One page of orders."""
        page = {"location_ids": [self._location], "limit": _NEWEST, "request_options": options()}
        found = await self._client.call(functools.partial(_search_orders, page))
        return list(found.get("orders") or [])

    async def orders_with_payments(self) -> AsyncIterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Every order of the location with its payments, newest first; two calls for each page of orders."""
        page: dict[str, Any] = {"location_ids": [self._location], "limit": _NEWEST, "request_options": options()}
        while True:
            answer = await self._client.call(functools.partial(_search_orders, page))
            orders = answer.get("orders") or []
            payments = await self._payments_since(min((one["created_at"] for one in orders), default=""))
            for order in orders:
                yield order, payments.get(order["id"], [])
            if not answer.get("cursor"):
                return
            page["cursor"] = answer["cursor"]

    async def _payments_since(self, begin: str) -> dict[str, list[dict[str, Any]]]:
        """Payments made since then, by the order that they pay: nothing is paid before it was ordered."""
        found: dict[str, list[dict[str, Any]]] = {}
        if begin:
            async for payment in self.listed("payments", begin_time=begin):
                found.setdefault(str(payment.get("order_id")), []).append(payment)
        return found

    async def events(self) -> AsyncIterator[truth.EventNotice]:
        """Events of the last 28 days, newest first, where the merchant has switched their search on."""
        page: dict[str, Any] = {"limit": _EVENTS, "request_options": options()}
        while True:
            answer = await self._client.call(functools.partial(_search_events, page))
            for one in answer.get("events") or []:
                notice = square_events.listed(one)
                if notice is not None:
                    yield notice
            if not answer.get("cursor"):
                return
            page["cursor"] = answer["cursor"]

    async def listed(self, kind: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """Every ``payments``, ``refunds`` or ``disputes``, newest first."""
        page: dict[str, Any] = {"request_options": options(), **query}
        while True:
            answer = await self._client.call(functools.partial(_list, kind, page))
            for one in answer.get(kind) or []:
                yield one
            if not answer.get("cursor"):
                return
            page["cursor"] = answer["cursor"]


async def _search_events(page: dict[str, Any], sdk: AsyncSquare) -> Any:
    return await sdk.events.search_events(**page)


async def _search_orders(page: dict[str, Any], sdk: AsyncSquare) -> Any:
    return await sdk.orders.search(**page)


async def _list(kind: str, page: dict[str, Any], sdk: AsyncSquare) -> Any:
    return await getattr(sdk, kind).list(**page)
