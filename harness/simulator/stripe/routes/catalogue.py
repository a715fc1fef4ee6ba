"""Operations of products and prices."""

from __future__ import annotations

from typing import Any

from harness.simulator.stripe.routes.registry import Call, Listing, operation
from harness.simulator.stripe.state import catalogue
from harness.simulator.stripe.state.catalogue import PRICES, PRODUCTS, Price, Product
from harness.simulator.stripe.wire import catalogue as wire

__all__ = ["wire"]


@operation("POST /v1/products")
def create_product(call: Call) -> Product:
    """Make a product."""
    return catalogue.create_product(call.account, call.params)


@operation("GET /v1/products/{id}")
def retrieve_product(call: Call, product_id: str) -> Product:
    """Read a product."""
    return call.account.get(PRODUCTS, product_id)


@operation("POST /v1/products/{id}")
def update_product(call: Call, product_id: str) -> Product:
    """Change a product."""
    return catalogue.update_product(call.account, call.account.get(PRODUCTS, product_id), call.params)


@operation("DELETE /v1/products/{id}")
def delete_product(call: Call, product_id: str) -> dict[str, Any]:
    """Remove a product."""
    return catalogue.delete_product(call.account, call.account.get(PRODUCTS, product_id))


@operation("GET /v1/products")
def list_products(call: Call) -> Listing:
    """Products, newest first."""
    params = call.params
    ids = set(params["ids"]) if params.get("ids") else None

    def keep(product: Product) -> bool:
        return (ids is None or product.id in ids) and all(
            getattr(product, name) == params[name] for name in ("active", "shippable", "url") if name in params
        )

    return call.listing(PRODUCTS, keep=keep)


@operation("POST /v1/prices")
def create_price(call: Call) -> Price:
    """Make a price."""
    return catalogue.create_price(call.account, call.params)


@operation("GET /v1/prices/{price}")
def retrieve_price(call: Call, price_id: str) -> Price:
    """Read a price."""
    return call.account.get(PRICES, price_id, "price")


@operation("POST /v1/prices/{price}")
def update_price(call: Call, price_id: str) -> Price:
    """Change a price."""
    return catalogue.update_price(call.account, call.account.get(PRICES, price_id, "price"), call.params)


@operation("GET /v1/prices")
def list_prices(call: Call) -> Listing:
    """Prices, newest first."""
    params = call.params
    recurring = params.get("recurring") or {}

    def keep(price: Price) -> bool:
        if "type" in params and params["type"] != ("recurring" if price.recurring else "one_time"):
            return False
        if any((price.recurring or {}).get(name) != value for name, value in recurring.items()):
            return False
        if params.get("lookup_keys") and price.lookup_key not in params["lookup_keys"]:
            return False
        return all(getattr(price, name) == params[name] for name in ("active", "currency") if name in params)

    if params.get("product"):
        return call.listing(PRICES, index="product", keys=(params["product"],), keep=keep)
    if params.get("lookup_keys"):
        return call.listing(PRICES, index="lookup_key", keys=tuple(params["lookup_keys"]), keep=keep)
    return call.listing(PRICES, keep=keep)
