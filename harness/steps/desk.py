"""A desk: everything of the laboratory that belongs to one provider.

Our own side of it, what a shopper's browser does there, control of its simulator, and what its account held when a
scenario began.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx

from harness import loopback
from harness.courier import (
    CertificateKind,
    PayPalScheme,
    Poller,
    Scheme,
    SigningCertificate,
    SquareScheme,
    StripeScheme,
)
from harness.domain.providers import Mode, Provider
from harness.domain.verdicts import HarnessError, NotApplicable
from harness.providers import Account, Browser, ProviderSide, ShopperSide, Simulator, SimulatorControl
from harness.providers.stripe import StripeSide
from harness.targets import HttpTarget

_SETTINGS: Mapping[Provider, Mapping[str, Any]] = {
    Provider.STRIPE: {"radar_declines_failed_cvc": False},
    Provider.SQUARE: {"country": "IE", "refund_seconds": 0},
}
"""Rules of the simulated account.

At Stripe a payment whose security code check fails passes, so that a shop's handling of it shows. A Square seller takes
the one currency of its country, and the features speak of euros; its refunds are made at once unless an instrument
wants them to take their time.
"""
_VARIABLES: Mapping[Provider, tuple[str, str]] = {
    Provider.STRIPE: ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"),
    Provider.PAYPAL: ("PAYPAL_CLIENT_SECRET", "PAYPAL_CLIENT_ID"),
    Provider.SQUARE: ("SQUARE_ACCESS_TOKEN", "SQUARE_APPLICATION_ID"),
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
        self.previous_keys: list[str] = []
        """Keys that deliveries were signed with before the present one, newest first."""
        self.poller: Poller | None = None
        self.control: SimulatorControl | None = None
        self.side: ProviderSide
        self.browser: Browser
        self.scheme: Scheme
        """How deliveries to the target are signed."""
        self.keeps_events: Callable[[], Awaitable[None]] | None = None
        """Asks the provider to keep its events, where it does not by itself."""
        self._browser_client: httpx.AsyncClient | None = None
        self._opened: list[ProviderSide | SimulatorControl] = []

    async def open(self, *, delivers_itself: bool) -> None:
        """Open the account and tell the target's profile of it.

        ``delivers_itself``: the provider knows the target's endpoint; otherwise events are fetched and carried to it.
        """
        account = await self._account()
        self._browser_client = loopback.client(timeout=30, headers={"User-Agent": "payharness"})
        self.side, self.browser = self._parts(account, self._browser_client)
        self._opened.append(self.side)
        if self.keeps_events:
            await self.keeps_events()
        self.scheme = await self._scheme()
        known = {"url": account.url, **account.credentials}
        if delivers_itself:
            known["webhook_secret"] = await self.side.register_endpoint(self._target.webhook_url(self.provider))
        elif self._target.launched:
            known["webhook_secret"] = _made_up_secret(self.provider)
        if self.provider is not Provider.STRIPE:
            known["environment"] = "sandbox"
        if self.provider is Provider.SQUARE:
            known["webhook_url"] = self._target.webhook_url(self.provider)
            known["webhook_keys"] = known.get("webhook_secret")
        if self.provider is Provider.PAYPAL and self.control is not None:
            known["root_pem"] = str((await self.control.authority())["root_pem"])
        self.told = {name: value for name, value in known.items() if value is not None}
        self._target.context.provide(self.provider.value, known)

    async def change_key(self) -> None:
        """The provider signs with another key from now on; the target is told when it is started again.

        Raises ``NotApplicable`` for a provider whose keys are not changed like that.
        """
        from harness.providers.square import SquareSide

        if not isinstance(self.side, SquareSide) or self.control is None:
            raise NotApplicable(
                f"{self.provider.spelled} does not change the key of an endpoint from one moment to the next"
            )
        url = self._target.webhook_url(self.provider)
        self.previous_keys.insert(0, self._target.webhook_secret(self.provider))
        self.told["webhook_secret"] = await self.side.change_key(url)
        # Only a process that is started from now on knows both.
        self.told["webhook_keys"] = f"{self.told['webhook_secret']},{self.previous_keys[0]}"
        self._target.context.provide(self.provider.value, self.told)

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

    def _parts(self, account: Account, client: httpx.AsyncClient) -> tuple[ProviderSide, Browser]:
        """Our own side, and the browser's. The SDKs take a third of a second to load, which no other run need spend."""
        if self.provider is Provider.PAYPAL:
            from harness.providers.paypal import PayPalSide
            from harness.providers.paypal_shopper import PayPalBrowser

            return PayPalSide(account, control=self.control), PayPalBrowser(account, client)
        if self.provider is Provider.SQUARE:
            from harness.providers.square import SquareSide
            from harness.providers.square_shopper import SquareBrowser

            side = SquareSide(account)
            self.keeps_events = side.keep_events
            return side, SquareBrowser(account, client)
        return StripeSide(account), ShopperSide(account, client)

    async def _scheme(self) -> Scheme:
        """Secrets of Stripe and Square are known to us; PayPal's certificates the simulator's own authority makes."""
        if self.provider is Provider.SQUARE:
            return SquareScheme(self._target.webhook_url(self.provider))
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
            location = _variable("SQUARE_LOCATION_ID") if self.provider is Provider.SQUARE else None
            return Account(self.provider, Mode.SANDBOX, None, secret, public, location)
        # The default secrets of PayPal and Square are words for people, which a search for them would find everywhere.
        name = f"lab-{secrets.token_hex(6)}" if self.provider is not Provider.STRIPE else None
        account = self._simulator.account(self.provider, name)
        self.control = self._simulator.control(account)
        self._opened.append(self.control)
        if rules := _SETTINGS.get(self.provider):
            await self.control.settings(**rules)
        if self.provider is Provider.SQUARE:
            seller = await self.control.credentials()
            application, location = str(seller["application_id"]), str(seller["location_id"])
            currency = str(seller["currency"]).lower()
            account = replace(account, publishable_key=application, location=location, currency=currency)
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
    if provider is Provider.SQUARE:
        return secrets.token_urlsafe(16)
    return f"whsec_{secrets.token_hex(16)}"
