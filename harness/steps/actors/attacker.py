"""The attacker: forges, tampers, replays, guesses.

Never holds the webhook secret, unless the scenario says that it leaked.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.courier import (
    UNSIGNED,
    Event,
    Parcel,
    Signing,
    forged_object,
    forgery,
    made_up,
    made_up_payment,
    printed,
    type_of,
)
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.record.model import Receipt
from harness.steps.actors.card_fields import put
from harness.steps.actors.shopper import Shopper
from harness.targets import Answer, Raw

if TYPE_CHECKING:
    from harness.steps.world import Order, World

SHOPPERS = ("order_status", "return_page", "change_order", "start_payment", "cancel_order")
STAFFS = (
    "inspect_order",
    "capture",
    "cancel_payment",
    "refund",
    "submit_evidence",
    "accept_dispute",
    "reconcile",
    "ledger",
    "list_events",
)
MOVERS = ("cancel_order", "capture", "cancel_payment", "refund", "accept_dispute")
"""Operations that move money or call something off."""
_COULD_NOT_CHECK, _MORE_TRIES, _PAUSE_SECONDS = 503, 4, 0.4


class Attacker:
    """``world.attacker``."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: list[Answer] = []
        self.receipts: list[Receipt] = []
        """What came of every forged delivery; the last one is ``receipts[-1]``."""
        self.recorded: Event | None = None
        """The genuine event whose delivery was recorded."""

    # forged and replayed deliveries

    async def delivers(self, event: str, forgery_name: str, *, order: Order | None = None) -> Receipt:
        """Deliver an invented event about the current order ("payment succeeded", "dispute won", or a provider type).

        ``forgery_name`` in plain words, see ``harness.courier.FORGERIES``: "no signature", "a garbage signature",
        "a signature made with another secret", "a body altered after signing", "a signature from ten minutes ago", ...
        """
        form = forgery(forgery_name)
        parcel = form.parcel(await self.invents(event, order), f"forged: {forgery_name}")
        receipt = (await self.world.courier.road.carry(parcel)).receipt
        for _ in range(_MORE_TRIES):
            if receipt.status != _COULD_NOT_CHECK:
                break
            # A door that could not check asks for another try, and an attacker has time.
            await asyncio.sleep(_PAUSE_SECONDS)
            receipt = (await self.world.courier.road.carry(parcel)).receipt
        return self._keep(receipt)

    async def invents(self, event: str, order: Order | None = None) -> Event:
        """An event about the order that the provider never made."""
        payment, charge = await self._payment(order or self.world.order)
        known, provider = self.world.lab.side.api_version(), self.world.lab.provider.value
        about = forged_object(event, payment, charge, provider=provider)
        return made_up(type_of(event, provider), about, api_version=known, provider=provider)

    async def _payment(self, order: Order) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
        """The order's payment and its charge, as the provider has them; invented where there is none yet."""
        payments = await self.world.provider.payments(order)
        provider, total = self.world.lab.provider.value, order.total
        payment = (
            payments[-1].raw if payments else made_up_payment(order.id, total.minor, total.currency, provider=provider)
        )
        charges = await self.world.lab.side.charges(str(payment["id"])) if payments else []
        if order.provider_id and order.provider_id.startswith("cs_"):
            page = await self.world.lab.side.raw(f"/v1/checkout/sessions/{order.provider_id}")
            payment = {**payment, "checkout_session": page, "metadata": page.get("metadata") or payment.get("metadata")}
        return payment, charges[-1].raw if charges else None

    async def records(self, event: str) -> Event:
        """Record a genuine delivery on its way; providers do not list an event for ever, recordings last."""
        (self.recorded,) = await self.world.courier.waits_for(event)
        return self.recorded

    async def delivers_recorded(self) -> Receipt:
        """Deliver what was recorded, byte for byte under the signature that it had.

        Only of a signature that carries no time can that be made anew.
        """
        if self.world.lab.provider is not Provider.SQUARE:
            raise NotApplicable(f"the signatures of {self.world.lab.provider.spelled} carry a time, and grow old")
        if self.recorded is None:
            raise HarnessError("nothing was recorded in this scenario; a step that records an event must come first")
        parcel = Parcel(self.recorded, self.recorded.body, "as it was recorded", again=False)
        return self._keep((await self.world.courier.road.carry(parcel)).receipt)

    async def replays(self, event: str, *, age: float) -> Receipt:
        """Deliver a genuine event again as it was delivered ``age`` seconds ago.

        The same bytes under that signature.
        """
        (genuine,) = await self.world.courier.waits_for(event)
        # Square's signature carries no time, so that what was recorded is what would be sent today.
        shift = 0.0 if self.world.lab.provider is Provider.SQUARE else -age
        parcel = Parcel(genuine, genuine.body, f"replayed after {age:g} s", Signing(shift=shift), again=False)
        return self._keep((await self.world.courier.road.carry(parcel)).receipt)

    async def posts(self, body: bytes, headers: Mapping[str, str] | None = None) -> Receipt:
        """Post anything at all to the webhook door, unsigned."""
        event = Event(f"evt_{secrets.token_hex(12)}", "payharness.posted", 0, None, {"data": {}})
        signing = Signing(parts=UNSIGNED.parts, extra=dict(headers or {}))
        parcel = Parcel(event, body, "posted by an attacker", signing, again=False)
        return self._keep((await self.world.courier.road.carry(parcel)).receipt)

    async def posts_card_event(self) -> Receipt:
        """Post an unsigned event that carries a card number and its security code."""
        card = self.world.card
        inside = {"id": "ch_forged", "object": "charge", "card": {"number": card.number, "cvc": card.code}}
        self.world.record.keep(card.code, "security code")
        provider = self.world.lab.provider.value
        invented = made_up(type_of("charge made", provider), inside, provider=provider)
        return await self.posts(printed(invented.document, provider))

    def _keep(self, receipt: Receipt) -> Receipt:
        self.receipts.append(receipt)
        if not receipt.status:
            self.world.target.raise_if_dead()
        return receipt

    # addresses that claim something

    async def claims_success(self, **query: str) -> Answer:
        """Open the return page of the current, unpaid order with a query that claims that it was paid."""
        order = self.world.order
        claims = {
            "payment_intent": order.provider_id or f"pi_{secrets.token_hex(12)}",
            "redirect_status": "succeeded",
            "token": order.provider_id or secrets.token_hex(9)[:17].upper(),
            "PayerID": "PAYHARNESS123",
            "status": "paid",
            "success": "true",
            **query,
        }
        return await self._asks("return_page", {**_known(order), "query": claims})

    async def uses_another_orders_payment(self, paid: Order) -> Answer:
        """Open the return page of the current order with the identifiers of another order's successful payment."""
        claims = {
            "payment_intent": paid.provider_id or "",
            "session_id": paid.provider_id or "",
            "token": paid.provider_id or "",
            "redirect_status": "succeeded",
        }
        if paid.client_secret:
            claims["payment_intent_client_secret"] = paid.client_secret
        return await self._asks("return_page", {**_known(self.world.order), "query": claims})

    # other people's orders

    async def guesses_orders(self, victim: Order) -> list[Answer]:
        """Try every shopper's operation on somebody else's order.

        Without a token, with one's own, with a made-up one.
        """
        mine = self.world.orders[:], self.world.order
        own = Shopper(self.world, "attacker")
        await own.orders(victim.total)
        self.world.orders, self.world.order = mine
        tokens = [None, own.order.token, "ot_" + secrets.token_urlsafe(24)]
        lines = [dict(line) for line in victim.lines]
        return [
            await self._asks(operation, {**_guess(victim), "lines": lines, "order_token": token})
            for operation in self._those(SHOPPERS)
            for token in tokens
        ]

    async def works_as_staff(self, order: Order | None = None) -> list[Answer]:
        """Try every operator's operation without a token, with a shopper's, with a made-up one."""
        order = order or self.world.order
        tokens = [None, order.token, "op_" + secrets.token_urlsafe(24)]
        staff = {"dispute_id": "du_guessed", "text": "winning_evidence", "submit": True}
        return [
            await self._asks(operation, {**_guess(order), **staff, "operator_token": token})
            for operation in self._those(STAFFS)
            for token in tokens
        ]

    async def sends_ids(self, ids: Sequence[str]) -> list[Answer]:
        """Ask for orders of these ids (path steps.

        Quotes, control characters), quoted as a client would and as they are.
        """
        order = self.world.order
        forms: list[str] = [form for one in ids for form in ((one, Raw(one)) if _fits_path(one) else (one,))]
        return [await self._asks("order_status", {**_known(order), "order_id": form}) for form in forms]

    async def follows_links(self) -> list[Answer]:
        """Follow links to what would cancel, capture or refund, with the right tokens, as a logged-in browser would."""
        values = {**_guess(self.world.order), "order_token": self.world.order.token or None, "dispute_id": "du_guessed"}
        return [await self._asks(operation, values, method="GET") for operation in self._those(MOVERS)]

    # tampering

    async def forges_host(self, host: str) -> Answer:
        """Start to pay on the provider's page under a forged host name."""
        headers = {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Proto": "https", "Forwarded": f"host={host}"}
        wish = {"method": "hosted", "capture": "automatic", "provider": self.world.lab.provider.value}
        values = {**_known(self.world.order), **wish}
        return await self._asks("start_payment", values, headers=headers)

    async def sends_body(self, body: bytes) -> Answer:
        """Send a body of one's own making where an order is expected."""
        return await self._asks("create_order", {"currency": "eur", "lines": []}, content=body)

    async def puts_card(self, field: str, *, code: bool = False) -> Answer:
        """Put this scenario's card number (and its security code) into a field: see ``card_fields.FIELDS``."""
        if code:
            self.world.record.keep(self.world.card.code, "security code")
        answer = await put(self.world, field, code=code)
        self.answers.append(answer)
        return answer

    # inside

    def _those(self, operations: Sequence[str]) -> list[str]:
        found = [operation for operation in operations if operation in self.world.target.operations]
        if not found:
            raise NotApplicable(f"the target has none of the operations {', '.join(operations)}")
        return found

    async def _asks(self, operation: str, values: Mapping[str, Any], **tampering: Any) -> Answer:
        try:
            answer = await self.world.target.run(operation, values, actor="attacker", **tampering)
        except UnicodeError as error:
            raise HarnessError(f"the attacker's {operation} cannot be sent: {error}") from error
        self.answers.append(answer)
        return answer


def _known(order: Order) -> dict[str, Any]:
    return {"order_id": order.id, "order_token": order.token or None}


def _guess(order: Order) -> dict[str, Any]:
    return {"order_id": order.id, "method": "embedded", "capture": "automatic", "lines": [], "query": {}}


def _fits_path(text: str) -> bool:
    return text.isascii() and text.isprintable() and not set(text) & set("#? ")
