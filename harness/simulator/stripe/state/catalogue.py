"""Products and prices: what is for sale, and for how much.

Source: Stripe API reference, "Products" and "Prices".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount, table
from harness.simulator.stripe.state.amounts import checked_currency
from harness.simulator.stripe.state.merge import metadata
from harness.simulator.stripe.state.objects import Map

LARGEST_UNIT_AMOUNT = 999_999_999_999
INTERVAL_LIMITS = {"day": 1095, "week": 156, "month": 36, "year": 3}
"""Longest billing period of each interval: three years."""


class Product(Struct, frozen=True, gc=False, kw_only=True):
    """Something that is sold."""

    id: str
    created: int
    updated: int
    name: str
    active: bool = True
    description: str | None = None
    default_price: str | None = None
    images: tuple[str, ...] = ()
    marketing_features: tuple[str, ...] = ()
    metadata: Map = None
    package_dimensions: Map = None
    shippable: bool | None = None
    statement_descriptor: str | None = None
    tax_code: str | None = None
    type: str = "service"
    unit_label: str | None = None
    url: str | None = None


class Price(Struct, frozen=True, gc=False, kw_only=True):
    """What a product costs. ``unit_amount_decimal`` is in minor units, with up to twelve decimals, as text."""

    id: str
    created: int
    currency: str
    product: str
    active: bool = True
    billing_scheme: str = "per_unit"
    unit_amount: int | None = None
    unit_amount_decimal: str | None = None
    custom_unit_amount: Map = None
    currency_options: Map = None
    lookup_key: str | None = None
    metadata: Map = None
    nickname: str | None = None
    recurring: Map = None
    tax_behavior: str = "unspecified"
    tiers: tuple[dict[str, Any], ...] | None = None
    tiers_mode: str | None = None
    transform_quantity: Map = None


PRODUCTS = table("product", Product, prefix="prod_", noun="product", length=14)
PRICES = table("price", Price, prefix="price_", noun="price", indexed=("product", "lookup_key"))

_PRODUCT_TEXTS = ("description", "statement_descriptor", "tax_code", "unit_label", "url")


def create_product(account: StripeAccount, params: dict[str, Any]) -> Product:
    """Make a product, with its default price where ``default_price_data`` is given."""
    wanted = params.get("id")
    if wanted is not None and account.of(PRODUCTS).knows(wanted):
        raise errors.invalid("Product already exists.", param="id", code="resource_already_exists")
    now = account.now()
    product = Product(
        id=wanted or account.new_id(PRODUCTS),
        created=now,
        updated=now,
        name=params["name"],
        type=params.get("type", "service"),
        **_product_fields(params, None),
    )
    price_data = params.get("default_price_data")
    price = None if price_data is None else _price(account, price_data, product.id, "default_price_data")
    account.of(PRODUCTS).add(product)
    account.emit("product.created", product)
    if price is not None:
        account.of(PRICES).add(price)
        account.emit("price.created", price)
        product = account.of(PRODUCTS).put(replace(product, default_price=price.id))
        account.emit("product.updated", product, {"default_price": None})
    return product


def update_product(account: StripeAccount, product: Product, params: dict[str, Any]) -> Product:
    """Change a product."""
    changes = _product_fields(params, product)
    if "name" in params:
        changes["name"] = params["name"]
    if "default_price" in params:
        changes["default_price"] = _own_price(account, product, params["default_price"])
    changed = {name: value for name, value in changes.items() if value != getattr(product, name)}
    if not changed:
        return product
    previous = {name: _wire(name, getattr(product, name)) for name in changed} | {"updated": product.updated}
    product = account.of(PRODUCTS).put(replace(product, updated=account.now(), **changed))
    account.emit("product.updated", product, previous)
    return product


def delete_product(account: StripeAccount, product: Product) -> dict[str, Any]:
    """Remove a product that was never priced."""
    if account.of(PRICES).by("product", product.id):
        raise errors.invalid("This product cannot be deleted because it has one or more user-created prices.")
    account.of(PRODUCTS).remove(product.id)
    account.emit("product.deleted", product)
    return {"id": product.id, "object": "product", "deleted": True}


def create_price(account: StripeAccount, params: dict[str, Any]) -> Price:
    """Make a price for a product, which may be made along with it (``product_data``)."""
    product_id, data = params.get("product"), params.get("product_data")
    if (product_id is None) == (data is None):
        raise errors.invalid(
            "You must specify either `product` or `product_data` when creating a price."
            if data is None
            else "You may only specify one of these parameters: product, product_data.",
            param="product",
            code="parameter_missing" if data is None else None,
            stored=False,
        )
    if product_id is not None:
        account.get(PRODUCTS, product_id, "product", status=400)
        product = None
    else:
        assert data is not None
        product = _inline_product(account, data)
        product_id = product.id
    price = _price(account, params, product_id, "")
    price = _with_lookup_key(account, price, params)
    if product is not None:
        account.of(PRODUCTS).add(product)
        account.emit("product.created", product)
    account.of(PRICES).add(price)
    account.emit("price.created", price)
    return price


def update_price(account: StripeAccount, price: Price, params: dict[str, Any]) -> Price:
    """Change what can change; amount and currency cannot."""
    changes: dict[str, Any] = {}
    for name in ("active", "nickname", "tax_behavior"):
        if name in params:
            changes[name] = None if params[name] == "" else params[name]
    if "metadata" in params:
        changes["metadata"] = metadata(price.metadata, params["metadata"])
    if price.tax_behavior != "unspecified" and changes.get("tax_behavior", price.tax_behavior) != price.tax_behavior:
        raise errors.invalid("You cannot change the tax behavior once it is set.", param="tax_behavior")
    if "currency_options" in params:
        changes["currency_options"] = {**(price.currency_options or {}), **(params["currency_options"] or {})} or None
    updated = replace(price, **changes)
    if "lookup_key" in params:
        updated = _with_lookup_key(account, updated, params)
    changed = [name for name in price.__struct_fields__ if getattr(updated, name) != getattr(price, name)]
    if not changed:
        return price
    previous = {name: _wire(name, getattr(price, name)) for name in changed if name != "currency_options"}
    account.of(PRICES).put(updated)
    account.emit("price.updated", updated, previous)
    return updated


def line_price(account: StripeAccount, data: dict[str, Any], param: str) -> tuple[Price, Product]:
    """The price and product of a ``price_data`` written into a line item; the product is made where it is inline."""
    product_id, inline = data.get("product"), data.get("product_data")
    if (product_id is None) == (inline is None):
        raise errors.invalid(
            f"You must specify either `product` or `product_data` for `{param}`.", param=param, stored=False
        )
    if product_id is not None:
        product = account.get(PRODUCTS, product_id, f"{param}[product]", status=400)
    else:
        assert inline is not None
        product = replace(_inline_product(account, inline), active=False)
    price = replace(_price(account, data, product.id, param), active=False)
    return price, product


def _inline_product(account: StripeAccount, data: dict[str, Any]) -> Product:
    now = account.now()
    return Product(
        id=data.get("id") or account.new_id(PRODUCTS),
        created=now,
        updated=now,
        name=data["name"],
        **_product_fields({key: value for key, value in data.items() if key not in {"id", "name"}}, None),
    )


def _product_fields(params: dict[str, Any], before: Product | None) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in _PRODUCT_TEXTS:
        if name in params:
            fields[name] = params[name] or None
    for name in ("active", "shippable"):
        if name in params:
            fields[name] = params[name]
    if "images" in params:
        fields["images"] = tuple(params["images"] or ())
    if "marketing_features" in params:
        fields["marketing_features"] = tuple(each["name"] for each in params["marketing_features"] or ())
    if "package_dimensions" in params:
        given = params["package_dimensions"]
        fields["package_dimensions"] = {name: float(value) for name, value in given.items()} if given else None
    if "metadata" in params:
        fields["metadata"] = metadata(before.metadata if before else None, params["metadata"])
    return fields


def _own_price(account: StripeAccount, product: Product, price_id: str) -> str | None:
    if not price_id:
        return None
    price = account.get(PRICES, price_id, "default_price", status=400)
    if price.product != product.id:
        raise errors.invalid(
            f"The price {price_id} does not belong to the product {product.id}; a default price must.",
            param="default_price",
        )
    return price.id


def _price(account: StripeAccount, params: dict[str, Any], product: str, under: str) -> Price:
    at = f"{under}[{{}}]" if under else "{}"
    currency = checked_currency(params["currency"], at.format("currency"))
    amount, decimal = _amount(params, at)
    return Price(
        id=account.new_id(PRICES),
        created=account.now(),
        currency=currency,
        product=product,
        active=params.get("active", True),
        billing_scheme=params.get("billing_scheme", "per_unit"),
        unit_amount=amount,
        unit_amount_decimal=decimal,
        custom_unit_amount=_custom_amount(params.get("custom_unit_amount")),
        currency_options=params.get("currency_options"),
        metadata=metadata(None, params.get("metadata")),
        nickname=params.get("nickname"),
        recurring=_recurring(params.get("recurring"), at.format("recurring")),
        tax_behavior=params.get("tax_behavior", "unspecified"),
        tiers=tuple(params["tiers"]) if params.get("tiers") else None,
        tiers_mode=params.get("tiers_mode"),
        transform_quantity=params.get("transform_quantity"),
    )


def _amount(params: dict[str, Any], at: str) -> tuple[int | None, str | None]:
    given = [name for name in ("unit_amount", "unit_amount_decimal", "custom_unit_amount") if name in params]
    tiered = params.get("billing_scheme") == "tiered"
    if tiered:
        if not params.get("tiers") or not params.get("tiers_mode"):
            raise errors.missing_parameter(at.format("tiers_mode" if params.get("tiers") else "tiers"))
        return None, None
    if len(given) > 1:
        raise errors.invalid(
            f"You may only specify one of these parameters: {', '.join(given)}.",
            param=at.format(given[1]),
            stored=False,
        )
    if not given:
        raise errors.invalid(
            "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
            param=at.format("unit_amount"),
            code="parameter_missing",
            stored=False,
        )
    if "unit_amount" in params:
        amount = _bounded(params["unit_amount"], at.format("unit_amount"))
        return amount, str(amount)
    if "unit_amount_decimal" in params:
        decimal = Decimal(params["unit_amount_decimal"])
        whole = decimal == decimal.to_integral_value()
        _bounded(int(decimal), at.format("unit_amount_decimal"))
        shown = f"{decimal.normalize():f}"
        return (int(decimal), shown) if whole else (None, shown)
    return None, None


def _bounded(amount: int, param: str) -> int:
    if amount < 0:
        raise errors.StripeError(
            "Invalid non-negative integer", code="parameter_invalid_integer", param=param, stored=False
        )
    if amount > LARGEST_UNIT_AMOUNT:
        raise errors.invalid(
            f"Invalid integer: must be at most {LARGEST_UNIT_AMOUNT}.",
            param=param,
            code="amount_too_large",
            stored=False,
        )
    return amount


def _custom_amount(given: Map) -> Map:
    if not given or not given.get("enabled"):
        return None
    return {name: given.get(name) for name in ("maximum", "minimum", "preset")}


def _recurring(given: Map, param: str) -> Map:
    if not given:
        return None
    count = given.get("interval_count", 1)
    longest = INTERVAL_LIMITS[given["interval"]]
    if not 1 <= count <= longest:
        raise errors.invalid(
            f"Invalid interval_count: must be between 1 and {longest} for the interval {given['interval']}.",
            param=f"{param}[interval_count]",
        )
    return {
        "interval": given["interval"],
        "interval_count": count,
        "meter": given.get("meter"),
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": given.get("usage_type", "licensed"),
    }


def _with_lookup_key(account: StripeAccount, price: Price, params: dict[str, Any]) -> Price:
    key = params.get("lookup_key")
    if not key:
        return replace(price, lookup_key=None) if key == "" else price
    holders = [other for other in account.of(PRICES).by("lookup_key", key) if other.id != price.id]
    if holders and not params.get("transfer_lookup_key"):
        raise errors.invalid(
            f"A price (`{holders[0].id}`) already uses that lookup key.",
            param="lookup_key",
            code="resource_already_exists",
        )
    for holder in holders:
        account.emit("price.updated", account.of(PRICES).put(replace(holder, lookup_key=None)), {"lookup_key": key})
    return replace(price, lookup_key=key)


def _wire(name: str, value: Any) -> Any:
    if name == "metadata":
        return value or {}
    if name == "marketing_features":
        return [{"name": each} for each in value]
    return list(value) if isinstance(value, tuple) else value
