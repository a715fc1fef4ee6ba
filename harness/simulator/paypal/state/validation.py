"""Does an order add up? Business rules of purchase units: currencies, decimals, sums, references.

Source: the 422 issues of PayPal's Orders v2, "AMOUNT_MISMATCH" and the like, in the words of its error page.
"""

from __future__ import annotations

from typing import Any

from harness.simulator.paypal.errors import Detail, PayPalError, detail
from harness.simulator.paypal.state import amounts

DEFAULT_REFERENCE = "default"
_ADDED = ("item_total", "tax_total", "shipping", "handling", "insurance")
_TAKEN = ("shipping_discount", "discount")


def normal(units: list[dict[str, Any]], intent: str) -> tuple[tuple[dict[str, Any], ...], str]:
    """Units with their reference ids and amounts in normal form, and the currency of the order.

    Raises:
        PayPalError: 422 with everything that does not add up.
    """
    problems: list[Detail] = []
    if len(units) > 1:
        _references(units, problems)
        if intent == "AUTHORIZE":
            problems.append(detail("UNSUPPORTED_INTENT", "/intent", intent))
    for place, unit in enumerate(units):
        _unit(unit, f"/purchase_units/{place}", problems)
    currencies = {code for unit in units for code in _currencies(unit)}
    if not problems and len(currencies) > 1:
        problems.append(detail("MULTI_CURRENCY_ORDER", "/purchase_units"))
    if problems:
        raise PayPalError(422, problems)
    return tuple(_normal(unit) for unit in units), currencies.pop()


def total(units: tuple[dict[str, Any], ...], currency: str) -> int:
    """What the order costs."""
    return sum(amounts.minor(unit["amount"]["value"], currency) or 0 for unit in units)


def _references(units: list[dict[str, Any]], problems: list[Detail]) -> None:
    seen = set()
    for place, unit in enumerate(units):
        reference = unit.get("reference_id")
        pointer = f"/purchase_units/{place}/reference_id"
        if reference is None:
            problems.append(detail("REFERENCE_ID_REQUIRED", pointer))
        elif reference in seen:
            problems.append(detail("DUPLICATE_REFERENCE_ID", pointer, reference))
        seen.add(reference)


def _unit(unit: dict[str, Any], pointer: str, problems: list[Detail]) -> None:
    amount = unit["amount"]
    breakdown = amount.get("breakdown") or {}
    items = unit.get("items") or []
    sums = [(amount, f"{pointer}/amount", False)]
    sums += [(part, f"{pointer}/amount/breakdown/{name}", True) for name, part in breakdown.items()]
    for place, item in enumerate(items):
        sums.append((item["unit_amount"], f"{pointer}/items/{place}/unit_amount", True))
        if "tax" in item:
            sums.append((item["tax"], f"{pointer}/items/{place}/tax", True))
    wrong = [found for sent, where, zero in sums if (found := amounts.problem(sent, where, zero=zero)) is not None]
    problems.extend(wrong)
    if not wrong and len(set(_currencies(unit))) == 1:
        _adds_up(amount, breakdown, items, pointer, problems)


def _adds_up(
    amount: dict[str, Any],
    breakdown: dict[str, Any],
    items: list[dict[str, Any]],
    pointer: str,
    problems: list[Detail],
) -> None:
    parts = {name: _minor(part) for name, part in breakdown.items()}
    goods = sum(_minor(item["unit_amount"]) * int(item["quantity"]) for item in items)
    where = f"{pointer}/amount/breakdown"
    if items and "item_total" not in parts:
        problems.append(detail("ITEM_TOTAL_REQUIRED", f"{where}/item_total"))
    elif items and parts["item_total"] != goods:
        problems.append(detail("ITEM_TOTAL_MISMATCH", f"{where}/item_total/value", breakdown["item_total"]["value"]))
    if any("tax" in item for item in items):
        tax = sum(_minor(item["tax"]) * int(item["quantity"]) for item in items if "tax" in item)
        if "tax_total" not in parts:
            problems.append(detail("TAX_TOTAL_REQUIRED", f"{where}/tax_total"))
        elif parts["tax_total"] != tax:
            problems.append(detail("TAX_TOTAL_MISMATCH", f"{where}/tax_total/value", breakdown["tax_total"]["value"]))
    if parts:
        expected = sum(parts.get(name, 0) for name in _ADDED) - sum(parts.get(name, 0) for name in _TAKEN)
        if expected != _minor(amount):
            problems.append(detail("AMOUNT_MISMATCH", f"{pointer}/amount/value", amount["value"]))


def _minor(sent: dict[str, Any]) -> int:
    return amounts.minor(sent["value"], sent["currency_code"]) or 0


def _currencies(unit: dict[str, Any]) -> list[str]:
    amount = unit["amount"]
    found = [amount["currency_code"], *(part["currency_code"] for part in (amount.get("breakdown") or {}).values())]
    for item in unit.get("items") or []:
        found.append(item["unit_amount"]["currency_code"])
        if "tax" in item:
            found.append(item["tax"]["currency_code"])
    return found


def _normal(unit: dict[str, Any]) -> dict[str, Any]:
    amount = _plain(unit["amount"])
    breakdown = unit["amount"].get("breakdown")
    if breakdown is not None:
        amount["breakdown"] = {name: _plain(part) for name, part in breakdown.items()}
    kept = {"reference_id": DEFAULT_REFERENCE, **unit, "amount": amount}
    if "items" in unit:
        kept["items"] = [
            {**item, **{name: _plain(item[name]) for name in ("unit_amount", "tax") if name in item}}
            for item in unit["items"]
        ]
    return kept


def _plain(sent: dict[str, Any]) -> dict[str, Any]:
    return amounts.money(_minor(sent), sent["currency_code"])
