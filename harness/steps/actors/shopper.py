"""The shopper: does what a buyer's browser does, towards the target and towards the provider."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harness.domain.money import Money
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError, NotApplicable, TargetDead
from harness.providers import Confirmation
from harness.steps.actors.basket import lines_for
from harness.steps.actors.common import money
from harness.targets import Answer

if TYPE_CHECKING:
    from harness.steps.world import Order, World

EMAIL = "shopper@payharness.example"
CURRENCIES: Mapping[Provider, str] = {
    Provider.PAYPAL: "; none of PayPal's currencies has three decimals",
    Provider.SQUARE: "; a location takes the one currency of its country",
}
"""What is to be known of a provider's currencies where it does not take one."""


def demand_currency(world: World, wanted: Money) -> None:
    """Raise ``NotApplicable`` where the provider takes no payments in this currency."""
    if not world.lab.side.takes(wanted.currency):
        provider = world.lab.provider
        more = CURRENCIES.get(provider, "")
        raise NotApplicable(f"{provider.value} takes no payments in {wanted.currency.upper()}{more}")


class Shopper:
    """One shopper with orders of their own.

    ``world.shopper`` is always there, ``world.another_shopper()`` makes more.
    """

    def __init__(self, world: World, name: str = "shopper") -> None:
        self.world = world
        self.name = name
        self.own: Order | None = None
        """The order this shopper made last."""
        self.confirmation: Confirmation | None = None
        """What the provider told the browser last (paid, declined with which code, authentication wanted)."""
        self.answers: list[Answer] = []
        """Every answer of the target to this shopper, in order."""
        self.token: str | None = None
        """The token that the card form gave last, where the provider's form gives one."""

    @property
    def order(self) -> Order:
        """The order this shopper made last; fails with a sentence where there is none."""
        if self.own is None:
            raise HarnessError(f"the {self.name} has no order yet; a step that orders must come first")
        return self.own

    # ordering

    async def orders(self, total: Money | str, *, email: str | None = None) -> Order:
        """Make an order of exactly this total ("49.99 EUR") from the target's catalogue.

        It becomes the current order.
        """
        wanted = money(total)
        demand_currency(self.world, wanted)
        lines = await lines_for(self.world, wanted)
        answer = await self.orders_lines(lines, wanted.currency, **({"email": email} if email else {}))
        assert answer.ok, f"the shop should take an order of {wanted}; {answer.describe()}"
        assert self.order.total == wanted, f"the shop priced the order at {self.order.total}; its goods cost {wanted}"
        return self.order

    async def orders_lines(self, lines: Sequence[Mapping[str, Any]], currency: str = "eur", **fields: Any) -> Answer:
        """Ask for an order of these lines (``[{"sku", "quantity"}]``), with further fields as tampering would.

        The answer may be a refusal; where it is accepted, the order becomes the current one.
        """
        values = {"currency": currency, "lines": list(lines), "email": fields.pop("email", None)}
        answer = await self._asks("create_order", values, extra=fields)
        if answer.ok:
            self._took(answer, list(lines), currency)
        return answer

    def _took(self, answer: Answer, lines: list[dict[str, Any]] | list[Mapping[str, Any]], currency: str) -> None:
        from harness.steps.world import Order

        total = Money(int(answer["amount"]), str(answer.get("currency", currency)).lower())
        order = Order(
            str(answer["order_id"]), str(answer.get("order_token", "")), total, [dict(line) for line in lines]
        )
        if order.token:
            self.world.record.keep(order.token, "order token")
        self.own = order
        self.world.order = order

    async def changes_lines(self, lines: Sequence[Mapping[str, Any]]) -> Answer:
        """Change the goods of the order."""
        answer = await self._asks("change_order", {**self._mine(), "lines": list(lines)})
        if answer.ok:
            self.order.lines = [dict(line) for line in lines]
            if answer.get("amount") is not None:
                self.order.total = Money(int(answer["amount"]), self.order.total.currency)
        return answer

    # paying

    async def starts_payment(self, *, method: str = "embedded", capture: str = "automatic") -> Answer:
        """Start paying (no money moves yet). ``method``: embedded or hosted; ``capture``: automatic or manual."""
        order = self.order
        wish = {"method": method, "capture": capture, "provider": self.world.lab.provider.value}
        answer = await self._asks("start_payment", {**self._mine(), **wish})
        if answer.ok:
            order.method, order.capture = method, capture
            order.hosted = order.hosted or method == "hosted"
            order.earlier += [one for one in (order.payment_id, order.provider_id) if one and one not in order.earlier]
            order.payment_id = answer.get("payment_id")
            order.provider_id = answer.get("provider_id")
            order.client_secret = answer.get("client_secret", order.client_secret)
            order.publishable_key = answer.get("publishable_key", order.publishable_key)
            order.redirect_url = answer.get("redirect_url", order.redirect_url)
            if order.client_secret:
                self.world.record.keep(order.client_secret, "payment secret")
                self.world.search.add("payment secret", order.client_secret)
        return answer

    async def pays(self, instrument: str, *, method: str = "embedded", capture: str = "automatic") -> Confirmation:
        """Start paying and confirm at the provider with an instrument in plain words.

        A demand for authentication is left open: see ``passes_authentication``. Where the shop does not let the payment
        start, a browser that knows an earlier one still tries it; otherwise the shop's refusal is what comes of it.
        """
        answer = await self.starts_payment(method=method, capture=capture)
        if not answer.ok and not self.world.lab.browser.can_confirm(self.order.ticket):
            return self._told(Confirmation("refused", answer.status, message=answer.text[:200]))
        return await (self._confirms_hosted(instrument) if method == "hosted" else self.confirms(instrument))

    async def pays_hosted(self, instrument: str) -> Confirmation:
        """Pay on the provider's own page."""
        answer = await self.starts_payment(method="hosted")
        if not answer.ok:
            return self._told(Confirmation("refused", answer.status, message=answer.text[:200]))
        return await self._confirms_hosted(instrument)

    async def turns_back(self) -> Confirmation:
        """Open the provider's own page and leave it by its way back, without paying."""
        answer = await self.starts_payment(method="hosted")
        assert answer.ok, f"the payment should start; {answer.describe()}"
        return self._told(await self.world.lab.browser.turn_back(self.order.redirect_url or ""))

    async def confirms(self, instrument: str) -> Confirmation:
        """Confirm the payment already started, as the payment form does when "Pay" is pressed."""
        order, browser = self.order, self.world.lab.browser
        if order.method == "hosted" and order.redirect_url and not order.client_secret:
            return await self._confirms_hosted(instrument)
        if not browser.can_confirm(order.ticket):
            raise HarnessError(
                "no payment was started that a browser could confirm; a step that starts one must come first"
            )
        fields = await self._fields(instrument)
        url = f"{self.world.target.context.look('base_url')}/return"
        told = await browser.confirm(order.ticket, fields, return_url=url)
        return self._told(await self._completed(told) if told.approved else told)

    async def _fields(self, instrument: str) -> dict[str, str]:
        """What the form sends for an instrument, at a provider that behaves as the instrument wants it."""
        chosen, provider = self.world.instrument(instrument), self.world.lab.provider
        fields = chosen.fields(provider)
        await self.world.provider.behaves_for(chosen.settings(provider))
        return fields

    async def _completed(self, approved: Confirmation) -> Confirmation:
        """Where the shop takes the money: its page tells the shop of the approval, and what comes of it is the outcome.

        As PayPal's buttons and card fields do with ``onApprove``; at Square the page hands over the token of its form.
        """
        try:
            answer = await (self.submits(approved.token) if approved.token else self.returns())
        except TargetDead:
            if self.world.was_stopped("serve"):
                provider = self.world.lab.provider.spelled
                raise NotApplicable(
                    f"at {provider} the shop itself takes the money, so nobody pays while it is down"
                ) from None
            raise
        order = self.order
        truth = await self.world.lab.side.payment(order.provider_id or "")
        if truth.decline_code:
            return Confirmation("requires_payment_method", 402, "declined", truth.decline_code, raw=truth.raw)
        states = {"paid": "succeeded", "authorised": "requires_capture", "processing": "processing"}
        return Confirmation(states.get(truth.state, approved.status), answer.status, raw=truth.raw)

    async def _confirms_hosted(self, instrument: str) -> Confirmation:
        order = self.order
        if not order.redirect_url:
            raise HarnessError("the shop named no page of the provider to pay on; see the record of start_payment")
        fields = await self._fields(instrument)
        return self._told(await self.world.lab.browser.pay_hosted(order.redirect_url, fields, EMAIL))

    async def tries_another_card(self, instrument: str = "a Visa card") -> Confirmation:
        """After a decline: pay the same order with another card."""
        return await self.pays(instrument)

    async def clicks_pay(self, instrument: str = "a Visa card", *, times: int = 2) -> list[Answer]:
        """Press "Pay" several times at once: every click starts the payment, and confirms what it was given.

        Returns the answers to the starts.
        """

        async def click() -> Answer:
            answer = await self.starts_payment()
            if answer.ok:
                await self.confirms(instrument)
            return answer

        return list(await asyncio.gather(*(click() for _ in range(times))))

    # the bank's check

    async def passes_authentication(self) -> Confirmation:
        """Complete the 3-D Secure challenge."""
        return await self._answers_check(passed=True)

    async def fails_authentication(self) -> Confirmation:
        """Fail the 3-D Secure challenge."""
        return await self._answers_check(passed=False)

    async def abandons_authentication(self) -> None:
        """Open the 3-D Secure challenge and walk away."""
        await self.world.lab.browser.open_check(self._check())

    def _check(self) -> str:
        url = self.confirmation.next_url if self.confirmation else None
        if not url and self.world.lab.provider is Provider.SQUARE and self.order.method == "hosted":
            raise NotApplicable("the page of a Square payment link makes the bank's check within itself")
        if not url:
            state = self.confirmation.status if self.confirmation else "not begun"
            raise AssertionError(f"the bank asked for no check; the payment is {state}")
        return url

    async def _answers_check(self, *, passed: bool) -> Confirmation:
        browser = self.world.lab.browser
        returned_to = await browser.answer_check(self._check(), passed=passed)
        order = self.order
        if browser.can_confirm(order.ticket):
            seen = await browser.look(order.ticket)
            return self._told((await self._completed(seen) if seen.approved else seen).back_at(returned_to))
        status = "succeeded" if passed else "requires_payment_method"
        return self._told(Confirmation(status, 200, returned_to=returned_to))

    # afterwards

    async def returns(self, **query: str) -> Answer:
        """Come back to the shop's return page, with the query that the provider's redirect carries unless given."""
        return await self._asks("return_page", {**self._mine(), "query": query or self._redirected_with()})

    def _redirected_with(self) -> dict[str, str]:
        """What the provider adds to the return address; for a hosted page, what the shop asked for."""
        came_to = self.confirmation.returned_to if self.confirmation else None
        if came_to and urlsplit(came_to).query:
            return dict(parse_qsl(urlsplit(came_to).query))
        order = self.order
        if self.world.lab.provider is Provider.PAYPAL:
            return {"token": order.provider_id, "PayerID": "PAYHARNESS123"} if order.provider_id else {}
        if self.world.lab.provider is Provider.SQUARE or not order.client_secret or not order.provider_id:
            return {}  # Square's page adds nothing in the sandbox
        paid = bool(self.confirmation and (self.confirmation.paid or self.confirmation.status == "processing"))
        return {
            "payment_intent": order.provider_id,
            "payment_intent_client_secret": order.client_secret,
            "redirect_status": "succeeded" if paid else "failed",
        }

    async def types_card(self, instrument: str) -> str:
        """Type a card into the provider's form, and keep the token that it gives; the shop does not have it yet."""
        answer = await self.starts_payment()
        assert answer.ok, f"the payment should start; {answer.describe()}"
        fields = await self._fields(instrument)
        told = self._told(await self.world.lab.browser.confirm(self.order.ticket, fields, return_url=""))
        if not told.token:
            raise NotApplicable(
                f"the card fields of {self.world.lab.provider.spelled} give the shop no token to pay with"
            )
        self.token = told.token
        return told.token

    async def submits(
        self, token: str, *, key: str | None = None, tampering: Mapping[str, Any] | None = None
    ) -> Answer:
        """Hand the shop what the card form gave the browser, to pay with; with further fields as tampering would.

        ``key``: a repetition key that the browser sends along.
        """
        self.world.requires("submit_token")
        self.token = token
        headers = {"Idempotency-Key": key} if key else None
        values = {**self._mine(), "token": token}
        answer = await self.world.target.run("submit_token", values, actor="shopper", extra=tampering, headers=headers)
        self.answers.append(answer)
        return answer

    async def looks(self) -> Answer:
        """Look at the order: what the shop tells the shopper now."""
        return await self._asks("order_status", self._mine())

    async def cancels(self) -> Answer:
        """Cancel the order before it is paid."""
        return await self._asks("cancel_order", self._mine())

    async def told(self) -> tuple[str | None, str | None]:
        """Decline code and sentence that the shop shows for the last attempt (waits until the shop knows of it)."""
        answer = await self.world.eventually(
            self.looks,
            lambda seen: bool(seen.get("decline_message") or seen.get("decline_code")),
            what="what the shop tells the shopper of the declined payment",
        )
        return answer.get("decline_code"), answer.get("decline_message")

    # inside

    def _mine(self) -> dict[str, Any]:
        return {"order_id": self.order.id, "order_token": self.order.token or None}

    def _told(self, confirmation: Confirmation) -> Confirmation:
        self.confirmation = confirmation
        return confirmation

    async def _asks(self, operation: str, values: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> Answer:
        answer = await self.world.target.run(operation, values, actor="shopper", extra=extra)
        self.answers.append(answer)
        return answer
