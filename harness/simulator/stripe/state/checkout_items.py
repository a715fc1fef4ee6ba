"""What is bought in a Checkout Session: line items from prices and inline price data.

Source: Stripe API reference, "Create a Checkout Session"; "Customize checkout: adjustable quantities".
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from harness.simulator.stripe import errors
from harness.simulator.stripe.account import StripeAccount
from harness.simulator.stripe.state import catalogue
from harness.simulator.stripe.state.catalogue import PRICES, PRODUCTS, Price
from harness.simulator.stripe.state.merge import metadata
from harness.simulator.stripe.state.objects import Map

MOST_ITEMS = 100
MOST_QUANTITY = 999_999


class LineItem(Struct, frozen=True, gc=False, kw_only=True):
    """One line. Amounts are minor units; tax and discounts are not simulated, so that subtotal and total agree."""

    id: str
    price: Price
    quantity: int
    description: str
    amount: int
    adjustable_quantity: Map = None
    metadata: Map = None


def from_params(account: StripeAccount, given: list[dict[str, Any]]) -> tuple[LineItem, ...]:
    """Line items in their order; inline prices and products are made and announced.

    Raises:
        StripeError: 400, with the line in ``param``.
    """
    if len(given) > MOST_ITEMS:
        raise errors.invalid(
            f"You can have at most {MOST_ITEMS} line items, and you sent {len(given)}.",
            param="line_items",
            stored=False,
        )
    planned = [(_priced(account, item, f"line_items[{index}]"), item, index) for index, item in enumerate(given)]
    currencies = {priced.price.currency for priced, _, _ in planned}
    if len(currencies) > 1:
        raise errors.invalid(
            "All prices on a Checkout Session must have the same currency, and these have: "
            f"{', '.join(sorted(currencies))}.",
            param="line_items",
        )
    lines = [_line(account, priced, item, f"line_items[{index}]") for priced, item, index in planned]
    for priced, _, _ in planned:
        priced.keep(account)
    return tuple(lines)


def with_quantity(line: LineItem, quantity: int) -> LineItem:
    """The line for another quantity."""
    return replace(line, quantity=quantity, amount=_times(line.price, quantity))


class _Priced:
    """The price of a line, and whether it was made for it."""

    __slots__ = ("inline_price", "inline_product", "name", "price")

    def __init__(self, price: Price, name: str, *, inline_price: bool = False, inline_product: Any = None) -> None:
        self.price = price
        self.name = name
        self.inline_price = inline_price
        self.inline_product = inline_product

    def keep(self, account: StripeAccount) -> None:
        """Store what was made inline."""
        if self.inline_product is not None:
            account.of(PRODUCTS).add(self.inline_product)
            account.emit("product.created", self.inline_product)
        if self.inline_price:
            account.of(PRICES).add(self.price)
            account.emit("price.created", self.price)


def _priced(account: StripeAccount, item: dict[str, Any], param: str) -> _Priced:
    price_id, data = item.get("price"), item.get("price_data")
    if (price_id is None) == (data is None):
        message = (
            f"You must specify either `price` or `price_data` for `{param}`."
            if data is None
            else f"You may only specify one of these parameters for `{param}`: price, price_data."
        )
        raise errors.invalid(message, param=param, stored=False)
    if item.get("tax_rates"):
        raise errors.invalid(
            "Tax rates are not simulated; see docs/simulator/stripe.md.", param=f"{param}[tax_rates]", stored=False
        )
    if data is not None:
        price, product = catalogue.line_price(account, data, f"{param}[price_data]")
        new = not account.of(PRODUCTS).knows(product.id)
        priced = _Priced(price, product.name, inline_price=True, inline_product=product if new else None)
    else:
        price = account.get(PRICES, str(price_id), f"{param}[price]", status=400)
        if not price.active:
            raise errors.invalid(
                "The price specified is inactive. This field only accepts active prices.", param=f"{param}[price]"
            )
        product_or_none = account.of(PRODUCTS).get(price.product)
        priced = _Priced(price, product_or_none.name if product_or_none else price.product)
    if price.recurring:
        raise errors.invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            param=param,
        )
    if price.billing_scheme == "tiered" or price.custom_unit_amount:
        raise errors.invalid(
            "Tiered prices and amounts chosen by the customer are not simulated in Checkout; see "
            "docs/simulator/stripe.md.",
            param=f"{param}[price]",
        )
    return priced


def _line(account: StripeAccount, priced: _Priced, item: dict[str, Any], param: str) -> LineItem:
    adjustable = _adjustable(item.get("adjustable_quantity"), param)
    quantity = item.get("quantity")
    if quantity is None:
        raise errors.invalid(
            f"Quantity is required. Add `quantity` to `{param}`",
            param=f"{param}[quantity]",
            code="parameter_missing",
            stored=False,
        )
    if not 0 < quantity <= MOST_QUANTITY:
        raise errors.StripeError(
            f"This value must be between 1 and {MOST_QUANTITY}.",
            code="parameter_invalid_integer",
            param=f"{param}[quantity]",
            stored=False,
        )
    return LineItem(
        id=f"li_1{account.ids.text(23)}",
        price=priced.price,
        quantity=quantity,
        description=priced.name,
        amount=_times(priced.price, quantity),
        adjustable_quantity=adjustable,
        metadata=metadata(None, item.get("metadata")),
    )


def _adjustable(given: Map, param: str) -> Map:
    if not given:
        return None
    least, most = given.get("minimum", 0), given.get("maximum", 99)
    if not 0 <= least <= most <= MOST_QUANTITY:
        raise errors.invalid(
            f"The adjustable quantity of `{param}` must have 0 <= minimum <= maximum <= {MOST_QUANTITY}.",
            param=f"{param}[adjustable_quantity]",
        )
    return {"enabled": given["enabled"], "maximum": given.get("maximum"), "minimum": given.get("minimum")}


def _times(price: Price, quantity: int) -> int:
    unit = Decimal(price.unit_amount_decimal or "0")
    transform = price.transform_quantity
    if transform:
        whole, rest = divmod(quantity, transform["divide_by"])
        quantity = whole + (1 if rest and transform["round"] == "up" else 0)
    return int((unit * quantity).to_integral_value(ROUND_HALF_UP))
