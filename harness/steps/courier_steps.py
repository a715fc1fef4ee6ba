"""How the provider's events reach the shop: held, in any order, twice, late, changed on the way, or not at all."""

from __future__ import annotations

from harness.domain.providers import Provider
from harness.domain.verdicts import NotApplicable
from harness.gherkin.decorators import step, when
from harness.steps.words import TYPES, remember
from harness.steps.world import World

STRANGE = ("of the wrong mode", "of another account")
"""Forms of an event that belongs elsewhere."""


@step("the provider's events are held back")
async def _(world: World) -> None:
    await world.courier.holds()


@when("the held events arrive")
async def _(world: World) -> None:
    await world.courier.releases()


@when("the held events arrive in the order {order:Phrases}", types=TYPES)
async def _(world: World, order: list[str]) -> None:
    await world.courier.waits_for(*order)
    await world.courier.delivers_in(order)


@when("every held event is lost")
async def _(world: World) -> None:
    await world.courier.waits_for()
    await world.courier.loses()


@when('the "{event:Event}" event is lost', types=TYPES)
async def _(world: World, event: str) -> None:
    await world.courier.waits_for(event)
    await world.courier.loses(event)


@when('the "{event:Event}" event arrives', types=TYPES)
async def _(world: World, event: str) -> None:
    await world.courier.waits_for(event)
    tries = await world.courier.delivers(event)
    remember(world, tries[-1])
    world.memory["slowest try"] = max(tries, key=lambda one: one.ms)


@when('the "{event:Event}" event arrives {times:Number} times', types=TYPES)
async def _(world: World, event: str, times: int) -> None:
    await world.courier.waits_for(event)
    remember(world, (await world.courier.delivers(event, times=times))[-1])


@when('the "{event:Event}" event arrives {times:Number} times at once', types=TYPES)
async def _(world: World, event: str, times: int) -> None:
    await world.courier.waits_for(event)
    remember(world, (await world.courier.delivers(event, times=times, concurrently=True))[-1])


@when('the "{event:Event}" event arrives again', types=TYPES)
async def _(world: World, event: str) -> None:
    await world.courier.waits_for(event)
    remember(world, (await world.courier.redelivers(event))[-1])


@when('the "{event:Event}" event arrives, {variant:Phrase}', types=TYPES)
async def _(world: World, event: str, variant: str) -> None:
    if variant in STRANGE and world.lab.provider is Provider.PAYPAL:
        raise NotApplicable(
            "PayPal's events name neither mode nor account; the webhook's id in the signature stands for both"
        )
    if variant in STRANGE and world.lab.provider is Provider.SQUARE:
        raise NotApplicable(
            "Square's events name no mode, and what they are about is read again with the shop's own access token"
        )
    await world.courier.waits_for(event)
    remember(world, (await world.courier.delivers(event, variant))[-1])


@when('the "{event:Event}" event is tried once', types=TYPES)
async def _(world: World, event: str) -> None:
    remember(world, await world.courier.tries(event))


@when("an odd event arrives, {variant:Phrase}", types=TYPES)
async def _(world: World, variant: str) -> None:
    remember(world, await world.courier.delivers_oddly(variant))
