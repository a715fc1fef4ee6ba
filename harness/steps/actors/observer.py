"""The observer: sees the target's state through whatever channel it offers, and says plainly when there is none."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from harness.domain.money import Money
from harness.domain.verdicts import NotObservable
from harness.record.model import JournalEntry, ScanHit
from harness.steps.actors.traces import find
from harness.targets import Answer

if TYPE_CHECKING:
    from harness.steps.world import Order, World

_VIEWS = ("inspect_order", "order_status")
_VIEWS_OF_STATE = ("order_status", "inspect_order")
"""Where the order is looked at: its state is polled, and the shopper's view of it is the cheaper one."""
_STATES = frozenset({"state", "payment_state"})


class Observer:
    """``world.observer``. Every method reads; none waits, except those that say so."""

    def __init__(self, world: World) -> None:
        self.world = world

    # the order

    async def order_state(self, order: Order | None = None) -> str:
        """State of the order in the house's words (``unpaid, authorised, paid, ...``)."""
        return str(await self._result("state", order))

    async def payment_state(self, order: Order | None = None) -> str:
        """State of the order's payment."""
        return str(await self._result("payment_state", order))

    async def becomes(self, *states: str, order: Order | None = None, within: float | None = None) -> str:
        """Wait until the order's state is one of these; fail with the state that was seen last."""

        async def look() -> str:
            return await self.order_state(order)

        wanted = " or ".join(states)
        return await self.world.eventually(
            look, lambda seen: seen in states, within=within, what=f"the order's state, which should be {wanted},"
        )

    async def stays(self, *states: str, order: Order | None = None) -> str:
        """Wait until nothing is under way any more (``world.settles``), then demand one of these states."""
        await self.world.settles()
        seen = await self.order_state(order)
        self.world.record.reading("order state", seen)
        assert seen in states, f"the order is {seen}; it should stay {' or '.join(states)}"
        return seen

    async def fulfilments(self, order: Order | None = None) -> int:
        """How often the order was fulfilled."""
        if "fulfilments" in self.world.target.probes:
            found = await self._probe("fulfilments", order)
            return sum(int(next(iter(row.values()))) for row in found) if isinstance(found, list) else int(found)
        found = await self._result("fulfilments", order)
        return len(found) if isinstance(found, list) else int(found)

    async def effects(self, kind: str | None = None, order: Order | None = None) -> list[dict[str, Any]]:
        """Side effects of the order (fulfilment, mails): ``[{kind, key, at}]``."""
        found = await self._result("effects", order)
        return [one for one in found if kind is None or one.get("kind") == kind]

    async def captured(self, order: Order | None = None) -> Money:
        """What the target believes it captured."""
        return await self._money("captured", order)

    async def refunded(self, order: Order | None = None) -> Money:
        """What the target believes it refunded."""
        return await self._money("refunded", order)

    async def disputed(self, order: Order | None = None) -> Money:
        """What the target believes is disputed."""
        return await self._money("disputed", order)

    async def refunds(self, order: Order | None = None) -> list[dict[str, Any]]:
        """The target's refunds: ``[{id, provider_id, amount, state}]``."""
        return list(await self._result("refunds", order))

    async def disputes(self, order: Order | None = None) -> list[dict[str, Any]]:
        """The target's disputes: ``[{provider_id, state, amount, evidence_due_by}]``."""
        return list(await self._result("disputes", order))

    async def warnings(self, order: Order | None = None) -> list[Any]:
        """What the target warns its staff of (early fraud warnings, drift)."""
        return list(await self._result("warnings", order))

    # the books

    async def ledger(self, order: Order | None = None) -> list[dict[str, Any]]:
        """Ledger entries of one order."""
        return list(await self._result("ledger", order))

    async def books_balance(self) -> None:
        """Demand that the target's ledger balances in every currency."""
        if "ledger" not in self.world.target.operations:
            raise NotObservable("the target shows no ledger; give its profile the operation 'ledger'")
        answer = await self.world.target.run("ledger", actor="probe")
        assert answer.ok, f"the ledger should be readable; {answer.describe()}"
        assert answer.get("balanced") is True, f"the ledger does not balance: {answer.get('accounts')}"

    async def books_equal(self, order: Order | None = None) -> None:
        """Demand that captured, refunded and disputed amounts of the order equal the provider's (waits for rest)."""
        order = order or self.world.order
        await self.world.settles()
        provider, zero = self.world.provider, Money(0, order.total.currency)
        payments = await provider.payments(order)
        captured = sum((one.captured for one in payments if one.captured.currency == zero.currency), zero)
        refunds = await provider.refunds(order) if captured.minor else []
        disputes = await provider.disputes(order) if captured.minor else []
        refunded = sum((one.amount for one in refunds if one.counts), zero)
        disputed = sum((one.withdrawn for one in disputes), zero)
        truth = {"captured": captured, "refunded": refunded, "disputed": disputed}
        what = "what the target's books say of captured, refunded and disputed (or lost) money"
        seen = await self.world.eventually(lambda: self._booked(order), truth, what=what)
        for name, amount in truth.items():
            self.world.record.reading(name, {"target": str(seen[name]), "provider": str(amount)})

    async def _booked(self, order: Order) -> dict[str, Money]:
        """Captured, refunded and disputed money of an order in one look, where one view shows them all."""
        view = await self._view("captured", order)
        names = ("captured", "refunded", "disputed")
        if view.ok and all(view.get(name) is not None for name in names):
            return {name: _amount(view.get(name), order) for name in names}
        return {name: await self._money(name, order) for name in names}

    # the webhook inbox

    async def inbox(self, *, everything: bool = False) -> list[dict[str, Any]]:
        """The target's webhook inbox, as far as it holds events of this scenario (or ``everything``).

        Rows are ``{event_id, type, status, received_at, handled_at, attempts, last_error}``.
        """
        if "list_events" not in self.world.target.operations:
            raise NotObservable("the target shows no webhook inbox; give its profile the operation 'list_events'")
        seen = self.world.lab.inbox
        after = None if everything else seen.last
        answer = await self.world.target.run("list_events", {"after": after}, actor="probe")
        if not answer.ok:
            raise NotObservable(f"the target's inbox cannot be read: {answer.describe()}")
        rows: list[dict[str, Any]] = list(answer.get("events", []))
        return [row for row in rows if everything or str(row["event_id"]) not in seen.ids]

    # the provider's record

    async def journal(self, method: str | None = None, path: str | None = None) -> list[JournalEntry]:
        """Calls of the target to the simulated provider in this scenario; ``path`` is a glob."""
        calls = [one.entry() for one in await self.world.provider.journal()]
        return [
            one
            for one in calls
            if (method or one.method) == one.method and (path is None or fnmatchcase(one.path, path))
        ]

    async def idempotency_keys(self, method: str = "POST", path: str = "/v1/*") -> list[str | None]:
        """Idempotency keys of those calls, in order, ``None`` where a call carried none."""
        return [one.idempotency_key for one in await self.journal(method, path)]

    # traces

    async def traces(self) -> list[ScanHit]:
        """Search all that the target left behind for card data and secrets: logs, database, answers, URLs, calls.

        Plain, spaced, URL- and base64-encoded. A hit's place begins with the channel: ``logs``, ``database``,
        ``answers``, ``urls``, ``calls``. Raises ``NotObservable`` where the target shows neither logs nor database.
        """
        if not self.world.target.has_traces:
            raise NotObservable("the target shows neither logs nor a database; name them in [traces] of its profile")
        found = await find(self.world)
        for hit in found:
            self.world.record.hit(hit)
        return found

    # inside

    async def _result(self, name: str, order: Order | None) -> Any:
        """A result of the staff's view of the order, or of the shopper's where there is no other."""
        order = order or self.world.order
        answer = await self._view(name, order)
        assert answer.ok, f"the order should be readable; {answer.describe()}"
        value = answer.get(name)
        if value is None:
            raise NotObservable(
                f"the target does not show {name!r} of an order; give an operation of its profile that result"
            )
        self.world.record.reading(f"{answer.operation}.{name}", value)
        return value

    async def _view(self, name: str, order: Order) -> Answer:
        target = self.world.target
        for operation in _VIEWS_OF_STATE if name in _STATES and order.token else _VIEWS:
            spec = target.profile.operations.get(operation)
            if operation in target.operations and (spec is None or name in spec.results):
                values = {"order_id": order.id, "order_token": order.token or None}
                return await target.run(operation, values, actor="probe")
        raise NotObservable(
            f"the target shows {name!r} of an order nowhere; give 'inspect_order' that result in its profile"
        )

    async def _money(self, name: str, order: Order | None) -> Money:
        order = order or self.world.order
        return _amount(await self._result(name, order), order)

    async def _probe(self, name: str, order: Order | None) -> Any:
        order = order or self.world.order
        value = await self.world.target.read(name, {"order_id": order.id})
        self.world.record.reading(name, msgspec.to_builtins(value, enc_hook=str))
        return value


def _amount(value: Any, order: Order) -> Money:
    """An amount as a target shows it: with its currency, or in minor units of the order's."""
    if isinstance(value, dict):
        return Money(int(value["amount"]), str(value.get("currency", order.total.currency)).lower())
    return Money(int(value), order.total.currency)
