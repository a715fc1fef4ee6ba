"""What an order looks like afterwards: its state, its goods, what its shopper and the staff are told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from harness.domain.money import Money
from harness.domain.providers import Provider
from harness.domain.verdicts import NotApplicable
from harness.gherkin.decorators import then, when
from harness.steps.words import TYPES as WORDS
from harness.steps.words import last_answer, one_of
from harness.steps.world import Order, World

TOLD: Mapping[str, str] = {
    "the card was declined": r"declin|refus|not accept",
    "the card lacks the funds": r"fund|balance",
    "the card has reached its limit": r"limit|too (?:many|often)",
    "the card has expired": r"expir",
    "the security code is wrong": r"security code|cvc|cvv",
    "the payment may be tried again": r"again|later",
    "the bank's check failed": r"authenticat|bank'?s? check|confirm",
}
"""What a shopper must be able to read out of the shop's sentence."""

SILENT = re.compile(r"lost|stolen|fraud|risk|pick.?up|block", re.IGNORECASE)
"""What a thief must not learn about the card in hand (Stripe, "Decline codes": present these as a generic decline)."""

REFUNDS: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"pending", "created", "requested", "unknown", "processing"}),
    "succeeded": frozenset({"succeeded"}),
    "failed": frozenset({"failed"}),
}

DISPUTES: Mapping[str, frozenset[str]] = {
    "won": frozenset({"won"}),
    "lost": frozenset({"lost"}),
    "a question": frozenset({"warning_needs_response", "warning_under_review", "inquiry"}),
    "closed without loss": frozenset({"warning_closed", "prevented"}),
}
"""States of refunds and disputes: as a feature says them, as integrations call them."""

TYPES = {
    **WORDS,
    "Told": one_of(TOLD),
    "Refund": one_of(REFUNDS),
    "Dispute": one_of(DISPUTES),
    "What": one_of(("captured", "refunded", "disputed")),
}


@then("the order is {state:State}", types=TYPES)
@when("the order is seen as {state:State}", types=TYPES)
async def _(world: World, state: str) -> None:
    await world.observer.becomes(state)


@then("the order stays {state:State}", types=TYPES)
async def _(world: World, state: str) -> None:
    await world.observer.stays(state)


@then("every order is {state:State}", types=TYPES)
async def _(world: World, state: str) -> None:
    await asyncio.gather(*(world.observer.becomes(state, order=order) for order in world.orders))


async def _fulfilled_once(world: World, order: Order | None = None) -> None:
    async def fulfilments() -> int:
        return await world.observer.fulfilments(order)

    await world.settles()
    times = await fulfilments()
    if not times:
        await world.eventually(fulfilments, what="the fulfilment of the order")
        await world.settles()
        times = await fulfilments()
    assert times == 1, f"the order was fulfilled {times} times; it should be once"


@then("the order is fulfilled once")
async def _(world: World) -> None:
    await _fulfilled_once(world)


@then("every order is fulfilled once")
async def _(world: World) -> None:
    await asyncio.gather(*(_fulfilled_once(world, order) for order in world.orders))


@then("the other order is fulfilled once")
async def _(world: World) -> None:
    await _fulfilled_once(world, world.memory["other order"])


@then("nothing is fulfilled")
async def _(world: World) -> None:
    await world.settles()
    times = await world.observer.fulfilments()
    assert times == 0, f"the order was fulfilled {times} times, and nobody has paid for it"


@then("the order is never fulfilled for less than it costs")
async def _(world: World) -> None:
    await world.settles()
    truth = await world.provider.payment()
    seen = await world.shopper.looks()
    costs = Money(int(seen["amount"]), str(seen["currency"]).lower())
    if await world.observer.fulfilments():
        assert truth.captured == costs, f"goods of {costs} were released for a payment of {truth.captured}"


@then("the order and the provider agree")
async def _(world: World) -> None:
    await world.settles()
    truth = await world.provider.payment()
    expected = ("paid",) if truth.captured.minor else ("unpaid", "cancelled")
    await world.observer.becomes(*expected)


@then("the shop counts {amount:Amount} as {what:What}", types=TYPES)
async def _(world: World, amount: Money, what: str) -> None:
    await world.settles()
    await world.eventually(getattr(world.observer, what), amount, what=f"the amount that the shop counts as {what}")


