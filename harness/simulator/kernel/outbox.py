"""Webhook deliveries of one account: made with the event, carried at once or held, retried by the virtual clock.

Deliveries to one endpoint start in the order of their events; each waits for the one before it, but no longer than
``PATIENCE``, so that a slow endpoint gets its deliveries side by side.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.simulator.kernel.client import DeliveryError, post

if TYPE_CHECKING:
    from harness.simulator.kernel.account import Account

PATIENCE = 0.1
"""Seconds of real time for which a delivery holds up the next one to the same endpoint."""
REMEMBERED = 20_000
"""Deliveries that an account remembers; settled ones make room first."""
RETRY = "outbox.retry"
"""Name of the timer of a next attempt."""

SCHEDULED, HELD, DELIVERED, FAILED, DROPPED = "scheduled", "held", "delivered", "failed", "dropped"


@dataclass(slots=True, frozen=True)
class Attempt:
    """One try: when (epoch seconds, virtual and on the wall), the status (0: no answer), how long, what went wrong."""

    at: float
    wall: float
    status: int
    ms: float
    error: str | None


@dataclass(slots=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: str
    event: str
    type: str
    endpoint: str
    url: str
    state: str
    attempts: list[Attempt] = field(default_factory=list)
    next_attempt_at: float | None = None
    made: float = field(default_factory=time.time)
    """On the wall."""
    first_at: float | None = None
    """When its first attempt was composed, by the account's clock."""

    @property
    def open(self) -> bool:
        """Whether it may still reach its endpoint."""
        return self.state in {SCHEDULED, HELD}

    def view(self) -> dict[str, Any]:
        """As the control interface shows it."""
        return {
            "id": self.id,
            "event": self.event,
            "type": self.type,
            "endpoint": self.endpoint,
            "url": self.url,
            "state": self.state,
            "attempts": [
                {"at": a.at, "wall": a.wall, "status": a.status, "ms": round(a.ms, 3), "error": a.error}
                for a in self.attempts
            ],
            "made": self.made,
            "next_attempt_at": self.next_attempt_at,
        }


@dataclass(slots=True, frozen=True)
class Parcel:
    """What an attempt carries: composed, and signed, at the moment of the attempt."""

    url: str
    headers: list[tuple[str, str]]
    body: bytes


