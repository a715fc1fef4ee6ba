"""The world that a scenario lives in: one laboratory for each worker, one fresh world for each scenario.

``Lab`` (``laboratory``) is everything that takes seconds to start. ``World`` is one scenario in it: the actors, the
orders they made, what they saw. A step takes the fixture ``world`` and calls one verb:

    @when("the shopper pays with {instrument}")
    async def _(world: World, instrument: str) -> None:
        await world.shopper.pays(instrument)

What a verb finds wrong with the target is an ``AssertionError`` with a sentence; ``NotApplicable``, ``NotObservable``,
``TargetDead`` and ``HarnessError`` say that something else is the matter (``harness.domain.verdicts``).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError, NotApplicable, NotObservable, TargetDead
from harness.providers import Delivery, Instrument, instrument
from harness.record.model import INBOX, Exchange, Receipt
from harness.steps import processes, scan
from harness.steps.actors.attacker import Attacker
from harness.steps.actors.courier import CourierActor
from harness.steps.actors.observer import Observer
from harness.steps.actors.operator import Operator
from harness.steps.actors.provider import ProviderActor
from harness.steps.actors.shopper import Shopper
from harness.steps.laboratory import Lab
from harness.steps.order import Order
from harness.steps.processes import LaunchOutcome
from harness.steps.record import Record
from harness.targets import exchange_of

__all__ = ["Lab", "LaunchOutcome", "Order", "World"]

T = TypeVar("T")
_WITHIN = {True: 10.0, False: 60.0}
"""Seconds to wait for what should happen: on the simulator, on a sandbox."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.1
_UNDER_WAY = frozenset({"received", "pending", "queued", "processing", "retrying", "waiting", "retry"})
"""States of an event in the target's inbox in which something is still to come."""
_INBOX_COLUMNS = ("event_id", "status", "received_at", "handled_at", "attempts")
_OPEN = frozenset({"held", "scheduled"})
"""States of a delivery that may still reach the target."""


