"""What an order costs: line items, discounts, taxes, service charges.

Sources: Square, "Orders API: how it works", "Apply taxes and discounts", "Order pricing and amounts". Percentages are
decimals in text; money is rounded half to even on each line (bankers' rounding, as Square says of taxes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from harness.simulator.square.account import SquareAccount
from harness.simulator.square.errors import invalid

_QUANTITY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Priced:
    """An order's document with its amounts filled in, and its sums in minor units."""

    document: dict[str, Any]
    total: int
    tax: int
    discount: int
    service: int


def priced(account: SquareAccount, document: dict[str, Any], currency: str) -> Priced:
    """Fill in uids and amounts.

    Raises:
        SquareError: 400 for a quantity, an amount or a percentage that cannot be, or another currency.
    """
    lines = [_line(account, one, number, currency) for number, one in enumerate(document.get("line_items") or [])]
    discounts = [_named(account, one) for one in document.get("discounts") or []]
    taxes = [_named(account, one) for one in document.get("taxes") or []]
    charges = [_named(account, one) for one in document.get("service_charges") or []]
    cuts = _shares(lines, discounts, "applied_discounts", "discount_uid", currency, most=True)
    for line, cut in zip(lines, cuts, strict=True):
        line["discount"] = cut
    added = inclusive = 0
    for line in lines:
        net = line["gross"] - line["discount"]
        line["tax"] = line["extra"] = 0
        for tax in taxes:
            if not _applies(line["document"], tax, "applied_taxes", "tax_uid"):
                continue
            rate = _percentage(tax, "taxes")
            if tax.get("type") == "INCLUSIVE":
                share = _rounded(Decimal(net) - Decimal(net) / (1 + rate / 100))
                inclusive += share
            else:
                share = _rounded(Decimal(net) * rate / 100)
                line["extra"] += share
                added += share
            line["tax"] += share
    goods = sum(line["gross"] - line["discount"] for line in lines)
    service = 0
    for charge in charges:
        amount = _fixed(charge, "service_charges", currency)
        share = _rounded(Decimal(goods) * _percentage(charge, "service_charges") / 100) if amount is None else amount
        charge["applied_money"] = charge["total_money"] = _money(share, currency)
        charge["total_tax_money"] = _money(0, currency)
        service += share
    discount = sum(line["discount"] for line in lines)
    filled = {**document, "line_items": [_shown(line, currency) for line in lines]}
    if not lines:
        filled.pop("line_items")
    adjusted = {"discounts": discounts, "taxes": taxes, "service_charges": charges}
    filled |= {name: entries for name, entries in adjusted.items() if entries}
    return Priced(filled, goods + added + service, added + inclusive, discount, service)


def _line(account: SquareAccount, sent: dict[str, Any], number: int, currency: str) -> dict[str, Any]:
    quantity = sent.get("quantity")
    place = f"order.line_items[{number}]"
    if not isinstance(quantity, str) or not _QUANTITY.fullmatch(quantity):
        raise invalid("INVALID_VALUE", "The quantity is not a decimal number.", f"{place}.quantity")
    price = (sent.get("base_price_money") or {}).get("amount", 0)
    if (sent.get("base_price_money") or {}).get("currency", currency) != currency:
        raise wrong_currency(currency, f"{place}.base_price_money.currency")
    if sent.get("catalog_object_id") and "base_price_money" not in sent:
        raise invalid("NOT_FOUND", "Catalog objects are not simulated; send base_price_money.", place)
    for modifier in sent.get("modifiers") or []:
        price += (modifier.get("base_price_money") or {}).get("amount", 0)
    gross = _rounded(Decimal(price) * Decimal(quantity))
    return {"document": _named(account, sent), "price": price, "gross": gross, "discount": 0, "tax": 0, "extra": 0}


def _shares(
    lines: list[dict[str, Any]], entries: list[dict[str, Any]], applied: str, uid: str, currency: str, *, most: bool
) -> list[int]:
    """What each line has of the discounts; what is given as money is spread over the lines by their worth."""
    found = [0] * len(lines)
    for entry in entries:
        chosen = [n for n, line in enumerate(lines) if _applies(line["document"], entry, applied, uid)]
        worth = sum(lines[n]["gross"] - found[n] for n in chosen)
        amount = _fixed(entry, "discounts", currency)
        if amount is None:
            amount = _rounded(Decimal(worth) * _percentage(entry, "discounts") / 100)
        amount = min(amount, worth) if most else amount
        entry["applied_money"] = _money(amount, currency)
        left = amount
        for place, n in enumerate(chosen):
            net = lines[n]["gross"] - found[n]
            share = left if place == len(chosen) - 1 else _rounded(Decimal(amount) * net / worth) if worth else 0
            found[n] += share
            left -= share
    return found


def _applies(line: dict[str, Any], entry: dict[str, Any], applied: str, uid: str) -> bool:
    if entry.get("scope", "ORDER") != "LINE_ITEM":
        return True
    return any(one.get(uid) == entry.get("uid") for one in line.get(applied) or [])


def _shown(line: dict[str, Any], currency: str) -> dict[str, Any]:
    total = line["gross"] - line["discount"] + line["extra"]
    return {
        "item_type": "ITEM",
        **line["document"],
        "base_price_money": line["document"].get("base_price_money", _money(0, currency)),
        "variation_total_price_money": _money(line["gross"], currency),
        "gross_sales_money": _money(line["gross"], currency),
        "total_tax_money": _money(line["tax"], currency),
        "total_discount_money": _money(line["discount"], currency),
        "total_money": _money(total, currency),
        "total_service_charge_money": _money(0, currency),
    }


def _named(account: SquareAccount, entry: dict[str, Any]) -> dict[str, Any]:
    return entry if entry.get("uid") else {"uid": account.ids.text(22), **entry}


def _percentage(entry: dict[str, Any], place: str) -> Decimal:
    try:
        found = Decimal(str(entry.get("percentage", "0")))
    except InvalidOperation:
        found = Decimal(-1)
    if not 0 <= found <= 100:  # noqa: PLR2004 - per cent
        raise invalid("INVALID_VALUE", "The percentage must be between 0 and 100.", f"order.{place}.percentage")
    return found


def _fixed(entry: dict[str, Any], place: str, currency: str) -> int | None:
    money = entry.get("amount_money")
    if money is None:
        return None
    if money.get("currency") != currency:
        raise wrong_currency(currency, f"order.{place}.amount_money.currency")
    return int(money["amount"])


def wrong_currency(currency: str, field: str) -> Exception:
    """400: a seller takes the currency of their country only."""
    return invalid("INVALID_VALUE", f"This merchant can only process payments in {currency}.", field)


def _money(amount: int, currency: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_EVEN))
