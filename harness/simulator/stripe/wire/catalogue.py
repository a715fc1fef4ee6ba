"""The JSON of products and prices."""

from __future__ import annotations

from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state.catalogue import PRICES, PRODUCTS, Price, Product
from harness.simulator.stripe.wire.render import Json, includes, renders


@renders(Product, "product", expandable=("default_price",))
def product(it: Product, account: StripeAccount) -> Json:
    """A product."""
    return {
        "id": it.id,
        "object": "product",
        "active": it.active,
        "created": it.created,
        "default_price": it.default_price,
        "description": it.description,
        "images": list(it.images),
        "livemode": account.livemode,
        "marketing_features": [{"name": name} for name in it.marketing_features],
        "metadata": it.metadata or {},
        "name": it.name,
        "package_dimensions": it.package_dimensions,
        "shippable": it.shippable,
        "statement_descriptor": it.statement_descriptor,
        "tax_code": it.tax_code,
        "type": it.type,
        "unit_label": it.unit_label,
        "updated": it.updated,
        "url": it.url,
    }


@renders(Price, "price")
def price(it: Price, account: StripeAccount) -> Json:
    """A price."""
    return {
        "id": it.id,
        "object": "price",
        "active": it.active,
        "billing_scheme": it.billing_scheme,
        "created": it.created,
        "currency": it.currency,
        "custom_unit_amount": it.custom_unit_amount,
        "livemode": account.livemode,
        "lookup_key": it.lookup_key,
        "metadata": it.metadata or {},
        "nickname": it.nickname,
        "product": it.product,
        "recurring": it.recurring,
        "tax_behavior": it.tax_behavior,
        "tiers_mode": it.tiers_mode,
        "transform_quantity": it.transform_quantity,
        "type": "recurring" if it.recurring else "one_time",
        "unit_amount": it.unit_amount,
        "unit_amount_decimal": it.unit_amount_decimal,
    }


@includes("price", "product")
def product_of(body: Json, account: StripeAccount) -> Json | str:
    """The product of a price, whose id may be any text that the merchant chose."""
    it = account.of(PRODUCTS).get(body["product"])
    return str(body["product"]) if it is None else product(it, account)


@includes("price", "tiers")
def tiers(body: Json, account: StripeAccount) -> list[Json] | None:
    """The tiers of a tiered price."""
    it = account.of(PRICES).get(body["id"])
    if it is None or it.tiers is None:
        return None
    rows = []
    for tier in it.tiers:
        limit = tier.get("up_to")
        row: Json = {"up_to": None if limit in {None, "inf"} else int(str(limit))}
        for name in ("flat_amount", "unit_amount"):
            amount = tier.get(name)
            row[name] = amount
            row[f"{name}_decimal"] = tier.get(f"{name}_decimal", None if amount is None else str(amount))
        rows.append(row)
    return rows


@includes("price", "currency_options")
def currency_options(body: Json, account: StripeAccount) -> Json:
    """The price in its own currency and in those that it has options for."""
    it = account.of(PRICES).get(body["id"])
    options: Json = {}
    if it is None:
        return options
    options[it.currency] = _option(it.unit_amount, it.unit_amount_decimal, it.tax_behavior)
    for currency, given in (it.currency_options or {}).items():
        amount = given.get("unit_amount")
        decimal = given.get("unit_amount_decimal", None if amount is None else str(amount))
        options[currency] = _option(amount, decimal, given.get("tax_behavior", "unspecified"))
    return options


def _option(amount: int | None, decimal: str | None, tax_behavior: str) -> Json:
    return {
        "custom_unit_amount": None,
        "tax_behavior": tax_behavior,
        "unit_amount": amount,
        "unit_amount_decimal": decimal,
    }
