"""Wrong settings to start a shop with, for any target that the harness starts.

Settings are known by what they hold, not by their names: whatever variable holds the webhook secret is the variable of
the webhook secret. So a target needs to declare nothing to be started with wrong credentials.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from harness.domain.providers import Provider
from harness.domain.verdicts import NotApplicable

Settings = dict[str, str | None]
Recipe = Callable[["Variables"], tuple[str, Settings]]
"""From the variables of the running target: the one that must be named, and what is set differently."""


class Variables:
    """The target's variables by what they hold, as far as one provider is concerned.

    Args:
        settings: the variables of the running target.
        known: what the laboratory told the target of the provider (address, credentials, webhook secret).
        others: what it told of other providers; the shop is started without them.
    """

    def __init__(
        self, settings: Mapping[str, str], known: Mapping[str, str] | None = None, others: Collection[str] = ()
    ) -> None:
        self.settings, self.known = settings, known or {}
        self.left_out: Settings = {name: None for name, value in settings.items() if value in others}
        """Variables of other providers, removed: what is wrong with one must not hide behind another."""

    def that(self, what: str, holds: Callable[[str], bool]) -> str:
        """Name of the variable whose value fits; ``NotApplicable`` where the target has none."""
        for name, value in sorted(self.settings.items()):
            if name not in self.left_out and holds(value):
                return name
        raise NotApplicable(f"no variable of the target holds {what}, so nothing can be set wrongly there")

    @property
    def webhook_secret(self) -> str:
        """The secret that proves events."""
        return self.that("a webhook secret", lambda value: value.startswith("whsec_"))

    @property
    def key(self) -> str:
        """The secret key of the provider."""
        return self.that("a secret key", lambda value: value.startswith(("sk_test_", "rk_test_")))

    @property
    def publishable_key(self) -> str:
        """The key that browsers are given."""
        return self.that("a publishable key", lambda value: value.startswith("pk_test_"))

    @property
    def mode(self) -> str:
        """What says whether this is production."""
        return self.that("its mode", lambda value: value in {"test", "testing", "development", "staging", "sandbox"})

    @property
    def address(self) -> str:
        """The shop's own public address."""
        return next(
            (name for name in sorted(self.settings) if "PUBLIC" in name and self.settings[name].startswith("http")), ""
        ) or self.that("its own address", lambda value: value.startswith("http"))

    @property
    def provider_address(self) -> str:
        """The address at which the provider is looked for."""
        return self.that(
            "the provider's address",
            lambda value: value.startswith("http://127.0.0.1") and value != self.settings[self.address],
        )

    def live(self) -> Settings:
        """The provider's credentials, as those of live mode."""
        return {self.key: "sk_live_51" + "a" * 40, self.publishable_key: "pk_live_51" + "a" * 40}

    def production(self) -> Settings:
        """What production would look like, with live credentials."""
        return {
            self.mode: "production",
            self.address: "https://shop.example",
            **self.live(),
            **{name: value * 8 for name, value in self.settings.items() if value.startswith("op_")},
        }

    def detours(self) -> Settings:
        """Whatever points away from the provider, removed."""
        return {self.provider_address: None}

    def test_key_in_production(self) -> tuple[str, Settings]:
        """Everything is production's, except the provider's credentials."""
        kept = {name: value for name, value in self.production().items() if name not in self.live()}
        return self.key, {**kept, **self.detours()}

    def live_key_elsewhere(self) -> tuple[str, Settings]:
        """Nothing is production's, except a credential of live mode."""
        return self.key, {self.key: self.live()[self.key]}

    def mixed_modes(self) -> tuple[str, Settings]:
        """One credential of each mode."""
        return self.publishable_key, {self.publishable_key: self.live()[self.publishable_key]}


