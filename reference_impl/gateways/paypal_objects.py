"""PayPal's objects as they are read: one at a time, and as lists where PayPal has them; nothing here changes any."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote, urlsplit

from reference_impl import logs
from reference_impl.gateways import paypal_disputes, paypal_events, paypal_reports, truth
from reference_impl.gateways import paypal_shapes as shapes
from reference_impl.gateways.errors import GatewayError, NotFound, Refused
from reference_impl.gateways.paypal_client import KEY_REFUSED, PayPalClient

_PAGE = 100
_EVENT_DAYS = 30
_log = logs.get("paypal")


class Objects:
    """What the merchant's REST app may read."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    async def order(self, intent_id: str) -> dict[str, Any]:
        """An order, with what the bank of its card said."""
        data = (await self._client.sdk(lambda sdk: sdk.orders.get_order({"id": intent_id}))).data
        card = (data.get("payment_source") or {}).get("card")
        if data.get("status") == "APPROVED" and card is not None and "authentication_result" not in card:
            # What the payer's bank said is told only to whoever asks for it (PayPal, "3D Secure").
            more = await self._client.sdk(
                lambda sdk: sdk.orders.get_order({"id": intent_id, "fields": "payment_source"})
            )
            data["payment_source"] = more.data.get("payment_source") or data["payment_source"]
        return data

    async def capture(self, capture_id: str) -> dict[str, Any]:
        """A capture."""
        return (await self._client.sdk(lambda sdk: sdk.payments.get_captured_payment({"capture_id": capture_id}))).data

    async def refund(self, refund_id: str) -> dict[str, Any]:
        """A refund."""
        return (await self._client.sdk(lambda sdk: sdk.payments.get_refund({"refund_id": refund_id}))).data

    async def order_of_refund(self, refund_id: str) -> str | None:
        """Id of the order that a refund belongs to."""
        capture_id = shapes.parent_of(await self.refund(refund_id))
        return shapes.order_of(await self.capture(capture_id)) if capture_id else None

    async def dispute(self, dispute_id: str) -> dict[str, Any]:
        """A dispute."""
        return (await self._client.beside("GET", f"/v1/customer/disputes/{quote(dispute_id, safe='')}")).data

    async def order_of_dispute(self, data: Mapping[str, Any]) -> str | None:
        """Id of the order that a dispute is about."""
        for one in data.get("disputed_transactions") or []:
            if one.get("seller_transaction_id"):
                return shapes.order_of(await self.capture(one["seller_transaction_id"]))
        return None

    async def order_of(self, event_type: str, object_id: str) -> str | None:
        """The order of an event's resource, asked of PayPal whatever the event says."""
        if event_type.startswith("CHECKOUT."):
            return object_id
        if event_type.startswith(("CUSTOMER.DISPUTE.", "RISK.DISPUTE.")):
            return await self.order_of_dispute(await self.dispute(object_id))
        if event_type.startswith("PAYMENT.AUTHORIZATION."):
            found = await self._client.sdk(
                lambda sdk: sdk.payments.get_authorized_payment({"authorization_id": object_id})
            )
            return shapes.order_of(found.data)
        if event_type.startswith("PAYMENT.REFUND.") or event_type == "PAYMENT.CAPTURE.REFUNDED":
            return await self.order_of_refund(object_id)
        if event_type == "PAYMENT.CAPTURE.REVERSED":
            try:
                return shapes.order_of(await self.capture(object_id))
            except NotFound:
                return await self.order_of_refund(object_id)
        return shapes.order_of(await self.capture(object_id))

    async def events(self, *, live: bool) -> AsyncIterator[truth.EventNotice]:
        """Events of the last days as PayPal lists them, newest first; none where the app may not list them."""
        path = "/v1/notifications/webhooks-events"
        start = datetime.now(UTC) - timedelta(days=_EVENT_DAYS)
        params: dict[str, Any] | None = {"page_size": _PAGE, "start_time": start.strftime("%Y-%m-%dT%H:%M:%SZ")}
        while params is not None:
            try:
                page = (await self._client.beside("GET", path, params=params)).data
            except GatewayError as error:
                if not _not_for_us(error):
                    raise
                _log.warning("paypal.events_not_listed", code=error.code)
                return
            for data in page.get("events") or []:
                notice = paypal_events.listed(data)
                if notice is not None:
                    yield dataclasses.replace(notice, livemode=live)
            following = shapes.link(page, "next")
            params = dict(parse_qsl(urlsplit(following).query)) if following and page.get("events") else None

    async def movements(self) -> AsyncIterator[truth.Movement]:
        """Lines of the account statement, newest first, as far as the report has them: it lags by hours."""
        try:
            async for movement in paypal_reports.movements(self._client):
                yield movement
        except GatewayError as error:
            if not _not_for_us(error):
                raise
            _log.warning("paypal.transactions_not_listed", code=error.code)

    async def movement(self, movement_id: str) -> truth.Movement:
        """What a capture or a refund did to the balance, asked of the object itself: the report may not have it yet."""
        own, _, kind = movement_id.partition(":")
        if kind == "fee":
            fees = paypal_disputes.dispute(await self.dispute(own), None).movements
            return next(iter(fees), None) or _no_movement(movement_id)
        try:
            found = shapes.movement_of_capture(await self.capture(own))
        except NotFound:
            back = shapes.refund(await self.refund(own), None)
            found = back.movement or back.reversal
        return found or _no_movement(movement_id)


def _no_movement(movement_id: str) -> NoReturn:
    raise NotFound(f"{movement_id} moved nothing", code="no_movement")


def _not_for_us(error: GatewayError) -> bool:
    """Whether the app lacks the permission for a list, as opposed to a call that went wrong."""
    return error.code == KEY_REFUSED or isinstance(error, Refused)
