"""Customers. Source: Square, "Customers API"; its OpenAPI file."""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from harness.simulator.square.account import SquareAccount
from harness.simulator.square.checks import Shape, Text, Whole, checked
from harness.simulator.square.errors import invalid, stale
from harness.simulator.square.events import emit
from harness.simulator.square.formats import UPPER, timestamp
from harness.simulator.square.state.objects import CUSTOMERS, Customer

FIELDS = {
    "given_name": Text(300),
    "family_name": Text(300),
    "company_name": Text(500),
    "nickname": Text(100),
    "email_address": Text(254),
    "address": Shape({}),
    "phone_number": Text(17),
    "reference_id": Text(100),
    "note": Text(),
    "birthday": Text(),
    "tax_ids": Shape({}),
}
CREATE = {"idempotency_key": Text(), **FIELDS}
UPDATE = {"version": Whole(), **FIELDS}
_NEEDED = ("given_name", "family_name", "company_name", "email_address", "phone_number")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9 ().-]{9,16}")


def get(account: SquareAccount, id_: str) -> Customer:
    """A customer; 404 for an unknown one."""
    found = account.of(CUSTOMERS).get(id_)
    if found is None:
        raise invalid("NOT_FOUND", f"Customer with ID `{id_}` not found.", status=404)
    return found


def make(account: SquareAccount, params: dict[str, Any]) -> Customer:
    """A new customer, with event."""
    body = checked(CREATE, params)
    if not any(body.get(name) for name in _NEEDED):
        detail = "At least one of the following fields is required: " + ", ".join(_NEEDED) + "."
        raise invalid("BAD_REQUEST", detail)
    _check(body)
    now = account.now()
    made = Customer(
        id=account.ids.spelled(UPPER, 26),
        created=now,
        updated=now,
        document={name: body[name] for name in FIELDS if name in body},
    )
    account.of(CUSTOMERS).add(made)
    emit(account, "customer.created", made.id, "customer", shown(made))
    return made


def change(account: SquareAccount, one: Customer, params: dict[str, Any]) -> Customer:
    """Change some fields; null takes one away."""
    body = checked(UPDATE, params)
    if body.get("version") is not None and body["version"] != one.version:
        raise stale("version", body["version"], one.version)
    _check(body)
    document = one.document | {name: body[name] for name in FIELDS if name in body}
    document = {name: value for name, value in document.items() if params.get(name, value) is not None}
    changed = replace(one, document=document, version=one.version + 1, updated=account.now())
    done = account.of(CUSTOMERS).put(changed)
    emit(account, "customer.updated", done.id, "customer", shown(done))
    return done


def delete(account: SquareAccount, one: Customer) -> None:
    """Take a customer away, with event."""
    account.of(CUSTOMERS).remove(one.id)
    emit(account, "customer.deleted", one.id, "customer", shown(one), deleted=True)


def shown(one: Customer) -> dict[str, Any]:
    """As it is sent."""
    return {
        "id": one.id,
        "created_at": timestamp(one.created),
        "updated_at": timestamp(one.updated),
        **one.document,
        "preferences": {"email_unsubscribed": False},
        "creation_source": "THIRD_PARTY",
        "version": one.version,
    }


def _check(body: dict[str, Any]) -> None:
    email, phone = body.get("email_address"), body.get("phone_number")
    if email is not None and not _EMAIL.fullmatch(email):
        raise invalid("INVALID_EMAIL_ADDRESS", "Expected email_address to be a valid email address.", "email_address")
    if phone is not None and not _PHONE.fullmatch(phone):
        raise invalid("INVALID_PHONE_NUMBER", "Expected phone_number to be a valid phone number.", "phone_number")
