"""The world of a scenario, over a real simulator and a small shop of another make than the reference."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from harness.domain.money import Money
from harness.domain.verdicts import HarnessError, NotApplicable, NotObservable, TargetDead
from harness.steps.actors.basket import pieces
from harness.steps.laboratory import Lab, scratch
from harness.steps.world import World
from harness.targets.profile import parse

pytestmark = pytest.mark.anyio
HERE = Path(__file__).resolve().parent.parent / "targets"
EUR = Money(4999, "eur")


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


class Record:
    """What a world wrote down."""

    def __init__(self):
        self.kept, self.exchanges, self.receipts, self.entries = {}, [], [], []
        self.readings, self.hits, self.notes = [], [], []

    def keep(self, value, label):
        self.kept[value] = label

    def exchange(self, exchange):
        self.exchanges.append(exchange)

    def receipt(self, receipt):
        self.receipts.append(receipt)

    def journal(self, entries):
        self.entries += entries

    def reading(self, probe, value):
        self.readings.append((probe, value))

    def hit(self, hit):
        self.hits.append(hit)

    def note(self, text, **data):
        self.notes.append((text, data))


def profile(**changes):
    text = (HERE / "sample_shop.toml").read_text().replace("SHOP", str(HERE / "sample_shop.py"))
    for old, new in changes.items():
        text = text.replace(old, new)
    return parse(text, "sample_shop.toml")


@pytest.fixture(scope="module")
async def lab():
    running = Lab(profile(), run_id="20261123T160203Z-a1b2c3")
    await running.start()
    yield running
    await running.close()


@pytest.fixture
async def world(lab):
    made = World(lab, Record(), random.Random(7))
    await made.begin()
    yield made
    await made.end()


async def test_a_payment_is_seen_in_every_channel(world):
    order = await world.shopper.orders("49.99 EUR")
    assert (order.total, world.order) == (EUR, order)
    assert (await world.shopper.pays("a Visa card")).paid
    assert await world.observer.becomes("paid") == "paid"
    assert await world.observer.fulfilments() == 1
    assert (await world.provider.payment()).captured == EUR
    assert len(await world.provider.payments()) == 1
    paths = [one["path"] for one in await world.provider.calls("start a payment")]
    assert paths == ["/v1/payment_intents"]
    assert await world.observer.idempotency_keys(path="/v1/payment_intents") == [order.id]
    assert len(await world.acknowledgements()) >= 2
    await world.end()
    record = world.record
    assert {one.event_type for one in record.receipts} >= {"payment_intent.created", "payment_intent.succeeded"}
    assert record.entries[0].path == "/v1/payment_intents"
    assert {"shopper", "probe"} <= {one.actor for one in record.exchanges}
    assert any(one.request.headers.get("x-payharness-run") == "20261123T160203Z-a1b2c3" for one in record.exchanges)
    assert set(record.kept.values()) >= {"secret key", "webhook secret", "card number", "order token", "payment secret"}


async def test_a_target_at_rest_is_looked_at_again_only_after_something_has_reached_it(world):
    def looks():
        return sum(one.url.split("?")[0].endswith(_path(world, "list_events")) for one in world.exchanges)

    await world.shopper.orders("49.99 EUR")
    await world.shopper.pays("a Visa card")
    assert await world.settles()
    seen = looks()
    assert seen
    assert await world.settles()
    assert looks() == seen
    await world.courier.redelivers("payment succeeded")
    assert await world.settles()
    assert looks() > seen, "a delivery has reached the target"
    seen = looks()
    await world.provider.refunds_outside("10.00 EUR")
    assert await world.settles()
    assert looks() > seen, "the provider has told it something"
    seen = looks()
    await world.shopper.orders("49.99 EUR")
    assert await world.settles()
    assert looks() > seen, "a request has reached it"


def _path(world, operation):
    return world.target.profile.operations[operation].path


async def test_forged_events_change_nothing_and_the_real_secret_is_known(world):
    await world.shopper.orders("49.99 EUR")
    await world.shopper.starts_payment()
    assert (await world.attacker.delivers("payment succeeded", "no signature")).status == 400
    assert (await world.attacker.delivers("payment succeeded", "a body altered after signing")).status == 400
    assert (await world.attacker.delivers("payment succeeded", "the real secret")).status == 200
    assert await world.observer.stays("unpaid") == "unpaid"


async def test_held_events_are_carried_as_the_scenario_wants(world):
    await world.courier.holds()
    await world.shopper.orders("49.99 EUR")
    await world.shopper.pays("a Visa card")
    await world.observer.stays("unpaid")
    receipts = await world.courier.delivers("payment succeeded", times=6, concurrently=True)
    assert [one.status for one in receipts] == [200] * 6
    await world.observer.becomes("paid")
    later = await world.courier.delivers_in(["charge made", "payment started"])
    assert [one.event_type for one in later] == ["charge.succeeded", "payment_intent.created"]
    assert [one.status for one in await world.courier.redelivers("payment succeeded")] == [200]
    assert await world.courier.releases() == []
    assert await world.observer.fulfilments() == 1


async def test_lost_events_never_arrive(world):
    await world.courier.holds()
    await world.shopper.orders("49.99 EUR")
    await world.shopper.pays("a Visa card")
    assert await world.courier.loses() == 3
    assert await world.courier.releases() == []
    await world.observer.stays("unpaid")


async def test_no_scenario_leaks_its_trouble_into_the_next(lab):
    first = World(lab, Record(), random.Random(1))
    await first.begin()
    await first.courier.holds()
    await first.provider.is_down()
    await first.shopper.orders("49.99 EUR")
    assert not (await first.shopper.starts_payment()).ok
    await first.stop("serve")
    await first.end()
    second = World(lab, Record(), random.Random(2))
    await second.begin()
    assert await second.alive()
    assert await second.observer.journal() == []
    assert await second.deliveries() == []
    await second.shopper.orders("49.99 EUR")
    await second.shopper.pays("a Visa card")
    await second.observer.becomes("paid")
    await second.end()


async def test_the_banks_check_is_passed_and_failed(world):
    await world.shopper.orders("49.99 EUR")
    assert (await world.shopper.pays("a card that needs the bank's check")).needs_authentication
    assert (await world.shopper.fails_authentication()).status == "requires_payment_method"
    assert (await world.shopper.pays("a card that needs the bank's check")).needs_authentication
    await world.shopper.abandons_authentication()
    assert (await world.shopper.passes_authentication()).paid
    await world.observer.becomes("paid")
    with pytest.raises(AssertionError, match="the bank asked for no check"):
        await world.another_shopper().passes_authentication()


async def test_many_clicks_make_one_payment(world):
    await world.shopper.orders("49.99 EUR")
    answers = await world.shopper.clicks_pay(times=4)
    assert len(answers) == 4
    assert len(await world.provider.payments()) == 1


async def test_a_lost_answer_is_made_good_by_the_same_key(world):
    await world.shopper.orders("49.99 EUR")
    await world.provider.drops_response("start a payment")
    assert (await world.shopper.starts_payment()).failed
    assert await world.provider.was_met()
    assert (await world.shopper.starts_payment()).ok
    assert len(await world.provider.payments()) == 1


async def test_a_stranger_gets_nothing(world):
    order = await world.shopper.orders("49.99 EUR")
    answers = await world.attacker.guesses_orders(order)
    assert answers
    assert all(answer.refused for answer in answers)
    assert world.order is order
    assert all(answer.refused for answer in await world.attacker.sends_ids(["../x", "1' OR 1=1", "%00", "\u202e"]))


async def test_a_card_number_in_a_log_is_found_and_is_not_shown(world):
    answer = await world.attacker.puts_card("the e-mail address")
    assert answer.ok
    (hit,) = await world.observer.traces()
    assert hit.kind == "card number"
    assert hit.place.startswith("logs ")
    assert hit.masked.endswith(world.card.number[-4:])
    assert world.card.number not in hit.masked
    assert world.record.kept[world.card.number] == "card number"


async def test_an_earlier_scenarios_card_is_not_blamed_on_this_one(world):
    await world.shopper.orders("49.99 EUR")
    assert await world.observer.traces() == []


async def test_wrong_settings_are_tried_beside_the_running_shop(world):
    outcome = await world.launch_variant({"STRIPE_WEBHOOK_SECRET": None})
    assert (outcome.ready, outcome.exit_code) == (False, 1)
    assert outcome.sentence == "STRIPE_WEBHOOK_SECRET is missing; set it to the endpoint's secret."
    assert (await world.launch_variant({})).ready
    assert await world.alive()
    assert world.environment()["STRIPE_WEBHOOK_SECRET"].startswith("whsec_")


async def test_a_target_that_dies_is_dead_and_says_why(world):
    await world.shopper.orders("49.99 EUR")
    os.kill(world.target.process().processes["serve"][0].pid, signal.SIGKILL)
    with pytest.raises(TargetDead, match=r"'sample shop' is dead: .*'serve' ended with exit code -9"):
        await world.eventually(world.shopper.looks, lambda _: False, within=10)
    assert not await world.alive()


async def test_a_target_that_hangs_is_dead_and_is_started_anew(lab, monkeypatch):
    monkeypatch.setattr("harness.targets.http._PATIENCE", 0.2)
    first = World(lab, Record(), random.Random(11))
    await first.begin()
    await first.shopper.orders("49.99 EUR")
    url = first.target.context.look("base_url")
    hanging = asyncio.create_task(first.target.client.get(f"{url}/hang", timeout=60))
    with pytest.raises(TargetDead, match="'sample shop' hangs: it takes connections and answers nothing"):
        await first.eventually(
            lambda: first.target.run("list_goods", timeout=0.5),
            lambda _: False,
            within=30,
            what="the end of its answers",
        )
    await first.end()
    with pytest.raises(httpx.TransportError):
        await hanging
    second = World(lab, Record(), random.Random(12))
    await second.begin()
    assert await second.alive()
    await second.end()


async def test_what_is_not_seen_in_time_is_told_with_what_was_seen(world):
    async def seven():
        return 7

    with pytest.raises(AssertionError, match=r"the number was 7 after 0.05 s; it should be 8"):
        await world.eventually(seven, 8, within=0.05, what="the number")

    async def never():
        raise AssertionError("not yet there")

    with pytest.raises(AssertionError, match="not yet there"):
        await world.eventually(never, within=0.05)


async def test_capabilities_and_channels_that_miss_have_their_own_verdicts(world):
    await world.shopper.orders("49.99 EUR")
    with pytest.raises(NotApplicable, match="no operation 'refund'"):
        await world.operator.refunds("1.00 EUR")
    with pytest.raises(NotApplicable, match="no operation 'capture'"):
        world.requires("create_order", "capture")
    with pytest.raises(NotObservable, match="shows 'captured' of an order nowhere"):
        await world.observer.captured()
    with pytest.raises(NotObservable, match="shows no ledger"):
        await world.observer.books_balance()
    with pytest.raises(NotApplicable, match="no process 'worker'"):
        await world.kill("worker")
    with pytest.raises(NotApplicable, match="no goods"):
        await world.shopper.orders("0.01 EUR")
    with pytest.raises(HarnessError, match="did you mean 'payment succeeded'"):
        await world.attacker.delivers("payment suceeded", "no signature")


async def test_a_step_without_an_order_says_which_one_must_come_first(world):
    with pytest.raises(HarnessError, match="a step that orders must come first"):
        assert world.order
    with pytest.raises(HarnessError, match="a step that orders must come first"):
        await world.shopper.pays("a Visa card")


async def test_disputes_and_refunds_happen_at_the_provider_without_the_shop(world):
    await world.shopper.orders("99.98 EUR")
    await world.shopper.pays("a Visa card")
    assert (await world.provider.refunds_outside("10.00 EUR")).counts
    dispute = await world.provider.opens_dispute("product not received", amount="20.00 EUR")
    assert (dispute.reason, dispute.withdrawn) == ("product_not_received", Money(2000, "eur"))
    assert (await world.provider.decides_dispute("won")).withdrawn == Money(0, "eur")
    assert [one.amount for one in await world.provider.refunds()] == [Money(1000, "eur")]
    await world.provider.advances(days=2)


async def test_somebody_elses_payment_can_name_the_order(world):
    order = await world.shopper.orders("49.99 EUR")
    await world.shopper.starts_payment()
    cheap = await world.provider.takes_payment_naming_order("1.00 EUR")
    assert {one.id for one in await world.provider.payments()} == {order.provider_id, cheap.id}


async def test_a_crowd_pays_at_once(world):
    await world.courier.holds()
    shoppers = [world.another_shopper() for _ in range(5)]

    async def buys(shopper):
        await shopper.orders("49.99 EUR")
        await shopper.pays("a Visa card")

    await asyncio.gather(*(buys(shopper) for shopper in shoppers))
    receipts = await world.courier.carries("twice, shuffled, at once")
    assert len(receipts) == 2 * 3 * 5
    await world.courier.releases()
    for order in world.orders:
        await world.observer.becomes("paid", order=order)
        assert await world.observer.fulfilments(order) == 1


async def test_a_target_with_a_secret_of_its_own_gets_its_events_by_polling(monkeypatch):
    monkeypatch.setenv("SHOP_WEBHOOK_SECRET", "whsec_of_the_shop")
    changed = profile(
        **{
            'url = "{base_url}/hook"': 'url = "{base_url}/hook"\nsecret_env = "SHOP_WEBHOOK_SECRET"',
            'STRIPE_WEBHOOK_SECRET = "{stripe.webhook_secret}"': 'STRIPE_WEBHOOK_SECRET = "{env.SHOP_WEBHOOK_SECRET}"',
        }
    )
    lab = Lab(changed)
    lab.__class__ = type("Elsewhere", (Lab,), {"_delivers_itself": False})
    monkeypatch.setattr(lab.target, "webhook_secret", lambda _: "whsec_of_the_shop")
    await lab.start()
    try:
        world = World(lab, Record(), random.Random(3))
        await world.begin()
        await world.shopper.orders("49.99 EUR")
        await world.shopper.pays("a Visa card")
        assert await world.observer.becomes("paid") == "paid"
        await world.end()
    finally:
        await lab.close()


def test_scratch_of_a_harness_that_was_killed_is_removed(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine = scratch()
    with subprocess.Popen(["true"]) as ended:
        pass
    abandoned = tmp_path / "payharness-abandoned"
    abandoned.mkdir()
    (abandoned / "harness.pid").write_text(str(ended.pid))
    another = scratch()
    assert [mine.exists(), another.exists(), abandoned.exists()] == [True, True, False]


async def test_a_profile_that_cannot_start_leaves_nothing_behind():
    lab = Lab(profile(**{'"{python}", ': '"{python}", "-c", "raise SystemExit(\'no such shop\')", '}))
    with pytest.raises(TargetDead, match="no such shop"):
        await lab.start()
    assert not lab.folder.exists()
    assert not lab._simulator.process.running


@pytest.mark.parametrize(
    ("total", "found"),
    [(4999, {"pot": 1}), (6998, {"pot": 1, "cup": 1}), (14997, {"pot": 3}), (1, None), (10**9, None)],
)
def test_goods_are_found_that_cost_exactly_so_much(total, found):
    assert pieces(total, {"pot": 4999, "cup": 1999, "bag": 10000}) == found


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (None, "real test mode needs STRIPE_SECRET_KEY, which is not set; set it to a test key of your account"),
        ("sk_live_of_somebody", "the harness never touches a live account"),
    ],
)
async def test_real_test_mode_needs_a_test_key_and_takes_no_live_one(monkeypatch, key, sentence):
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)
    if key:
        monkeypatch.setenv("STRIPE_SECRET_KEY", key)
        monkeypatch.setenv("STRIPE_PUBLISHABLE_KEY", "pk_test_x")
    lab = Lab(profile(**{'name = "sample shop"': 'name = "sample shop"\nmode = "sandbox"'}))
    with pytest.raises(HarnessError, match=sentence):
        await lab.start()
    assert not lab.folder.exists()