class World:
    """One scenario: its actors, its orders, what was seen. ``begin`` before the first step, ``end`` after the last."""

    def __init__(self, lab: Lab, record: Record, draw: random.Random | None = None) -> None:
        self.lab, self.record = lab, record
        self.random = draw or random.Random()  # noqa: S311 - test data
        self.target = lab.target
        self.memory: dict[str, Any] = {}
        """Whatever one step wants to leave for a later one (``world.memory["answer"] = ...``)."""
        self.orders: list[Order] = []
        """Every order of the scenario, oldest first."""
        self.exchanges: list[Exchange] = []
        """Every exchange with the target in this scenario, as it was: not redacted, never to be written."""
        self.search = scan.Search()
        self.card = scan.canary(self.random)
        """A card that nobody has, for this scenario alone."""
        self.shopper = Shopper(self)
        self.operator = Operator(self)
        self.attacker = Attacker(self)
        self.courier = CourierActor(self)
        self.provider = ProviderActor(self)
        self.observer = Observer(self)
        self.log_starts: dict[str, int] = {}
        self._current: Order | None = None
        self._rest: tuple[int, int] | None = None
        """Deliveries and requests that had reached the target when it was last at rest.

        While there are no more, nothing can have come in since, and its inbox is as it was: ``_inbox``.
        """
        self._inbox: list[dict[str, Any]] = []

    # life

    async def begin(self) -> None:
        """Look where this scenario starts, and clean up what an earlier one may have left."""
        self.lab.watch_target(self._watched)
        self.lab.browser.watch = self._browsed
        for label, value in self.lab.secrets:
            self.record.keep(value, label)
            self.search.add(scan.SECRET, value)
        self.record.keep(self.card.number, scan.CARD_NUMBER)
        self.search.add(scan.CARD_NUMBER, self.card.number, *scan.TEST_NUMBERS)
        self.search.add(scan.SECURITY_CODE, self.card.code)
        restarted = await self.target.restore()
        if restarted:
            self.record.note("processes of the target were started again before this scenario", processes=restarted)
        if not self.lab.known.clean:
            await self._clean()
        self.lab.known.clean = False
        self.log_starts = {str(path): path.stat().st_size for path in self.target.trace_files() if path.is_file()}

    async def end(self) -> None:
        """Write down what the provider saw, and leave no trouble to the next scenario."""
        try:
            if await self.target.restore():
                self._rest = None
            await self._record_calls()
            self._record_deliveries(await self._clean())
        finally:
            self.lab.watch_target(None)
            self.lab.browser.watch = None

    async def _clean(self) -> list[Delivery]:
        """End every mood, carry nothing any more of what was made, and note where the next scenario starts.

        Answers the deliveries that were made since this one began.
        """
        control, known = self.lab.control, self.lab.known
        await self._note_inbox()
        if self.lab.poller:
            self.lab.poller.held = False
        if control is None:
            known.event, known.at, known.clean = await self.lab.side.last_event(), time.time() - 5, True
            return []
        if self.provider.moods or not known.deliveries:
            await control.clear_faults()
        if self.provider.settings_before:
            await control.settings(**self.provider.settings_before)
            self.provider.settings_before = {}
        if self.courier.holding or not known.deliveries:
            await control.webhooks("deliver")
        made = await control.deliveries()
        if any(one.state in _OPEN for one in made):
            await control.idle(2)
            await control.drop_all()
            made = await control.deliveries()
        own = made[known.deliveries :]
        known.deliveries = len(made)
        known.event = made[-1].event if made else await self.lab.side.last_event()
        known.clean = True
        return own

    async def _note_inbox(self) -> None:
        seen = self.lab.inbox
        with suppress(NotObservable, TargetDead, KeyError):
            reached = await self._reached(0)
            for row in self._inbox if reached and reached == self._rest else await self.observer.inbox():
                seen.last = str(row["event_id"])
                seen.ids.add(seen.last)
                self.record.reading(INBOX, {name: row.get(name) for name in _INBOX_COLUMNS})

    async def _record_calls(self) -> None:
        if self.lab.control is None:
            return
        known = self.lab.known
        calls = await self.lab.control.journal(known.journal)
        if calls:
            known.journal, known.at = calls[-1].seq, calls[-1].at
        self.record.journal([call.entry() for call in calls if not call.ours])

    def _record_deliveries(self, made: list[Delivery]) -> None:
        provider = self.lab.provider.value
        for delivery in made:
            for number, attempt in enumerate(delivery.attempts, 1):
                variant = "as sent" if number == 1 else f"as sent, try {number}"
                error = attempt.error if not attempt.status else None
                at, created = (_iso(seconds) for seconds in (attempt.wall or attempt.at, delivery.made or attempt.at))
                status, ms = attempt.status, attempt.ms
                self.record.receipt(
                    Receipt(delivery.event, delivery.type, provider, variant, status, ms, at, created, error=error)
                )

    def _watched(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.record.exchange(exchange)

    def _browsed(self, request: httpx.Request, response: httpx.Response, ms: float) -> None:
        self.record.exchange(exchange_of("shopper", request, response, ms))

    # orders and shoppers

    @property
    def order(self) -> Order:
        """The current order: the one made last, by any shopper; fails with a sentence where there is none."""
        if self._current is None:
            raise HarnessError("no order was made yet in this scenario; a step that orders must come first")
        return self._current

    @order.setter
    def order(self, order: Order) -> None:
        self._current = order
        if order not in self.orders:
            self.orders.append(order)

    @property
    def has_order(self) -> bool:
        """Whether an order was made yet."""
        return self._current is not None

    @property
    def simulated(self) -> bool:
        """Whether the provider is simulated (moods, clock, journal) or a sandbox."""
        return self.lab.simulated

    def another_shopper(self) -> Shopper:
        """A second shopper, who shares nothing with the first."""
        return Shopper(self, "another shopper")

    def instrument(self, words: str) -> Instrument:
        """An instrument in plain words with what is expected of it; unknown words name the nearest ones."""
        return instrument(words)

    def requires(self, *operations: str) -> None:
        """Raise ``NotApplicable`` unless the target has these operations."""
        for name in operations:
            if name not in self.target.operations:
                raise NotApplicable(f"the target {self.target.name!r} has no operation {name!r}")

    def needs(self, provider: Provider, why: str) -> None:
        """Raise ``NotApplicable`` unless the scenario runs with this provider; ``why`` is a sentence."""
        if self.lab.provider is not provider:
            raise NotApplicable(f"{why}; {self.lab.provider.value} has nothing like it")

    # time

    async def eventually(
        self,
        look: Callable[[], Awaitable[T]],
        expected: Callable[[T], bool] | Any = bool,
        *,
        within: float | None = None,
        what: str = "the condition",
    ) -> T:
        """Look until what is seen equals ``expected`` (a value, or a predicate), and return it.

        ``within`` seconds (default: 10 on the simulator, 60 on a sandbox). Fails with ``what``, the last value seen and
        the one that was expected. An ``AssertionError`` raised by ``look`` counts as "not yet".
        """
        within = _WITHIN[self.simulated] if within is None else within
        fits = expected if callable(expected) else lambda value: bool(value == expected)
        deadline, pause = time.monotonic() + within, _FIRST_PAUSE
        while True:
            seen, failure = None, None
            try:
                seen = await look()
                if fits(seen):
                    return seen
            except AssertionError as error:
                failure = error
            if time.monotonic() >= deadline:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        self.target.raise_if_dead()
        if failure is not None:
            raise failure
        wanted = "" if callable(expected) else f"; it should be {expected!r}"
        raise AssertionError(f"{what} was {seen!r} after {within:g} s{wanted}")

    async def settles(self, *, within: float | None = None) -> bool:
        """Wait until nothing is under way: the provider has delivered, the target has handled what it accepted.

        The right wait before "nothing happened": it waits on conditions, and on the profile's ``settle`` seconds only
        where the target shows no inbox. Answers whether all came to rest; what did not is noted in the record.
        """
        within = _WITHIN[self.simulated] if within is None else within
        reached = await self._reached(within)
        if reached and reached == self._rest:
            return True
        self._rest = None
        if self.lab.poller and not self.lab.control:
            await self.lab.poller.once()
        if "list_events" not in self.target.operations:
            await asyncio.sleep(self.lab.profile.target.settle)
            return True
        if not processes.works(self):
            return True
        deadline, pause = time.monotonic() + within, _FIRST_PAUSE
        while waiting := await self._under_way():
            if time.monotonic() >= deadline:
                self.record.note("events were still under way when the scenario went on", events=waiting)
                return False
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        self._rest = reached
        return True

    async def rests(self) -> None:
        """Wait until nothing at all is under way, left by an earlier scenario or not: an event may be tried again."""
        await self.settles()

        async def waiting() -> list[str]:
            rows = await self.observer.inbox(everything=True)
            return [str(row.get("event_id")) for row in rows if row.get("status") in _UNDER_WAY]

        if "list_events" in self.target.operations and processes.works(self):
            await self.eventually(waiting, [], within=30, what="the events that the shop still works on")

    async def _reached(self, within: float) -> tuple[int, int] | None:
        """Deliveries and requests that have reached the target by now, once the provider's deliveries have arrived.

        ``None`` where that is not known: on a sandbox, or while deliveries are under way after ``within`` seconds.
        """
        attempts = await self.lab.control.at_rest(within) if self.lab.control else None
        return None if attempts is None else (attempts, sum(one.actor != "probe" for one in self.exchanges))

    async def _under_way(self) -> list[str]:
        self._inbox = await self.observer.inbox()
        return [str(row.get("event_id")) for row in self._inbox if row.get("status") in _UNDER_WAY]

    # deliveries and acknowledgements

    async def deliveries(self, event: str | None = None) -> list[Delivery]:
        """Deliveries that the provider made in this scenario, with their attempts; of one event's id, if given."""
        control = self.provider.control("the provider's own deliveries are seen")
        made = (await control.deliveries())[self.lab.known.deliveries :]
        return [one for one in made if event is None or one.event == event]

    async def acknowledgements(self) -> list[float]:
        """Milliseconds that each accepted delivery of this scenario took, the provider's and the courier's."""
        own = [one.ms for one in self.courier.receipts if one.status // 100 == 2]  # noqa: PLR2004 - HTTP
        if self.lab.control is None:
            return own
        made = [attempt for one in await self.deliveries() for attempt in one.attempts]
        return [*own, *(attempt.ms for attempt in made if attempt.status // 100 == 2)]  # noqa: PLR2004 - HTTP

    # the target's processes: only where the harness started it, else ``NotApplicable``

    async def kill(self, process: str = "worker") -> None:
        """End a process of the target at once (SIGKILL): "worker", "serve", "database"."""
        self._rest = None
        self.target.process().kill(process)

    async def stop(self, process: str) -> None:
        """Ask a process of the target to end, and wait until it has."""
        self._rest = None
        await self.target.process().stop(process)

    async def start(self, process: str, *, count: int = 1) -> None:
        """Start a process of the target (again), or ``count`` more of it, and wait until it is ready."""
        self._rest = None
        launched = self.target.process()
        await asyncio.gather(*(launched.start(process) for _ in range(count)))

    def was_stopped(self, process: str) -> bool:
        """Whether none of a process runs because the scenario has ended it."""
        launched = self.target.launched
        return launched is not None and process in launched.missing() and not launched.dead()

    async def restart(self, process: str) -> None:
        """Stop and start."""
        await self.stop(process)
        await self.start(process)

    async def changes_key(self) -> None:
        """The provider signs with another key from now on; the target learns of it when it is started again."""
        await self.lab.desk.change_key()
        for label, value in self.lab.secrets:
            self.record.keep(value, label)
            self.search.add(scan.SECRET, value)
        self.courier.forgets_road()

    async def alive(self) -> bool:
        """Whether every process of the target runs and it answers its health operation."""
        return await processes.alive(self)

    async def launch_variant(
        self, settings: Mapping[str, str | None], *, process: str = "serve", within: float = 20
    ) -> LaunchOutcome:
        """Start one process of the target beside the running one, with other settings (``None`` removes one).

        It is ended before this returns. Settings are environment variables of the target.
        """
        return await processes.launch_variant(self.target, settings, process, within)

    def environment(self, process: str = "serve") -> Mapping[str, str]:
        """The settings that the running process was started with (secrets included: do not print)."""
        return self.target.process().settings(process)

    def dead(self, how: str) -> TargetDead:
        """The verdict that the target is dead, with the tail of its log."""
        return self.target.dead(how)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
