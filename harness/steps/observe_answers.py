"""How the shop answered, how fast, whether it is still there, and what it kept of what it was told."""

from __future__ import annotations

import re

from harness.domain.providers import Provider
from harness.gherkin.decorators import then
from harness.steps.words import TYPES, describe, last_answer
from harness.steps.world import World
from harness.targets.contract import Answer

INSIDES = re.compile(
    r"Traceback \(most recent|File \"[^\"]+\.py\"|\bat [\w.$]+\([\w.]+:\d+\)|SQLSTATE|sqlalchemy|asyncpg|psycopg|"
    r"stripe\.\w*[eE]rror|pydantic|<title>.*(?:Debugger|Whoops)|(?:/usr|/home|/app|/srv)/[\w/.-]+\.py",
)
"""What tells a stranger how the shop is built: stack traces, file names, library and database errors."""

OK, REFUSAL, STUMBLE = 2, 4, 5
"""Hundreds of a status code."""


@then("the answer is a refusal, not an error of the server")
def _(world: World) -> None:
    answer = last_answer(world)
    assert answer.status // 100 == REFUSAL, f"the shop should have refused; {describe(answer)}"


@then("the answer is no error of the server")
def _(world: World) -> None:
    answer = last_answer(world)
    assert answer.status, f"the shop should have answered; {describe(answer)}"
    assert answer.status // 100 != STUMBLE, f"the shop stumbled; {describe(answer)}"


@then("the answer came within {seconds:Number} seconds", types=TYPES)
def _(world: World, seconds: int) -> None:
    answer = last_answer(world)
    assert answer.status, f"the shop should have answered; {describe(answer)}"
    assert answer.ms <= seconds * 1000, f"the answer took {answer.ms / 1000:.1f} s; {seconds} s is the limit"


@then("the answer shows no insides of the shop")
def _(world: World) -> None:
    answer = last_answer(world)
    assert isinstance(answer, Answer), "this Then speaks of an answer to a request, not of a delivery"
    shown = INSIDES.search(answer.text)
    assert not shown, f"the answer shows how the shop is built: {shown.group(0)!r}" if shown else ""


@then("the event is acknowledged")
def _(world: World) -> None:
    answer = last_answer(world)
    assert answer.status // 100 == OK, f"the event should have been acknowledged; {describe(answer)}"


@then("the event is acknowledged within {seconds:Number} second", types=TYPES)
def _(world: World, seconds: int) -> None:
    answer = last_answer(world)
    assert answer.status // 100 == OK, f"the event should have been acknowledged; {describe(answer)}"
    # A provider that had to come again was kept waiting by the try before.
    ms = max(answer.ms, world.memory.get("slowest try", answer).ms)
    assert ms <= seconds * 1000, f"the event was acknowledged after {ms:.0f} ms; {seconds} s is the limit"


@then("the event was not acknowledged")
def _(world: World) -> None:
    answer = last_answer(world)
    assert answer.status // 100 != OK, f"the event should not have been acknowledged; {describe(answer)}"


@then("the shop still answers")
async def _(world: World) -> None:
    alive = await world.alive()
    if not alive:
        world.target.raise_if_dead()  # says which process ended, and how
    assert alive, "the shop does not answer any more, or one of its processes has ended"


@then('the shop keeps one record of the "{event:Event}" event', types=TYPES)
async def _(world: World, event: str) -> None:
    await world.settles()
    (made,) = {one.id for one in await world.courier.waits_for(event)}
    kept = [row for row in await world.observer.inbox() if row["event_id"] == made]
    assert len(kept) == 1, f"the shop keeps {len(kept)} records of the event {made}; it should be one"


@then("the shop keeps one record of what was recorded")
async def _(world: World) -> None:
    await world.settles()
    recorded = world.attacker.recorded
    assert recorded is not None, "nothing was recorded in this scenario; a step that records an event must come first"
    kept = [row for row in await world.observer.inbox() if row["event_id"] == recorded.id]
    assert len(kept) == 1, f"the shop keeps {len(kept)} records of the event {recorded.id}; it should be one"


@then("the shop keeps no record of the forged event")
async def _(world: World) -> None:
    forged = {receipt.event_id for receipt in world.attacker.receipts}
    kept = [row["event_id"] for row in await world.observer.inbox() if row["event_id"] in forged]
    assert not kept, f"the shop keeps the forged event {kept[0]}; strangers can fill its database"


@then("every try is refused, and none shows the order")
def _(world: World) -> None:
    answers: list[Answer] = world.memory["tries"]
    assert answers, "nothing was tried"
    for answer in answers:
        assert answer.status // 100 == REFUSAL, f"the shop should have refused; {answer.describe()}"
    token = world.order.token
    shown = [answer.operation for answer in answers if token and token in answer.text]
    assert not shown, f"{shown[0]} showed a stranger the order"


@then("the browser was given a test key and no secret one")
def _(world: World) -> None:
    answer = last_answer(world)
    assert isinstance(answer, Answer), "this Then speaks of an answer to a request, not of a delivery"
    key = str(answer.get("publishable_key", ""))
    if world.lab.provider is not Provider.STRIPE:
        account = world.lab.side.account
        assert key == account.publishable_key, f"the browser was given {key[:8]}…, not the shop's id in the sandbox"
        assert account.secret_key not in answer.text, "the browser was given a secret of the shop"
        return
    assert "_test_" in key, f"the browser was given the key {key[:8]}…; in test it must be a test key"
    leaked = re.search(r"\b(?:sk|rk)_(?:test|live)_|whsec_", answer.text)
    assert not leaked, "the browser was given a secret of the shop"
