"""What happens on the provider's side: its bad minutes, the bank's questions, its own desk, and time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harness.domain.money import Money
from harness.domain.providers import Provider
from harness.gherkin.decorators import step, when
from harness.steps.actors.provider import ProviderActor
from harness.steps.words import TYPES as WORDS
from harness.steps.words import one_of
from harness.steps.world import World

LATE = 60.0
"""Seconds after which nobody waits for an answer any more."""

Trouble = Callable[[ProviderActor, str, int | None], Awaitable[None]]

TROUBLES: dict[str, Trouble] = {
    "a dropped connection": lambda provider, call, times: provider.resets(call, times=times),
    "a conflict": lambda provider, call, times: provider.answers(409, call, times=times, code="lock_timeout"),
    "too many requests": lambda provider, call, times: provider.answers(429, call, times=times, code="rate_limit"),
    "an error of the provider": lambda provider, call, times: provider.answers(500, call, times=times),
    "a lost answer": lambda provider, call, times: provider.drops_response(call, times=times),
    "a slow answer": lambda provider, call, times: provider.hangs(0.5, call, times=times),
    "a late answer": lambda provider, call, times: provider.hangs(LATE, call, times=times),
    "a conflict of versions": lambda provider, call, times: provider.tells_of_another_version(call, times=times),
    "a page of a proxy": lambda provider, call, times: provider.answers_with_a_page(call, times=times),
}
"""Troubles in plain words. A lost, a slow and a late answer come after the provider has done what was asked."""

UNITS = {"hour": 1, "hours": 1, "day": 24, "days": 24}
"""Hours of a unit of time."""

TYPES = {**WORDS, "Trouble": one_of(TROUBLES), "Unit": one_of(UNITS)}


async def _meets(world: World, call: str, trouble: str, times: int | None) -> None:
    await TROUBLES[trouble](world.provider, call, times)


@step("the next request to {call:Phrase} meets {trouble:Trouble}", types=TYPES)
async def _(world: World, call: str, trouble: str) -> None:
    await _meets(world, call, trouble, 1)


@step("the next {times:Number} requests to {call:Phrase} meet {trouble:Trouble}", types=TYPES)
async def _(world: World, times: int, call: str, trouble: str) -> None:
    await _meets(world, call, trouble, times)


@step("every request to {call:Phrase} meets {trouble:Trouble}", types=TYPES)
async def _(world: World, call: str, trouble: str) -> None:
    await _meets(world, call, trouble, None)


@step("the provider takes {seconds:Number} seconds for every answer", types=TYPES)
async def _(world: World, seconds: int) -> None:
    await world.provider.is_slow(seconds)


@step("the provider is away")
async def _(world: World) -> None:
    await world.provider.is_down()


@when("the provider is back")
async def _(world: World) -> None:
    await world.provider.recovers()


@when("the bank disputes the payment as {kind:Phrase}", types=TYPES)
async def _(world: World, kind: str) -> None:
    await world.provider.opens_dispute(kind)


@when("the bank disputes {part:Amount} of the payment as {kind:Phrase}", types=TYPES)
async def _(world: World, part: Money, kind: str) -> None:
    await world.provider.opens_dispute(kind, amount=part)


@when("the buyer opens a case with the provider as {kind:Phrase}", types=TYPES)
async def _(world: World, kind: str) -> None:
    world.needs(Provider.PAYPAL, "a buyer disputes with PayPal itself, beside the bank")
    await world.provider.opens_dispute(kind, at_bank=False)


@step("the provider shows payments under dispute as partly refunded")
async def _(world: World) -> None:
    world.needs(Provider.PAYPAL, "PayPal was seen to show a disputed capture as partly refunded")
    await world.provider.is_set(disputed_capture="partially_refunded")


@when("the bank asks about the payment")
async def _(world: World) -> None:
    await world.provider.opens_dispute("inquiry")


@when("the bank drops its question")
async def _(world: World) -> None:
    await world.provider.decides_dispute("warning closed")


@when("the bank turns its question into a chargeback")
async def _(world: World) -> None:
    await world.provider.decides_dispute("escalated")


@when("the bank decides the dispute for the shop")
async def _(world: World) -> None:
    await world.provider.decides_dispute("won")


@when("the bank decides the dispute for the cardholder")
async def _(world: World) -> None:
    await world.provider.decides_dispute("lost")


@when("the bank warns that the payment looks fraudulent")
async def _(world: World) -> None:
    await world.provider.warns_of_fraud()


@when("{part:Amount} are refunded at the provider's own desk", types=TYPES)
async def _(world: World, part: Money) -> None:
    await world.provider.refunds_outside(part)


@when("the payment is captured at the provider's own desk")
async def _(world: World) -> None:
    await world.provider.captures_outside()


@when("the payment is lowered to {total:Amount} at the provider", types=TYPES)
async def _(world: World, total: Money) -> None:
    await world.provider.changes_amount(total)


@when("somebody pays {total:Amount} at the provider in the name of the order", types=TYPES)
async def _(world: World, total: Money) -> None:
    await world.provider.takes_payment_naming_order(total)


@when("{count:Number} {unit:Unit} pass", types=TYPES)
async def _(world: World, count: int, unit: str) -> None:
    await world.provider.advances(hours=count * UNITS[unit])


@when("the provider gives up delivering")
async def _(world: World) -> None:
    await world.provider.gives_up_delivering()


@step("the provider holds every payment for review")
async def _(world: World) -> None:
    world.needs(Provider.PAYPAL, "a payment of PayPal can wait for a review")
    await world.provider.is_set(pending_reason="PENDING_REVIEW")


@when("the provider completes the payment that waits")
async def _(world: World) -> None:
    await world.provider.settles("complete")


@when("the provider denies the payment that waits")
async def _(world: World) -> None:
    await world.provider.settles("deny")


@when("{part:Amount} of the payment are taken back by the provider", types=TYPES)
async def _(world: World, part: Money) -> None:
    world.needs(Provider.PAYPAL, "PayPal takes back a part without a dispute")
    await world.provider.takes_back(part)


@when("the bank rejects the refund that waits")
async def _(world: World) -> None:
    world.needs(Provider.SQUARE, "a refund of Square's waits, and may be rejected")
    await world.provider.rejects_refund()


@when("the signature key is changed at the provider")
async def _(world: World) -> None:
    await world.changes_key()


@when("the provider forgets the shop's access")
async def _(world: World) -> None:
    world.needs(Provider.PAYPAL, "PayPal's access tokens can be revoked")
    await world.provider.forgets_tokens()
