"""Refunds: create, list, get."""

from __future__ import annotations

from harness.simulator.kernel.messages import Answer
from harness.simulator.square.checks import limit
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.routes.payments import span
from harness.simulator.square.state import refunds
from harness.simulator.square.state.objects import PAYMENTS, REFUNDS, Refund
from harness.simulator.square.wire import payments as wire


@operation("POST /v2/refunds", key=45)
def create(call: Call) -> Answer:
    """Give money back."""
    return call.answer({"refund": wire.refund(refunds.ask(call.account, call.params))})


@operation("GET /v2/refunds")
def listed(call: Call) -> Answer:
    """Refunds of a span of time, newest first."""
    query, account = call.query, call.account
    begin, end = span(call, "begin_time", "end_time")
    after, before = span(call, "updated_at_begin_time", "updated_at_end_time")
    most = account.listed()

    def keep(one: Refund) -> bool:
        paid = account.of(PAYMENTS).get(one.payment)
        return (
            one.created <= most
            and begin <= one.created <= end
            and after <= one.updated <= before
            and query.get("location_id") in {None, "", one.location}
            and query.get("status") in {None, "", one.status}
            and query.get("source_type") in {None, "", paid.source if paid else None}
        )

    by_update = query.get("sort_field") == "UPDATED_AT"
    found, cursor = page(
        account.of(REFUNDS),
        cursor=query.get("cursor"),
        limit=limit(query, most=100, default=100),
        keep=keep,
        ascending=query.get("sort_order", "DESC").upper() == "ASC",
        key=(lambda one: one.updated) if by_update else None,
    )
    body = {"refunds": [wire.refund(one) for one in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("GET /v2/refunds/{id}")
def read(call: Call, id_: str) -> Answer:
    """One refund."""
    return call.answer({"refund": wire.refund(refunds.get(call.account, id_))})
