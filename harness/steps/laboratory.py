"""The laboratory of one worker: a provider, the target in front of it, and the clients; started once for all scenarios.

Where the provider is simulated and the target started here, the simulator, the target's database and the registration
of its webhook endpoint come up side by side. Where the provider cannot reach the target (real test mode, or a target
that runs elsewhere with a secret of its own), events are polled and carried from here.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from harness import loopback
from harness.courier import Courier, Poller
from harness.courier.courier import OnExchange, OnReceipt
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError
from harness.providers import Account, ShopperSide, Simulator, SimulatorControl
from harness.providers.stripe import StripeSide
from harness.targets import HttpTarget, Profile, Watch, open_target

T = TypeVar("T")
ACCOUNT_SETTINGS = {"radar_declines_failed_cvc": False}
"""Rules of the simulated account.

A payment whose security code check fails passes, so that a shop's handling of it shows.
"""
_PREFIX, _OWNER = "payharness-", "harness.pid"
_KEYS = {"secret_key": "STRIPE_SECRET_KEY", "publishable_key": "STRIPE_PUBLISHABLE_KEY"}
"""Variables that the credentials of real test mode come from."""


@dataclass(slots=True)
class Known:
    """What an account of the provider held when a scenario began, so that it can be told what the scenario added.

    ``clean``: the scenario before left no trouble; otherwise the next one looks for itself, at the cost of a few calls.
    """

    clean: bool = False
    at: float = 0.0
    """The provider's time, epoch seconds."""
    journal: int = 0
    deliveries: int = 0
    event: str | None = None
    inbox: set[str] = field(default_factory=set)
    inbox_last: str | None = None
    """Ids of the events in the target's inbox, and of the last one."""


class Lab:
    """A provider, a target and everything between them.

    Args:
        profile: the target.
        provider: the provider that the scenarios run with.
        run_id: sent with every request to the target.
        folder: scratch space; a temporary one, removed at the end, unless given.
    """

    def __init__(
        self, profile: Profile, *, provider: Provider = Provider.STRIPE, run_id: str = "", folder: Path | None = None
    ) -> None:
        self.profile, self.provider = profile, provider
        self._own_folder = folder is None
        self.folder = folder or scratch()
        self.target: HttpTarget = open_target(profile, self.folder, run_id=run_id)
        self.simulated = profile.target.mode is Mode.SIMULATED
        self.goods: dict[str, list[dict[str, Any]]] = {}
        """The target's catalogue, by currency."""
        self.known = Known()
        """What was there before the scenario that goes on."""
        self.poller: Poller | None = None
        self._simulator: Simulator | None = None
        self._control: SimulatorControl | None = None
        self._side: StripeSide | None = None
        self._browser: ShopperSide | None = None
        self._browser_client: httpx.AsyncClient | None = None
        self._closing: list[Coroutine[Any, Any, None]] = []

    async def start(self) -> None:
        """Start everything; raises ``TargetDead`` or ``HarnessError`` with the tail of the log that says why."""
        tasks = [asyncio.create_task(self.target.start()), asyncio.create_task(self._open_provider())]
        try:
            await asyncio.gather(*tasks)
            if not self._delivers_itself:
                await self._start_polling()
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.close()
            raise

    async def close(self) -> None:
        """End everything that was started, whatever state it is in."""
        if self.poller:
            await self.poller.close()
        await self.target.close()
        for closing in (self._control, self._side):
            if closing:
                with suppress(Exception):
                    await closing.close()
        if self._browser_client:
            await self._browser_client.aclose()
        if self._simulator:
            await self._simulator.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    # what a scenario uses

    @property
    def side(self) -> StripeSide:
        """Our own side of the provider."""
        return _there(self._side, "the provider")

    @property
    def browser(self) -> ShopperSide:
        """What a shopper's browser does at the provider."""
        return _there(self._browser, "the shopper's browser")

    @property
    def control(self) -> SimulatorControl | None:
        """Control of the simulated provider; ``None`` on a sandbox."""
        return self._control

    @property
    def account(self) -> Account:
        """The provider's account (secrets: never print)."""
        return self.side.account

    def courier(self, on_receipt: OnReceipt | None = None, on_exchange: OnExchange | None = None) -> Courier:
        """A courier to the target's endpoint, who knows its secret."""
        url, secret = self.target.webhook_url(self.provider), self.target.webhook_secret(self.provider)
        return Courier(url, [secret], self.target.client, on_receipt=on_receipt, on_exchange=on_exchange)

    def watch_target(self, watch: Watch | None) -> None:
        """Who is told of every exchange with the target from now on."""
        self.target.watch = watch

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret of the laboratory that must never be written, by what it is."""
        known = {
            "secret key": self.account.secret_key,
            "webhook secret": self.target.webhook_secret(self.provider),
        }
        token = self.target.context.look("operator_token")
        if isinstance(token, str):
            known["operator token"] = token
        return known

    # inside

    @property
    def _delivers_itself(self) -> bool:
        """Whether the provider can deliver to the target: a simulator, with an endpoint that it made the secret of."""
        return self.simulated and self.target.launched is not None

    async def _open_provider(self) -> None:
        account = await self._open_account()
        self._side = StripeSide(account)
        agent = {"User-Agent": "payharness"}
        self._browser_client = loopback.client(timeout=30, headers=agent)
        self._browser = ShopperSide(account, self._browser_client)
        known = {"secret_key": account.secret_key, "publishable_key": account.publishable_key, "url": account.url}
        if self._delivers_itself:
            known["webhook_secret"] = await self._side.register_endpoint(self.target.webhook_url(self.provider))
        elif self.target.launched:
            known["webhook_secret"] = f"whsec_{secrets.token_hex(16)}"
        self.target.context.provide(self.provider.value, known)

    async def _open_account(self) -> Account:
        if not self.simulated:
            return Account(self.provider, Mode.SANDBOX, None, _variable("secret_key"), _variable("publishable_key"))
        self._simulator = Simulator(self.folder, stripe_port=self.profile.target.simulator_port)
        await self._simulator.start()
        account = self._simulator.account(self.provider)
        self._control = self._simulator.control(account)
        await self._control.settings(**ACCOUNT_SETTINGS)
        return account

    async def _start_polling(self) -> None:
        courier = self.courier()
        self.poller = Poller(lambda after: self.side.events(after=after), courier, every=0.2 if self.simulated else 1.0)
        await self.poller.start(await self.side.last_event())


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


def _variable(name: str) -> str:
    variable = _KEYS[name]
    value = os.environ.get(variable, "").strip()
    if not value:
        raise HarnessError(f"real test mode needs {variable}, which is not set; set it to a test key of your account")
    return value


def _there(value: T | None, what: str) -> T:
    if value is None:
        raise HarnessError(f"{what} is not open yet; start the laboratory first")
    return value
