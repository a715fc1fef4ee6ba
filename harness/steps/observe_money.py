"""Where the money is: what the provider counts, what it was asked for, and what the shop's books say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from harness.domain.money import Money
from harness.domain.providers import Provider
from harness.domain.verdicts import NotApplicable, NotObservable
from harness.gherkin.decorators import given, then
from harness.steps.words import TYPES as WORDS
from harness.steps.words import one_of
from harness.steps.world import World

THINGS = ("payment", "payments", "charge", "charges", "capture", "captures", "refund", "refunds")
MOVING = ("capture", "refund", "start a payment", "cancel a payment")
"""Calls that move money, or start to."""
_MOVING_AT = {Provider.SQUARE: ("complete a payment", "refund", "start a payment")}
"""Where it is other calls: Square's for captures and releases take no key, and name the one payment that they end."""

ACCOUNTS: Mapping[str, tuple[str, ...]] = {
    "disputed payments": ("dispute",),
    "dispute fees": ("dispute", "fee"),
}
"""Accounts of the books in plain words: what their names contain."""
WITHHELD = "disputed payments"

TYPES = {**WORDS, "Thing": one_of(THINGS), "Account": one_of(ACCOUNTS), "Moved": one_of(("captured", "refunded"))}


async def _count(world: World, thing: str) -> int:
    match thing.rstrip("s"):
        case "payment":
            return len(await world.provider.payments())
        case "charge":
            return len(await world.provider.charges())
        case "capture":
            return len([one for one in await world.provider.charges() if one.captured.minor])
        case _:
            return len([one for one in await world.provider.refunds() if one.counts])


@then("the provider counts {expected:Number} {thing:Thing}", types=TYPES)
async def _(world: World, expected: int, thing: str) -> None:
    await world.settles()
    seen = await _count(world, thing)
    assert seen == expected, f"the provider counts {seen} {thing} for the order; it should be {expected}"


@then("the provider has {amount:Amount} {moved:Moved}", types=TYPES)
async def _(world: World, amount: Money, moved: str) -> None:
    await world.settles()
    seen = await (_captured(world) if moved == "captured" else _refunded(world))
    assert seen == amount, f"the provider has {seen} {moved} for the order; it should be {amount}"


async def _captured(world: World) -> Money:
    """Over every payment of the order: two of them are a double payment."""
    return sum((one.captured for one in await world.provider.payments()), Money(0, world.order.total.currency))


async def _refunded(world: World) -> Money:
    refunds = [one.amount for one in await world.provider.refunds() if one.counts]
    return sum(refunds, Money(0, world.order.total.currency))


@then("the payment at the provider is cancelled")
async def _(world: World) -> None:
    truth = await world.provider.payment()
    if world.lab.provider is Provider.PAYPAL and truth.state == "open":
        raise NotApplicable("PayPal has no call that cancels an order which nobody has approved; it lapses after hours")
    assert truth.state == "cancelled", (
        f"the payment at the provider is {truth.status}; it should be cancelled with the order"
    )


@then("the provider was asked for {amount:Amount}", types=TYPES)
async def _(world: World, amount: Money) -> None:
    truth = await world.provider.payment()
    assert truth.amount == amount, f"the provider was asked for {truth.amount}; the order costs {amount}"


@then("the provider was never asked to {call:Phrase}", types=TYPES)
async def _(world: World, call: str) -> None:
    await world.settles()
    calls = await world.provider.calls(call)
    assert not calls, f"the provider was asked {len(calls)} times to {call}; it should not have been"


@given("nothing is under way any more")
async def _(world: World) -> None:
    await world.rests()
    world.memory["calls"] = len(await world.provider.calls())


@then("the provider was asked nothing since")
async def _(world: World) -> None:
    await world.settles()
    since = (await world.provider.calls())[world.memory["calls"] :]
    assert not since, f"the shop asked the provider {len(since)} times, first {since[0]['method']} {since[0]['path']}"


@then("the provider was asked to {call:Phrase} at most {most:Number} times", types=TYPES)
async def _(world: World, call: str, most: int) -> None:
    await world.settles()
    calls = await world.provider.calls(call)
    assert calls, f"the provider was never asked to {call}"
    assert len(calls) <= most, f"the provider was asked {len(calls)} times to {call}; {most} times is enough"


@then("the provider was given no address of a stranger")
async def _(world: World) -> None:
    calls = await world.provider.calls("any call")
    bent = [one["path"] for one in calls if "stranger.example" in str(one.get("params"))]
    assert not bent, f"the provider was told to send shoppers to a stranger's host by {bent[0]}"


@then("every call that moved money carried a key of its own")
async def _(world: World) -> None:
    keys: list[str] = []
    for call in _MOVING_AT.get(world.lab.provider, MOVING):
        for one in await world.provider.calls(call):
            key = one.get("idempotency_key")
            assert key, f"a call to {call} carried no key against repetition"
            keys.append(key)
    assert keys, "no call that moves money was seen"
    assert len(set(keys)) == len(keys), f"different operations shared a key against repetition: {sorted(keys)}"


@then("the books balance and agree with the provider")
async def _(world: World) -> None:
    await asyncio.gather(*(world.observer.books_equal(order) for order in world.orders))
    await world.observer.books_balance()


@then("the books show no movement")
async def _(world: World) -> None:
    await world.settles()
    entries = await world.observer.ledger()
    assert not entries, f"the books hold {len(entries)} entries for the order, though no money has moved: {entries[0]}"


@then("the books show {amount:Amount} of {account:Account}", types=TYPES)
async def _(world: World, amount: Money, account: str) -> None:
    if world.lab.provider is not Provider.STRIPE and account == WITHHELD and amount.minor:
        raise NotApplicable(
            f"{world.lab.provider.spelled} withholds a disputed amount, and moves it only when the dispute is decided"
        )

    async def booked() -> Money:
        return Money(abs(_balance(await world.observer.ledger(), ACCOUNTS[account])), amount.currency)

    await world.settles()
    await world.eventually(booked, amount, what=f"what the books show of {account}")


def _balance(entries: list[dict[str, Any]], words: tuple[str, ...]) -> int:
    """Debits less credits of the accounts whose names contain these words; fees count apart."""
    total = 0
    for entry in entries:
        name = str(entry["account"])
        if all(word in name for word in words) and ("fee" in name) == ("fee" in words):
            total += int(entry.get("debit") or 0) - int(entry.get("credit") or 0)
    return total


@then("the books still hold the entry of the payment beside the entry of the refund")
async def _(world: World) -> None:
    entries = await world.observer.ledger()
    kinds = {str(entry.get("kind") or entry.get("source_kind") or entry.get("transaction")) for entry in entries}
    if kinds == {"None"}:
        raise NotObservable("the ledger probe does not say what an entry was made for")
    assert len(kinds) > 1, f"the books tell of {kinds} only; payment and refund should both be there"
