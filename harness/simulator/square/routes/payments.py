"""Payments: create, list, get, update, complete, cancel, cancel by idempotency key."""

from __future__ import annotations

from harness.simulator.kernel.messages import Answer
from harness.simulator.square.checks import KEY, Text, checked, limit
from harness.simulator.square.errors import invalid
from harness.simulator.square.formats import moment
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import payments
from harness.simulator.square.state.objects import PAYMENTS, Payment
from harness.simulator.square.wire import payments as wire


@operation("POST /v2/payments", key=45)
def create(call: Call) -> Answer:
    """Take money, or hold it."""
    return _shown(call, payments.make(call.account, call.params))


@operation("GET /v2/payments")
def listed(call: Call) -> Answer:
    """Payments of a span of time, newest first; they appear late where the settings say so."""
    query, account = call.query, call.account
    begin, end = span(call, "begin_time", "end_time")
    after, before = span(call, "updated_at_begin_time", "updated_at_end_time")
    most = account.listed()

    def keep(one: Payment) -> bool:
        return (
            one.created <= most
            and begin <= one.created <= end
            and after <= one.updated <= before
            and query.get("location_id") in {None, "", one.location}
            and query.get("last_4") in {None, "", one.card.last4 if one.card else None}
            and query.get("card_brand") in {None, "", one.card.brand if one.card else None}
            and query.get("total") in {None, "", str(one.total)}
        )

    by_update = query.get("sort_field") == "UPDATED_AT"
    found, cursor = page(
        account.of(PAYMENTS),
        cursor=query.get("cursor"),
        limit=limit(query, most=100, default=100),
        keep=keep,
        ascending=query.get("sort_order", "DESC").upper() == "ASC",
        key=(lambda one: one.updated) if by_update else None,
    )
    body = {"payments": [wire.payment(account, one) for one in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("POST /v2/payments/cancel", lenient=True)
def cancel_by_key(call: Call) -> Answer:
    """Undo whatever a key made; fine where it made nothing."""
    body = checked({"idempotency_key": KEY}, call.params)
    payments.cancel_by_key(call.account, body["idempotency_key"])
    return call.answer()


@operation("GET /v2/payments/{id}")
def read(call: Call, id_: str) -> Answer:
    """One payment."""
    return _shown(call, payments.get(call.account, id_))


@operation("PUT /v2/payments/{id}", key=45)
def update(call: Call, id_: str) -> Answer:
    """Another amount or tip of what is held."""
    return _shown(call, payments.update(call.account, payments.get(call.account, id_), call.params))


@operation("POST /v2/payments/{id}/complete")
def complete(call: Call, id_: str) -> Answer:
    """Capture what is held."""
    body = checked({"version_token": Text()}, call.params)
    one = payments.get(call.account, id_)
    return _shown(call, payments.complete(call.account, one, body.get("version_token")))


@operation("POST /v2/payments/{id}/cancel")
def cancel(call: Call, id_: str) -> Answer:
    """Let go of what is held."""
    return _shown(call, payments.cancel(call.account, payments.get(call.account, id_)))


def span(call: Call, first: str, last: str) -> tuple[int, int]:
    """Milliseconds of two parameters of the query; everything where one is absent.

    Raises:
        SquareError: 400 for no RFC 3339 time.
    """
    found = []
    for name, default in ((first, 0), (last, 1 << 62)):
        text = call.query.get(name)
        at = moment(text) if text else default
        if at is None:
            raise invalid("INVALID_TIME", "Expected a time in RFC 3339 format.", name)
        found.append(at)
    if found[0] > found[1]:
        raise invalid("INVALID_TIME_RANGE", "The begin of a span must not be after its end.", first)
    return found[0], found[1]


def _shown(call: Call, one: Payment) -> Answer:
    return call.answer({"payment": wire.payment(call.account, one)})
