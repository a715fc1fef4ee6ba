"""Customers: create, list, search, get, update, delete, several at once."""

from __future__ import annotations

from typing import Any

from harness.simulator.kernel.messages import Answer
from harness.simulator.square.checks import Several, Shape, Text, Whole, checked, limit
from harness.simulator.square.errors import SquareError, invalid
from harness.simulator.square.formats import moment
from harness.simulator.square.pagination import page
from harness.simulator.square.registry import Call, operation
from harness.simulator.square.state import customers
from harness.simulator.square.state.objects import CUSTOMERS, Customer

_FIELDS = ("email_address", "phone_number", "reference_id")
_SEARCH = {
    "cursor": Text(),
    "limit": Whole(1, 100),
    "query": Shape({"filter": Shape({}), "sort": Shape({"field": Text(), "order": Text()})}),
}


@operation("POST /v2/customers", key=255)
def create(call: Call) -> Answer:
    """A new customer."""
    return _shown(call, customers.make(call.account, call.params))


@operation("GET /v2/customers")
def listed(call: Call) -> Answer:
    """All customers."""
    query, most = call.query, call.account.listed()
    found, cursor = page(
        call.account.of(CUSTOMERS),
        cursor=query.get("cursor"),
        limit=limit(query, most=100, default=100),
        keep=lambda one: one.created <= most,
        ascending=query.get("sort_order", "ASC").upper() != "DESC",
        key=None if query.get("sort_field") == "CREATED_AT" else _name,
    )
    body = {"customers": [customers.shown(one) for one in found]} if found else {}
    return call.answer(body | ({"cursor": cursor} if cursor else {}))


@operation("POST /v2/customers/search")
def search(call: Call) -> Answer:
    """Customers by email, phone, reference or time; they are found late where the settings say so."""
    body = checked(_SEARCH, call.params)
    query = body.get("query") or {}
    wanted, sort, most = query.get("filter") or {}, query.get("sort") or {}, call.account.listed()
    spans = [
        (name, *_bounds(wanted[f"{name}_at"]))
        for name in ("created", "updated")
        if wanted.get(f"{name}_at") is not None
    ]

    def keep(one: Customer) -> bool:
        return (
            one.created <= most
            and all(_fits(one.document.get(name), wanted[name]) for name in _FIELDS if name in wanted)
            and all(first <= getattr(one, name) < last for name, first, last in spans)
        )

    found, cursor = page(
        call.account.of(CUSTOMERS),
        cursor=body.get("cursor"),
        limit=body.get("limit", 100),
        keep=keep,
        ascending=sort.get("order", "ASC") == "ASC",
        key=None if sort.get("field") == "CREATED_AT" else _name,
    )
    shown = {"customers": [customers.shown(one) for one in found]} if found else {}
    return call.answer(shown | ({"cursor": cursor} if cursor else {}))


@operation("POST /v2/customers/bulk-create")
def create_several(call: Call) -> Answer:
    """Several new customers, each with its own answer."""
    body = checked({"customers": Shape({}, required=True)}, call.params)
    return call.answer({"responses": {k: _each(call, v, customers.make) for k, v in body["customers"].items()}})


@operation("POST /v2/customers/bulk-retrieve")
def several(call: Call) -> Answer:
    """Several customers, each with its own answer."""
    body = checked({"customer_ids": Several(Text(), most=100, required=True)}, call.params)
    return call.answer({"responses": {id_: _each(call, id_, customers.get) for id_ in body["customer_ids"]}})


@operation("GET /v2/customers/{id}")
def read(call: Call, id_: str) -> Answer:
    """One customer."""
    return _shown(call, customers.get(call.account, id_))


@operation("PUT /v2/customers/{id}")
def update(call: Call, id_: str) -> Answer:
    """Change some fields."""
    return _shown(call, customers.change(call.account, customers.get(call.account, id_), call.params))


@operation("DELETE /v2/customers/{id}")
def delete(call: Call, id_: str) -> Answer:
    """Take a customer away."""
    customers.delete(call.account, customers.get(call.account, id_))
    return call.answer()


def _each(call: Call, sent: Any, act: Any) -> dict[str, Any]:
    try:
        return {"customer": customers.shown(act(call.account, sent))}
    except SquareError as refused:
        return refused.body()


def _fits(value: str | None, wanted: dict[str, Any]) -> bool:
    if "exact" in wanted:
        return value is not None and value.lower() == str(wanted["exact"]).lower()
    return value is not None and str(wanted.get("fuzzy", "")).lower() in value.lower()


def _bounds(sent: dict[str, Any]) -> tuple[int, int]:
    first, last = sent.get("start_at"), sent.get("end_at")
    begin = moment(first) if first else 0
    end = moment(last) if last else 1 << 62
    if begin is None or end is None:
        raise invalid("INVALID_TIME", "Expected a time in RFC 3339 format.", "query.filter")
    return begin, end


def _name(one: Customer) -> tuple[str, str, str]:
    known = one.document
    return tuple(str(known.get(name, "")).lower() for name in ("given_name", "family_name", "company_name"))  # type: ignore[return-value]  # three names make three entries


def _shown(call: Call, one: Customer) -> Answer:
    return call.answer({"customer": customers.shown(one)})
