"""Answers for what is not there: parts of Stripe that this simulator leaves out, and paths that Stripe does not have.

The routes are data (``data/routes.json``: every path that the official SDK calls, with its methods).
"""

from __future__ import annotations

import functools
import re
from importlib import resources

import msgspec

from harness.simulator.stripe import errors
from harness.simulator.stripe.errors import StripeError

PAGE = "docs/simulator/stripe.md"
"""The fidelity page, where everything that is not simulated is listed."""


def refusal(method: str, path: str) -> StripeError:
    """The 404 for a call without an operation: "not simulated" where real Stripe has it, "unrecognized" elsewhere."""
    return known(method, path) or errors.unrecognised_url(method, path)


def known(method: str, path: str) -> StripeError | None:
    """The refusal of an operation that real Stripe has; None for a path that nobody has."""
    plain = path.rstrip("/")
    for pattern in _routes().get(plain.count("/"), {}).get(method, ()):
        if pattern.fullmatch(plain):
            return not_simulated(f"{method} {plain}")
    return None


def not_simulated(what: str) -> StripeError:
    """A refusal that says plainly that the simulator lacks something; 404, since a 5xx would be retried by clients."""
    return StripeError(
        f"{what} is not simulated; see {PAGE} for what is, and use Stripe's test mode for this call.",
        status=404,
        code="not_simulated",
        extra={"doc_url": PAGE},
        stored=False,
    )


@functools.cache
def _routes() -> dict[int, dict[str, tuple[re.Pattern[str], ...]]]:
    """Patterns by number of path segments and method."""
    text = resources.files(__package__).joinpath("data/routes.json").read_bytes()
    found: dict[int, dict[str, tuple[re.Pattern[str], ...]]] = {}
    for route in msgspec.json.decode(text, type=list[str]):
        method, _, path = route.partition(" ")
        pattern = re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)))
        methods = found.setdefault(path.count("/"), {})
        methods[method] = (*methods.get(method, ()), pattern)
    return found
