"""Shipments of a paid order.

Source: PayPal, "Orders v2: Add tracking information", "Update or cancel tracking information".
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.paypal import errors
from harness.simulator.paypal.account import PayPalAccount
from harness.simulator.paypal.checks import array, boolean, checked, choice, loose, obj
from harness.simulator.paypal.errors import unprocessable
from harness.simulator.paypal.state.objects import (
    CAPTURES,
    COMPLETED,
    PARTIALLY_REFUNDED,
    TRACKERS,
    Order,
    Tracker,
)

CANCELLED, SHIPPED = "CANCELLED", "SHIPPED"
_VALUES = obj({"status": choice(CANCELLED), "notify_payer": boolean, "items": array(loose)})


def add(account: PayPalAccount, order: Order, wanted: dict[str, Any]) -> Tracker:
    """A tracker for a capture of the order; the same number again gives the tracker that is there.

    Raises:
        PayPalError: 422.
    """
    capture = account.of(CAPTURES).get(wanted["capture_id"])
    if capture is None or capture.order != order.id:
        raise unprocessable("CAPTURE_ID_NOT_FOUND", "/capture_id", wanted["capture_id"])
    if capture.status not in {COMPLETED, PARTIALLY_REFUNDED}:
        raise unprocessable("CAPTURE_STATUS_NOT_VALID", "/capture_id", capture.id)
    if len(order.units) > 1:
        raise unprocessable("MSP_NOT_SUPPORTED")
    known = {item.get("sku") for unit in order.units for item in unit.get("items", ())}
    for place, item in enumerate(wanted.get("items", ())):
        if item.get("sku") is not None and item["sku"] not in known:
            raise unprocessable("ITEM_SKU_MISMATCH", f"/items/{place}/sku", item["sku"])
    if wanted.get("carrier") == "OTHER" and "carrier_name_other" not in wanted:
        raise errors.invalid("MISSING_REQUIRED_PARAMETER", "/carrier_name_other")
    id_ = f"{capture.id}-{wanted.get('tracking_number', 'NOTRACKER')}"
    found = account.of(TRACKERS).get(id_)
    if found is not None:
        return found
    now = account.now()
    fields = {name: value for name, value in wanted.items() if name != "capture_id"}
    made = Tracker(id=id_, created=now, updated=now, order=order.id, capture=capture.id, status=SHIPPED, fields=fields)
    return account.of(TRACKERS).add(made)


def patch(account: PayPalAccount, order: Order, tracker_id: str, changes: Any) -> Tracker:
    """Cancel a tracker, or change its items or whether the payer is told.

    Raises:
        PayPalError: 404 for an unknown tracker, 400 and 422.
    """
    one = account.of(TRACKERS).get(tracker_id)
    if one is None or one.order != order.id:
        raise errors.not_found("tracker_id", tracker_id, "TRACKER_ID_NOT_FOUND")
    if not isinstance(changes, list) or not changes:
        raise errors.invalid("MALFORMED_REQUEST_JSON", "/")
    status, fields = one.status, dict(one.fields)
    for place, change in enumerate(changes):
        name, value = _read(change, place)
        if name == "status":
            status = value
        else:
            fields[name] = value
    return account.of(TRACKERS).put(replace(one, status=status, fields=fields, updated=account.now()))


def _read(change: Any, place: int) -> tuple[str, Any]:
    if not isinstance(change, dict) or change.get("op") not in {"add", "replace", "remove"}:
        raise errors.invalid("INVALID_PATCH_OPERATION", f"/{place}/op")
    path = change.get("path")
    if path is None:
        raise unprocessable("PATCH_PATH_REQUIRED", f"/{place}/path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise unprocessable("INVALID_JSON_POINTER_FORMAT", f"/{place}/path", path)
    name = path[1:]
    if name not in {"status", "notify_payer", "items"}:
        raise errors.invalid("FIELD_NOT_PATCHABLE", f"/{place}/path", path)
    if change.get("value") is None:
        raise unprocessable("PATCH_VALUE_REQUIRED", f"/{place}/value")
    return name, checked(_VALUES, {name: change["value"]})[name]
