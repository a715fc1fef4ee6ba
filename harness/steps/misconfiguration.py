"""Wrong settings to start a shop with, for any target that the harness starts.

Settings are known by what they hold, not by their names: whatever variable holds the webhook secret is the variable of
the webhook secret. So a target needs to declare nothing to be started with wrong credentials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.domain.verdicts import NotApplicable

Settings = dict[str, str | None]
Recipe = Callable[["Variables"], tuple[str, Settings]]
"""From the variables of the running target: the one that must be named, and what is set differently."""


class Variables:
    """The target's variables by what they hold."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings

    def that(self, what: str, holds: Callable[[str], bool]) -> str:
        """Name of the variable whose value fits; ``NotApplicable`` where the target has none."""
        for name, value in sorted(self.settings.items()):
            if holds(value):
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

    def production(self) -> Settings:
        """What production would look like, with live credentials."""
        return {
            self.mode: "production",
            self.address: "https://shop.example",
            self.key: "sk_live_51" + "a" * 40,
            self.publishable_key: "pk_live_51" + "a" * 40,
            **{name: value * 8 for name, value in self.settings.items() if value.startswith("op_")},
        }


def _padded(variables: Variables) -> tuple[str, Settings]:
    name = variables.webhook_secret
    return name, {name: variables.settings[name] + " "}


def _test_key_in_production(variables: Variables) -> tuple[str, Settings]:
    live = variables.production()
    del live[variables.key], live[variables.publishable_key]
    return variables.key, {**live, variables.provider_address: None}


RECIPES: Mapping[str, Recipe] = {
    "a blank webhook secret": lambda v: (v.webhook_secret, {v.webhook_secret: ""}),
    "a padded webhook secret": _padded,
    "a test key in production": _test_key_in_production,
    "a live key outside production": lambda v: (v.key, {v.key: "sk_live_51" + "a" * 40}),
    "keys of different modes": lambda v: (v.publishable_key, {v.publishable_key: "pk_live_51" + "a" * 40}),
    "no provider key": lambda v: (v.key, {v.key: None}),
    "no address of its own": lambda v: (v.address, {v.address: None}),
    "another provider's address in production": lambda v: (v.provider_address, v.production()),
}
"""Misconfigurations in plain words."""


def is_secret(value: str) -> bool:
    """Whether a setting is one that must never be shown."""
    return value.startswith(("sk_", "rk_", "whsec_", "op_"))
