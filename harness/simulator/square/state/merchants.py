"""The merchant and their locations. The main one is there from the beginning; others are made through the API."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from harness.simulator.square.account import SquareAccount
from harness.simulator.square.errors import invalid
from harness.simulator.square.events import emit
from harness.simulator.square.formats import UPPER, timestamp
from harness.simulator.square.state.objects import LOCATIONS, Location

_ZONES = {
    "US": ("America/New_York", "en-US"),
    "CA": ("America/Toronto", "en-CA"),
    "AU": ("Australia/Sydney", "en-AU"),
    "JP": ("Asia/Tokyo", "ja-JP"),
    "GB": ("Europe/London", "en-GB"),
    "IE": ("Europe/Dublin", "en-IE"),
    "FR": ("Europe/Paris", "fr-FR"),
    "ES": ("Europe/Madrid", "es-ES"),
}
MAIN = "main"
"""What may stand for the main location's id."""


def currency(account: SquareAccount, location: str, field: str = "location_id") -> str:
    """The currency of a location.

    Raises:
        SquareError: 404 for one that is not the merchant's.
    """
    if location != account.main_location_id:
        found = account.of(LOCATIONS).get(location)
        if found is None:
            detail = f"The location with ID `{location}` was not found for this merchant."
            raise invalid("NOT_FOUND", detail, field, status=404)
    return account.currency


def location(account: SquareAccount, id_: str) -> dict[str, Any]:
    """A location as it is sent; 404 for an unknown one."""
    id_ = account.main_location_id if id_ == MAIN else id_
    found = account.of(LOCATIONS).get(id_)
    if found is None and id_ != account.main_location_id:
        raise invalid("NOT_FOUND", f"Location with ID `{id_}` not found.", "location_id", status=404)
    zone, language = _ZONES[account.settings.country]
    base = {
        "id": id_,
        "name": "Default Test Account",
        "timezone": zone,
        "capabilities": ["CREDIT_CARD_PROCESSING", "AUTOMATIC_TRANSFERS"],
        "status": "ACTIVE",
        "created_at": timestamp(account.opened)[:19] + "Z",
        "merchant_id": account.merchant_id,
        "country": account.settings.country,
        "language_code": language,
        "currency": account.currency,
        "business_name": "Default Test Account",
        "type": "PHYSICAL",
        "mcc": "7299",
    }
    return base | (found.document if found is not None else {})


def locations(account: SquareAccount) -> list[dict[str, Any]]:
    """All of them, the main one first."""
    others = [one.id for one in account.of(LOCATIONS) if one.id != account.main_location_id]
    return [location(account, id_) for id_ in (account.main_location_id, *others)]


def make(account: SquareAccount, sent: dict[str, Any]) -> dict[str, Any]:
    """Another location of the same merchant, in the same country."""
    name = sent.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "location.name")
    if any(one["name"] == name for one in locations(account)):
        raise invalid("INVALID_VALUE", "A location with this name exists already.", "location.name")
    made = Location(id=f"L{account.ids.spelled(UPPER, 12)}", created=account.now(), document=_own(account, sent))
    account.of(LOCATIONS).add(made)
    emit(account, "location.created", made.id, "location", None)
    return location(account, made.id)


def change(account: SquareAccount, id_: str, sent: dict[str, Any]) -> dict[str, Any]:
    """Change what is written of a location."""
    location(account, id_)
    id_ = account.main_location_id if id_ == MAIN else id_
    table = account.of(LOCATIONS)
    found = table.get(id_)
    document = _own(account, sent)
    if found is None:
        table.add(Location(id=id_, created=account.now(), document=document))
    else:
        table.put(replace(found, document={**found.document, **document}))
    emit(account, "location.updated", id_, "location", None)
    return location(account, id_)


def merchant(account: SquareAccount) -> dict[str, Any]:
    """The merchant as it is sent."""
    return {
        "id": account.merchant_id,
        "business_name": "Default Test Account",
        "country": account.settings.country,
        "language_code": _ZONES[account.settings.country][1],
        "currency": account.currency,
        "status": "ACTIVE",
        "main_location_id": account.main_location_id,
        "created_at": timestamp(account.opened)[:19] + "Z",
    }


def _own(account: SquareAccount, sent: dict[str, Any]) -> dict[str, Any]:
    fixed = {"id", "created_at", "merchant_id", "country", "currency", "capabilities"}
    if sent.get("currency") not in {None, account.currency}:
        detail = "The currency of a location is that of its country."
        raise invalid("INVALID_VALUE", detail, "location.currency")
    return {name: value for name, value in sent.items() if name not in fixed and value is not None}
