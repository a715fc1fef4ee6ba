"""The simulators as a process of the harness: started, asked for its addresses and default credentials, ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError
from harness.processes import NotReady, Process, Ready
from harness.providers.base import Account
from harness.providers.control import SimulatorControl

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT")

_CREDENTIALS = {
    Provider.STRIPE: ("publishable_key", "secret_key"),
    Provider.PAYPAL: ("client_id", "client_secret"),
    Provider.SQUARE: ("application_id", "access_token"),
}
"""What the ready line calls the credentials: the one that a browser may see, and the secret one."""


class Simulator:
    """A simulator process; ``start``, then ``account`` and ``control``, then ``stop``.

    ``ports``: a free one each, unless given.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: Mapping[Provider, int] | None = None,
        providers: Sequence[Provider] = tuple(Provider),
        command: list[str] | None = None,
    ) -> None:
        env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        chosen = [part for one in providers for part in (f"--{one.value}-port", str((ports or {}).get(one, 0)))]
        names = ",".join(one.value for one in providers)
        command = command or [sys.executable, "-m", "harness.simulator", "--providers", names, *chosen]
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
        public, secret = _CREDENTIALS[provider]
        if name is None:
            return Account(provider, Mode.SIMULATED, str(found["url"]), str(found[secret]), str(found.get(public, "")))
        secret_key, public_key = _named(provider, name)
        return Account(provider, Mode.SIMULATED, str(found["url"]), secret_key, public_key)

    def control(self, account: Account) -> SimulatorControl:
        """Control of an account."""
        return SimulatorControl(account)


def _named(provider: Provider, name: str) -> tuple[str, str]:
    """Secret and public credentials of the account of a name: simulators make an account on first sight."""
    if provider is Provider.PAYPAL:
        return f"EH{sha256(name.encode()).hexdigest()}", name
    if provider is Provider.SQUARE:
        return f"EAAA{name}", ""  # which application is the token's, its simulator tells
    return f"sk_test_{name}", f"pk_test_{name}"
