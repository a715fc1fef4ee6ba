"""What the merchant's staff does: captures, releases, refunds, contests, reconciles."""

from __future__ import annotations

from harness.domain.money import Money
from harness.gherkin.decorators import when
from harness.steps.scenes import captures, contests, new_key, refunds
from harness.steps.words import TYPES, one_of, remember
from harness.steps.world import World

EVIDENCE = {
    "winning": "winning_evidence",
    "losing": "losing_evidence",
    "escalating": "escalate_inquiry_evidence",
}
"""Evidence in plain words: the texts that decide a dispute in test mode (Stripe, "Testing", disputes)."""


@when("the operator captures the payment")
async def _(world: World) -> None:
    remember(world, (await world.operator.captures())[-1])


@when("the operator captures {part:Amount}", types=TYPES)
async def _(world: World, part: Money) -> None:
    remember(world, (await world.operator.captures(part))[-1])


@when("the operator captures the payment {times:Number} times at once", types=TYPES)
async def _(world: World, times: int) -> None:
    await world.operator.captures(times=times, concurrently=True)


@when("the operator captures the payment, trying again if told to")
async def _(world: World) -> None:
    await captures(world)


@when("the operator releases the hold")
async def _(world: World) -> None:
    remember(world, await world.operator.cancels())


@when("the operator refunds the whole payment")
async def _(world: World) -> None:
    remember(world, (await world.operator.refunds())[-1])


@when("the operator refunds {part:Amount}", types=TYPES)
async def _(world: World, part: Money) -> None:
    world.memory["refund"] = part
    world.memory["refund key"] = new_key()
    remember(world, (await world.operator.refunds(part, key=world.memory["refund key"]))[-1])


@when("the operator refunds {part:Amount} {times:Number} times at once", types=TYPES)
async def _(world: World, part: Money, times: int) -> None:
    await world.operator.refunds(part, times=times, concurrently=True)


@when("the operator refunds {part:Amount}, trying again if told to", types=TYPES)
async def _(world: World, part: Money) -> None:
    await refunds(world, part)


@when("the operator repeats the same refund")
async def _(world: World) -> None:
    answers = await world.operator.refunds(world.memory["refund"], key=world.memory["refund key"])
    remember(world, answers[-1])


@when("the operator repeats the same refund with {part:Amount}", types=TYPES)
async def _(world: World, part: Money) -> None:
    remember(world, (await world.operator.refunds(part, key=world.memory["refund key"]))[-1])


@when("the operator sends the same refund of {part:Amount} {times:Number} times at once", types=TYPES)
async def _(world: World, part: Money, times: int) -> None:
    await world.operator.refunds(part, times=times, concurrently=True, key=new_key())


@when("the operator contests the dispute with {kind:Evidence} evidence", types={"Evidence": one_of(EVIDENCE)})
async def _(world: World, kind: str) -> None:
    remember(world, await contests(world, EVIDENCE[kind]))


@when("the operator accepts the dispute")
async def _(world: World) -> None:
    remember(world, await world.operator.accepts())


@when("the operator reconciles with the provider")
async def _(world: World) -> None:
    answer = await world.operator.reconciles()
    assert answer.ok, f"reconciliation should run; {answer.describe()}"
    world.memory["drift"] = answer.get("drift", [])
