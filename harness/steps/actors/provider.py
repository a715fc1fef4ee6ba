"""The provider as an actor: its truth, its moods, and what happens on its side without the merchant.

Moods and the clock exist only where the provider is simulated; on a sandbox they raise ``NotApplicable``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from harness.courier.names import INSTEAD
from harness.domain.money import Money
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError, NotApplicable, NotObservable
from harness.providers import (
    Call,
    ChargeTruth,
    DisputeTruth,
    PaymentTruth,
    RefundTruth,
    SimulatorControl,
    call,
    refusal,
)
from harness.steps.actors.common import money
from harness.steps.actors.shopper import demand_currency

if TYPE_CHECKING:
    from harness.steps.world import Order, World

_REASONS = {
    "product not received": "product_not_received",
    "never received": "product_not_received",
    "not as described": "product_unacceptable",
    "cancelled subscription": "subscription_canceled",
    "paid twice": "duplicate",
}
_PAYPAL_REASONS = {
    "fraudulent": "UNAUTHORISED",
    "product not received": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
    "never received": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
    "inquiry": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
    "not as described": "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED",
    "cancelled subscription": "CANCELED_RECURRING_BILLING",
    "paid twice": "DUPLICATE_TRANSACTION",
    "credit not processed": "CREDIT_NOT_PROCESSED",
    "general": "OTHER",
}
_SQUARE_REASONS = {
    "fraudulent": "NO_KNOWLEDGE",
    "product not received": "NOT_RECEIVED",
    "never received": "NOT_RECEIVED",
    "inquiry": "NOT_RECEIVED",
    "not as described": "NOT_AS_DESCRIBED",
    "cancelled subscription": "CANCELLED",
    "paid twice": "DUPLICATE",
    "credit not processed": "CUSTOMER_REQUESTS_CREDIT",
    "paid by other means": "PAID_BY_OTHER_MEANS",
    "another amount": "AMOUNT_DIFFERS",
}
_OUTCOMES = {"won": "won", "lost": "lost", "warning closed": "warning_closed", "escalated": "escalated"}


class ProviderActor:
    """``world.provider``.

    Calls of the target are named in plain words: "start a payment", "retrieve a payment", "capture", "cancel a
    payment", "refund", "submit evidence", "start a hosted payment", "any call", ... (``harness.providers.CALLS``).
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.moods: list[str] = []
        """Ids of the moods of this scenario, as it was put into them."""
        self.settings_before: dict[str, Any] = {}
        """Settings of the account that this scenario has changed, as they were."""
        self._needed: set[str] = set()
        """Settings that the instrument needs which paid last."""

    def control(self, what: str) -> SimulatorControl:
        """Control of the simulated provider; ``NotApplicable`` on a sandbox, saying what cannot be done there."""
        if self.world.lab.control is None:
            raise NotApplicable(f"{what} only where the provider is simulated")
        return self.world.lab.control

    # truth

    async def payment(self, order: Order | None = None) -> PaymentTruth:
        """The payment behind the order, as the provider knows it."""
        order = order or self.world.order
        side = self.world.lab.side
        if order.provider_id and side.is_payment(order.provider_id):
            return await side.payment(order.provider_id)
        found = await self.payments(order)
        assert found, f"the provider knows no payment for the order {order.id}"
        return found[-1]

    async def payments(self, order: Order | None = None) -> list[PaymentTruth]:
        """Every payment object made for the order (more than one is a double payment in the making)."""
        order = order or self.world.order
        since = int(self.world.lab.known.at)
        hosted = any(one.hosted for one in self.world.orders)
        side = self.world.lab.side
        made = await side.payments(order.id, since=since, pages=hosted)
        found = {one.id: one for one in made}
        if order.provider_id and side.is_payment(order.provider_id) and order.provider_id not in found:
            found[order.provider_id] = await side.payment(order.provider_id)
        return list(found.values())

    async def charges(self, order: Order | None = None) -> list[ChargeTruth]:
        """Every attempt to charge for the order."""
        side = self.world.lab.side
        return [charge for payment in await self.payments(order) for charge in await side.charges(payment.id)]

    async def refunds(self, order: Order | None = None) -> list[RefundTruth]:
        """Every refund of the order's payments."""
        side = self.world.lab.side
        return [refund for payment in await self.payments(order) for refund in await side.refunds(payment.id)]

    async def disputes(self, order: Order | None = None) -> list[DisputeTruth]:
        """Every dispute about the order's payments."""
        side = self.world.lab.side
        return [dispute for payment in await self.payments(order) for dispute in await side.disputes(payment.id)]

    # moods

    async def is_slow(self, seconds: float, call_name: str = "any call", *, times: int | None = None) -> None:
        """Answers only after ``seconds``."""
        await self._mood("delay", call_name, times, seconds=seconds)

    async def answers(
        self, status: int, call_name: str = "any call", *, times: int | None = 1, code: str | None = None
    ) -> None:
        """Answers with an error before it does anything (409, 429, 500, 503, ...)."""
        body = refusal(self.world.lab.provider, status, code)
        await self._mood("status", call_name, times, status=status, body=body)

    async def resets(self, call_name: str = "any call", *, times: int | None = 1) -> None:
        """Cuts the connection before it does anything."""
        await self._mood("reset", call_name, times)

    async def refuses(self, call_name: str = "any call", *, times: int | None = None) -> None:
        """Takes no connection."""
        await self._mood("refuse", call_name, times)

    async def hangs(self, seconds: float, call_name: str = "any call", *, times: int | None = 1) -> None:
        """Does what was asked, and answers so late that the caller has given up."""
        await self._mood("hang", call_name, times, seconds=seconds)

    async def drops_response(self, call_name: str, *, times: int | None = 1) -> None:
        """Does what was asked, then the connection is cut: the caller cannot know."""
        await self._mood("drop_response", call_name, times)

    async def is_down(self) -> None:
        """Nothing is answered but 503, until ``recovers``."""
        await self.answers(503, times=None)

    async def answers_with_a_page(self, call_name: str = "any call", *, times: int | None = 1) -> None:
        """A proxy answers in the provider's place, with a page that is no JSON."""
        page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        headers = {"Content-Type": "text/html"}
        await self._mood("status", call_name, times, status=502, body=page, headers=headers)

    async def tells_of_another_version(self, call_name: str, *, times: int | None = 1) -> None:
        """Refuses a change because the object has moved on since it was read."""
        if self.world.lab.provider is not Provider.SQUARE:
            raise NotApplicable(f"{self.world.lab.provider.spelled}'s objects carry no version that a change must name")
        await self.answers(400, call_name, times=times, code="VERSION_MISMATCH")

    async def rejects_refund(self) -> None:
        """A refund that waits is turned down by the bank."""
        waiting = [one for one in await self.refunds() if one.status == "pending"]
        if not waiting:
            raise HarnessError("no refund of the order waits at the provider; a step that refunds must come first")
        await self.control("a refund can be rejected").act(f"refunds/{waiting[-1].id}/reject")

    async def is_set(self, **settings: Any) -> None:
        """The account is set otherwise, for this scenario."""
        control = self.control("an account can be set")
        known = await control.settings()
        self.settings_before = {**{name: known[name] for name in settings}, **self.settings_before}
        await control.settings(**settings)

    async def behaves_for(self, settings: Mapping[str, Any]) -> None:
        """The account is set as the instrument that pays now needs it; what an earlier one needed is over."""
        over = {name: self.settings_before[name] for name in self._needed - settings.keys()}
        if over or settings:
            await self.is_set(**{**over, **settings})
        self._needed = set(settings)

    async def recovers(self) -> None:
        """Every mood is over."""
        await self.control("moods end").clear_faults()

    async def was_met(self, mood: str | None = None) -> bool:
        """Whether a call has met a mood (the last one, unless named), or is meeting it now."""
        mood = mood or self.moods[-1]
        faults = await self.control("moods are counted").faults()
        return any(fault["id"] == mood and fault["fired"] for fault in faults)

    async def _mood(self, action: str, words: str, times: int | None, **more: Any) -> None:
        method, path = call(words, self.world.lab.provider)
        control = self.control(f"the provider can be made to {action}")
        self.moods.append(await control.fault(action, method, path, times=times, **more))

    # what happens on its side

    async def opens_dispute(
        self,
        kind: str = "fraudulent",
        *,
        amount: Money | str | None = None,
        order: Order | None = None,
        at_bank: bool = True,
    ) -> DisputeTruth:
        """The cardholder disputes the order's charge: "fraudulent", "product not received", "inquiry", ...

        ``at_bank``: PayPal tells a chargeback of the bank's from a case that the buyer opens with PayPal itself.
        """
        fields: dict[str, Any] = {"reason": self._reason(kind)}
        if kind == "inquiry":
            fields["inquiry"] = True
        elif at_bank and self.world.lab.provider is Provider.PAYPAL:
            fields["channel"] = "EXTERNAL"
        if amount is not None:
            fields["amount"] = money(amount).minor
        charge = await self._charge(order)
        made = await self.control("a dispute can be opened").open_dispute(charge.id, **fields)
        made_id = made.get("id") or made["dispute_id"]
        return next(one for one in await self.disputes(order) if one.id == made_id)

    def _reason(self, kind: str) -> str:
        if self.world.lab.provider is Provider.PAYPAL:
            if kind not in _PAYPAL_REASONS:
                raise NotApplicable(f"PayPal knows no dispute for {kind!r}")
            return _PAYPAL_REASONS[kind]
        if self.world.lab.provider is Provider.SQUARE:
            if kind not in _SQUARE_REASONS:
                raise NotApplicable(f"Square knows no dispute for {kind!r}")
            return _SQUARE_REASONS[kind]
        return "fraudulent" if kind == "inquiry" else _REASONS.get(kind, kind.replace(" ", "_"))

    async def decides_dispute(self, outcome: str) -> DisputeTruth:
        """Decide: "won", "lost", "warning closed" or "escalated"."""
        if outcome not in _OUTCOMES:
            raise HarnessError(f"a dispute cannot be decided as {outcome!r}; known are: {', '.join(_OUTCOMES)}")
        disputes = await self.disputes()
        if not disputes:
            raise HarnessError("the order has no dispute to decide; a step that opens one must come first")
        await self.control("a dispute can be decided").resolve_dispute(disputes[-1].id, _OUTCOMES[outcome])
        return next(one for one in await self.disputes() if one.id == disputes[-1].id)

    async def warns_of_fraud(self) -> None:
        """The issuer reports the charge as fraudulent, without disputing it."""
        if self.world.lab.provider is not Provider.STRIPE:
            raise NotApplicable(
                INSTEAD.get((self.world.lab.provider.value, "fraud warning"), "no early fraud warnings are passed on")
            )
        charge = await self._charge(None)
        await self.control("an early fraud warning can be made").warn_of_fraud(charge.id)

    async def refunds_outside(self, amount: Money | str | None = None) -> RefundTruth:
        """Somebody refunds in the provider's dashboard: the target only hears of it."""
        payment = await self.payment()
        return await self.world.lab.side.refund(payment.id, money(amount) if amount is not None else None)

    async def captures_outside(self, amount: Money | str | None = None) -> PaymentTruth:
        """Somebody captures in the provider's dashboard."""
        payment = await self.payment()
        return await self.world.lab.side.capture(payment.id, money(amount) if amount is not None else None)

    async def settles(self, how: str) -> None:
        """A payment that waits at the provider is decided: ``complete`` or ``deny``."""
        waiting = [one for one in await self.charges() if one.status == "pending"]
        if not waiting:
            raise HarnessError("no payment of the order waits at the provider; a step that pays must come first")
        await self.control("a payment that waits can be decided").act(f"captures/{waiting[-1].id}/{how}")

    async def takes_back(self, amount: Money | str) -> None:
        """Part of a payment is reversed, without a refund of the merchant's."""
        wanted = money(amount)
        charge = await self._charge(None)
        value = str(wanted).split()[0]
        await self.control("a payment can be reversed").act(f"captures/{charge.id}/reverse", amount=value)

    async def forgets_tokens(self) -> None:
        """Every access token that was given out is worth nothing any more."""
        await self.control("tokens can be revoked").act("tokens/revoke")

    async def changes_amount(self, amount: Money | str) -> PaymentTruth:
        """The payment's amount is changed at the provider, before it is made."""
        return await self.world.lab.side.change((await self.payment()).id, money(amount))

    async def takes_payment_naming_order(self, amount: Money | str, instrument: str = "a Visa card") -> PaymentTruth:
        """Somebody pays another amount at the provider.

        With all the references that the order's own payment carries.
        """
        demand_currency(self.world, money(amount))
        own = await self.payments()
        metadata = dict(own[-1].metadata) if own else {"order_id": self.world.order.id}
        alias = self.world.instrument(instrument).at(self.world.lab.provider)
        return await self.world.lab.side.pay(money(amount), alias, metadata)

    async def advances(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        """Time passes at the provider; everything that falls due happens."""
        await self.control("time can be moved").advance(days * 86_400 + hours * 3600 + seconds)

    async def gives_up_delivering(self) -> int:
        """Whatever the provider still wants to deliver, it does not; returns how many deliveries that were."""
        control = self.control("deliveries can be given up")
        await control.idle()
        return await control.drop_all()

    async def _charge(self, order: Order | None) -> ChargeTruth:
        charges = [one for one in await self.charges(order) if one.status == "succeeded"]
        if not charges:
            raise HarnessError("the order has no successful charge at the provider; a step that pays must come first")
        return charges[-1]

    # the journal

    async def journal(self) -> list[Call]:
        """Every call of the target in this scenario, in order; raises ``NotObservable`` on a sandbox."""
        if self.world.lab.control is None:
            raise NotObservable("the provider's record of calls is seen only where the provider is simulated")
        calls = await self.world.lab.control.journal(self.world.lab.known.journal)
        return [one for one in calls if not one.ours]

    async def calls(self, call_name: str = "any call", *, method: str | None = None) -> Sequence[dict[str, Any]]:
        """The target's calls of a kind in this scenario.

        In order, with the fields of ``JournalEntry`` and ``headers``.
        """
        wanted, path = call(call_name, self.world.lab.provider)
        chosen = [
            one
            for one in await self.journal()
            if fnmatchcase(one.path, path) and (method or wanted or one.method) == one.method
        ]
        return [{**msgspec.to_builtins(one.entry()), "headers": one.headers} for one in chosen]