class Outbox:
    """The deliveries of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._deliveries: dict[str, Delivery] = {}
        self._queues: dict[str, deque[Delivery]] = {}
        self._settled: deque[str] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._serial = 0
        self._changed = asyncio.Event()
        self.holding = False
        self.attempted = 0
        """Attempts that were ever begun, whatever became of them."""

    # ---- what the account asks for -------------------------------------------------------------

    def post(self, event: str, type_: str, endpoint: str, url: str) -> Delivery:
        """Make a delivery; it starts at once unless deliveries are held."""
        self._serial += 1
        state = HELD if self.holding else SCHEDULED
        delivery = Delivery(f"dlv_{self._serial}", event, type_, endpoint, url, state)
        self._deliveries[delivery.id] = delivery
        if len(self._deliveries) > REMEMBERED:
            self._make_room()
        if state == SCHEDULED:
            self._enqueue(delivery)
        return delivery

    def retry(self, delivery_id: str) -> None:
        """The moment of a next attempt has come."""
        delivery = self._deliveries.get(delivery_id)
        if delivery is not None and delivery.state == SCHEDULED:
            delivery.next_attempt_at = None
            self._enqueue(delivery)

    # ---- what the control interface asks for ---------------------------------------------------

    def get(self, delivery_id: str) -> Delivery | None:
        """A delivery by its id."""
        return self._deliveries.get(delivery_id)

    def listed(self, state: str | None = None, event: str | None = None) -> list[Delivery]:
        """Deliveries in order, of one state or one event (its id or its type) if asked."""
        return [
            d
            for d in self._deliveries.values()
            if (state is None or d.state == state) and (event is None or event in {d.event, d.type})
        ]

    async def send(self, delivery: Delivery) -> None:
        """Carry one now, whatever its state, and wait for what comes of it; a success settles it."""
        self._account.timers.cancel(RETRY, delivery.id)
        delivery.next_attempt_at = None
        await self._attempt(delivery)

    def drop(self, delivery: Delivery) -> None:
        """Give one up."""
        self._account.timers.cancel(RETRY, delivery.id)
        delivery.next_attempt_at = None
        if delivery.state in {SCHEDULED, HELD}:
            self._settle(delivery, DROPPED)

    async def release(self) -> list[Delivery]:
        """Carry all that are held, in order, and wait for what comes of them."""
        held = self.listed(HELD)
        for delivery in held:
            if delivery.state == HELD:
                await self._attempt(delivery)
        return held

    @property
    def busy(self) -> bool:
        """Whether an attempt is under way."""
        return bool(self._tasks)

    async def drained(self, seconds: float | None = None) -> bool:
        """Wait until no attempt is under way; False when that took longer."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._tasks:
            self._changed.clear()
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return False
        return True

    # ---- frozen states -------------------------------------------------------------------------

    def freeze(self) -> tuple[dict[str, Delivery], int, bool]:
        """Deliveries as they are, apart from what happens next."""
        twins = {key: replace(d, attempts=list(d.attempts)) for key, d in self._deliveries.items()}
        return twins, self._serial, self.holding

    def thaw(self, frozen: tuple[dict[str, Delivery], int, bool]) -> None:
        """Go back to a frozen state; what is under way is called off."""
        self.stop()
        deliveries, self._serial, self.holding = frozen
        self._deliveries = {key: replace(d, attempts=list(d.attempts)) for key, d in deliveries.items()}
        self._settled = deque(d.id for d in self._deliveries.values() if not d.open)
        for delivery in self._deliveries.values():
            if delivery.state == SCHEDULED and delivery.next_attempt_at is None:
                self._enqueue(delivery)

    def stop(self) -> None:
        """Call off everything that is under way."""
        self._queues.clear()
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._changed.set()

    # ---- carrying ------------------------------------------------------------------------------

    def _enqueue(self, delivery: Delivery) -> None:
        queue = self._queues.get(delivery.endpoint)
        if queue is None:
            queue = self._queues[delivery.endpoint] = deque()
            queue.append(delivery)
            self._start(self._carry(delivery.endpoint, queue))
        else:
            queue.append(delivery)

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()

    async def _carry(self, endpoint: str, queue: deque[Delivery]) -> None:
        while queue:
            delivery = queue.popleft()
            if delivery.state == SCHEDULED:
                await asyncio.wait({self._start(self._attempt(delivery))}, timeout=PATIENCE)
        if self._queues.get(endpoint) is queue:
            del self._queues[endpoint]

    async def _attempt(self, delivery: Delivery) -> None:
        account = self._account
        if delivery.first_at is None:
            delivery.first_at = account.clock.now()
        parcel = account.compose(delivery)
        if parcel is None:  # the endpoint or the event is gone
            if delivery.state in {SCHEDULED, HELD}:
                self._settle(delivery, DROPPED)
            return
        self.attempted += 1
        at, wall, started = account.clock.now(), time.time(), time.perf_counter()
        status, error = 0, None
        try:
            status = await post(parcel.url, parcel.headers, parcel.body, account.delivery_timeout)
        except DeliveryError as failure:
            error = str(failure)
        if self._deliveries.get(delivery.id) is not delivery:
            return  # the account went back to another state meanwhile
        ok = 200 <= status < 300  # noqa: PLR2004 - HTTP
        if not ok and error is None:
            error = "redirects are not followed" if 300 <= status < 400 else f"answered {status}"  # noqa: PLR2004
        delivery.attempts.append(Attempt(at, wall, status, (time.perf_counter() - started) * 1000, error))
        if ok:
            if delivery.state != DELIVERED:
                self._settle(delivery, DELIVERED)
        elif delivery.state in {SCHEDULED, HELD}:
            self._plan_retry(delivery, at)

    def _plan_retry(self, delivery: Delivery, at: float) -> None:
        account = self._account
        schedule = account.retry_schedule
        failures = len(delivery.attempts)
        if failures <= len(schedule):
            delivery.state = SCHEDULED
            delivery.next_attempt_at = at + schedule[failures - 1]
            account.set_timer(delivery.next_attempt_at, RETRY, delivery.id)
        else:
            self._settle(delivery, FAILED)

    def _settle(self, delivery: Delivery, state: str) -> None:
        delivery.state = state
        self._settled.append(delivery.id)
        self._account.delivery_settled(delivery, delivered=state == DELIVERED)

    def _make_room(self) -> None:
        while self._settled:
            if self._deliveries.pop(self._settled.popleft(), None) is not None:
                return
