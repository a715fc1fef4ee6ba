"""A model-based test of the webhook handling.

The real door, handlers and database, against the real simulated provider.

The provider acts, its events are delivered in any order, some twice, some at once, some under a new id, some never;
workers die between doing and noting; staff and shopper act in between. After every step the invariants of money hold,
and once everything was redelivered the shop says what the provider says.
"""

from __future__ import annotations

import asyncio
import json
import secrets

import httpx
import pytest
import stripe
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from lab import Lab
from sqlalchemy import select, text

from reference_impl import catalogue, database, reconciliation
from reference_impl.api import app
from reference_impl.errors import ApiError
from reference_impl.orders import orders, views
from reference_impl.orders import rules as order_rules
from reference_impl.payments import cancel, capture, start, sync
from reference_impl.refunds import requesting
from reference_impl.settings import Settings
from reference_impl.webhooks import door, inbox, worker
from reference_impl.webhooks.table import WebhookEvent

TOTAL = catalogue.price("hamper", "eur")
ORDER_EDGES = {
    ("unpaid", "authorised"),
    ("unpaid", "paid"),
    ("unpaid", "cancelled"),
    ("unpaid", "part_refunded"),
    ("unpaid", "refunded"),
    ("unpaid", "disputed"),
    ("unpaid", "lost"),
    ("authorised", "paid"),
    ("authorised", "cancelled"),
    ("authorised", "part_refunded"),
    ("authorised", "refunded"),
    ("authorised", "disputed"),
    ("authorised", "lost"),
}
AFTER_PAYMENT = {"paid", "part_refunded", "refunded", "disputed", "lost"}


class Died(BaseException):
    """The worker is killed here."""


class Shop:
    """The integration in this process, and the provider beside it."""

    def __init__(self, lab: Lab, environment: Settings) -> None:
        self.lab, self.settings = lab, environment
        self.runner = asyncio.Runner()
        self.opened = app.opened(environment, "state-machine")
        self.run(self.opened.__aenter__())
        self.door = door.Door(environment, database.pool())

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def close(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.runner.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("machine"))
    lab.start_provider_and_database()
    environment = Settings(**{name.lower(): value for name, value in lab.settings.items()})
    shop = Shop(lab, environment)
    try:
        lab.hold()
        yield shop
    finally:
        shop.close()
        lab.database.end()
        lab.simulator.end()