class SilentVariables(Variables):
    """Credentials that look the same in both modes; a setting of its own says which they are of."""

    spelled = ""
    """How the provider writes its name."""

    @property
    def environment(self) -> str:
        """What says which mode the credentials are of: the provider's own, where several providers have one."""
        mode = self.mode
        names = [name for name, value in sorted(self.settings.items()) if value == "sandbox" and name != mode]
        own = [name for name in names if self.spelled.casefold() in name.casefold()]
        for name in [*own, *names]:
            return name
        raise NotApplicable(f"no variable of the target says which mode {self.spelled}'s credentials are of")

    def test_key_in_production(self) -> tuple[str, Settings]:
        """Credentials of the sandbox where everything else is production's."""
        return self.environment, super().test_key_in_production()[1]

    def live_key_elsewhere(self) -> tuple[str, Settings]:
        """Credentials of live mode where nothing else is."""
        return self.environment, self.live()

    def _holding(self, what: str) -> str:
        return self.that(what.replace("_", " "), lambda value: bool(value) and value == self.known.get(what))


class PayPalVariables(SilentVariables):
    """PayPal's credentials look the same in both modes; a setting of its own says which they are of."""

    @property
    def webhook_secret(self) -> str:
        """The id of the webhook, which signatures are bound to."""
        return self._holding("webhook_secret")

    @property
    def key(self) -> str:
        """The secret of the client."""
        return self._holding("client_secret")

    def live(self) -> Settings:
        """The mode of the credentials."""
        return {self.environment: "live"}

    def detours(self) -> Settings:
        """Addresses and roots that are not PayPal's own."""
        foreign = {self.known.get("url"), self.known.get("root_pem")} - {None}
        return {name: None for name, value in self.settings.items() if value in foreign}

    def mixed_modes(self) -> tuple[str, Settings]:
        """There are no two that could differ."""
        raise NotApplicable(
            "PayPal's credentials do not say which mode they are of; in the other one PayPal itself refuses them"
        )


class SquareVariables(SilentVariables):
    """Square's: an access token, and an application whose id tells the mode as well."""

    spelled = Provider.SQUARE.spelled

    @property
    def webhook_secret(self) -> str:
        """The key of the subscription, with the one before it where it was changed."""
        wanted = self.known.get("webhook_secret")
        return self.that("webhook secret", lambda value: bool(wanted) and value.split(",")[0] == wanted)

    @property
    def key(self) -> str:
        """The access token."""
        return self._holding("access_token")

    @property
    def publishable_key(self) -> str:
        """The id of the application."""
        return self._holding("application_id")

    @property
    def provider_address(self) -> str:
        """The address at which Square is looked for."""
        return self._holding("url")

    def live(self) -> Settings:
        """The mode of the credentials, and an application of that mode."""
        return {self.environment: "production", self.publishable_key: "sq0idp-" + "a" * 22}

    def detours(self) -> Settings:
        """Addresses that are not Square's, or not the shop's in production."""
        foreign = {self.known.get("url"), self.known.get("webhook_url")} - {None}
        return {name: None for name, value in self.settings.items() if value in foreign}

    def mixed_modes(self) -> tuple[str, Settings]:
        """An application of live mode beside a setting that says sandbox."""
        return self.publishable_key, {self.publishable_key: self.live()[self.publishable_key]}


_KINDS: Mapping[Provider, type[Variables]] = {
    Provider.STRIPE: Variables,
    Provider.PAYPAL: PayPalVariables,
    Provider.SQUARE: SquareVariables,
}


def variables_of(
    provider: Provider, settings: Mapping[str, str], known: Mapping[str, str], others: Collection[str]
) -> Variables:
    """The variables of a running target, as far as a provider is concerned."""
    return _KINDS[provider](settings, known, others)


def _padded(variables: Variables) -> tuple[str, Settings]:
    name = variables.webhook_secret
    return name, {name: variables.settings[name] + " "}


RECIPES: Mapping[str, Recipe] = {
    "a blank webhook secret": lambda v: (v.webhook_secret, {v.webhook_secret: ""}),
    "a padded webhook secret": _padded,
    "a test key in production": lambda v: v.test_key_in_production(),
    "a live key outside production": lambda v: v.live_key_elsewhere(),
    "keys of different modes": lambda v: v.mixed_modes(),
    "no provider key": lambda v: (v.key, {v.key: None}),
    "no address of its own": lambda v: (v.address, {v.address: None}),
    "another provider's address in production": lambda v: (v.provider_address, v.production()),
}
"""Misconfigurations in plain words."""


def is_secret(value: str) -> bool:
    """Whether a setting is one that must never be shown."""
    return value.startswith(("sk_", "rk_", "whsec_", "op_", "EAAA"))
