"""``GET /catalogue``."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from reference_impl import catalogue, money
from reference_impl.errors import Invalid

router = APIRouter(tags=["catalogue"])


class GoodView(BaseModel):
    """One article; prices in minor units by currency."""

    sku: str
    name: str
    prices: dict[str, int]


class CatalogueView(BaseModel):
    """What can be bought."""

    goods: list[GoodView]


@router.get("/catalogue")
async def show_catalogue(currency: str | None = None) -> CatalogueView:
    """The goods, with all prices or with those in one currency."""
    if currency is not None and currency.lower() not in money.CURRENCIES:
        raise Invalid("unknown_currency", f"The shop sells in {', '.join(c.upper() for c in money.CURRENCIES)}.")
    wanted = currency.lower() if currency else None
    return CatalogueView(
        goods=[
            GoodView(
                sku=good.sku,
                name=good.name,
                prices={code: price for code, price in good.prices.items() if wanted in {None, code}},
            )
            for good in catalogue.goods().values()
            if wanted is None or wanted in good.prices
        ]
    )
