"""Locations and the merchant."""

from __future__ import annotations

from harness.simulator.kernel.messages import Answer
from harness.simulator.square.checks import Shape, Text, checked
from harness.simulator.square.errors import invalid
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import merchants

_LOCATION = {"location": Shape({"name": Text(255), "description": Text(1024), "mcc": Text(4, 4)}, required=True)}


@operation("GET /v2/locations")
def locations(call: Call) -> Answer:
    """All locations."""
    return call.answer({"locations": merchants.locations(call.account)})


@operation("POST /v2/locations")
def create_location(call: Call) -> Answer:
    """Another location."""
    body = checked(_LOCATION, call.params)
    return call.answer({"location": merchants.make(call.account, body["location"])})


@operation("GET /v2/locations/{id}")
def location(call: Call, id_: str) -> Answer:
    """One location; ``main`` is the main one."""
    return call.answer({"location": merchants.location(call.account, id_)})


@operation("PUT /v2/locations/{id}")
def update_location(call: Call, id_: str) -> Answer:
    """Change a location."""
    body = checked(_LOCATION, call.params)
    return call.answer({"location": merchants.change(call.account, id_, body["location"])})


@operation("GET /v2/merchants")
def all_merchants(call: Call) -> Answer:
    """The merchant of the token, who stands alone."""
    return call.answer({"merchant": [merchants.merchant(call.account)]})


@operation("GET /v2/merchants/{id}")
def merchant(call: Call, id_: str) -> Answer:
    """The merchant by id, or as ``me``."""
    if id_ not in {"me", call.account.merchant_id}:
        raise invalid("NOT_FOUND", f"Merchant with ID `{id_}` not found.", "merchant_id", status=404)
    return call.answer({"merchant": merchants.merchant(call.account)})
