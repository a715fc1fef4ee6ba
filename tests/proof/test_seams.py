"""Overrides take the place of what they name, everywhere it is used, and refuse what is not there."""

import asyncio
import importlib.util
import sys

import pytest

from harness import resources


@pytest.fixture
def seams(tmp_path, monkeypatch):
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "prices.py").write_text(
        "LIMIT = 3\n"
        "def price(sku): return 100\n"
        "async def later(sku): return price(sku)\n"
        "class Till:\n"
        "    def take(self, amount): return amount\n"
        "    @staticmethod\n"
        "    def fee(amount): return 1\n"
        "    @classmethod\n"
        "    def name(cls): return cls.__name__\n"
    )
    (package / "orders.py").write_text("from shop.prices import price, LIMIT\ndef total(): return price('x') * LIMIT\n")
    monkeypatch.syspath_prepend(tmp_path)
    spec = importlib.util.spec_from_file_location("seams", resources.fixtures() / "defects" / "seams.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.PACKAGE = "shop"
    yield module
    for name in [n for n in sys.modules if n.split(".")[0] == "shop"]:
        del sys.modules[name]


def test_a_function_is_replaced_also_where_it_was_imported_before(seams):
    from shop import orders

    @seams.replace("shop.prices:price")
    def dearer(original, sku):
        return original(sku) + 1

    assert orders.total() == 101 * 3


def test_a_coroutine_function_stays_one(seams):
    from shop import prices

    @seams.replace("shop.prices:later")
    async def much_later(original, sku):
        return 2 * await original(sku)

    assert asyncio.run(prices.later("x")) == 200


def test_methods_of_every_kind_can_be_replaced(seams):
    from shop.prices import Till

    seams.replace("shop.prices:Till.take")(lambda original, self, amount: original(self, amount) + 1)
    seams.replace("shop.prices:Till.fee")(lambda original, amount: original(amount) + 1)
    seams.replace("shop.prices:Till.name")(lambda original, cls: original(cls).lower())
    assert (Till().take(1), Till.fee(1), Till().fee(1), Till.name()) == (2, 2, 2, "till")


def test_a_constant_is_put_where_it_was_named(seams):
    from shop import prices

    seams.put("shop.prices:LIMIT", 9)
    assert prices.LIMIT == 9


@pytest.mark.parametrize("seam", ["shop.prices:discount", "shop.taxes:price", "shop.prices:Till.give"])
def test_a_seam_that_does_not_exist_is_refused(seams, seam):
    with pytest.raises(seams.SeamError, match=seam):
        seams.replace(seam)
    with pytest.raises(seams.SeamError, match=seam):
        seams.put(seam, 1)


def test_a_constant_cannot_be_replaced_as_a_function(seams):
    with pytest.raises(seams.SeamError, match="put"):
        seams.replace("shop.prices:LIMIT")(lambda original: 1)
