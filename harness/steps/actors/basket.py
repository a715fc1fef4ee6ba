"""Finding goods that cost exactly so much: the fewest pieces of the target's catalogue that add up to a total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.domain.money import Money
from harness.domain.verdicts import NotApplicable

if TYPE_CHECKING:
    from harness.steps.world import World

_MOST_PIECES = 12
_MOST_STATES = 200_000


async def lines_for(world: World, total: Money) -> list[dict[str, Any]]:
    """Lines that cost the total, from the target's catalogue; a target without one is told the total itself."""
    if "list_goods" not in world.target.operations:
        return [{"amount": total.minor, "quantity": 1}]
    prices = await _prices(world, total.currency)
    chosen = pieces(total.minor, prices)
    if chosen is None:
        raise NotApplicable(f"no goods of the target's catalogue cost {total} together")
    return [{"sku": sku, "quantity": quantity} for sku, quantity in chosen.items()]


async def _prices(world: World, currency: str) -> dict[str, int]:
    goods = world.lab.goods.get(currency)
    if goods is None:
        answer = await world.target.run("list_goods", {"currency": currency})
        assert answer.ok, f"the shop should show its goods; {answer.describe()}"
        goods = world.lab.goods[currency] = list(answer.get("goods", []))
    known = {str(one["sku"]): (one.get("prices") or {}).get(currency) for one in goods}
    return {sku: int(price) for sku, price in known.items() if isinstance(price, int) and price > 0}


def pieces(total: int, prices: dict[str, int]) -> dict[str, int] | None:
    """Fewest pieces that cost the total exactly: sku to quantity; ``None`` where nothing fits within a dozen pieces."""
    by_price = sorted(prices.items(), key=lambda item: -item[1])
    reached: dict[int, dict[str, int]] = {0: {}}
    for _ in range(_MOST_PIECES):
        further: dict[int, dict[str, int]] = {}
        for cost, basket in reached.items():
            for sku, price in by_price:
                new = cost + price
                if new <= total and new not in further:
                    further[new] = {**basket, sku: basket.get(sku, 0) + 1}
        if total in further:
            return further[total]
        if not further or len(further) > _MOST_STATES:
            return None
        reached = further
    return None