@then("the shopper is told that {message:Told}", types=TYPES)
async def _(world: World, message: str) -> None:
    if world.lab.provider is Provider.SQUARE and message == "the bank's check failed":
        raise NotApplicable("Square's card form makes the bank's check, and tells the shopper itself when it failed")
    _, sentence = await world.shopper.told()
    said = sentence or ""
    assert re.search(TOLD[message], said, re.IGNORECASE), f"the shopper reads {said!r}; it should say that {message}"
    if message == "the card was declined":
        assert not SILENT.search(said), f"the shopper reads {said!r}; that tells a thief what is known about the card"


@then("the shopper is asked to pass the bank's check")
def _(world: World) -> None:
    confirmation = world.shopper.confirmation
    assert confirmation is not None, "the shopper has not tried to pay; a When that pays must come first"
    assert confirmation.needs_authentication, f"the bank asked for no check; the payment is {confirmation.status}"


@then("the operator sees a {state:Refund} refund of {amount:Amount}", types=TYPES)
async def _(world: World, state: str, amount: Money) -> None:
    async def matching() -> list[dict[str, Any]]:
        found = await world.observer.refunds()
        return [one for one in found if one["state"] in REFUNDS[state] and one["amount"] == amount.minor]

    await world.eventually(matching, what=f"a {state} refund of {amount} among the order's refunds")


@then("the operator sees no {state:Refund} refund", types=TYPES)
async def _(world: World, state: str) -> None:
    seen = [f"{one['amount']} {one['state']}" for one in await world.observer.refunds()]
    wrong = [one for one in seen if one.split()[-1] in REFUNDS[state]]
    assert not wrong, f"among the order's refunds is a {state} one: {', '.join(wrong)} (in minor units)"


@then("the operator sees the dispute as {state:Dispute}", types=TYPES)
async def _(world: World, state: str) -> None:
    async def states() -> list[str]:
        return [str(one["state"]) for one in await world.observer.disputes()]

    await world.eventually(
        states, lambda seen: bool(set(seen) & DISPUTES[state]), what=f"the dispute's state, which should be {state}"
    )


@then("the operator sees by when evidence is due")
async def _(world: World) -> None:
    disputes = await world.observer.disputes()
    assert disputes, "the operator sees no dispute of the order"
    missing = [one["provider_id"] for one in disputes if not one.get("evidence_due_by")]
    assert not missing, f"the operator is not told by when evidence is due for {', '.join(missing)}"


@then("the shop knows every dispute of the provider")
async def _(world: World) -> None:
    async def unknown() -> set[str]:
        truth = {one.id for one in await world.provider.disputes()}
        return truth - {str(one["provider_id"]) for one in await world.observer.disputes()}

    await world.eventually(unknown, lambda missing: not missing, what="the disputes that the shop does not know")


@then("the operator sees a warning of fraud")
async def _(world: World) -> None:
    await world.eventually(world.observer.warnings, what="the warnings about the order")


@then("the drift report names the order")
def _(world: World) -> None:
    assert _drift_of(world), f"the drift report does not name the order {world.order.id}: {world.memory['drift']}"


@then("the drift report does not name the order")
def _(world: World) -> None:
    found = _drift_of(world)
    assert not found, f"the drift report names the order, though nothing is wrong with it: {found}"


def _drift_of(world: World) -> list[Any]:
    ids = {world.order.id, world.order.provider_id, world.order.payment_id} - {None}
    return [line for line in world.memory["drift"] if any(str(one) in str(line) for one in ids)]


@then("no order was taken")
def _(world: World) -> None:
    answer = last_answer(world)
    assert answer.status // 100 != 2, "the shop took the order; it should have refused it"  # noqa: PLR2004 - class of a status


@then("no order was taken for less than {price:Amount}", types=TYPES)
async def _(world: World, price: Money) -> None:
    cheaper = [one for one in world.orders if one.total.minor < price.minor or one.total.currency != price.currency]
    assert not cheaper, f"the shop took an order for {cheaper[0].total} although its goods cost {price}"


@then("no order was taken as paid")
async def _(world: World) -> None:
    for order in world.orders:
        await world.observer.stays("unpaid", order=order)
