"""A desk: everything of the laboratory that belongs to one provider.

Our own side of it, what a shopper's browser does there, control of its simulator, and what its account held when a
scenario began.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from harness import loopback
from harness.courier import CertificateKind, PayPalScheme, Poller, Scheme, SigningCertificate, StripeScheme
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError
from harness.providers import Account, Browser, ProviderSide, ShopperSide, Simulator, SimulatorControl
from harness.providers.stripe import StripeSide
from harness.targets import HttpTarget

_SETTINGS: Mapping[Provider, Mapping[str, Any]] = {Provider.STRIPE: {"radar_declines_failed_cvc": False}}
"""Rules of the simulated account.

A payment whose security code check fails passes, so that a shop's handling of it shows.
"""
_VARIABLES: Mapping[Provider, tuple[str, str]] = {
    Provider.STRIPE: ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"),
    Provider.PAYPAL: ("PAYPAL_CLIENT_SECRET", "PAYPAL_CLIENT_ID"),
}
"""Variables that the credentials of real test mode come from: the secret one, and the one that a browser may see."""


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


class Desk:
    """One provider; ``open`` before anything else, ``close`` in the end."""

    def __init__(self, provider: Provider, target: HttpTarget, simulator: Simulator | None) -> None:
        self.provider, self._target, self._simulator = provider, target, simulator
        self.known = Known()
        """What was there before the scenario that goes on."""
        self.told: dict[str, str] = {}
        """What the target's profile may name of the provider."""
        self.poller: Poller | None = None
        self.control: SimulatorControl | None = None
        self.side: ProviderSide
        self.browser: Browser
        self.scheme: Scheme
        """How deliveries to the target are signed."""
        self._browser_client: httpx.AsyncClient | None = None
        self._opened: list[ProviderSide | SimulatorControl] = []

    async def open(self, *, delivers_itself: bool) -> None:
        """Open the account and tell the target's profile of it.

        ``delivers_itself``: the provider knows the target's endpoint; otherwise events are fetched and carried to it.
        """
        account = await self._account()
        self._browser_client = loopback.client(timeout=30, headers={"User-Agent": "payharness"})
        if self.provider is Provider.PAYPAL:
            # Its SDK takes a third of a second to load, which a run without PayPal need not spend.
            from harness.providers.paypal import PayPalSide
            from harness.providers.paypal_shopper import PayPalBrowser

            self.side = PayPalSide(account, control=self.control)
            self.browser = PayPalBrowser(account, self._browser_client)
        else:
            self.side = StripeSide(account)
            self.browser = ShopperSide(account, self._browser_client)
        self._opened.append(self.side)
        self.scheme = await self._scheme()
        known = {"url": account.url, **account.credentials}
        if delivers_itself:
            known["webhook_secret"] = await self.side.register_endpoint(self._target.webhook_url(self.provider))
        elif self._target.launched:
            known["webhook_secret"] = _made_up_secret(self.provider)
        if self.provider is Provider.PAYPAL:
            known["environment"] = "sandbox"
        if self.provider is Provider.PAYPAL and self.control is not None:
            known["root_pem"] = str((await self.control.authority())["root_pem"])
        self.told = {name: value for name, value in known.items() if value is not None}
        self._target.context.provide(self.provider.value, known)

    async def close(self) -> None:
        """End everything that was opened, whatever state it is in."""
        if self.poller:
            await self.poller.close()
        for one in self._opened:
            with suppress(Exception):
                await one.close()
        if self._browser_client:
            await self._browser_client.aclose()

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret of this provider that must never be written, by what it is."""
        return {
            "secret key": self.side.account.secret_key,
            "webhook secret": self._target.webhook_secret(self.provider),
        }

    async def _scheme(self) -> Scheme:
        """Stripe's secret is known to us; PayPal's certificates are made by the simulator's own authority."""
        if self.provider is not Provider.PAYPAL:
            return StripeScheme()
        if self.control is None:
            return PayPalScheme({})
        made = {kind: await self.control.certificate(kind.value) for kind in CertificateKind}
        return PayPalScheme(
            {kind: SigningCertificate(str(one["url"]), str(one["private_key_pem"])) for kind, one in made.items()}
        )

    async def _account(self) -> Account:
        if self._simulator is None:
            secret, public = (_variable(name) for name in _VARIABLES[self.provider])
            return Account(self.provider, Mode.SANDBOX, None, secret, public)
        # PayPal's default secret is a word for people, which a search for it would find everywhere.
        name = f"lab-{secrets.token_hex(6)}" if self.provider is Provider.PAYPAL else None
        account = self._simulator.account(self.provider, name)
        self.control = self._simulator.control(account)
        self._opened.append(self.control)
        if rules := _SETTINGS.get(self.provider):
            await self.control.settings(**rules)
        return account


def _variable(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise HarnessError(f"real test mode needs {name}, which is not set; set it to a test key of your account")
    return value


def _made_up_secret(provider: Provider) -> str:
    """For a target of ours whose provider does not know its endpoint: what the courier signs for."""
    if provider is Provider.PAYPAL:
        return secrets.token_hex(9)[:17].upper()
    return f"whsec_{secrets.token_hex(16)}"
