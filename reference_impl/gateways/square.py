"""Square through its official SDK (``square_client``).

A Square order is our payment, made with our amounts and our references; a token of the browser's card fields, or the
page of a payment link, pays it. What is said about a payment is read again from its order and its payments.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from reference_impl import logs
from reference_impl.gateways import square_shapes as shapes
from reference_impl.gateways import truth
from reference_impl.gateways.errors import NotFound, Refused
from reference_impl.gateways.protocol import BadSignature
from reference_impl.gateways.square_client import SquareClient, checked, options
from reference_impl.gateways.square_objects import Objects
from reference_impl.settings import Settings

SIGNATURE = b"x-square-hmacsha256-signature"
STALE = "VERSION_MISMATCH"
_TOKEN = re.compile(r"cnon:[A-Za-z0-9_-]{1,200}")
_TURNS = 2
"""So often something is looked at and changed, where somebody else changed it in between."""
_log = logs.get("square")


class SquareGateway:
    """The merchant's location at Square."""

    name = "square"
    api_version = None
    takes_on_our_word = False
    refunds_lost_disputes = False
    statement_lag_seconds = 60
    takes_tokens = True
    events_may_be_off = True
    asks_by_parts = True

    def __init__(self, settings: Settings) -> None:
        self.publishable_key = settings.square_application_id
        self._live = settings.live
        self._location = settings.square_location_id
        self._currency = settings.square_currency.lower()
        self._url = settings.square_notification_url
        self._keys = settings.square_signature_keys
        self._client = SquareClient(settings)
        self._read = Objects(self._client, self._location)

    def is_token(self, text: str) -> bool:
        """A card's token for one use.

        Square's other sources are not a browser's to name: ``CASH`` and ``EXTERNAL`` record money that nobody sees, and
        a card on file (``ccof:``) is somebody's.
        """
        return _TOKEN.fullmatch(text) is not None

    def sells_in(self, currency: str) -> bool:
        """A location takes the currency of its country."""
        return currency == self._currency

    # the door

    async def prepare_delivery(self, headers: Mapping[bytes, bytes]) -> None:
        """Everything that verifying takes is in the settings."""

    def verify_delivery(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Raise ``BadSignature`` unless one of our keys signed our address with these bytes.

        The address is the one that Square was told, from the settings: what a request says of its own is not asked.
        The signature knows no time, so that only the event's id tells a replay.
        """
        sent = headers.get(SIGNATURE)
        if not sent:
            raise BadSignature("no signature")
        if not body:
            raise BadSignature("no body")
        right = False
        for key in self._keys:
            digest = hmac.new(key.encode(), self._url.encode() + body, hashlib.sha256).digest()
            right |= hmac.compare_digest(base64.b64encode(digest), sent)
        if not right:
            raise BadSignature("wrong signature")

    async def second_opinion(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Square has nothing to ask: its signature covers every byte."""

    def transmission_of(self, _headers: Mapping[bytes, bytes]) -> str | None:
        """Square gives its deliveries no id."""
        return None

    # payments

    async def create_payment(self, params: dict[str, Any], key: str) -> truth.Started:
        """Make an order, to be paid with a token; for a hosted page, a payment link that has one."""
        order = shapes.order_params(params, self._location)
        if params["method"] == "hosted":
            made = await self._client.call(
                lambda sdk: sdk.checkout.payment_links.create(
                    idempotency_key=shapes.key_of(key),
                    order=order,
                    checkout_options={"redirect_url": params["return_url"]},
                    request_options=options(),
                )
            )
            return truth.Started(session=_session(made["payment_link"], params))
        made = await self._client.call(
            lambda sdk: sdk.orders.create(idempotency_key=shapes.key_of(key), order=order, request_options=options())
        )
        return truth.Started(intent=shapes.intent(made["order"], (), live=self._live))

    async def find_payment(self, payment_id: str) -> truth.Started | None:
        """Look through the newest orders for one that carries our payment id."""
        for order in await self._read.newest_orders():
            if order.get("reference_id") == payment_id:
                return truth.Started(intent=await self.intent(order["id"]))
        return None

    async def intent(self, intent_id: str, known: Sequence[str] = ()) -> truth.Intent:
        """An order with its payments: those that it lists, which took money, and those that we know of."""
        order = await self._read.order(intent_id)
        listed = [tender["payment_id"] for tender in order.get("tenders") or [] if tender.get("payment_id")]
        payments = []
        for payment_id in dict.fromkeys([*known, *listed]):
            payment = await self._read.payment(payment_id)
            if payment.get("order_id") == intent_id:
                payments.append(payment)
        return shapes.intent(order, payments, live=self._live)

    async def session(self, session_id: str) -> truth.Session:
        """A payment link; one that was taken back is over."""
        try:
            found = await self._client.call(
                lambda sdk: sdk.checkout.payment_links.get(id=checked(session_id), request_options=options())
            )
        except NotFound:
            return truth.Session(
                id=session_id,
                open=False,
                expired=True,
                paid=False,
                intent_id=None,
                amount=0,
                currency="",
                livemode=self._live,
                metadata={},
            )
        return _session(found["payment_link"], {"amount": 0, "currency": "", "metadata": {}})

    async def take(self, params: dict[str, Any], key: str) -> truth.Intent:
        """Pay an order with a token: our amount, our key, captured at once or held."""
        made = await self._client.call(
            lambda sdk: sdk.payments.create(
                source_id=params["source_id"],
                idempotency_key=shapes.key_of(key),
                amount_money=shapes.money(params["amount"], params["currency"]),
                order_id=params["intent_id"],
                location_id=self._location,
                autocomplete=params["capture"] != "manual",
                reference_id=params["payment_id"],
                request_options=options(),
                **({"verification_token": params["verification_token"]} if params.get("verification_token") else {}),
            )
        )
        return await self.intent(params["intent_id"], [made["payment"]["id"]])

    async def capture(self, params: dict[str, Any], key: str) -> truth.Intent:
        """Capture a hold, once; what is not captured is released: a smaller amount is written into it first."""
        for turn in range(_TURNS):
            payment = await self._held(params)
            try:
                await self._complete(payment, params["amount"], key)
            except Refused as error:
                # Somebody changed it between our looking and our asking: look again, once.
                if error.code != STALE or turn == _TURNS - 1:
                    raise
            else:
                break
        return await self.intent(params["intent_id"], [payment["id"]])

    async def cancel(self, params: dict[str, Any], key: str) -> None:
        """Release a hold and close the order; for a page, take its link back, which closes the order with it."""
        if params.get("session_id"):
            await self._refuse_if_paid(params["session_id"])
            await self._client.call(
                lambda sdk: sdk.checkout.payment_links.delete(
                    id=checked(params["session_id"]), request_options=options()
                )
            )
            return
        if params.get("charge_id"):
            payment = await self._read.payment(params["charge_id"])
            if payment.get("status") == "APPROVED":
                await self._client.call(
                    lambda sdk: sdk.payments.cancel(payment_id=checked(payment["id"]), request_options=options())
                )
        for turn in range(_TURNS):
            try:
                await self._close(await self._read.order(params["intent_id"]), key)
            except Refused as error:
                if error.code != STALE or turn == _TURNS - 1:
                    raise
            else:
                return

    # refunds

    async def create_refund(self, params: dict[str, Any], key: str) -> truth.Refund:
        """Give money back from the payment that took it; our refund id stands in the reason."""
        seen = await self.intent(params["intent_id"])
        if seen.charge is None or not seen.charge.captured:
            raise Refused("nothing was captured", code="REFUND_ERROR_PAYMENT_NEEDS_COMPLETION")
        taken = seen.charge
        made = await self._client.call(
            lambda sdk: sdk.refunds.refund_payment(
                idempotency_key=shapes.key_of(key),
                payment_id=taken.id,
                amount_money=shapes.money(params["amount"], taken.currency),
                reason=f"Refund {params['refund_id']}",
                request_options=options(),
            )
        )
        return shapes.refund(made["refund"], params["intent_id"])

    async def find_refund(self, intent_id: str, refund_id: str) -> truth.Refund | None:
        """The refund of an order that carries our refund id."""
        for found in await self.refunds(intent_id):
            if found.metadata.get("refund_id") == refund_id:
                return found
        return None

    async def refunds(self, intent_id: str) -> tuple[truth.Refund, ...]:
        """Every refund of the payments of an order."""
        order = await self._read.order(intent_id)
        payments = [await self._read.payment(str(tender.get("payment_id"))) for tender in order.get("tenders") or []]
        listed = [refund_id for payment in payments for refund_id in payment.get("refund_ids") or []]
        return tuple([shapes.refund(await self._read.refund(refund_id), intent_id) for refund_id in listed])

    # disputes

    async def disputes(self, intent_id: str) -> tuple[truth.Dispute, ...]:
        """Every dispute about the payments of an order."""
        order = await self._read.order(intent_id)
        ours = {tender.get("payment_id") for tender in order.get("tenders") or []}
        return tuple(
            [
                shapes.dispute(one, intent_id)
                async for one in self._read.listed("disputes")
                if (one.get("disputed_payment") or {}).get("payment_id") in ours
            ]
        )

    async def dispute(self, dispute_id: str) -> truth.Dispute:
        """One dispute."""
        found = await self._client.call(
            lambda sdk: sdk.disputes.get(dispute_id=checked(dispute_id), request_options=options())
        )
        return await self._read.with_intent(found["dispute"])

    async def submit_evidence(self, dispute_id: str, text: str, *, submit: bool, key: str) -> truth.Dispute:
        """Keep evidence, or (``submit``) send it to the bank, which can be done once."""
        await self._client.call(
            lambda sdk: sdk.disputes.create_evidence_text(
                dispute_id=checked(dispute_id),
                idempotency_key=shapes.key_of(key),
                evidence_text=text[:500],
                evidence_type="GENERIC_EVIDENCE",
                request_options=options(),
            )
        )
        if submit:
            await self._client.call(
                lambda sdk: sdk.disputes.submit_evidence(dispute_id=checked(dispute_id), request_options=options())
            )
        return await self.dispute(dispute_id)

    async def accept_dispute(self, dispute_id: str, key: str) -> truth.Dispute:
        """Accept a dispute as lost; a second time it is lost already."""
        del key
        found = await self._client.call(
            lambda sdk: sdk.disputes.accept(dispute_id=checked(dispute_id), request_options=options())
        )
        return await self._read.with_intent(found["dispute"])

    async def fraud_warning(self, warning_id: str) -> truth.FraudWarning:
        """Square has no early fraud warnings."""
        raise NotFound(f"{warning_id} is no warning of Square's", code="no_warnings")

    # looking things up

    async def intent_of(self, event_type: str, object_id: str) -> str | None:
        """The order of an event's object, asked of Square."""
        if event_type.startswith("order."):
            return object_id
        if event_type.startswith("dispute."):
            return (await self.dispute(object_id)).intent_id
        if event_type.startswith("refund."):
            refund = await self._read.refund(object_id)
            return await self._read.order_of(refund.get("payment_id"))
        return await self._read.order_of(object_id)

    def events(self) -> AsyncIterator[truth.EventNotice]:
        """Events of the last 28 days, newest first, where the merchant has switched their search on."""
        return self._read.events()

    async def movements(self) -> AsyncIterator[truth.Movement]:
        """What the payments and refunds did to the balance, newest first."""
        async for payment in self._read.listed("payments"):
            shown = shapes.charge([payment], payment.get("order_id"))
            if shown is not None and shown.movement is not None:
                yield shown.movement
        async for one in self._read.listed("refunds"):
            moved = shapes.refund(one, None).movement
            if moved is not None:
                yield moved

    async def movement(self, movement_id: str) -> truth.Movement:
        """One line of what Square took or gave."""
        if "_" in movement_id:
            moved = shapes.refund(await self._read.refund(movement_id), None).movement
        else:
            shown = shapes.charge([await self._read.payment(movement_id)], None)
            moved = shown.movement if shown is not None else None
        if moved is None:
            raise NotFound(f"{movement_id} moved nothing yet", code="NOT_FOUND")
        return moved

    async def intents(self) -> AsyncIterator[truth.Intent]:
        """Orders of ours, newest first."""
        async for order, payments in self._read.orders_with_payments():
            if order.get("reference_id"):
                yield shapes.intent(order, payments, live=self._live)

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    async def _refuse_if_paid(self, link_id: str) -> None:
        """Square takes back a link that was paid as well, and says nothing of the payment."""
        link = await self._client.call(
            lambda sdk: sdk.checkout.payment_links.get(id=checked(link_id), request_options=options())
        )
        if (await self._read.order(str(link["payment_link"]["order_id"]))).get("tenders"):
            raise Refused("the link was paid", code="ALREADY_PAID")

    # how a hold is changed

    async def _held(self, params: Mapping[str, Any]) -> dict[str, Any]:
        if not params.get("charge_id"):
            raise Refused("nothing is held on this order", code="NOTHING_HELD")
        payment = await self._read.payment(params["charge_id"])
        if payment.get("status") != "APPROVED":
            raise Refused("nothing is held on this order any more", code="NOTHING_HELD")
        return payment

    async def _complete(self, payment: dict[str, Any], amount: int, key: str) -> None:
        """Capture a hold as it was seen; a smaller amount is written into it first."""
        if shapes.minor(payment.get("amount_money")) != amount:
            changes = {
                "amount_money": shapes.money(amount, payment["amount_money"]["currency"]),
                "version_token": payment["version_token"],
            }
            made = await self._client.call(
                lambda sdk: sdk.payments.update(
                    payment_id=checked(payment["id"]),
                    idempotency_key=shapes.key_of(f"{key}:amount:{payment['version_token']}"),
                    payment=changes,
                    request_options=options(),
                )
            )
            payment["version_token"] = made["payment"]["version_token"]
        await self._client.call(
            lambda sdk: sdk.payments.complete(
                payment_id=checked(payment["id"]), version_token=payment["version_token"], request_options=options()
            )
        )

    async def _close(self, order: dict[str, Any], key: str) -> None:
        """Close an order that nobody paid, so that nobody can."""
        if order.get("state") not in {"OPEN", "DRAFT"}:
            return
        changes = {"location_id": self._location, "version": order["version"], "state": "CANCELED"}
        await self._client.call(
            lambda sdk: sdk.orders.update(
                order_id=checked(order["id"]),
                order=changes,
                idempotency_key=shapes.key_of(f"{key}:{order['version']}"),
                request_options=options(),
            )
        )


def _session(link: Mapping[str, Any], params: Mapping[str, Any]) -> truth.Session:
    """A payment link as a page; whether it was paid, its order says."""
    return truth.Session(
        id=str(link["id"]),
        open=True,
        expired=False,
        paid=False,
        intent_id=str(link["order_id"]),
        amount=params["amount"],
        currency=params["currency"],
        livemode=False,
        metadata=params["metadata"],
        url=str(link["url"]),
    )
