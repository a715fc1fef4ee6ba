"""Places into which a shopper's or an attacker's card number can get, and how it gets there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from harness.domain.verdicts import HarnessError
from harness.targets import Answer

if TYPE_CHECKING:
    from harness.steps.world import World

_Put = Callable[["World", str], Awaitable[Answer]]


async def put(world: World, field: str, *, code: bool) -> Answer:
    """Put the scenario's card into a field; the answer is the target's."""
    if field not in FIELDS:
        raise HarnessError(f"no field is called {field!r}; known are: {', '.join(FIELDS)}")
    return await FIELDS[field](world, f"{world.card.number} cvc {world.card.code}" if code else world.card.number)


async def _orders(world: World, extra: Mapping[str, Any] | None = None, **values: Any) -> Answer:
    from harness.domain.money import Money
    from harness.steps.actors.basket import lines_for

    lines = await lines_for(world, Money(4999, "eur"))
    asked = {"currency": "eur", "lines": lines, **values}
    return await world.target.run("create_order", asked, actor="attacker", extra=extra)


async def _email(world: World, text: str) -> Answer:
    return await _orders(world, email=text)


async def _article(world: World, text: str) -> Answer:
    return await _orders(world, lines=[{"sku": text, "quantity": 1}])


async def _quantity(world: World, text: str) -> Answer:
    digits = text.partition(" ")[0]
    return await _orders(world, lines=[{"sku": "any", "quantity": int(digits)}])


async def _currency(world: World, text: str) -> Answer:
    return await _orders(world, currency=text)


async def _unasked(world: World, text: str) -> Answer:
    number, _, code = text.partition(" cvc ")
    card = {"number": number, "exp_month": 12, "exp_year": 2039, **({"cvc": code} if code else {})}
    return await _orders(world, {"card": card, "card_number": number, **({"cvc": code} if code else {})})


async def _order_number(world: World, text: str) -> Answer:
    return await world.target.run("order_status", {"order_id": text, "order_token": "ot_none"}, actor="attacker")


async def _page(world: World, text: str) -> Answer:
    number, _, code = text.partition(" cvc ")
    query = {"number": number, **({"cvc": code} if code else {})}
    values = {"order_id": await _paid_or_new(world), "order_token": _token(world), "query": query}
    return await world.target.run("return_page", values, actor="attacker")


async def _browser(world: World, text: str) -> Answer:
    headers = {"User-Agent": f"Mozilla/5.0 ({text})", "Referer": f"https://shop.example/?card={text}"}
    return await world.target.run("list_goods", {}, actor="attacker", headers=headers)


async def _key(world: World, text: str) -> Answer:
    return await _orders(world, key=text)


async def _access(world: World, text: str) -> Answer:
    order = await _paid_or_new(world)
    return await world.target.run("order_status", {"order_id": order, "order_token": text}, actor="attacker")


async def _reason(world: World, text: str) -> Answer:
    order = await _paid_or_new(world, paid=True)
    return await world.target.run("refund", {"order_id": order, "amount": 100, "reason": text}, actor="attacker")


async def _evidence(world: World, text: str) -> Answer:
    await _paid_or_new(world, paid=True)
    dispute = await world.provider.opens_dispute()
    await world.observer.becomes("disputed")
    values = {"dispute_id": dispute.id, "text": text, "submit": False}
    return await world.target.run("submit_evidence", values, actor="attacker")


async def _unreadable(world: World, text: str) -> Answer:
    body = b'{"card": "' + text.encode() + b'", "lines": [{'
    return await world.target.run("create_order", {"currency": "eur", "lines": []}, actor="attacker", content=body)


async def _paid_or_new(world: World, *, paid: bool = False) -> str:
    """The current order, or a new one; paid where the field only exists then."""
    if not world.has_order:
        await world.shopper.orders("49.99 EUR")
        if paid:
            await world.shopper.pays("a Visa card")
            await world.observer.becomes("paid")
    return world.order.id


def _token(world: World) -> str | None:
    return world.order.token or None


FIELDS: Mapping[str, _Put] = {
    "the e-mail address": _email,
    "the article number": _article,
    "the quantity": _quantity,
    "the currency": _currency,
    "a field nobody asked for": _unasked,
    "the order number": _order_number,
    "the address of the page": _page,
    "the browser's name": _browser,
    "the repetition key": _key,
    "the access token": _access,
    "the refund's reason": _reason,
    "the evidence of a dispute": _evidence,
    "a body that cannot be read": _unreadable,
}
"""Places in plain words."""
