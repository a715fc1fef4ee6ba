"""Parts of Stripe that are left out: they answer that they are, instead of looking like a wrong path or id."""

from __future__ import annotations

from harness.simulator.stripe import app_hooks, unsimulated
from harness.simulator.stripe.errors import StripeError
from harness.simulator.stripe.routes.registry import Call, operation

SEARCHABLE = ("charges", "customers", "payment_intents", "prices", "products")


@app_hooks.not_simulated
def known_to_stripe(method: str, path: str) -> StripeError | None:
    """The refusal of an operation of the real API that is not here."""
    return unsimulated.known(method, path)


def _search(call: Call) -> None:
    raise unsimulated.not_simulated(f"{call.request.method} {call.request.path}")


for _noun in SEARCHABLE:
    # without these, "search" would be taken for the id of an object
    operation(f"GET /v1/{_noun}/search", loose=("query", "limit", "page"))(_search)
