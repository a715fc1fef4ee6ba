"""What a shopper does: orders, pays, passes or fails the bank's check, comes back, calls off."""

from __future__ import annotations

import asyncio

from harness.domain.money import Money
from harness.gherkin.decorators import given, step, when
from harness.steps.scenes import asks_to_pay, changes_quantity, crowd_pays, starts_and_pays, token_of
from harness.steps.words import TYPES, remember
from harness.steps.world import World


@given("a shopper with an unpaid order of {total:Amount}", types=TYPES)
async def _(world: World, total: Money) -> None:
    await world.shopper.orders(total)


@given("a shopper with an unpaid order of {count:Number} pieces at {price:Amount} each", types=TYPES)
async def _(world: World, count: int, price: Money) -> None:
    await world.shopper.orders(price)
    remember(world, await changes_quantity(world, count))


@given("a shopper who paid {total:Amount}", types=TYPES)
async def _(world: World, total: Money) -> None:
    await world.shopper.orders(total)
    await world.shopper.pays("a Visa card")
    await world.observer.becomes("paid")


@given("a shopper who paid {total:Amount} with {card:Card}", types=TYPES)
async def _(world: World, total: Money, card: str) -> None:
    await world.shopper.orders(total)
    await world.shopper.pays(card)
    await world.observer.becomes("paid")


@given("a shopper with {total:Amount} held on their card", types=TYPES)
async def _(world: World, total: Money) -> None:
    await world.shopper.orders(total)
    await world.shopper.pays("a Visa card", capture="manual")
    if not world.courier.holding:
        await world.observer.becomes("authorised")


@given("another shopper who paid {total:Amount}", types=TYPES)
async def _(world: World, total: Money) -> None:
    mine = world.order
    other = world.another_shopper()
    world.memory["other order"] = await other.orders(total)
    world.memory["other shopper"] = other
    await other.pays("a Visa card")
    await world.observer.becomes("paid")
    world.order = mine


@step("the shopper starts to pay")
async def _(world: World) -> None:
    remember(world, await world.shopper.starts_payment())


@step("the shopper starts to pay on the provider's page")
async def _(world: World) -> None:
    remember(world, await world.shopper.starts_payment(method="hosted"))


@when("the shopper pays with {card:Card}", types=TYPES)
async def _(world: World, card: str) -> None:
    await world.shopper.pays(card)


@when("the shopper pays with {card:Card}, trying again if told to", types=TYPES)
async def _(world: World, card: str) -> None:
    await starts_and_pays(world, card)


@when("the shopper pays on the provider's page with {card:Card}", types=TYPES)
async def _(world: World, card: str) -> None:
    await world.shopper.pays_hosted(card)


@when("the shopper pays at the provider with {card:Card}", types=TYPES)
async def _(world: World, card: str) -> None:
    await world.shopper.confirms(card)


@step("the shopper types {card:Card} into the provider's form", types=TYPES)
async def _(world: World, card: str) -> None:
    await world.shopper.types_card(card)


@when("the shopper hands the token to the shop")
async def _(world: World) -> None:
    remember(world, await world.shopper.submits(token_of(world)))


@when("the shopper hands the token to the shop {times:Number} times at once", types=TYPES)
async def _(world: World, times: int) -> None:
    token = token_of(world)
    await asyncio.gather(*(world.shopper.submits(token) for _ in range(times)))


@when("the shopper hands the token to the shop with a price of their own")
async def _(world: World) -> None:
    remember(world, await world.shopper.submits(token_of(world), tampering={"amount": 1, "currency": "eur"}))


@when("the shopper hands the token to the shop under a repetition key of their own")
async def _(world: World) -> None:
    remember(world, await world.shopper.submits(token_of(world), key="payharness-key-of-the-browser"))


@when("the shopper hands the token of the other order to the shop")
async def _(world: World) -> None:
    remember(world, await world.shopper.submits(token_of(world, world.memory["other shopper"])))


@when("the shopper asks to pay an order of {total:Amount}", types=TYPES)
async def _(world: World, total: Money) -> None:
    remember(world, await asks_to_pay(world, total))


@when("the shopper pays and cancels at the same moment")
async def _(world: World) -> None:
    await asyncio.gather(world.shopper.confirms("a Visa card"), world.shopper.cancels())


@when("the shopper passes the bank's check")
async def _(world: World) -> None:
    await world.shopper.passes_authentication()


@when("the shopper fails the bank's check")
async def _(world: World) -> None:
    await world.shopper.fails_authentication()


@when("the shopper abandons the bank's check")
async def _(world: World) -> None:
    await world.shopper.abandons_authentication()


@when('the shopper presses "Pay" {times:Number} times at once', types=TYPES)
async def _(world: World, times: int) -> None:
    await world.shopper.clicks_pay(times=times)


@when("the shopper turns back from the provider's page")
async def _(world: World) -> None:
    await world.shopper.turns_back()


@when("the shopper comes back to the shop")
async def _(world: World) -> None:
    remember(world, await world.shopper.returns())


@when("the shopper comes back to the shop {times:Number} times at once", types=TYPES)
async def _(world: World, times: int) -> None:
    await asyncio.gather(*(world.shopper.returns() for _ in range(times)))


@when("the shopper comes back to the shop while the held events arrive")
async def _(world: World) -> None:
    await asyncio.gather(world.shopper.returns(), world.courier.releases())


@when("the shopper comes back to the shop by an address that claims success")
async def _(world: World) -> None:
    remember(world, await world.attacker.claims_success())


@when("the shopper comes back to the shop with the other order's payment")
async def _(world: World) -> None:
    remember(world, await world.attacker.uses_another_orders_payment(world.memory["other order"]))


@when("the shopper cancels the order")
async def _(world: World) -> None:
    remember(world, await world.shopper.cancels())


@when("the shopper changes the order to {count:Number} pieces", types=TYPES)
async def _(world: World, count: int) -> None:
    remember(world, await changes_quantity(world, count))


@when("the shopper looks at the order")
async def _(world: World) -> None:
    remember(world, await world.shopper.looks())


@when("{count:Number} shoppers pay {total:Amount} at once and every event arrives twice, shuffled", types=TYPES)
async def _(world: World, count: int, total: Money) -> None:
    await crowd_pays(world, count, total)
