"""Scenes of several verbs: a crowd of shoppers, a person who tries again, a worker that dies at the wrong moment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from harness.domain.money import Money
from harness.domain.providers import Provider
from harness.domain.verdicts import NotApplicable
from harness.steps.actors.basket import lines_for
from harness.steps.actors.shopper import Shopper
from harness.steps.world import World
from harness.targets.contract import Answer

PATIENCE = 4
"""How often a person tries again when the shop says that it did not work."""


DECIDED = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "escalated"}
"""What comes of evidence, where the provider's test mode does not decide by its text."""


def new_key() -> str:
    """A key against repetition, as a client makes one for each thing that it wants."""
    return str(uuid.uuid4())


async def tries_again(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask, and ask again while the shop stumbles, as a patient person would; returns the last answer."""
    answer = await attempt()
    for _ in range(PATIENCE - 1):
        if answer.ok:
            break
        answer = await attempt()
    return answer


async def changes_quantity(world: World, count: int) -> Answer:
    """Change every line of the current order to ``count`` pieces."""
    lines = [{"sku": line["sku"], "quantity": count} for line in world.order.lines]
    return await world.shopper.changes_lines(lines)


def token_of(world: World, shopper: Shopper | None = None) -> str:
    """The token that the card form gave a shopper last; ``NotApplicable`` where forms give none."""
    token = (shopper or world.shopper).token
    if token is None:
        raise NotApplicable(f"the card fields of {world.lab.provider.spelled} give the shop no token to pay with")
    return token


async def asks_to_pay(world: World, total: Money) -> Answer:
    """Order in a currency, whether or not the provider takes it, and start to pay."""
    answer = await world.shopper.orders_lines(await lines_for(world, total), total.currency)
    assert answer.ok, f"the shop should take an order of {total}; {answer.describe()}"
    return await world.shopper.starts_payment()


async def starts_and_pays(world: World, card: str) -> None:
    """Start to pay, again where the shop asks for it, and then pay."""
    started = await tries_again(world.shopper.starts_payment)
    assert started.ok, f"after {PATIENCE} tries the payment should have started; {started.describe()}"
    await world.shopper.confirms(card)


async def captures(world: World) -> None:
    """Capture, again where the shop asks for it."""

    async def once() -> Answer:
        return (await world.operator.captures())[-1]

    await tries_again(once)


async def refunds(world: World, part: Money) -> None:
    """Refund, again with the same key where the shop asks for it: one wish, however often it is sent."""
    key = new_key()

    async def once() -> Answer:
        return (await world.operator.refunds(part, key=key))[-1]

    await tries_again(once)


async def contests(world: World, evidence: str) -> Answer:
    """Send evidence, and let the bank decide: at once where time can be moved, in its own time elsewhere."""
    answer = await world.operator.contests(evidence)
    if world.lab.provider is not Provider.STRIPE and evidence in DECIDED:
        await world.provider.decides_dispute(DECIDED[evidence])  # there a person reads the evidence, not a test mode
    elif world.simulated:
        await world.provider.advances(hours=1)
    return answer


async def crowd_pays(world: World, count: int, total: Money) -> None:
    """So many shoppers pay at once; every event is carried twice, shuffled, several at a time."""
    await world.courier.holds()
    shoppers = [world.another_shopper() for _ in range(count)]

    async def buy(shopper: Shopper) -> None:
        await shopper.orders(total)
        await shopper.pays("a Visa card")

    await asyncio.gather(*(buy(shopper) for shopper in shoppers))
    await world.courier.carries("twice, shuffled, at once")
    await world.courier.releases()


async def dies_while_handling(world: World, event: str) -> None:
    """The worker is killed in the middle of an event: while it waits for the provider to answer what it has asked.

    The provider hangs rather than being slow: it then has a call in its record while the caller still waits.
    """
    await world.courier.waits_for(event)
    await world.provider.hangs(2, "retrieve a payment", times=None)
    before = len(await world.provider.calls("any call"))
    await world.courier.delivers(event)

    async def asked() -> int:
        return len(await world.provider.calls("any call")) - before

    await world.eventually(asked, what="the worker's first question to the provider about the event")
    await world.kill("worker")
    await world.provider.recovers()