class OrderUnderWebhooks(RuleBasedStateMachine):
    """One order and everything that may become of it."""

    shop: Shop

    @initialize(
        manual=st.booleans(),
        card=st.sampled_from(["pm_card_visa", "pm_card_visa", "pm_card_refundFail", "pm_card_createDispute", None]),
    )
    def begin(self, manual, card):
        self.events: list[dict] = []
        self.refunded: set[str] = set()
        self.order, self.token = self.shop.run(
            orders.create(self.shop.settings, [order_rules.Wish("hamper", 1)], "eur", None, None)
        )
        wish = start.Wish("embedded", "manual" if manual else "automatic", "stripe")
        begun = self.shop.run(start.start(self.shop.settings, self.order.id, self.token, wish))
        self.payment = begun.payment.id
        self.intent = begun.intent.id
        self.secret = begun.intent.client_secret
        self.hear()
        if card:
            self.pay(card)

    # the provider

    def truth(self):
        return self.shop.lab.stripe("GET", f"payment_intents/{self.intent}", **{"expand[]": "latest_charge"})

    def disputes(self):
        return self.shop.lab.stripe("GET", "disputes", payment_intent=self.intent)["data"]

    def hear(self):
        """Note the events that the provider made about this payment."""
        listed = self.shop.lab.stripe("GET", "events", limit=100)["data"]
        known = {one["id"] for one in self.events}
        for one in reversed(listed):
            subject = one["data"]["object"]
            if one["id"] not in known and self.intent in {subject["id"], subject.get("payment_intent")}:
                self.events.append(one)

    def tell(self, call):
        """Let the provider do something; what it refuses does not happen."""
        try:
            call()
        except httpx.HTTPStatusError as error:
            if error.response.is_server_error:
                raise
        self.hear()

    @rule(
        card=st.sampled_from(
            ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired", "pm_card_createDispute"]
        )
    )
    def shopper_pays(self, card):
        self.pay(card)

    def pay(self, card):
        lab = self.shop.lab
        data = {"payment_method": card, "return_url": "https://tea.example"}
        data |= {"key": f"pk_test_{lab.key}", "client_secret": self.secret}
        self.tell(lambda: lab.http.post(f"{lab.sim}/v1/payment_intents/{self.intent}/confirm", data=data))

    @rule(amount=st.integers(1, TOTAL))
    def refunded_at_the_providers_desk(self, amount):
        self.tell(lambda: self.shop.lab.stripe("POST", "refunds", payment_intent=self.intent, amount=amount))

    @rule(inquiry=st.booleans(), part=st.booleans())
    def bank_disputes(self, inquiry, part):
        charge = (self.truth().get("latest_charge") or {}).get("id")
        if charge and not self.disputes():
            more = {"amount": TOTAL // 2} if part else {}
            self.tell(lambda: self.shop.lab.control("POST", "disputes", charge=charge, inquiry=inquiry, **more))

    @rule(outcome=st.sampled_from(["won", "lost", "warning_closed", "escalated"]))
    def bank_decides(self, outcome):
        for dispute in self.disputes():
            self.tell(
                lambda one=dispute: self.shop.lab.control("POST", f"disputes/{one['id']}/resolve", outcome=outcome)
            )

    @rule(days=st.sampled_from([1, 10]))
    def time_passes(self, days):
        self.tell(lambda: self.shop.lab.control("POST", "clock/advance", seconds=days * 86400))

    @rule()
    def captured_at_the_providers_desk(self):
        self.tell(lambda: self.shop.lab.stripe("POST", f"payment_intents/{self.intent}/capture"))

    # the courier

    def deliver(self, event, **changes):
        body = json.dumps({**event, **changes}, indent=2).encode()
        header = stripe.WebhookSignature.generate_signature_header(body.decode(), self.shop.lab.secret)

        async def post():
            transport = httpx.ASGITransport(app=self.shop.door)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": header})

        return post

    @rule(data=st.data(), copies=st.integers(1, 3), renamed=st.booleans())
    def an_event_arrives(self, data, copies, renamed):
        event = data.draw(st.sampled_from(self.events))
        changes = {"id": f"evt_{secrets.token_hex(8)}"} if renamed else {}

        async def all_at_once():
            return await asyncio.gather(*(self.deliver(event, **changes)() for _ in range(copies)))

        assert {answer.status_code for answer in self.shop.run(all_at_once())} == {200}

    @rule()
    def a_forged_event_arrives(self):
        body = json.dumps({**self.events[-1], "id": "evt_forged", "type": "payment_intent.succeeded"}).encode()
        header = stripe.WebhookSignature.generate_signature_header(body.decode(), "whsec_another")

        async def post():
            transport = httpx.ASGITransport(app=self.shop.door)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": header})

        assert self.shop.run(post()).status_code == 400

    # the workers

    def unfinished(self):
        async def look():
            async with database.transaction() as session:
                return list(
                    await session.scalars(
                        select(WebhookEvent.id)
                        .where(WebhookEvent.status.in_((inbox.RECEIVED, inbox.WAITING)))
                        .order_by(WebhookEvent.id)
                    )
                )

        return self.shop.run(look())

    @precondition(lambda self: self.unfinished())
    @rule(data=st.data(), together=st.integers(1, 3))
    def workers_work(self, data, together):
        numbers = self.unfinished()
        chosen = data.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=together, unique=True))

        async def work():
            await asyncio.gather(*(worker.work(self.shop.settings, number) for number in chosen))

        self.shop.run(work())

    @precondition(lambda self: self.unfinished())
    @rule(data=st.data(), where=st.sampled_from(["before noting", "before effects", "before writing"]))
    def a_worker_dies(self, data, where):
        number = data.draw(st.sampled_from(self.unfinished()))
        owner, name = {
            "before noting": (inbox, "finish"),
            "before effects": (sync.outbox, "deliver"),
            "before writing": (sync, "write"),
        }[where]

        async def die(*_arguments, **_named):
            raise Died

        original = getattr(owner, name)
        setattr(owner, name, die)
        try:
            self.shop.run(worker.work(self.shop.settings, number))
        except Died:
            pass
        finally:
            setattr(owner, name, original)

    # shopper and staff

    def ask(self, coroutine):
        try:
            self.shop.run(coroutine)
        except ApiError as refusal:
            if refusal.status >= 500:
                raise
        self.hear()

    @rule()
    def shopper_comes_back(self):
        self.ask(sync.synchronise(self.payment, "shopper came back"))

    @rule(truly=st.integers(0, 3))
    def shopper_cancels(self, truly):
        if truly:
            return  # an order that was called off has little left to happen to it
        self.ask(cancel.cancel_order(self.order.id, self.token))

    @rule(amount=st.one_of(st.none(), st.integers(1, TOTAL + 1)))
    def staff_captures(self, amount):
        self.ask(capture.capture(self.order.id, amount, None))

    @rule(amount=st.one_of(st.none(), st.integers(1, TOTAL + 1)), key=st.sampled_from([None, "one", "two"]))
    def staff_refunds(self, amount, key):
        before = self.standing(self.view())
        self.ask(requesting.refund(self.order.id, amount, None, None, key))
        seen = self.view()
        made = self.standing(seen) > before and {one.id for one in seen.refunds if one.origin == "staff"}
        # A bank may take back what was refunded already; the shop does not add to it.
        if made and not made <= self.refunded:
            taken = [one for one in self.disputes() if not one["status"].startswith(("warning", "won"))]
            assert self.standing(seen) + sum(one["amount"] for one in taken) <= seen.captured  # I1
        self.refunded |= made or set()

    @rule()
    def staff_reconciles(self):
        self.ask(reconciliation.reconcile(self.shop.settings))

    # what must always hold

    def standing(self, seen):
        """What was given back, or is on its way."""
        return sum(one.amount for one in seen.refunds if one.state in {"pending", "succeeded", "unknown"})

    def view(self):
        return self.shop.run(views.for_staff(self.order.id))

    def rows(self, statement, **values):
        async def look():
            async with database.transaction() as session:
                return (await session.execute(text(statement), values)).all()

        return self.shop.run(look())

    @invariant()
    def money_is_counted_once(self):
        if not hasattr(self, "order"):
            return
        seen = self.view()
        assert self.standing(seen) <= max(seen.captured, self.standing(seen) if not seen.captured else 0)  # I1
        assert seen.captured <= max(seen.authorised, 0) <= TOTAL  # I2
        fulfilments = [one for one in seen.effects if one.kind == "fulfilment"]
        assert len(fulfilments) <= 1  # I3
        if fulfilments:
            truth = self.truth()
            assert (truth["status"], truth["amount_received"], truth["currency"]) == ("succeeded", TOTAL, "eur")
        sums = {}
        for entry in seen.ledger:
            sums[entry["currency"]] = sums.get(entry["currency"], 0) + entry["debit"] - entry["credit"]
        assert not any(sums.values())  # I11

    @invariant()
    def states_move_along_listed_edges_only(self):
        if not hasattr(self, "order"):
            return
        moves = self.rows(
            "SELECT before, after FROM transition WHERE subject = 'order' AND subject_id = :id AND before IS NOT NULL",
            id=self.order.id,
        )
        for before, after in moves:  # I4
            both_paid = before in AFTER_PAYMENT and after in AFTER_PAYMENT
            assert (before, after) in ORDER_EDGES or both_paid, (before, after)

    def teardown(self):
        """Everything is redelivered; then shop and provider agree."""
        if not hasattr(self, "order"):
            return
        self.hear()
        for event in reversed(self.events):
            self.shop.run(self.deliver(event)())
        while numbers := self.unfinished():
            for number in numbers:
                self.shop.run(worker.work(self.shop.settings, number))
        self.shop.run(sync.outbox.deliver())
        self.money_is_counted_once()
        self.shop_and_provider_agree()

    def shop_and_provider_agree(self):
        seen, truth = self.view(), self.truth()
        charge = truth["latest_charge"] or {}
        assert (
            seen.captured == (charge.get("amount_captured") or 0)
            if truth["status"] == "succeeded"
            else seen.captured == 0
        )  # I6
        # A charge also counts what a partial capture released as refunded; its refunds do not.
        refunds = self.shop.lab.stripe("GET", "refunds", payment_intent=self.intent, limit=100)["data"]
        assert seen.refunded == sum(one["amount"] for one in refunds if one["status"] == "succeeded")
        assert {(one.provider_id, one.state) for one in seen.disputes} == {
            (one["id"], one["status"]) for one in self.disputes()
        }
        expected = {
            "succeeded": AFTER_PAYMENT,
            "requires_capture": {"authorised"},
            "canceled": {"cancelled"},
        }.get(truth["status"], {"unpaid"})
        assert seen.state in expected, (seen.state, truth["status"])
        if (
            truth["status"] == "succeeded"
            and truth["amount_received"] == TOTAL
            and seen.state in {"paid", "part_refunded"}
        ):
            assert seen.fulfilled
        listed = self.shop.lab.stripe("GET", "payment_intents", limit=100)["data"]
        assert sum(1 for one in listed if one["metadata"].get("order_id") == self.order.id) == 1  # I5
        statement = self.shop.lab.stripe("GET", "balance_transactions", limit=100)["data"]
        ours = {entry["source_id"] for entry in seen.ledger if entry["source_kind"] == "movement"}
        sources = {
            charge.get("id"),
            *(one.provider_id for one in seen.refunds),
            *(one.provider_id for one in seen.disputes),
        }
        assert ours == {one["id"] for one in statement if one["source"] in sources - {None}}
        balance = sum(e["debit"] - e["credit"] for e in seen.ledger if e["account"] == "provider_balance")
        assert balance == sum(one["net"] for one in statement if one["id"] in ours)


@pytest.mark.slow
def test_any_interleaving_duplication_loss_and_redelivery_keeps_the_invariants(shop):
    machine = type("Machine", (OrderUnderWebhooks,), {"shop": shop})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
