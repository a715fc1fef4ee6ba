"""Payments v2: authorizations, captures, refunds."""

from __future__ import annotations

from harness.simulator.kernel.messages import Answer
from harness.simulator.paypal.checks import checked
from harness.simulator.paypal.registry import REPRESENTATION, Call, operation
from harness.simulator.paypal.state import authorizations, captures, refunds, schemas
from harness.simulator.paypal.state.objects import AUTHORIZATIONS, CAPTURES, REFUNDS
from harness.simulator.paypal.wire import payments as wire

KEPT = 45 * 86400.0
"""Seconds for which a request id of payments is kept (PayPal, "Payments v2")."""


@operation("GET /v2/payments/authorizations/{id}")
def read_authorization(call: Call, id_: str) -> Answer:
    """An authorization."""
    return call.answer(200, wire.authorization(call.account, authorizations.get(call.account, id_)))


@operation("POST /v2/payments/authorizations/{id}/capture", keep=KEPT)
def capture_authorization(call: Call, id_: str) -> Answer:
    """Take what is held, or a part of it."""
    one = authorizations.get(call.account, id_)
    made = authorizations.capture(call.account, one, checked(schemas.CAPTURE_AUTHORIZATION, call.params))
    body = wire.short(wire.capture(call.account, made), call.form)
    return call.answer(201, body, replay=(CAPTURES.name, made.id, call.form))


@operation("POST /v2/payments/authorizations/{id}/reauthorize", keep=KEPT)
def reauthorize(call: Call, id_: str) -> Answer:
    """Hold again what is no longer sure."""
    one = authorizations.get(call.account, id_)
    made = authorizations.reauthorize(call.account, one, checked(schemas.REAUTHORIZE, call.params))
    body = wire.short(wire.authorization(call.account, made), call.form)
    return call.answer(201, body, replay=(AUTHORIZATIONS.name, made.id, call.form))


@operation("POST /v2/payments/authorizations/{id}/void", keep=KEPT)
def void(call: Call, id_: str) -> Answer:
    """Let go of what is held: 204, or 200 with the authorization where it is asked for."""
    done = authorizations.void(call.account, authorizations.get(call.account, id_))
    if call.form == REPRESENTATION:
        return call.answer(200, wire.authorization(call.account, done))
    return call.answer(204)


@operation("GET /v2/payments/captures/{id}")
def read_capture(call: Call, id_: str) -> Answer:
    """A capture."""
    return call.answer(200, wire.capture(call.account, captures.get(call.account, id_)))


@operation("POST /v2/payments/captures/{id}/refund", keep=KEPT)
def refund(call: Call, id_: str) -> Answer:
    """Give a capture back, or a part of it."""
    one = captures.get(call.account, id_)
    made = refunds.make(call.account, one, checked(schemas.REFUND, call.params))
    body = wire.short(wire.refund(call.account, made), call.form)
    return call.answer(201, body, replay=(REFUNDS.name, made.id, call.form))


@operation("GET /v2/payments/refunds/{id}")
def read_refund(call: Call, id_: str) -> Answer:
    """A refund."""
    return call.answer(200, wire.refund(call.account, refunds.get(call.account, id_)))
