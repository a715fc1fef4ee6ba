"""Products and prices, through the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from simulated_shop import Shop, well_formed


def test_a_product_comes_with_its_default_price(shop: Shop) -> None:
    product = shop.v1.products.create(
        {"name": "Shirt", "default_price_data": {"currency": "eur", "unit_amount": 1999}, "metadata": {"sku": "S1"}}
    )
    price = shop.v1.prices.retrieve(str(product.default_price), {"expand": ["product"]})
    assert (price.unit_amount, price.currency, price.type) == (1999, "eur", "one_time")
    assert price.product.id == product.id
    assert product.metadata["sku"] == "S1"
    assert shop.event_types() == ["product.created", "price.created", "product.updated"]
    well_formed(product)
    well_formed(price)


def test_a_product_keeps_the_id_that_it_was_given(shop: Shop) -> None:
    shop.v1.products.create({"name": "Shirt", "id": "shirt"})
    assert shop.v1.products.retrieve("shirt").name == "Shirt"
    price = shop.v1.prices.create({"product": "shirt", "currency": "eur", "unit_amount": 1, "expand": ["product"]})
    assert price.product.name == "Shirt"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.products.create({"name": "Other", "id": "shirt"})
    assert refusal.value.code == "resource_already_exists"


def test_an_update_says_what_changed(shop: Shop) -> None:
    product = shop.v1.products.create({"name": "Shirt", "description": "red"})
    changed = shop.v1.products.update(
        product.id, {"name": "Blouse", "description": "", "images": ["https://x.example/1"]}
    )
    assert (changed.name, changed.description, changed.images) == ("Blouse", None, ["https://x.example/1"])
    previous = shop.events("product.updated")[0].data.previous_attributes.to_dict()
    assert previous["name"] == "Shirt"
    assert previous["description"] == "red"


def test_a_product_goes_only_while_it_has_no_price(shop: Shop) -> None:
    product = shop.v1.products.create({"name": "Shirt"})
    priced = shop.v1.products.create({"name": "Shoe", "default_price_data": {"currency": "usd", "unit_amount": 1}})
    assert shop.v1.products.delete(product.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError, match="has one or more user-created prices"):
        shop.v1.products.delete(priced.id)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.products.retrieve(product.id)
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_lists_filter_and_page(shop: Shop) -> None:
    ids = [shop.v1.products.create({"name": str(number), "active": number % 2 == 0}).id for number in range(5)]
    assert [product.id for product in shop.v1.products.list({"active": True}).data] == [ids[4], ids[2], ids[0]]
    assert [product.id for product in shop.v1.products.list({"ids": [ids[1], ids[3]]}).data] == [ids[3], ids[1]]
    first = shop.v1.products.list({"limit": 2})
    assert (first.has_more, len(first.data)) == (True, 2)
    assert [product.id for product in first.auto_paging_iter()] == ids[::-1]


def test_prices_are_found_by_product_currency_and_lookup_key(shop: Shop) -> None:
    product = shop.v1.products.create({"name": "Shirt"})
    euro = shop.v1.prices.create({"product": product.id, "currency": "eur", "unit_amount": 100, "lookup_key": "std"})
    dollar = shop.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 110})
    assert [price.id for price in shop.v1.prices.list({"product": product.id}).data] == [dollar.id, euro.id]
    assert [price.id for price in shop.v1.prices.list({"currency": "usd"}).data] == [dollar.id]
    assert [price.id for price in shop.v1.prices.list({"lookup_keys": ["std"]}).data] == [euro.id]


def test_a_lookup_key_moves_only_when_asked(shop: Shop) -> None:
    data: Any = {"product_data": {"name": "Shirt"}, "currency": "eur", "unit_amount": 100, "lookup_key": "std"}
    first = shop.v1.prices.create(data)
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        shop.v1.prices.create(data)
    second = shop.v1.prices.create({**data, "transfer_lookup_key": True})
    assert shop.v1.prices.retrieve(first.id).lookup_key is None
    assert second.lookup_key == "std"


def test_a_decimal_amount_stays_exact(shop: Shop) -> None:
    price = shop.v1.prices.create(
        {"product_data": {"name": "Minute"}, "currency": "usd", "unit_amount_decimal": "0.5"}  # type: ignore[typeddict-item]
    )
    assert price.unit_amount is None
    assert str(price.unit_amount_decimal) == "0.5"
    whole = shop.v1.prices.create(
        {"product_data": {"name": "Hour"}, "currency": "usd", "unit_amount_decimal": "12.0"}  # type: ignore[typeddict-item]
    )
    assert whole.unit_amount == 12


def test_a_recurring_price_can_be_kept_in_the_catalogue(shop: Shop) -> None:
    price = shop.v1.prices.create(
        {"product_data": {"name": "Plan"}, "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    )
    assert (price.type, price.recurring.interval_count, price.recurring.usage_type) == ("recurring", 1, "licensed")
    well_formed(price)


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"currency": "eur", "unit_amount": 1}, "parameter_missing", "product"),
        ({"currency": "eur", "unit_amount": 1, "product": "prod_nope"}, "resource_missing", "product"),
        ({"currency": "eur", "product_data": {"name": "x"}}, "parameter_missing", "unit_amount"),
        (
            {"currency": "eur", "unit_amount": -1, "product_data": {"name": "x"}},
            "parameter_invalid_integer",
            "unit_amount",
        ),
        ({"currency": "xyz", "unit_amount": 1, "product_data": {"name": "x"}}, None, "currency"),
        ({"unit_amount": 1, "product_data": {"name": "x"}}, "parameter_missing", "currency"),
        ({"currency": "eur", "product_data": {"unit_label": "x"}}, "parameter_missing", "product_data[name]"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(shop: Shop, params: Any, code: str | None, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.prices.create(params)
    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (400, code, param)
    assert shop.v1.products.list().data == []


def test_what_a_price_costs_never_changes(shop: Shop) -> None:
    price = shop.v1.prices.create({"product_data": {"name": "Shirt"}, "currency": "eur", "unit_amount": 100})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.prices.update(price.id, {"unit_amount": 1})  # type: ignore[typeddict-unknown-key]
    assert refusal.value.code == "parameter_unknown"
    changed = shop.v1.prices.update(price.id, {"active": False, "nickname": "old"})
    assert (changed.active, changed.nickname, changed.unit_amount) == (False, "old", 100)
