"""The providers and the modes in which they are spoken to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Provider(StrEnum):
    """A payment provider."""

    STRIPE = "stripe"
    PAYPAL = "paypal"
    SQUARE = "square"

    @property
    def spelled(self) -> str:
        """How it writes its own name."""
        return "PayPal" if self is Provider.PAYPAL else self.value.capitalize()


class Mode(StrEnum):
    """``simulated``: our simulator on loopback. ``sandbox``: the provider's own test mode."""

    SIMULATED = "simulated"
    SANDBOX = "sandbox"


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them: ``Stripe``, ``Stripe and PayPal``, ``Stripe, PayPal and Square``."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last
