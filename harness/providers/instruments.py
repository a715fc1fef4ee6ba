"""Instruments: ways to pay in plain words, and what they mean at each provider (``fixtures/instruments.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from harness import resources
from harness.domain.providers import Provider
from harness.domain.verdicts import HarnessError, NotApplicable

Expectation = Literal["paid", "declined", "authentication", "processing"]
Told = Literal["declined", "insufficient_funds", "expired", "security_code", "limit", "try_again", "authentication"]
"""What a shopper may be told of a decline, by class."""

SquareField = Literal["number", "name", "cvv", "exp_month", "exp_year", "postal_code", "verification", "source", "page"]


class Instrument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to pay: what is expected of it, and the provider's value for it."""

    name: str
    expect: Expectation
    code: str | None = None
    decline_code: str | None = None
    told: Told | None = None
    after: Expectation | None = None
    dispute: str | None = None
    refund: str | None = None
    risk: str | None = None
    stripe: str | None = None
    stripe_fields: dict[str, str] | None = None
    paypal: dict[Literal["number", "name", "page"], str] | None = None
    paypal_settings: dict[str, str | int | float | bool] | None = None
    paypal_instead: str | None = None
    square: dict[SquareField, str] | None = None
    square_settings: dict[str, str | int | float | bool] | None = None
    square_instead: str | None = None

    def fields(self, provider: Provider) -> dict[str, str]:
        """What the payment form sends to confirm with it."""
        if provider is Provider.STRIPE and self.stripe_fields:
            return dict(self.stripe_fields)
        typed = {Provider.PAYPAL: self.paypal, Provider.SQUARE: self.square}.get(provider)
        if typed:
            return {str(name): value for name, value in typed.items()}
        return {"payment_method": self.at(provider)}

    def settings(self, provider: Provider) -> dict[str, str | int | float | bool]:
        """What the simulated account is set to while it pays, where the provider has no value that brings it about."""
        needed = {Provider.PAYPAL: self.paypal_settings, Provider.SQUARE: self.square_settings}.get(provider)
        return dict(needed or {})

    def at(self, provider: Provider) -> str:
        """The provider's value; raises ``NotApplicable`` where it cannot express the instrument."""
        square = self.square or {}
        value = {
            Provider.STRIPE: self.stripe,
            Provider.PAYPAL: (self.paypal or {}).get("number"),
            Provider.SQUARE: square.get("number") or square.get("source"),
        }[provider]
        if value is None:
            instead = {Provider.PAYPAL: self.paypal_instead, Provider.SQUARE: self.square_instead}.get(provider)
            raise NotApplicable(
                instead or f"{provider.value} has no test value for {self.name!r} (fixtures/instruments.toml)"
            )
        return value


def instrument(name: str) -> Instrument:
    """An instrument by its name; an unknown one names the nearest."""
    known = instruments()
    if name in known:
        return known[name]
    close = get_close_matches(name, known, 2, 0.5)
    hint = (
        f"did you mean {' or '.join(map(repr, close))}?"
        if close
        else "fixtures/instruments.toml lists those that exist"
    )
    raise HarnessError(f"no instrument is called {name!r}; {hint}")


@lru_cache(maxsize=1)
def instruments() -> Mapping[str, Instrument]:
    """All instruments of the product by name, in the order of the file."""
    return load(resources.fixtures() / "instruments.toml")


def load(path: Path) -> Mapping[str, Instrument]:
    """Instruments of a file; raises ``HarnessError`` with the file and what is wrong in it."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        listed = msgspec.convert(found.get("instrument", []), list[Instrument])
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise HarnessError(f"{path}: {error}; correct the file") from error
    names = [one.name for one in listed]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise HarnessError(f"{path}: listed twice: {', '.join(sorted(repeated))}; keep one of each")
    return {one.name: one for one in listed}
