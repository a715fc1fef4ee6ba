"""The courier as an actor: carries the provider's events to the target, well or badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from harness.courier import Carried, Courier, Event, Parcel, Plan, exchange, fits, plan, type_of, variant
from harness.courier.plan import Batch
from harness.domain.providers import Provider
from harness.record.model import Receipt

if TYPE_CHECKING:
    from harness.steps.world import World

_ODD = {
    Provider.STRIPE: "payment started",
    Provider.PAYPAL: "payment approved",
    Provider.SQUARE: "payment succeeded",
}
"""What an odd event is about before anything was paid; Square tells nothing of a payment before there is one."""


class CourierActor:
    """``world.courier``. Events are named in plain words ("payment succeeded") or by the provider's type."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.receipts: list[Receipt] = []
        """What came of every delivery this scenario carried itself.

        The provider's own are in ``world.deliveries()``.
        """
        self.carried: list[Carried] = []
        """The same with what was sent, byte for byte."""
        self.holding = False
        """Whether the provider's events are held back."""
        self._courier: Courier | None = None
        self._done: set[str] = set()

    @property
    def road(self) -> Courier:
        """The way to the target's endpoint."""
        if self._courier is None:
            self._courier = self.world.lab.courier(self._received, self._exchanged)
        return self._courier

    def forgets_road(self) -> None:
        """The next delivery goes with the secrets that are known then."""
        self._courier = None

    def _received(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        self.world.record.receipt(receipt)

    def _exchanged(self, request: httpx.Request, response: httpx.Response | None, ms: float, error: str | None) -> None:
        seen = exchange(request, response, ms, error)
        self.world.exchanges.append(seen)
        self.world.record.exchange(seen)

    # holding

    async def holds(self) -> None:
        """From now on the provider makes events but does not send them; the courier carries them."""
        self.holding = True
        if self.world.lab.control:
            await self.world.lab.control.webhooks("hold")
        if self.world.lab.poller:
            self.world.lab.poller.held = True

    async def waits_for(self, *events: str) -> list[Event]:
        """Wait until the provider has made these events about the scenario's orders, and return them, oldest first.

        Without names: every event made about them since the scenario began, once no more come.
        """
        if not events:
            if self.world.lab.control:
                await self.world.lab.control.idle()
            return await self.made()
        for name in events:
            type_of(name, self.world.lab.provider.value)  # an event that the provider does not have is not waited for

        async def found() -> list[Event] | None:
            made = await self.made()
            wanted = [_latest(made, name) for name in events]
            return [one for one in wanted if one is not None] if None not in wanted else None

        names = ", ".join(repr(name) for name in events)
        chosen = await self.world.eventually(
            found, lambda seen: seen is not None, what=f"the provider's events {names}"
        )
        return sorted(chosen or [], key=lambda event: event.created)

    async def made(self) -> list[Event]:
        """Events that the provider has made since the scenario began.

        About its orders as far as they can be told, oldest first.
        """
        documents = await self.world.lab.side.events(after=self.world.lab.known.event)
        events = [Event.of(document) for document in documents]
        names = [name for order in self.world.orders for name in order.names]
        about = {event.object_id for event in events if event.mentions(*names)} - {None}
        return [event for event in events if event.mentions(*names, *about)] or events

    # carrying

    async def carries(self, how: Plan | str, *events: str, seed: int | None = None) -> list[Receipt]:
        """Carry the held events (all, or those named) by a plan of ``harness.courier.plan``.

        A plan in plain words: "in order", "in reverse order", "shuffled", "twice", "six times", "six times at once",
        "twice, shuffled, at once", "again after three days", ... Every delivery that is not accepted is carried again
        until it is, as the provider would.
        """
        chosen = await self.waits_for(*events)
        if not events:
            chosen = [event for event in chosen if event.id not in self._done]
        number = self.world.random.randrange(1 << 30) if seed is None else seed
        make = plan(how, seed=number) if isinstance(how, str) else how
        return await self._carry(make(chosen))

    async def delivers(
        self,
        event: str,
        variant_name: str = "as sent",
        *,
        times: int = 1,
        concurrently: bool = False,
        again: bool = True,
    ) -> list[Receipt]:
        """Carry one event in a variant, validly signed unless the variant says otherwise.

        Variants are ``harness.courier.plan.VARIANTS``: "as sent", "compact", "with another API version", ... With
        ``again=False`` it is tried once; otherwise what is not accepted is carried again, as the provider would.
        """
        (found,) = await self.waits_for(event)
        parcel = variant(variant_name).parcel(found, variant_name)
        parcel = replace(parcel, again=parcel.again and again)
        copies = [replace(parcel, variant=_numbered(variant_name, number, times)) for number in range(1, times + 1)]
        return await self._carry([copies] if concurrently else [[one] for one in copies])

    async def delivers_oddly(self, variant_name: str) -> Receipt:
        """Carry an event about the order in an odd variant, rightly signed.

        One that the provider made, or one made up where it makes none before anything was paid.
        """
        if (kind := _ODD[self.world.lab.provider]) == "payment started":
            return (await self.delivers(kind, variant_name))[-1]
        event = await self.world.attacker.invents(kind)
        parcel = variant(variant_name).parcel(event, variant_name)
        return (await self._carry([[parcel]]))[-1]

    async def tries(self, event: str, variant_name: str = "as sent") -> Receipt:
        """Carry one event once, whatever comes of it."""
        return (await self.delivers(event, variant_name, again=False))[-1]

    async def delivers_in(self, order: Sequence[str]) -> list[Receipt]:
        """Carry the held events in the order of these names; those not named follow at the end."""
        await self.waits_for(*order)
        made = [event for event in await self.made() if event.id not in self._done]
        first: list[Event] = []
        for name in order:
            first += [event for event in made if fits(event, name) and event not in first]
        rest = [event for event in made if event not in first]
        return await self._carry([[variant("as sent").parcel(event, "as sent")] for event in [*first, *rest]])

    async def redelivers(self, *events: str, times: int = 1) -> list[Receipt]:
        """Carry events again that were already delivered in this scenario."""
        chosen = await self.waits_for(*events)
        parcels = [variant("as sent").parcel(event, "once more") for event in chosen for _ in range(times)]
        return await self._carry([[parcel] for parcel in parcels])

    async def releases(self) -> list[Receipt]:
        """Carry all that is held, in order, and let the provider deliver by itself again."""
        waiting = [event for event in await self.waits_for() if event.id not in self._done]
        receipts = await self._carry([[variant("as sent").parcel(event, "as sent")] for event in waiting])
        self.holding = False
        if self.world.lab.control:
            await self.world.lab.control.webhooks("deliver")
            await asyncio.gather(*(self.world.lab.control.send(one.id) for one in await self._held()))
        if self.world.lab.poller:
            self.world.lab.poller.skip_to(waiting[-1].id if waiting else None)
            self.world.lab.poller.held = False
        return receipts

    async def loses(self, *events: str) -> int:
        """Give up the held events (all, or those named) for good; returns how many."""
        chosen = await self.waits_for(*events)
        lost = [event.id for event in chosen if event.id not in self._done]
        self._done |= set(lost)
        await self._drop(lost)
        return len(lost)

    # inside

    async def _carry(self, batches: Sequence[Batch]) -> list[Receipt]:
        delivered = [parcel.event.id for batch in batches for parcel in batch if _keeps_id(parcel)]
        within = 10.0 if self.world.simulated else 60.0
        made = await self.road.carry_all(batches, within=within)
        self.carried += made
        self._done |= set(delivered)
        if self.holding:
            await self._drop(delivered)
        if not any(one.accepted for one in made):
            self.world.target.raise_if_dead()
        return [one.receipt for one in made]

    async def _drop(self, events: Sequence[str]) -> None:
        """The provider need not deliver what was carried, or lost."""
        control = self.world.lab.control
        if control and events:
            await control.drop_all(events)

    async def _held(self) -> list[Any]:
        control = self.world.lab.control
        return [*await control.deliveries("held")] if control else []


def _latest(events: Sequence[Event], name: str) -> Event | None:
    return next((event for event in reversed(events) if fits(event, name)), None)


def _numbered(name: str, number: int, times: int) -> str:
    return name if times == 1 else f"{name}, {number} of {times}"


def _keeps_id(parcel: Parcel) -> bool:
    """Whether the delivery is the event itself, in whatever form, and not another one made from it."""
    try:
        document = json.loads(parcel.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("id") == parcel.event.id
