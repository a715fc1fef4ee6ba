"""The goods and their prices: data of the shop, never of the browser."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

from reference_impl import money


class Good(msgspec.Struct, frozen=True):
    """One article; prices in minor units by currency."""

    sku: str
    name: str
    prices: dict[str, int]


@cache
def goods() -> dict[str, Good]:
    """Every article by its number; a price that its currency does not allow stops the start."""
    text = (resources.files("reference_impl.catalogue") / "goods.json").read_bytes()
    found = {good.sku: good for good in msgspec.json.decode(text, type=list[Good])}
    for good in found.values():
        for currency, price in good.prices.items():
            if trouble := money.problem(price, currency):
                raise ValueError(f"goods.json, {good.sku!r} in {currency}: {trouble}")
    return found


def price(sku: str, currency: str) -> int | None:
    """Price of one piece in minor units; ``None`` where it is not sold."""
    good = goods().get(sku)
    return good.prices.get(currency) if good else None
