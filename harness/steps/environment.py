"""The shop's machines and settings: what stops, dies and comes back, and what it refuses to start with."""

from __future__ import annotations

from harness.gherkin.decorators import step, then, when
from harness.steps.misconfiguration import RECIPES, is_secret, variables_of
from harness.steps.scenes import dies_while_handling
from harness.steps.words import TYPES as WORDS
from harness.steps.words import one_of
from harness.steps.world import LaunchOutcome, World

SENTENCE = 400
"""Characters; beyond this it is a report, not a sentence."""

TYPES = {**WORDS, "Mistake": one_of(RECIPES)}


@when("the shop is started with {mistake:Mistake}", types=TYPES)
async def _(world: World, mistake: str) -> None:
    variables = variables_of(world.lab.provider, world.environment(), *world.lab.told)
    name, settings = RECIPES[mistake](variables)
    settings = {**variables.left_out, **settings}
    world.memory["setting"] = name
    world.memory["secrets"] = [
        value for each in (variables.settings, settings) for value in each.values() if value and is_secret(value)
    ]
    world.memory["launch"] = await world.launch_variant(settings)


@then("it refuses to start, and says in one sentence why")
def _(world: World) -> None:
    outcome: LaunchOutcome = world.memory["launch"]
    name: str = world.memory["setting"]
    assert not outcome.ready, f"the shop started although {name} is wrong; it should refuse"
    assert outcome.exit_code, f"the shop ended with code {outcome.exit_code}; a refusal ends with another one than 0"
    said = outcome.sentence
    assert name in said, f"the shop refused, but what it says does not name {name}: {said!r}"
    assert len(said) < SENTENCE, f"the shop should say in one sentence why; it wrote {len(said)} characters: {said!r}"
    assert "Traceback" not in outcome.stderr, "the shop refused with a stack trace instead of one sentence"


@then("what it says holds no secret")
def _(world: World) -> None:
    outcome: LaunchOutcome = world.memory["launch"]
    said = outcome.stdout + outcome.stderr
    shown = sorted({secret[:8] + "…" for secret in world.memory["secrets"] if secret.strip() in said})
    assert not shown, f"what the shop says when it refuses to start holds secrets: {', '.join(shown)}"


@when("the shop goes down")
async def _(world: World) -> None:
    await world.stop("serve")


@when("the shop comes back")
async def _(world: World) -> None:
    await world.start("serve")


@when("the shop is restarted")
async def _(world: World) -> None:
    await world.restart("serve")
    await world.restart("worker")


@when("the whole shop is killed and started again")
async def _(world: World) -> None:
    for process in ("worker", "serve"):
        await world.kill(process)
    for process in ("serve", "worker"):
        await world.start(process)


@step("the worker is stopped")
async def _(world: World) -> None:
    await world.stop("worker")


@when("the worker starts again")
async def _(world: World) -> None:
    await world.start("worker")


@when('the worker dies while it handles the "{event:Event}" event', types=TYPES)
async def _(world: World, event: str) -> None:
    await dies_while_handling(world, event)


@step("{count:Number} more workers run", types=TYPES)
async def _(world: World, count: int) -> None:
    await world.start("worker", count=count)


@when("the database goes away")
async def _(world: World) -> None:
    await world.stop("database")


@when("the database comes back")
async def _(world: World) -> None:
    await world.start("database")
