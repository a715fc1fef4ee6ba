"""The simulators as a process of the harness: started, asked for its addresses and default credentials, ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError
from harness.processes import NotReady, Process, Ready
from harness.providers.base import Account
from harness.providers.control import SimulatorControl

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT")


class Simulator:
    """A simulator process; ``start``, then ``account`` and ``control``, then ``stop``."""

    def __init__(self, folder: Path, *, stripe_port: int = 0, command: list[str] | None = None) -> None:
        env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        command = command or [sys.executable, "-m", "harness.simulator", "--stripe-port", str(stripe_port)]
        self.process = Process("simulator", command, env, folder / "logs")
        self._addresses: Mapping[str, Any] = {}

    async def start(self, within: float = 30.0) -> None:
        """Start it and wait until it is ready; a port that is taken is an error with the next move."""
        self.process.spawn()
        try:
            self._addresses = await self.process.until_ready(Ready.LINE, within)
        except NotReady as error:
            raise HarnessError(f"the simulator did not start: {error}") from error

    async def stop(self) -> None:
        """End it."""
        await self.process.stop(3)

    def account(self, provider: Provider, name: str | None = None) -> Account:
        """An account of a simulated provider: its default one, or the one of a name of your own."""
        found = self._addresses.get(provider.value)
        if not isinstance(found, Mapping):
            raise HarnessError(f"the simulator does not offer {provider.value}; it offers {', '.join(self._addresses)}")
        if name is None:
            secret, publishable = str(found["secret_key"]), str(found["publishable_key"])
        else:
            secret, publishable = f"sk_test_{name}", f"pk_test_{name}"
        return Account(provider, Mode.SIMULATED, str(found["url"]), secret, publishable)

    def control(self, account: Account) -> SimulatorControl:
        """Control of an account."""
        return SimulatorControl(account.url or "", account.secret_key)
