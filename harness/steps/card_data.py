"""Card numbers and secrets where they must not be: put in on purpose, then looked for in all that the shop left."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gherkin.decorators import then, when
from harness.record.model import ScanHit
from harness.steps.words import TYPES as WORDS
from harness.steps.words import one_of, remember
from harness.steps.world import World

FIELDS = (
    "the e-mail address",
    "the article number",
    "the quantity",
    "the currency",
    "a field nobody asked for",
    "the order number",
    "the address of the page",
    "the browser's name",
    "the repetition key",
    "the access token",
    "the refund's reason",
    "the evidence of a dispute",
    "a body that cannot be read",
)
"""Places into which a shopper's or an attacker's card number can be typed (``Attacker.puts_card``)."""

WROTE = frozenset({"logs", "database", "files", "calls"})
ANSWERED = frozenset({"answers", "urls"})
"""Where a trace was found, by the first word of its place."""

CARD = frozenset({"card number", "security code"})

TYPES = {**WORDS, "Field": one_of(FIELDS), "Data": one_of(("card number", "security code"))}


@when("an attacker puts a card number into {field:Field}", types=TYPES)
async def _(world: World, field: str) -> None:
    remember(world, await world.attacker.puts_card(field))


@when("an attacker puts a card with its security code into {field:Field}", types=TYPES)
async def _(world: World, field: str) -> None:
    remember(world, await world.attacker.puts_card(field, code=True))


@when("an attacker posts an event with a card number to the webhook door")
async def _(world: World) -> None:
    remember(world, await world.attacker.posts_card_event())


async def _hits(world: World, kinds: frozenset[str], places: frozenset[str] | None = None) -> list[ScanHit]:
    await world.settles()
    found = await world.observer.traces()
    wanted = [hit for hit in found if hit.kind in kinds]
    return [hit for hit in wanted if places is None or hit.place.split()[0].rstrip(":") in places]


def _demand_none(hits: Sequence[ScanHit], what: str) -> None:
    assert not hits, f"{what} was found {len(hits)} times, first as {hits[0].masked} in {hits[0].place}"


@then("the {data:Data} is found nowhere in what the shop answered", types=TYPES)
async def _(world: World, data: str) -> None:
    _demand_none(await _hits(world, frozenset({data}), ANSWERED), f"the {data}")


@then("the {data:Data} is found nowhere in what the shop wrote down", types=TYPES)
async def _(world: World, data: str) -> None:
    _demand_none(await _hits(world, frozenset({data}), WROTE), f"the {data}")


@then("no card data is found in what the shop answered or wrote down")
async def _(world: World) -> None:
    _demand_none(await _hits(world, CARD), "card data")


@then("no secret of the shop is found in what it answered or wrote down")
async def _(world: World) -> None:
    _demand_none(await _hits(world, frozenset({"secret"})), "a secret of the shop")


@then("the secret of the payment is found in no log and no address")
async def _(world: World) -> None:
    _demand_none(await _hits(world, frozenset({"payment secret"})), "the secret of the payment")
