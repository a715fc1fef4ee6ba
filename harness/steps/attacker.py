"""What an attacker tries: forged and recorded events, baskets of their own making, other people's orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.domain.money import Money
from harness.domain.providers import Provider
from harness.domain.verdicts import NotApplicable
from harness.gherkin.decorators import given, when
from harness.steps.words import TYPES as WORDS
from harness.steps.words import one_of, remember
from harness.steps.world import World

FRESH_MINUTES = 5
"""Older deliveries are refused where a provider says so (Stripe, "Webhooks": the libraries' tolerance)."""
TAMPERING: Mapping[str, Mapping[str, Any]] = {
    "a price of their own": {"lines": {"price": 1, "unit_price": 1, "amount": 1, "unit_amount": 1}},
    "a total of their own": {"order": {"total": 1, "amount": 1}},
    "a discount of their own": {"order": {"discount": 99, "coupon": "FREE"}, "lines": {"discount": 99}},
    "a state that says paid": {"order": {"state": "paid", "status": "paid", "paid": True}},
}
"""Fields that an attacker adds: to the order, and to each of its lines."""

QUANTITIES: Mapping[str, list[Any]] = {
    "no piece of an article": [0],
    "minus one piece of an article": [-1],
    "one and a half pieces of an article": [1.5],
    "ten thousand million pieces of an article": [10_000_000_000],
    "a number of pieces in letters": ["three"],
    "one piece of an article and minus one of it": [1, -1],
}
"""Baskets in plain words: the quantities of their lines."""

MISTAKES: Mapping[str, bytes] = {
    "a body that is no JSON": b'{"currency": "eur", "lines": [',
    "a list in place of an order": b'["eur"]',
    "a body nested a thousand deep": b'{"lines":' + b"[" * 1000 + b"]" * 1000 + b"}",
    "text that is not Unicode": b'{"currency": "\xff\xfe\xfa"}',
}
"""Bodies that no shop asked for."""

TRICKS = (
    "../../operator/ledger",
    "..%2f..%2foperator%2fledger",
    "1' OR '1'='1",
    "%00",
    "%0d%0aSet-Cookie: a=b",
    "x" * 4000,
    "{{7*7}}",
    "\u202eorder",
)
"""Order numbers made of path steps, quotes, control characters and templates."""

SOURCES = {
    "cash": "CASH",
    "a payment outside of Square": "EXTERNAL",
    "somebody else's stored card": "ccof:customer-card-id-ok",
    "somebody's bank account": "bnon:bank-nonce-ok",
    "the address of another payment": "../payments",
}
"""What Square can be paid from beside the token of a card, and what is none of a browser's business."""

TYPES = {
    **WORDS,
    "Source": one_of(SOURCES),
    "Tampering": one_of(TAMPERING),
    "Quantities": one_of(QUANTITIES),
    "Mistake": one_of(MISTAKES),
}


@when('an attacker delivers a "{event:Event}" event with {forgery:Phrase}', types=TYPES)
async def _(world: World, event: str, forgery: str) -> None:
    remember(world, await world.attacker.delivers(event, forgery))


@when('an attacker replays the "{event:Event}" event after {minutes:Number} minutes', types=TYPES)
async def _(world: World, event: str, minutes: int) -> None:
    if world.lab.provider is Provider.PAYPAL and minutes > FRESH_MINUTES:
        raise NotApplicable(f"PayPal repeats a delivery for three days, so one of {minutes} minutes ago is not too old")
    if world.lab.provider is Provider.SQUARE and minutes > FRESH_MINUTES:
        raise NotApplicable("Square's signature carries no time, so that no delivery is too old; its event id tells it")
    remember(world, await world.attacker.replays(event, age=minutes * 60))


@given('an attacker has recorded the "{event:Event}" event', types=TYPES)
async def _(world: World, event: str) -> None:
    await world.attacker.records(event)


@when("the attacker delivers what was recorded")
async def _(world: World) -> None:
    remember(world, await world.attacker.delivers_recorded())


@when('an attacker replays the "{event:Event}" event of {hours:Number} hours ago', types=TYPES)
async def _(world: World, event: str, hours: int) -> None:
    remember(world, await world.attacker.replays(event, age=hours * 3600))


@when("an attacker posts a body of two megabytes to the webhook door")
async def _(world: World) -> None:
    remember(world, await world.attacker.posts(b'{"id": "' + b"a" * 2_000_000 + b'"}'))


@when("an attacker orders goods of {price:Amount} with {tampering:Tampering}", types=TYPES)
async def _(world: World, price: Money, tampering: str) -> None:
    honest = await world.shopper.orders(price)
    added = TAMPERING[tampering]
    lines = [{**line, **added.get("lines", {})} for line in honest.lines]
    remember(world, await world.shopper.orders_lines(lines, price.currency, **added.get("order", {})))


@when("an attacker orders {quantities:Quantities}", types=TYPES)
async def _(world: World, quantities: str) -> None:
    honest = await world.shopper.orders("49.99 EUR")
    lines = [{"sku": honest.lines[0]["sku"], "quantity": quantity} for quantity in QUANTITIES[quantities]]
    remember(world, await world.shopper.orders_lines(lines, "eur"))


@when("an attacker orders an article in a currency that the shop does not know")
async def _(world: World) -> None:
    honest = await world.shopper.orders("49.99 EUR")
    remember(world, await world.shopper.orders_lines(honest.lines, "idr"))


@when("an attacker orders an article that does not exist")
async def _(world: World) -> None:
    remember(world, await world.shopper.orders_lines([{"sku": "no-such-article", "quantity": 1}], "eur"))


@when("an attacker tries everything a shopper can do with the order")
async def _(world: World) -> None:
    world.memory["tries"] = await world.attacker.guesses_orders(world.order)


@when("an attacker tries everything the staff can do with the order")
async def _(world: World) -> None:
    world.memory["tries"] = await world.attacker.works_as_staff(world.order)


@when("an attacker asks for orders by numbers made of tricks")
async def _(world: World) -> None:
    world.memory["tries"] = await world.attacker.sends_ids(TRICKS)


@when("somebody follows links that would cancel, capture or refund")
async def _(world: World) -> None:
    world.memory["tries"] = await world.attacker.follows_links()


@when("an attacker starts to pay on the provider's page under a forged host name")
async def _(world: World) -> None:
    remember(world, await world.attacker.forges_host("stranger.example"))


@when("an attacker names {source:Source} in place of a card", types=TYPES)
async def _(world: World, source: str) -> None:
    world.needs(Provider.SQUARE, "Square is paid from whatever source the shop is told to name")
    remember(world, await world.shopper.submits(SOURCES[source]))


@when("an attacker sends {mistake:Mistake} to the shop", types=TYPES)
async def _(world: World, mistake: str) -> None:
    remember(world, await world.attacker.sends_body(MISTAKES[mistake]))
