"""Searching what a target left behind in a scenario, channel by channel."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from harness.record.model import ScanHit
from harness.steps import scan

if TYPE_CHECKING:
    from harness.steps.world import World

_EVERYTHING = (scan.CARD_NUMBER, scan.SECURITY_CODE, scan.SECRET)
_ADDRESSES = (*_EVERYTHING, scan.PAYMENT_SECRET)
_LOGS = (*_EVERYTHING, scan.PAYMENT_SECRET)


async def find(world: World) -> list[ScanHit]:
    """Every hit, each value once for each place.

    A payment's secret belongs into the answer that hands it to the browser, and into the provider's own events; in a
    log or an address it has no business.
    """
    found: list[ScanHit] = []
    for place, data, kinds in _answers(world):
        found += world.search.hits(place, data, kinds)
    for place, data in _logs(world):
        found += world.search.hits(place, data, _LOGS)
    async for place, data, kinds in _calls(world):
        found += world.search.hits(place, data, kinds)
    async for place, data in world.target.database_texts():
        found += world.search.hits(place, data, _EVERYTHING)
    return found


def _answers(world: World) -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    """What the target answered, and the addresses that it gave out."""
    for exchange in world.exchanges:
        if exchange.response is None:
            continue
        where = f"{exchange.method} {exchange.url.partition('?')[0]}"
        headers = "\n".join(f"{name}: {value}" for name, value in exchange.response.headers.items())
        yield f"answers {where}", f"{headers}\n\n{exchange.response.body}".encode(), _EVERYTHING
        given = [exchange.response.headers.get("location", ""), *_addresses(exchange.response.body)]
        yield f"urls {where}", "\n".join(given).encode(), _ADDRESSES


def _addresses(body: str) -> Iterator[str]:
    try:
        yield from scan.addresses(json.loads(body))
    except ValueError:
        return


def _logs(world: World) -> Iterator[tuple[str, bytes]]:
    """What its logs gained since the scenario began."""
    for path in world.target.trace_files():
        data = _since(path, world.log_starts.get(str(path), 0))
        if data:
            yield f"logs {path.name}", data


def _since(path: Path, start: int) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        file.seek(start if start <= path.stat().st_size else 0)
        return file.read()


async def _calls(world: World) -> AsyncIterator[tuple[str, bytes, tuple[str, ...]]]:
    """What it wrote into its calls to the provider; headers are left out, the key belongs there."""
    if world.lab.control is None:
        return
    for call in await world.provider.journal():
        where = f"{call.method} {call.path}"
        yield f"calls {where}", json.dumps([call.query, call.params], ensure_ascii=False).encode(), _EVERYTHING
        yield f"urls {where}", "\n".join(scan.addresses([call.query, call.params])).encode(), _ADDRESSES
