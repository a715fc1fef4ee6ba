"""The laboratory of one worker: a provider, the target in front of it, and the clients; started once for all scenarios.

Where the provider is simulated and the target started here, the simulator, the target's database and the registration
of its webhook endpoint come up side by side. Where the provider cannot reach the target (real test mode, or a target
that runs elsewhere with a secret of its own), events are polled and carried from here.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.courier import Courier, Poller
from harness.courier.courier import OnExchange, OnReceipt
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError
from harness.providers import Account, Browser, ProviderSide, Simulator, SimulatorControl
from harness.steps.desk import Desk, Known
from harness.targets import HttpTarget, Profile, Watch, open_target

_PREFIX, _OWNER = "payharness-", "harness.pid"


@dataclass(slots=True)
class Inbox:
    """Events that the target's inbox held when a scenario began: their ids, and the last one's."""

    ids: set[str] = field(default_factory=set)
    last: str | None = None


class Lab:
    """Providers, a target and everything between them.

    Args:
        profile: the target.
        providers: those that the scenarios run with; the first that the profile names, unless given.
        run_id: sent with every request to the target.
        folder: scratch space; a temporary one, removed at the end, unless given.
    """

    def __init__(
        self, profile: Profile, *, providers: Sequence[Provider] = (), run_id: str = "", folder: Path | None = None
    ) -> None:
        self.profile = profile
        self._own_folder = folder is None
        self.folder = folder or scratch()
        self.target: HttpTarget = open_target(profile, self.folder, run_id=run_id)
        self.simulated = profile.target.mode is Mode.SIMULATED
        self.goods: dict[str, list[dict[str, Any]]] = {}
        """The target's catalogue, by currency."""
        self.inbox = Inbox()
        """The target's inbox before the scenario that goes on."""
        chosen = tuple(providers) or tuple(profile.target.providers[:1])
        self._simulator = self._simulators(chosen) if self.simulated else None
        self.desks = {one: Desk(one, self.target, self._simulator) for one in chosen}
        self.provider = chosen[0]
        """The provider that the scenario runs with; see ``turn_to``."""

    async def start(self) -> None:
        """Start everything; raises ``TargetDead`` or ``HarnessError`` with the tail of the log that says why."""
        for other in set(self.profile.target.providers) - set(self.desks):
            self.target.context.provide(other.value, {})
        tasks = [asyncio.create_task(self.target.start()), asyncio.create_task(self._open_desks())]
        try:
            await asyncio.gather(*tasks)
            if not self._delivers_itself:
                for desk in self.desks.values():
                    await self._start_polling(desk)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.close()
            raise

    async def close(self) -> None:
        """End everything that was started, whatever state it is in."""
        for desk in self.desks.values():
            if desk.poller:
                await desk.poller.close()
        await self.target.close()
        for desk in self.desks.values():
            await desk.close()
        if self._simulator:
            await self._simulator.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def turn_to(self, provider: Provider) -> Lab:
        """From now on ``side``, ``browser``, ``control``, ``known`` and ``poller`` are this provider's."""
        if provider not in self.desks:
            offered = ", ".join(one.value for one in self.desks)
            raise HarnessError(f"the laboratory was started without {provider.value}; it has {offered}")
        self.provider = provider
        return self

    # what a scenario uses, of the provider turned to

    @property
    def desk(self) -> Desk:
        """All that belongs to the provider."""
        return self.desks[self.provider]

    @property
    def side(self) -> ProviderSide:
        """Our own side of the provider."""
        return self.desk.side

    @property
    def browser(self) -> Browser:
        """What a shopper's browser does at the provider."""
        return self.desk.browser

    @property
    def control(self) -> SimulatorControl | None:
        """Control of the simulated provider; ``None`` on a sandbox."""
        return self.desk.control

    @property
    def known(self) -> Known:
        """What the account held before the scenario that goes on."""
        return self.desk.known

    @property
    def poller(self) -> Poller | None:
        """Who fetches the provider's events and carries them, where it cannot deliver by itself."""
        return self.desk.poller

    @property
    def account(self) -> Account:
        """The provider's account (secrets: never print)."""
        return self.side.account

    def courier(self, on_receipt: OnReceipt | None = None, on_exchange: OnExchange | None = None) -> Courier:
        """A courier to the target's endpoint, who knows its secret."""
        return self._courier(self.desk, on_receipt, on_exchange)

    def watch_target(self, watch: Watch | None) -> None:
        """Who is told of every exchange with the target from now on."""
        self.target.watch = watch

    @property
    def secrets(self) -> list[tuple[str, str]]:
        """Every secret of the laboratory that must never be written, after what it is."""
        known = [pair for desk in self.desks.values() for pair in desk.secrets.items()]
        token = self.target.context.look("operator_token")
        return [*known, ("operator token", token)] if isinstance(token, str) else known

    @property
    def told(self) -> tuple[dict[str, str], set[str]]:
        """What the target was told of the provider, by name; and what it was told of others (secrets: never print)."""
        others = [desk.told for one, desk in self.desks.items() if one is not self.provider]
        distinct = {value for each in others for value in each.values()} - set(self.desk.told.values())
        return self.desk.told, {value for value in distinct if len(value) > len("sandbox")}

    # inside

    @property
    def _delivers_itself(self) -> bool:
        """Whether the provider can deliver to the target: a simulator, with an endpoint that it made the secret of."""
        return self.simulated and self.target.launched is not None

    def _simulators(self, chosen: Sequence[Provider]) -> Simulator:
        ports = {chosen[0]: self.profile.target.simulator_port} if self.profile.target.simulator_port else {}
        return Simulator(self.folder, ports=ports, providers=chosen)

    async def _open_desks(self) -> None:
        if self._simulator:
            await self._simulator.start()
        await asyncio.gather(*(desk.open(delivers_itself=self._delivers_itself) for desk in self.desks.values()))

    async def _start_polling(self, desk: Desk) -> None:
        every = 0.2 if self.simulated else 1.0
        desk.poller = Poller(lambda after: desk.side.events(after=after), self._courier(desk), every=every)
        await desk.poller.start(await desk.side.last_event())

    def _courier(
        self, desk: Desk, on_receipt: OnReceipt | None = None, on_exchange: OnExchange | None = None
    ) -> Courier:
        url, secret = self.target.webhook_url(desk.provider), self.target.webhook_secret(desk.provider)
        return Courier(
            url,
            [secret, *desk.previous_keys],
            self.target.client,
            scheme=desk.scheme,
            provider=desk.provider.value,
            on_receipt=on_receipt,
            on_exchange=on_exchange,
        )


def scratch() -> Path:
    """A new scratch folder; those of a harness that was killed before it could clean up are removed."""
    for owner in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_OWNER}"):
        with suppress(OSError, ValueError):
            if not _alive(int(owner.read_text())):
                shutil.rmtree(owner.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _OWNER).write_text(str(os.getpid()))
    return folder


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
