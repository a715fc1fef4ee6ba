"""PayPal through its official SDK (``paypal_client``), which knows neither webhooks nor disputes.

A PayPal order is our payment. Approval by the payer moves no money: whoever learns of it takes it (``take``), and
everything that is then said about the payment is read again from the order, its captures and its refunds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from reference_impl import logs
from reference_impl.gateways import paypal_disputes, paypal_reports, truth
from reference_impl.gateways import paypal_shapes as shapes
from reference_impl.gateways import paypal_signature as signature
from reference_impl.gateways.errors import GatewayError, NotFound, OutcomeUnknown, Refused
from reference_impl.gateways.paypal_certificates import Certificates
from reference_impl.gateways.paypal_client import LIVE, PayPalClient, request_id
from reference_impl.gateways.paypal_objects import Objects
from reference_impl.gateways.protocol import BadSignature, Unverifiable
from reference_impl.settings import Settings

DUPLICATE_INVOICE = "DUPLICATE_INVOICE_ID"
HONOUR = timedelta(days=3)
"""For how long the payer's bank stands by an authorization (PayPal, "Authorization and honor period")."""

_FULL = "return=representation"
_INVOICE_TURNS = 3
_log = logs.get("paypal")


class PayPalGateway:
    """The merchant's REST app at PayPal."""

    name = "paypal"
    api_version = None
    takes_on_our_word = True
    refunds_lost_disputes = True
    statement_lag_seconds = paypal_reports.LAG_SECONDS
    takes_tokens = False
    events_may_be_off = False
    asks_by_parts = False

    def __init__(self, settings: Settings) -> None:
        self.publishable_key = settings.paypal_client_id
        self._live = settings.live
        self._client = PayPalClient(settings)
        self._read = Objects(self._client)
        self._certificates = Certificates(settings)
        self._webhook_ids = settings.webhook_ids
        self._asks_back = settings.paypal_postback == "second_opinion"
        # The clock of a simulator may have been moved ahead of ours, by as much as a test likes.
        self._most_ahead = timedelta.max if settings.paypal_api_base else signature.MOST_AHEAD
        if settings.paypal_api_base:
            self._payer_pages = settings.paypal_api_base.rstrip("/")
        else:
            self._payer_pages = (
                "https://www.paypal.com" if self._client.base == LIVE else "https://www.sandbox.paypal.com"
            )

    def is_token(self, text: str) -> bool:
        """Nothing is paid with tokens that a browser hands us."""
        del text
        return False

    def sells_in(self, currency: str) -> bool:
        """Whether PayPal takes a currency."""
        return currency in shapes.CURRENCIES

    # the door

    async def prepare_delivery(self, headers: Mapping[bytes, bytes]) -> None:
        """Have the certificate that a delivery names, if its address may be asked at all."""
        try:
            sent = signature.transmission(headers)
            signature.certificate_path(sent.certificate_url, self._certificates.origin)
        except BadSignature:
            return  # refused in a moment, without having asked anybody
        await self._certificates.prepare(sent.certificate_url)

    def verify_delivery(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Raise ``BadSignature`` unless PayPal signed these bytes for one of our webhooks.

        Raises ``Unverifiable`` while the certificate is not there.
        """
        now = datetime.now(UTC)
        sent = signature.transmission(headers)
        signature.check_time(sent.time, now, self._most_ahead)
        known = self._certificates.of(sent.certificate_url)
        signature.check(sent, body, known, self._webhook_ids, now)

    async def second_opinion(self, body: bytes, headers: Mapping[bytes, bytes]) -> None:
        """Have PayPal check the delivery as well; the event goes back to it byte for byte as it came."""
        if not self._asks_back:
            return
        sent = signature.transmission(headers)
        try:
            msgspec.json.decode(body)
        except msgspec.MsgspecError:
            # Spliced in, it could bring fields of its own into the question.
            raise BadSignature("the body is no JSON") from None
        for webhook_id in self._webhook_ids:
            try:
                answer = await self._client.beside(
                    "POST",
                    "/v1/notifications/verify-webhook-signature",
                    content=postback(sent, webhook_id, body),
                    repeatable=True,
                )
                verdict = answer.data.get("verification_status")
            except GatewayError as error:
                raise Unverifiable("PayPal could not be asked about the delivery") from error
            if verdict == "SUCCESS":
                return
        raise BadSignature("PayPal does not know the delivery")

    def transmission_of(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Id of a delivery."""
        return signature.transmission(headers).id

    # payments

    async def create_payment(self, params: dict[str, Any], key: str) -> truth.Started:
        """Make an order; an invoice id that was paid before (a restored database) gets a suffix."""
        for turn in range(_INVOICE_TURNS):
            rid = request_id(f"{key}:invoice:{turn}" if turn else key)
            body = shapes.order_params(params, turn)
            try:
                answer = await self._client.sdk(
                    lambda sdk, rid=rid, body=body: sdk.orders.create_order(  # type: ignore[misc]
                        {"body": body, "paypal_request_id": rid, "prefer": _FULL}
                    ),
                    key=rid,
                    moves_money=True,
                )
            except Refused as error:
                if error.code != DUPLICATE_INVOICE or turn == _INVOICE_TURNS - 1:
                    raise
            else:
                return truth.Started(intent=self._intent(answer.data))
        raise AssertionError("an order is asked for at least once")

    async def find_payment(self, payment_id: str) -> truth.Started | None:
        """PayPal has no list of orders; an order that nobody approved takes no money, so a new one does no harm."""
        del payment_id
        return None

    async def intent(self, intent_id: str, _known: Sequence[str] = ()) -> truth.Intent:
        """An order with all that became of it."""
        return self._intent(await self._read.order(intent_id))

    async def session(self, session_id: str) -> truth.Session:
        """PayPal's page belongs to the order; there is no other object for it."""
        raise NotFound(f"{session_id} is no page of PayPal's", code="no_sessions")

    async def take(self, params: dict[str, Any], key: str) -> truth.Intent:
        """Capture, or authorise, what the payer approved; under another invoice id where ``invoice_id`` is given."""
        intent_id, rid = params["intent_id"], request_id(key)
        if params.get("invoice_id"):
            await self._rename(intent_id, params["invoice_id"])
        options = {"id": intent_id, "paypal_request_id": rid, "prefer": _FULL}
        if params["capture"] == "manual":
            await self._client.sdk(lambda sdk: sdk.orders.authorize_order(options), key=rid, moves_money=True)
        else:
            await self._client.sdk(lambda sdk: sdk.orders.capture_order(options), key=rid, moves_money=True)
        # A repeated request is answered with how things stood, or stand; only the order itself is asked.
        return await self.intent(intent_id)

    async def capture(self, params: dict[str, Any], key: str) -> truth.Intent:
        """Capture a hold, once; what is not captured is released.

        A hold whose honour period is over is authorised anew first, as long as PayPal allows it.
        """
        order = await self._read.order(params["intent_id"])
        holds = _open_holds(order)
        if not holds:
            raise Refused("nothing is held on this order", code="AUTHORIZATION_VOIDED")
        hold = holds[-1]
        hold_id = await self._honoured(hold, key)
        currency = str(hold["amount"]["currency_code"]).lower()
        for turn in range(_INVOICE_TURNS):
            rid = request_id(f"{key}:invoice:{turn}" if turn else key)
            body = {"amount": shapes.value(params["amount"], currency), "final_capture": True}
            if turn:
                body["invoice_id"] = f"{_unit(order).get('invoice_id')}-c{turn}"
            options = {"authorization_id": hold_id, "paypal_request_id": rid, "prefer": _FULL, "body": body}
            try:
                await self._client.sdk(
                    lambda sdk, options=options: sdk.payments.capture_authorized_payment(options),  # type: ignore[misc]
                    key=rid,
                    moves_money=True,
                )
            except Refused as error:
                if error.code != DUPLICATE_INVOICE or turn == _INVOICE_TURNS - 1:
                    raise
            else:
                break
        return await self.intent(params["intent_id"])

    async def cancel(self, params: dict[str, Any], key: str) -> None:
        """Void a hold; an order that nobody took is called off by not taking it."""
        holds = _open_holds(await self._read.order(params["intent_id"]))
        if not holds:
            raise Refused("nothing is held on this order", code="PREVIOUSLY_VOIDED")
        hold = holds[0]  # voiding the first one voids what was authorised anew in its place
        rid = request_id(key)
        options = {"authorization_id": hold["id"], "paypal_request_id": rid}
        await self._client.sdk(lambda sdk: sdk.payments.void_payment(options), key=rid, moves_money=True)

    # refunds

    async def create_refund(self, params: dict[str, Any], key: str) -> truth.Refund:
        """Give money back from the capture that took it; our refund id is its custom id."""
        order = await self._read.order(params["intent_id"])
        taken = shapes.charge(order, _payments(order, "captures"))
        if taken is None or not taken.succeeded:
            raise Refused("nothing was captured", code="PENDING_CAPTURE")
        rid = request_id(key)
        options = {
            "capture_id": taken.id,
            "paypal_request_id": rid,
            "prefer": _FULL,
            "body": shapes.refund_params(params, taken.currency),
        }
        answer = await self._client.sdk(
            lambda sdk: sdk.payments.refund_captured_payment(options), key=rid, moves_money=True
        )
        return shapes.refund(answer.data, params["intent_id"])

    async def find_refund(self, intent_id: str, refund_id: str) -> truth.Refund | None:
        """The refund of an order that carries our refund id."""
        for found in await self.refunds(intent_id):
            if found.metadata.get("refund_id") == refund_id:
                return found
        return None

    async def refunds(self, intent_id: str) -> tuple[truth.Refund, ...]:
        """Every refund of an order."""
        order = await self._read.order(intent_id)
        return tuple(shapes.refund(one, intent_id) for one in _payments(order, "refunds"))

    # disputes

    async def disputes(self, intent_id: str) -> tuple[truth.Dispute, ...]:
        """Every dispute about a capture of an order."""
        order = await self._read.order(intent_id)
        found: dict[str, truth.Dispute] = {}
        for capture in _payments(order, "captures"):
            answer = await self._client.beside(
                "GET", "/v1/customer/disputes", params={"disputed_transaction_id": capture["id"]}
            )
            for item in answer.data.get("items") or []:
                found[item["dispute_id"]] = paypal_disputes.dispute(
                    await self._read.dispute(item["dispute_id"]), intent_id
                )
        return tuple(found.values())

    async def dispute(self, dispute_id: str) -> truth.Dispute:
        """One dispute."""
        data = await self._read.dispute(dispute_id)
        return paypal_disputes.dispute(data, await self._read.order_of_dispute(data))

    async def submit_evidence(self, dispute_id: str, text: str, *, submit: bool, key: str) -> truth.Dispute:
        """Answer a dispute: evidence for a claim, a message to the buyer while it is only a question."""
        if not submit:
            raise Refused("PayPal keeps no drafts of evidence", code="no_drafts")
        data = await self._read.dispute(dispute_id)
        path = f"/v1/customer/disputes/{quote(dispute_id, safe='')}"
        headers = {"PayPal-Request-Id": request_id(key)}
        if shapes.link(data, "provide_evidence") or data.get("dispute_life_cycle_stage") != "INQUIRY":
            evidence = {"evidences": [{"evidence_type": "OTHER", "notes": text[:2000]}]}
            part = ("input.json", msgspec.json.encode(evidence), "application/json")
            await self._client.beside("POST", f"{path}/provide-evidence", files={"input": part}, headers=headers)
        else:
            message = msgspec.json.encode({"message": text[:2000]})
            await self._client.beside("POST", f"{path}/send-message", content=message, headers=headers)
        return await self.dispute(dispute_id)

    async def accept_dispute(self, dispute_id: str, key: str) -> truth.Dispute:
        """Accept a claim as lost; PayPal refunds the buyer."""
        await self._client.beside(
            "POST",
            f"/v1/customer/disputes/{quote(dispute_id, safe='')}/accept-claim",
            content=msgspec.json.encode({"note": "The merchant accepts the claim."}),
            headers={"PayPal-Request-Id": request_id(key)},
        )
        return await self.dispute(dispute_id)

    async def fraud_warning(self, warning_id: str) -> truth.FraudWarning:
        """PayPal gives none."""
        raise NotFound(f"{warning_id} is no object of PayPal's", code="no_fraud_warnings")

    # looking things up

    async def intent_of(self, event_type: str, object_id: str) -> str | None:
        """The order of an event's resource, asked of PayPal whatever the event says."""
        return await self._read.order_of(event_type, object_id)

    def events(self) -> AsyncIterator[truth.EventNotice]:
        """Events of the last days as PayPal lists them, newest first; none where the app may not list them."""
        return self._read.events(live=self._live)

    def movements(self) -> AsyncIterator[truth.Movement]:
        """Lines of the account statement, newest first, as far as the report has them: it lags by hours."""
        return self._read.movements()

    async def movement(self, movement_id: str) -> truth.Movement:
        """What something did to the balance, asked of the object itself: the report may not have it yet."""
        return await self._read.movement(movement_id)

    async def intents(self) -> AsyncIterator[truth.Intent]:
        """PayPal has no list of orders."""
        nothing: tuple[truth.Intent, ...] = ()
        for one in nothing:
            yield one

    async def close(self) -> None:
        """Close connections."""
        await self._certificates.close()
        await self._client.close()

    # reading

    def _intent(self, data: Mapping[str, Any]) -> truth.Intent:
        try:
            pages = f"{self._payer_pages}/checkoutnow?token={quote(str(data['id']), safe='')}"
            return shapes.intent(data, live=self._live, payer_url=pages)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise OutcomeUnknown("PayPal's answer is not an order", code="unreadable") from error

    # writing

    async def _rename(self, intent_id: str, invoice_id: str) -> None:
        """Give an order another invoice id; asking for the same one twice changes nothing."""
        change = [
            {
                "op": "replace",
                "path": f"/purchase_units/@reference_id=='{shapes.DEFAULT_UNIT}'/invoice_id",
                "value": invoice_id,
            }
        ]
        await self._client.sdk(lambda sdk: sdk.orders.patch_order({"id": intent_id, "body": change}))

    async def _honoured(self, hold: Mapping[str, Any], key: str) -> str:
        """Id of a hold that the payer's bank stands by: the same, or a new one where its honour period is over."""
        made = shapes.moment(hold.get("create_time"))
        hold_id = str(hold["id"])
        if not made or datetime.now(UTC) - datetime.fromtimestamp(made, UTC) < HONOUR:
            return hold_id
        rid = request_id(f"{key}:reauthorise")
        options = {
            "authorization_id": hold_id,
            "paypal_request_id": rid,
            "prefer": _FULL,
            "body": {"amount": hold["amount"]},
        }
        try:
            answer = await self._client.sdk(
                lambda sdk: sdk.payments.reauthorize_payment(options), key=rid, moves_money=True
            )
        except Refused as error:
            # The old hold may still be captured, only without the bank's word for it.
            _log.warning("paypal.not_reauthorised", hold=hold_id, code=error.code)
            return hold_id
        return str(answer.data.get("id") or hold_id)


def postback(sent: signature.Transmission, webhook_id: str, body: bytes) -> bytes:
    """The question whether a delivery is genuine, with the event spliced in verbatim.

    Written anew, an event would not be the one that was signed: ``1.0`` becomes ``1``, keys change places.
    """
    fields = {
        "auth_algo": sent.algorithm,
        "cert_url": sent.certificate_url,
        "transmission_id": sent.id,
        "transmission_sig": sent.signature,
        "transmission_time": sent.time,
        "webhook_id": webhook_id,
    }
    return msgspec.json.encode(fields)[:-1] + b',"webhook_event":' + body + b"}"


def _unit(order: Mapping[str, Any]) -> dict[str, Any]:
    units = order.get("purchase_units") or [{}]
    found: dict[str, Any] = units[0]
    return found


def _payments(order: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    return list((_unit(order).get("payments") or {}).get(kind) or [])


def _open_holds(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Authorizations that can still be captured or voided, oldest first."""
    live = [one for one in _payments(order, "authorizations") if one.get("status") in {"CREATED", "PENDING"}]
    return sorted(live, key=lambda one: shapes.moment(one.get("create_time")))
