"""Changes to an order that is not paid yet, by JSON patch.

Source: PayPal, "Orders v2: Update order": which attributes have which operations; units are chosen by
``@reference_id=='default'``.
"""

from __future__ import annotations

import re
from typing import Any

from harness.simulator.paypal import errors
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.checks import checked, obj
from harness.simulator.paypal.errors import unprocessable
from harness.simulator.paypal.state import orders, schemas, validation
from harness.simulator.paypal.state.objects import COMPLETED, VOIDED, Order

OPERATIONS = frozenset({"add", "replace", "remove"})
_UNIT = re.compile(r"/purchase_units/@reference_id==(?:'([^']*)'|\"([^\"]*)\")(?:/(.+))?")
_REMOVABLE = frozenset({"custom_id", "invoice_id", "description", "items", "soft_descriptor", "supplementary_data"})
_PATCHABLE = _REMOVABLE | {"amount", "payee", "shipping", "payment_instruction"}
_NESTED = {
    "shipping": {"name", "address", "type", "options", "email_address", "phone_number"},
    "payee": {"email_address", "merchant_id"},
    "payment_instruction": {"platform_fees"},
    "amount": {"breakdown"},
}


def patch(account: PayPalAccount, order: Order, changes: Any) -> Order:
    """Apply all changes, or none.

    Raises:
        PayPalError: 400 for what is no patch, 422 for what cannot be patched or does not add up afterwards.
    """
    if not isinstance(changes, list):
        raise errors.invalid("MALFORMED_REQUEST_JSON", "/")
    if not changes:
        raise errors.invalid("INVALID_ARRAY_MIN_ITEMS", "/")
    if order.status == COMPLETED:
        raise unprocessable("ORDER_ALREADY_COMPLETED")
    if order.status == VOIDED:
        raise unprocessable("NOT_PATCHABLE")
    units = {unit["reference_id"]: unit for unit in order.units}
    fields: dict[str, Any] = {}
    for place, change in enumerate(changes):
        operation, path, value = _read(change, place)
        _apply(units, fields, operation, path, value, place)
    wanted = {"intent": fields.get("intent", order.intent), "purchase_units": list(units.values())}
    kept = checked(schemas.ORDER, wanted)
    new, currency = validation.normal(kept["purchase_units"], kept["intent"])
    if currency != order.currency and order.approved_at is not None:
        raise unprocessable("AMOUNT_CHANGE_NOT_ALLOWED")
    context = {**order.context, **fields.get("context", {})}
    return orders.put(account, order, units=new, currency=currency, intent=kept["intent"], context=context)


def _read(change: Any, place: int) -> tuple[str, str, Any]:
    if not isinstance(change, dict):
        raise errors.invalid("INVALID_PARAMETER_SYNTAX", f"/{place}")
    operation, path = change.get("op"), change.get("path")
    if operation is None:
        raise errors.invalid("MISSING_REQUIRED_PARAMETER", f"/{place}/op")
    if operation not in OPERATIONS:
        raise errors.invalid("INVALID_PATCH_OPERATION", f"/{place}/op", operation)
    if path is None:
        raise unprocessable("PATCH_PATH_REQUIRED", f"/{place}/path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise unprocessable("INVALID_JSON_POINTER_FORMAT", f"/{place}/path", path)
    if operation != "remove" and change.get("value") is None:
        raise unprocessable("PATCH_VALUE_REQUIRED", f"/{place}/value")
    return operation, path, change.get("value")


def _apply(
    units: dict[str, dict[str, Any]],
    fields: dict[str, Any],
    operation: str,
    path: str,
    value: Any,
    place: int,
) -> None:
    if path == "/intent" and operation == "replace":
        fields["intent"] = value
        return
    if path == "/payer" and operation != "remove":
        fields.setdefault("context", {})["payer"] = checked(obj({"payer": schemas.PAYER}), {"payer": value})["payer"]
        return
    found = _UNIT.fullmatch(path)
    if found is None:
        if path.startswith("/purchase_units"):
            raise unprocessable("INVALID_JSON_POINTER_FORMAT", f"/{place}/path", path)
        raise errors.invalid("FIELD_NOT_PATCHABLE", f"/{place}/path", path)
    reference = found[1] if found[1] is not None else found[2]
    if found[3] is None:
        _whole_unit(units, operation, reference, value, place)
        return
    unit = units.get(reference)
    if unit is None:
        raise unprocessable("REFERENCE_ID_NOT_FOUND", f"/{place}/path", path)
    units[reference] = _changed(unit, found[3].split("/"), operation, value, f"/{place}/path")


def _whole_unit(units: dict[str, dict[str, Any]], operation: str, reference: str, value: Any, place: int) -> None:
    if operation == "remove" or not isinstance(value, dict):
        raise unprocessable("NOT_PATCHABLE", f"/{place}/path")
    if operation == "replace" and reference not in units:
        raise unprocessable("REFERENCE_ID_NOT_FOUND", f"/{place}/path", reference)
    units[reference] = {"reference_id": reference, **value}


def _changed(unit: dict[str, Any], steps: list[str], operation: str, value: Any, where: str) -> dict[str, Any]:
    name, *rest = steps
    if name not in _PATCHABLE or len(rest) > 1 or (rest and rest[0] not in _NESTED.get(name, ())):
        raise errors.invalid("FIELD_NOT_PATCHABLE", where, "/".join(steps))
    parent = unit.get(name, {}) if rest else unit
    last = rest[0] if rest else name
    if operation in {"replace", "remove"} and last not in parent:
        raise errors.invalid("INVALID_PATCH_OPERATION", where, "/".join(steps))
    if operation == "remove":
        if not rest and name not in _REMOVABLE:
            raise unprocessable("NOT_PATCHABLE", where, name)
        changed = {key: one for key, one in parent.items() if key != last}
    else:
        changed = {**parent, last: value}
    return {**unit, name: changed} if rest else changed
